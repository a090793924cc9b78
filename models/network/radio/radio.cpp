#include "models/network/radio/radio.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/base/portable_math.hpp"

namespace codecosim {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double per_decade = 2.302585092994046;      // ln 10
constexpr double thermal = -174;                      // noise of the Earth's surroundings [dBm/Hz]
constexpr std::uint64_t sight_stream = 0x7369676874;  // differs from all numbers of places
constexpr double cut = 3;                             // limit of shadowing, in standard deviations
// Events at the present position have already happened: conditions are evaluated this much further on [m].
constexpr double ahead_of_here = 1e-9;
constexpr Seconds ping_pong{1};  // 3GPP TR 36.839: minimum time of stay

std::uint64_t key(std::int64_t x, std::int64_t y) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(x)) << 32 | static_cast<std::uint32_t>(y);
}
}  // namespace

double Radio::milliwatts(double dbm) { return portable::exp(dbm / 10 * per_decade); }
double Radio::dbm(double milliwatts) { return 10 * portable::log(milliwatts) / per_decade; }

/// One radio of a device. It fires at its next event along the path.
struct Radio::Terminal : Activation {
  enum class State : std::uint8_t { away, attached, switching };
  enum class Next : std::uint8_t { nothing, east_west, north_south, down_tier, up_tier, give_up, change };
  Terminal(Radio& owner, std::uint32_t number, std::uint32_t kind_of_radio, Rng stream)
      : Activation(&Terminal::fire_at_event), radio(owner), device(number), technology(kind_of_radio), rng(stream) {
    calendar().name_kind(&Terminal::fire_at_event, "Radio");
  }
  static void fire_at_event(Activation& self) { static_cast<Terminal&>(self).fire(); }

  const Technology& tech() const { return radio.technologies_[technology]; }
  const Leg& leg() const { return radio.movers_.leg({device}); }
  const std::vector<std::uint32_t>& providers() const { return radio.kinds_[radio.devices_[device].kind].providers; }

  bool allowed(std::uint32_t one) const {
    return providers().empty() ||
           std::find(providers().begin(), providers().end(), radio.cells_[one].provider) != providers().end();
  }
  MeasuredCell* find(std::uint32_t one) {
    for (MeasuredCell& heard_one : heard)
      if (heard_one.cell == one) return &heard_one;
    return nullptr;
  }

  // The device has begun a leg, or entered a place.
  void leg_begins() {
    if (leg().away != gone) set_absent(leg().away);
    if (gone) return;
    if (state == State::switching) return;
    // At a border it stays in the place that it has entered, on whichever side rounding puts it.
    const Tile here = radio.tile_of(tech(), leg().from);
    if (!located || std::abs(here.x - tile.x) > 1 || std::abs(here.y - tile.y) > 1) tile = here;
    located = true;
    enter_place(0);
    if (state != State::switching) plan();
  }

  /// Makes the device absent, or present again. An absent device does not count as uncovered.
  void set_absent(bool away) {
    gone = away;
    if (away && state != State::away) leave();
    if (away && scheduled()) calendar().withdraw(*this);
    radio.account();
    radio.uncovered_ += away ? -1 : 1;
    heard.clear();
    located = false;
  }

  /// Measures the cells that are received at this place, and evaluates them at arc length s.
  void enter_place(double s) {
    std::vector<MeasuredCell>& before = spare;
    before.swap(heard);
    heard.clear();
    radio.measure(technology, tile, heard);
    std::erase_if(heard, [&](const MeasuredCell& one) { return !allowed(one.cell); });
    // It measures its own cell even where that is too weak to serve: the others are compared with it.
    if (state == State::attached && !find(cell.index)) {
      const Shade here = radio.shade(cell.index, tile);
      heard.push_back(
          {cell.index, {{}, here.gain, here.slope}, radio.bands_[technology].noise, here.middle, here.swing});
    }
    for (MeasuredCell& one : heard) {
      one.level.way = radio.way(one.cell, leg());
      for (const MeasuredCell& old : before)
        if (old.cell == one.cell) one.better_since = old.better_since;
    }
    judge(s + ahead_of_here);
  }

  /// The tier of a cell at a level: the last one that the level reaches; -1: none.
  int tier(const MeasuredCell& one, double level, bool up) const {
    int best = -1;
    for (std::size_t k = 0; k < tech().tiers.size() && level >= radio.threshold(technology, one, k, up); ++k)
      best = static_cast<int>(k);
    return best;
  }
  bool serves(const MeasuredCell& one, double s) const {
    if (one.middle + one.swing < radio.bands_[technology].least) return false;
    const double level = one.level.at(s);
    return level >= radio.threshold(technology, one, 0, false) && level >= radio.threshold(technology, one, 0, true);
  }
  /// Whether a cell can be better than the serving one anywhere in this place, or cease to be.
  bool rivals(const MeasuredCell& one, const MeasuredCell& own) const {
    return one.middle + one.swing >= own.middle - own.swing + tech().offset.value - tech().hysteresis.value;
  }

  void judge(double s) {
    if (state == State::attached) {
      const MeasuredCell* own = find(cell.index);
      const double level = own->level.at(s);
      tiers = {tier(*own, level, true), tier(*own, level, false)};
      rate();
      for (MeasuredCell& one : heard) {
        if (one.cell == cell.index) continue;
        if (!rivals(one, *own)) {
          one.better_since = forever;
          continue;
        }
        const double ahead = one.level.at(s) - level - tech().offset.value;
        if (ahead > tech().hysteresis.value)
          one.better_since = std::min(one.better_since, now());
        else if (ahead < -tech().hysteresis.value)
          one.better_since = forever;
      }
    } else if (state == State::away) {
      seek(s);
    }
  }

  /// Called when the serving cell no longer serves.
  void lose(double s) {
    ++radio.totals_.losses;
    leave();
    seek(s);
  }

  void seek(double s) {
    const MeasuredCell* best = nullptr;
    for (const MeasuredCell& one : heard)
      if (one.cell != (left == now() ? previous.index : CellId::none) && serves(one, s) &&
          (!best || one.level.at(s) > best->level.at(s)))
        best = &one;
    if (best) go_to({best->cell}, now() <= Seconds(0));
  }

  void leave() {
    radio.account();
    if (state == State::switching) {
      radio.interrupted_ -= 1;
    } else {
      radio.totals_.stay.add((now() - since).value);
      previous = cell;
      left = now();
      stayed = now() - since;
    }
    cell = {};
    state = State::away;
    radio.uncovered_ += 1;
    publish();
  }

  /// Switches to another cell; at once when a run begins.
  void go_to(CellId to, bool at_once) {
    if (state == State::attached) {
      radio.account();
      radio.totals_.stay.add((now() - since).value);
      previous = cell;
      left = now();
      stayed = now() - since;
      from_cell = true;
    } else {
      radio.account();
      radio.uncovered_ -= 1;
      from_cell = false;
    }
    target = to;
    cell = {};
    state = State::switching;
    radio.interrupted_ += 1;
    const Seconds cut_off = at_once ? Seconds(0) : tech().interruption.sample(rng);
    if (scheduled()) calendar().withdraw(*this);
    if (cut_off <= Seconds(0)) {
      radio.choose(radio.devices_[device]);  // messages in transit have lost their cell all the same
      return arrive();
    }
    publish();
    calendar().at(now() + cut_off, *this);
  }

  void arrive() {
    radio.account();
    radio.interrupted_ -= 1;
    if (from_cell) {
      ++radio.totals_.handovers;
      // It is back in the cell before the last, after a stay in the last that was too short (ping-pong).
      if (target == before_last && stayed < ping_pong) ++radio.totals_.ping_pongs;
    }
    before_last = previous;
    cell = target;
    since = now();
    silent_since = forever;
    state = State::attached;
    const Metres s = leg().travelled(now());
    tile = radio.tile_of(tech(), leg().at(s));
    for (MeasuredCell& one : heard) one.better_since = forever;
    enter_place(s.value);
    publish();
  }

  void fire() {
    if (state == State::switching) {
      arrive();
      if (state != State::switching) plan();
      return;
    }
    const double s = leg().travelled(now()).value;
    switch (next) {
      case Next::east_west:
        tile.x += leg().ux > 0 ? 1 : -1;
        enter_place(s);
        break;
      case Next::north_south:
        tile.y += leg().uy > 0 ? 1 : -1;
        enter_place(s);
        break;
      case Next::down_tier:
      case Next::up_tier: {
        tiers[next == Next::up_tier ? 0 : 1] += rising ? 1 : -1;
        rate();
        break;
      }
      case Next::give_up:
        lose(s);
        break;
      case Next::change:
        change(s);
        break;
      case Next::nothing:
        break;
    }
    if (state != State::switching) plan();
  }

  /// Handles a change of the cell `which`: it has become better, or is no longer better, or has been better for the
  /// time to trigger, or can serve.
  void change(double s) {
    if (state == State::away) return go_to({which}, false);
    MeasuredCell& one = *find(which);
    if (one.better_since >= forever) {
      one.better_since = now();
    } else if (now() >= one.better_since + tech().time_to_trigger) {
      const MeasuredCell* own = find(cell.index);
      // The best of the cells whose time to trigger is over.
      const MeasuredCell* best = &one;
      for (const MeasuredCell& other : heard)
        if (&other != own && other.better_since < forever && now() >= other.better_since + tech().time_to_trigger &&
            other.level.at(s) > best->level.at(s))
          best = &other;
      go_to({best->cell}, false);
    } else {
      one.better_since = forever;
    }
  }

  /// Schedules what comes next: an event along the leg, or one that needs time alone.
  void plan() {
    if (scheduled()) calendar().withdraw(*this);
    next = Next::nothing;
    const double s = leg().travelled(now()).value;
    Seconds when = s < leg().length.value ? next_on_leg(s) : forever;
    if (state == State::attached) {
      when = give_up_before(when);
      when = trigger_before(when);
    }
    if (next != Next::nothing) calendar().at(std::max(now(), when), *this);
  }

  /// The arc length of the next event: the soonest of those considered so far.
  struct Ahead {
    double from;  ///< The present position.
    double soonest = infinity;
  };
  void consider(Ahead& ahead, double at, Next what, std::uint32_t about = 0, bool rises = false) {
    if (at < ahead.soonest) {
      ahead.soonest = std::max(at, ahead.from);
      next = what;
      which = about;
      rising = rises;
    }
  }

  /// Finds what comes next on the leg beyond arc length s, and when; nothing, and forever, where that is the leg's
  /// end, which the mover reports.
  Seconds next_on_leg(double s) {
    const Leg& on = leg();
    const double end = on.length.value, side = tech().propagation.place.value;
    Ahead ahead{s};
    if (on.ux != 0) consider(ahead, ((on.ux > 0 ? tile.x + 1 : tile.x) * side - on.from.x) / on.ux, Next::east_west);
    if (on.uy != 0) consider(ahead, ((on.uy > 0 ? tile.y + 1 : tile.y) * side - on.from.y) / on.uy, Next::north_south);
    if (state == State::attached) {
      const double border = std::min(ahead.soonest, end);
      const MeasuredCell& own = *find(cell.index);
      consider_tiers(ahead, own);
      consider_rivals(ahead, own, border);
    } else {
      consider_coverage(ahead);
    }
    const Seconds when = ahead.soonest <= end ? on.reaches(Metres(ahead.soonest)) : forever;
    if (when >= forever) next = Next::nothing;
    return when;
  }

  /// Where the serving cell reaches another rate.
  void consider_tiers(Ahead& ahead, const MeasuredCell& own) {
    for (const bool up : {true, false}) {
      const Next what = up ? Next::up_tier : Next::down_tier;
      const int at = tiers[up ? 0 : 1], above = at + 1;
      const auto consider_tier = [&](std::size_t tier, bool rises) {
        const double threshold = radio.threshold(technology, own, tier, up);
        if (std::abs(threshold - own.middle) <= own.swing)
          consider(ahead, crossings(own.level, threshold).next(ahead.from, rises), what, 0, rises);
      };
      if (at >= 0) consider_tier(static_cast<std::size_t>(at), false);
      if (static_cast<std::size_t>(above) < tech().tiers.size()) consider_tier(static_cast<std::size_t>(above), true);
    }
  }

  /// Where another cell becomes better than the serving one, or ceases to be, up to the border of this place.
  void consider_rivals(Ahead& ahead, const MeasuredCell& own, double border) {
    for (const MeasuredCell& one : heard) {
      if (one.cell == own.cell || !rivals(one, own)) continue;
      const bool better = one.better_since < forever;
      const double margin = tech().offset.value + (better ? -1 : 1) * tech().hysteresis.value;
      if (std::abs(one.middle - own.middle - margin) <= one.swing + own.swing)
        consider(ahead, crossings(one.level, own.level, margin, ahead.from, border).next(ahead.from, !better),
                 Next::change, one.cell);
    }
  }

  /// Where a cell can serve.
  void consider_coverage(Ahead& ahead) {
    for (const MeasuredCell& one : heard) {
      const double least =
          std::max(radio.threshold(technology, one, 0, true), radio.threshold(technology, one, 0, false));
      if (std::abs(least - one.middle) <= one.swing)
        consider(ahead, crossings(one.level, least).next(ahead.from, true), Next::change, one.cell);
    }
  }

  /// Has it give up the serving cell, if that is due before `when`. Returns the sooner of the two dates.
  Seconds give_up_before(Seconds when) {
    if (!silent()) return when;
    const Seconds due = std::max(now(), silent_since + tech().gives_up_after);
    if (due < when) {
      when = due;
      next = Next::give_up;
    }
    return when;
  }

  /// The same for the end of the time to trigger of the cells that are better. Handover is possible also while silent:
  /// levels fall at the border of a place, where in reality there is time to prepare (3GPP's conditional handover).
  Seconds trigger_before(Seconds when) {
    for (const MeasuredCell& one : heard) {
      if (one.cell == cell.index || one.better_since >= forever) continue;
      const Seconds due = std::max(now(), one.better_since + tech().time_to_trigger);
      if (due < when) {
        when = due;
        next = Next::change;
        which = one.cell;
      }
    }
    return when;
  }

  bool silent() const { return tiers[0] < 0 || tiers[1] < 0; }

  void rate() {
    const Device& own = radio.devices_[device];
    if (!silent())
      silent_since = forever;
    else if (silent_since >= forever)
      silent_since = now();
    if (radio.terminals_[own.active].get() != this) return;
    if (silent()) {
      for (const BearerId bearer : own.bearers) radio.network_.suspend(bearer, true);
      return;
    }
    const Technology::Tier& up = tech().tiers[static_cast<std::size_t>(tiers[0])];
    const Technology::Tier& down = tech().tiers[static_cast<std::size_t>(tiers[1])];
    for (const BearerId bearer : own.bearers)
      radio.network_.attach(bearer, radio.cells_[cell.index].air, up.up, down.down);
  }

  void publish() { radio.serve(radio.devices_[device], device); }

  Radio& radio;
  std::uint32_t device, technology;
  Rng rng;
  State state = State::away;
  bool gone = false, located = false, from_cell = false, rising = false;
  Next next = Next::nothing;
  std::uint32_t which = 0;
  CellId cell, previous, before_last, target;
  Seconds since, left{-1}, stayed, silent_since = forever;
  std::array<int, 2> tiers{-1, -1};  // up, down
  Tile tile;
  std::vector<MeasuredCell> heard, spare;
};

Radio::Radio(const Federation& federation, Network& network, Movers& movers, Trace& trace, const Rng& rng,
             std::vector<Technology> technologies, const std::vector<CellSpec>& cells,
             const std::vector<DeviceSpec>& devices)
    : network_(network),
      movers_(movers),
      trace_(trace),
      switching_(rng.stream("radio/handover")),
      technologies_(std::move(technologies)),
      specs_(cells),
      kinds_(devices) {
  std::vector<std::shared_ptr<const MediumAccess>> accesses;
  for (const Technology& one : technologies_) {
    bands_.push_back(band(one));
    accesses.push_back(std::make_shared<MediumAccess>(one.access));
  }
  const Rng shadow = rng.stream("radio/shadowing");
  for (std::uint32_t s = 0; s < specs_.size(); ++s) {
    disturbing_.resize(std::max(disturbing_.size(), std::min<std::size_t>(specs_[s].channels, specs_[s].at.size())));
    for (std::uint32_t i = 0; i < specs_[s].at.size(); ++i) {
      const CellSpec& one = specs_[s];
      const Technology& tech = technologies_[one.technology];
      const ClusterId gateway = one.gateways[i];
      const auto id = static_cast<std::uint32_t>(cells_.size());
      Band& near = bands_[one.technology];
      cells_.push_back({static_cast<std::uint16_t>(one.technology), static_cast<std::uint16_t>(i % one.channels), s, i,
                        one.at[i], gateway, federation.cluster_spec(gateway).provider,
                        network.add_cell(gateway, tech.link, tech.shared_airtime, accesses[one.technology]),
                        shadow.stream(id), shadow.stream(id).stream(sight_stream)});
      near.cells.emplace_back(key(static_cast<std::int64_t>(std::floor(one.at[i].x / near.reach)),
                                  static_cast<std::int64_t>(std::floor(one.at[i].y / near.reach))),
                              id);
    }
  }
  for (Band& one : bands_) std::sort(one.cells.begin(), one.cells.end());
  for (std::uint32_t k = 0; k < kinds_.size(); ++k)
    for (std::uint32_t i = 0; i < kinds_[k].count; ++i) {
      const auto id = static_cast<std::uint32_t>(devices_.size());
      const auto first = static_cast<std::uint32_t>(terminals_.size());
      for (const std::uint32_t technology : kinds_[k].technologies)
        terminals_.push_back(
            std::make_unique<Terminal>(*this, id, technology, switching_.stream(id).stream(technology)));
      devices_.push_back({k, first, static_cast<std::uint32_t>(kinds_[k].technologies.size()), {}, first, {}});
      uncovered_ += static_cast<double>(kinds_[k].technologies.size());
    }
  movers_.on_leg.add([this](DeviceId device) { leg_begins(device); });
}

Radio::~Radio() = default;

Radio::Band Radio::band(const Technology& tech) {
  Band band{{tech.propagation, tech.carrier, tech.cell_height, tech.device_height}, 0, 0, 0, 1, {}};
  const double noise = thermal + 10 * portable::log(tech.bandwidth.value) / per_decade;
  band.noise = noise + tech.device_noise.value;
  band.up = noise + tech.cell_noise.value + tech.uplink_rise.value + tech.cell_power.value - tech.device_power.value;
  band.least = tech.tiers.front().ratio.value + std::max(band.noise, band.up);
  // A cell is not received where even the better law with the best shadowing gives too low a level.
  const auto luckiest = [&](double far) {
    double best = -infinity;
    for (const bool sight : {true, false}) {
      const double log_distance = band.curves.log_distance(far);
      const Propagation::Law& law = band.curves.law(far, log_distance, sight);
      best = std::max(best, tech.cell_power.value - law.at_1m - law.per_decade * log_distance + cut * law.deviation);
    }
    return best;
  };
  while (band.reach < 1e6 && luckiest(band.reach) >= band.least) band.reach *= 1.1;
  band.reach += tech.propagation.place.value;
  if (tech.reach > Metres(0)) band.reach = std::min(band.reach, tech.reach.value);
  return band;
}

void Radio::carry(DeviceId device, BearerId bearer) { devices_[device.index].bearers.push_back(bearer); }

std::string Radio::name(CellId id) const {
  const Cell& cell = cells_[id.index];
  const CellSpec& spec = specs_[cell.spec];
  return spec.numbered ? fmt::format("{}-{}", spec.name, cell.number) : spec.name;
}

CellId Radio::serving(DeviceId device) const {
  const Device& one = devices_[device.index];
  return one.terminals == 0 ? CellId{} : terminals_[one.active]->cell;
}

Radio::Tile Radio::tile_of(const Technology& technology, const Position& at) const {
  const double side = technology.propagation.place.value;
  return {static_cast<std::int32_t>(std::floor(at.x / side)), static_cast<std::int32_t>(std::floor(at.y / side))};
}

// Draws for a cell and a place come from a stream of their own, so that they do not depend on which devices come there,
// and when.
Radio::Shade Radio::shade(std::uint32_t id, const Tile& tile) const {
  const Cell& cell = cells_[id];
  const Technology& tech = technologies_[cell.technology];
  const Band& band = bands_[cell.technology];
  const Propagation& propagation = tech.propagation;
  const double x = (tile.x + 0.5) * propagation.place.value - cell.at.x,
               y = (tile.y + 0.5) * propagation.place.value - cell.at.y;
  const double far = std::sqrt(x * x + y * y), log_distance = band.curves.log_distance(far);
  bool in_sight = true;
  if (const double sight = band.curves.sight(far); sight < 1) {
    const double many = propagation.sight_place / propagation.place;
    const auto square = [&](std::int32_t at) { return static_cast<std::int64_t>(std::floor((at + 0.5) / many)); };
    in_sight = cell.sight.stream(key(square(tile.x), square(tile.y))).uniform() < sight;
  }
  const Propagation::Law& law = band.curves.law(far, log_distance, in_sight);
  double shadow = 0;
  if (law.deviation > 0) {
    Rng rng = cell.shadow.stream(key(tile.x, tile.y));
    do {
      shadow = rng.normal(0, 1);
    } while (std::abs(shadow) > cut);
  }
  const double gain = tech.cell_power.value - law.at_1m + shadow * law.deviation;
  // A corner is at most half a diagonal nearer than the middle, x of its distance: by -log10(1 - x) < 0.53 x decades
  // for x < 1/3.
  const double part = propagation.place.value * 0.7071067811865476 / far;
  const double swing = part < 1.0 / 3 ? law.per_decade * 0.53 * part : infinity;
  return {gain, law.per_decade / (2 * per_decade), gain - law.per_decade * log_distance, swing};
}

template <class F>
void Radio::each_near(std::uint32_t technology, const Position& at, F&& f) const {
  const Band& band = bands_[technology];
  const auto x = static_cast<std::int64_t>(std::floor(at.x / band.reach)),
             y = static_cast<std::int64_t>(std::floor(at.y / band.reach));
  for (std::int64_t i = x - 1; i <= x + 1; ++i)
    for (std::int64_t j = y - 1; j <= y + 1; ++j) {
      const std::uint64_t square = key(i, j);
      auto one = std::lower_bound(band.cells.begin(), band.cells.end(), std::pair{square, std::uint32_t{0}});
      for (; one != band.cells.end() && one->first == square; ++one) {
        const Position& there = cells_[one->second].at;
        const double dx = there.x - at.x, dy = there.y - at.y;
        if (dx * dx + dy * dy <= band.reach * band.reach) f(one->second);
      }
    }
}

void Radio::measure(std::uint32_t technology, const Tile& tile, std::vector<MeasuredCell>& into) const {
  const Technology& tech = technologies_[technology];
  const Band& band = bands_[technology];
  const double side = tech.propagation.place.value;
  const Position middle{(tile.x + 0.5) * side, (tile.y + 0.5) * side, 0};
  for (const std::uint32_t channel : channels_) disturbing_[channel].clear();
  channels_.clear();
  each_near(technology, middle, [&](std::uint32_t id) {
    const Shade here = shade(id, tile);
    const double power = tech.activity > 0 ? tech.activity * milliwatts(here.middle) : 0;
    if (tech.activity > 0) {
      std::vector<double>& together = disturbing_[cells_[id].channel];
      if (together.empty()) channels_.push_back(cells_[id].channel);
      together.push_back(power);
    }
    if (here.middle + here.swing < band.least) return;
    into.push_back({id, {{}, here.gain, here.slope}, band.noise, here.middle, here.swing});
    if (tech.activity > 0) into.back().noise = -power;  // its own, subtracted below
  });
  if (tech.activity <= 0) return;
  const double quiet = milliwatts(band.noise);
  for (MeasuredCell& one : into) {
    double sum = quiet + one.noise;
    for (const double power : disturbing_[cells_[one.cell].channel]) sum += power;
    one.noise = dbm(std::max(sum, quiet));
  }
}

Squared Radio::way(std::uint32_t id, const Leg& leg) const {
  const Cell& cell = cells_[id];
  const Technology& tech = technologies_[cell.technology];
  const double x = leg.from.x - cell.at.x, y = leg.from.y - cell.at.y,
               rise = (tech.cell_height - tech.device_height).value;
  // The distance is at least ten centimetres: where the heights are equal the level would be unbounded.
  return {x * leg.ux + y * leg.uy, x * x + y * y + std::max(0.01, rise * rise)};
}

double Radio::level(CellId cell, const Position& at) const {
  const Shade here = shade(cell.index, tile_of(technology(cell), at));
  return Level{way(cell.index, Leg::rest(at, Seconds(0))), here.gain, here.slope}.at(0);
}

double Radio::ratio(CellId cell, const Position& at) const {
  scratch_.clear();
  measure(cells_[cell.index].technology, tile_of(technology(cell), at), scratch_);
  for (const MeasuredCell& one : scratch_)
    if (one.cell == cell.index) return level(cell, at) - one.noise;
  return -infinity;
}

CellId Radio::best(DeviceId device, const Position& at) const {
  const Device& one = devices_[device.index];
  for (std::uint32_t t = 0; t < one.terminals; ++t) {
    const Terminal& terminal = *terminals_[one.first_terminal + t];
    scratch_.clear();
    measure(terminal.technology, tile_of(terminal.tech(), at), scratch_);
    CellId found;
    double best = -infinity;
    for (MeasuredCell& heard : scratch_) {
      heard.level.way = way(heard.cell, Leg::rest(at, Seconds(0)));
      if (!terminal.allowed(heard.cell) || !terminal.serves(heard, 0) || heard.level.at(0) <= best) continue;
      best = heard.level.at(0);
      found = {heard.cell};
    }
    if (found) return found;
  }
  return {};
}

void Radio::leg_begins(DeviceId id) {
  const Device& device = devices_[id.index];
  for (std::uint32_t t = 0; t < device.terminals; ++t) terminals_[device.first_terminal + t]->leg_begins();
}

// The first radio with a cell serves the bearers of the device; a radio that is between two cells counts.
void Radio::choose(Device& device) {
  std::uint32_t active = device.first_terminal;
  for (std::uint32_t t = 0; t < device.terminals; ++t) {
    if (terminals_[device.first_terminal + t]->state == Terminal::State::away) continue;
    active = device.first_terminal + t;
    break;
  }
  device.active = active;
  const Terminal& one = *terminals_[active];
  switch (one.state) {
    case Terminal::State::attached:
      terminals_[active]->rate();
      break;
    case Terminal::State::switching:
      for (const BearerId bearer : device.bearers) network_.suspend(bearer, one.tech().link.forwards);
      break;
    case Terminal::State::away:
      for (const BearerId bearer : device.bearers) network_.detach(bearer);
      break;
  }
}

void Radio::serve(Device& device, std::uint32_t number) {
  choose(device);
  const Terminal& one = *terminals_[device.active];
  if (one.cell == device.told) return;
  const CellId before = std::exchange(device.told, one.cell);
  trace_.emit(now(), AttachmentChanged{{number}, before, one.cell});
  on_change({number}, before, one.cell);
}

void Radio::account() {
  const Seconds span = now() - since_;
  totals_.uncovered += span * uncovered_;
  totals_.interrupted += span * interrupted_;
  since_ = now();
}

const Radio::Totals& Radio::totals() {
  account();
  return totals_;
}

void Radio::reset_totals() {
  account();
  totals_ = {};
}

}  // namespace codecosim
