#include "models/network/contended_air.hpp"

#include <algorithm>
#include <utility>

namespace codecosim {

ContendedAir::ContendedAir(Network& network, const LinkSpec& spec, std::shared_ptr<const MediumAccess> access,
                           const Rng& rng)
    : Air(network, spec, [](Activation& self) { static_cast<ContendedAir&>(self).done(); }),
      access_(std::move(access)),
      rng_(rng) {}

void ContendedAir::progress(Seconds gone) {
  if (on_air_) on_air_->left -= gone.value * messages_part_;
}

ContendedAir::Backlog* ContendedAir::backlog(std::size_t service, std::uint32_t bearer, std::uint8_t way) {
  std::vector<Backlog>& all = backlogs(service, way);
  const auto found = std::ranges::find(all, bearer, &Backlog::bearer);
  return found == all.end() ? nullptr : &*found;
}

void ContendedAir::forget(std::size_t service, const Backlog& gone) {
  std::vector<Backlog>& all = backlogs(service, gone.way);
  all.erase(all.begin() + (&gone - all.data()));
}

void ContendedAir::add(Message& message, std::uint32_t bearer, std::uint8_t way) {
  const std::size_t service = class_of(message);
  if (Backlog* known = backlog(service, bearer, way)) {
    behind(*known->last) = &message;
    known->last = &message;
    known->measured = false;
    return;
  }
  // A class without a backlog has saved no airtime.
  Class& its = classes_[service];
  if (its.empty()) its.had = std::max(its.had, classes_[1 - service].had);
  backlogs(service, way).push_back({bearer, way, &message, &message});
}

void ContendedAir::take_out(Message& message, std::uint32_t bearer, std::uint8_t way) {
  const std::size_t service = class_of(message);
  Backlog& its = *backlog(service, bearer, way);
  its.measured = false;
  std::uint32_t ahead = 0;
  Message* before = nullptr;
  for (Message* one = its.first; one != &message; one = behind(*one)) {
    before = one;
    ++ahead;
  }
  (before ? behind(*before) : its.first) = behind(message);
  if (its.last == &message) its.last = before;
  if (!before) its.begun = 0;
  // A turn without a message ends.
  if (on_air_ && on_air_->service == service && on_air_->bearer == bearer && on_air_->way == way) {
    if (ahead < on_air_->count) --on_air_->count;
    if (on_air_->count == 0 && (on_air_->carries <= 0 || !before)) {
      charge(on_air_->takes - on_air_->left);
      on_air_.reset();
    }
  }
  if (!its.first) forget(service, its);
}

void ContendedAir::find(std::uint32_t bearer, std::uint8_t way, std::vector<Message*>& all) const {
  for (const Class& one : classes_)
    for (const Backlog& backlog : one.backlogs(way))
      if (backlog.bearer == bearer)
        for (Message* message = backlog.first; message; message = behind(*message)) all.push_back(message);
}

void ContendedAir::measure_anew(std::uint32_t bearer, std::uint8_t way) {
  for (std::size_t service = 0; service < classes_.size(); ++service)
    if (Backlog* its = backlog(service, bearer, way)) its->measured = false;
}

// Computes the next turn: the rest of the first message and the messages that fit in after it, or as much of the first
// as fits.
void ContendedAir::measure(Backlog& its) const {
  if (its.measured) return;
  its.measured = true;
  const Contention& by = contention();
  const BytesPerSecond at = rate(its.bearer, its.way);
  Bytes payload = its.first->size() - Bytes(its.begun);
  std::uint64_t frames = by.frames(payload);
  its.count = 0;
  its.carries = 0;
  if (!by.fits(frames, payload, at)) {
    frames = by.aggregate(at);
    payload = static_cast<double>(frames) * by.frame;
    its.carries = payload.value;
  } else {
    its.count = 1;
    for (Message* next = behind(*its.first); next; next = behind(*next)) {
      const std::uint64_t more = by.frames(next->size());
      if (!by.fits(frames + more, payload + next->size(), at)) break;
      frames += more;
      payload += next->size();
      ++its.count;
    }
  }
  its.turn = by.turn(frames, payload, at);
}

Contention::Turn ContendedAir::turn_of_flow(const Crossing& flow) const {
  const Contention& by = contention();
  const BytesPerSecond at = rate(flow.bearer, flow.way);
  const std::uint64_t frames = by.aggregate(at);
  return by.turn(frames, static_cast<double>(frames) * by.frame, at);
}

double ContendedAir::overhead() {
  collisions_.clear();
  for (Class& one : classes_) {
    for (Backlog& station : one.stations) {
      measure(station);
      collisions_.push_back(station.turn.collision);
    }
    if (one.receivers.empty()) continue;
    measure(one.receivers.front());
    collisions_.push_back(one.receivers.front().turn.collision);
  }
  bool down = false;
  for (const Crossing& one : crossings_)
    if (one.way == 0 || !std::exchange(down, true)) collisions_.push_back(turn_of_flow(one).collision);
  return contention().overhead(collisions_);
}

void ContendedAir::plan() {
  // Without flows, before and now, nothing changes for the present turn.
  if (on_air_ && scheduled() && crossings_.empty() && messages_part_ == 1) return;
  const double besides = overhead();
  std::array<double, 2> weights{};
  for (std::size_t service = 0; service < classes_.size(); ++service) {
    const Class& one = classes_[service];
    for (const Backlog& station : one.stations) weights[service] += station.turn.success + besides;
    if (!one.receivers.empty()) weights[service] += one.receivers.front().turn.success + besides;
  }
  double receivers = 0, up = 0, down = 0;
  for (const Crossing& one : crossings_) {
    (one.way == 0 ? up : down) += turn_of_flow(one).success + besides;
    receivers += one.way == 1 ? 1 : 0;
  }
  const double of_flows = up + (receivers > 0 ? down / receivers : 0);
  parts_ = parts_of_classes(assured_share_, weights[0], weights[1], of_flows);
  messages_part_ = parts_[0] + parts_[1];
  for (Crossing& one : crossings_) {
    const double turns = std::max(0.0, 1 - messages_part_) / of_flows / (one.way == 0 ? 1 : receivers) / one.flows;
    const auto frames = static_cast<double>(contention().aggregate(rate(one.bearer, one.way)));
    one.per_second = {turns * (turn_of_flow(one).success + besides), turns * frames * contention().frame.value};
  }
  if (!on_air_) next_turn(besides);
  if (scheduled()) calendar().withdraw(*this);
  if (on_air_) calendar().at(now() + Seconds(std::max(0.0, on_air_->left) / messages_part_), *this);
}

void ContendedAir::next_turn(double overhead) {
  if (classes_[0].empty() && classes_[1].empty()) return;
  std::size_t service = classes_[0].empty() ? 1 : 0;
  if (!classes_[0].empty() && !classes_[1].empty()) service = classes_[0].had <= classes_[1].had ? 0 : 1;
  Class& its = classes_[service];
  const auto drawn = static_cast<std::size_t>(rng_.below(its.contenders()));
  const Backlog& next = drawn < its.stations.size() ? its.stations[drawn] : its.receivers.front();
  const double takes = next.turn.success + overhead;
  on_air_ = OnAir{service, next.bearer, next.way, takes, takes, next.count, next.carries};
}

void ContendedAir::charge(double airtime) { classes_[on_air_->service].had += airtime / parts_[on_air_->service]; }

void ContendedAir::done() {
  account();
  charge(on_air_->takes);
  const OnAir turn = *std::exchange(on_air_, std::nullopt);
  Backlog& its = *backlog(turn.service, turn.bearer, turn.way);
  its.measured = false;
  its.begun = turn.count == 0 ? its.begun + turn.carries : 0;
  for (std::uint32_t i = 0; i < turn.count; ++i) {
    Message& message = *its.first;
    its.first = behind(message);
    sent(message, turn.bearer, turn.way, now());
  }
  if (!its.first) {
    forget(turn.service, its);
  } else if (turn.way == 1) {
    std::vector<Backlog>& receivers = classes_[turn.service].receivers;
    const auto served = receivers.begin() + (&its - receivers.data());
    std::rotate(served, served + 1, receivers.end());
  }
  change();
}

}  // namespace codecosim
