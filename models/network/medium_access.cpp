#include "models/network/medium_access.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "sim/base/error.hpp"

namespace codecosim {

using namespace literals;

namespace {
constexpr double microsecond = 1e-6;
BytesPerSecond mbps(double rate) { return BytesPerSecond(rate * 1e6 / 8); }
Seconds microseconds(double number) { return Seconds(number * microsecond); }

// Times: IEEE 802.11-2020 tables 15-5, 16-4, 17-21, 18-5, 19-25, 21-28, and 802.11ax-2021. MAC header 24 B, with QoS
// (802.11n on) 26 B; check sequence 4 B, LLC 8 B. Acknowledgement 14 B, of a block of up to 64 frames 32 B, of more 56
// B.
Contention legacy() {
  Contention c;
  c.slot = microseconds(9);
  c.sifs = microseconds(16);
  c.difs = microseconds(34);
  c.sends_again = true;
  c.preamble = c.control_preamble = microseconds(20);
  c.symbol = c.control_symbol = microseconds(4);
  c.base = mbps(6);
  c.control = {mbps(6), mbps(12), mbps(24)};  // the mandatory ones
  c.header = Bytes(36);
  c.delimiter = Bytes(0);
  c.acknowledgement = Bytes(14);
  c.block_acknowledgement = Bytes(14);
  c.longest = forever;
  return c;
}

Contention dsss() {
  Contention c = legacy();
  c.slot = microseconds(20);
  c.sifs = microseconds(10);
  c.difs = microseconds(50);
  c.cw_min = 31;
  c.preamble = c.control_preamble = microseconds(192);  // long
  c.symbol = c.control_symbol = Seconds(0);
  c.base = mbps(1);
  c.control = {mbps(1), mbps(2), mbps(2)};  // the basic ones
  return c;
}

// The parameters with aggregation and EDCA. Collisions end with a space of the ordinary length, as in ns-3's validation
// of 802.11ax.
Contention high_throughput() {
  Contention c = legacy();
  c.sends_again = false;
  c.eifs = false;
  c.header = Bytes(38);
  c.delimiter = Bytes(4);
  c.block_acknowledgement = Bytes(32);
  c.preamble = microseconds(36);  // mixed format, one stream
  c.base = mbps(6.5);
  c.most_frames = 64;
  c.most_bytes = Bytes(65535);
  c.longest = Seconds(5.484e-3);  // IEEE 802.11-2020 table 19-25, aPPDUMaxTime of other formats likewise
  return c;
}
}  // namespace

std::vector<std::string> Contention::standards() { return {"802.11a", "802.11b", "802.11n", "802.11ac", "802.11ax"}; }

Contention Contention::of(const std::string& standard) {
  Contention c = standard == "802.11a" ? legacy() : standard == "802.11b" ? dsss() : high_throughput();
  c.standard = standard;
  if (c.most_frames == 1 || standard == "802.11n") return c;
  c.preamble = microseconds(40);
  c.most_bytes = Bytes(1048575);
  if (standard == "802.11ac") return c;
  ensure(standard == "802.11ax", "there is no such standard");
  c.preamble = microseconds(44);
  c.symbol = microseconds(13.6);  // 12.8 us and a guard interval of 0.8 us
  c.base = mbps(8.6);
  c.most_frames = 256;
  c.most_bytes = Bytes(4194303);
  return c;
}

namespace {
// The bits of the service field and of the tail fill a frame's symbols too.
double on_the_air(Seconds preamble, Seconds symbol, Bytes bytes, BytesPerSecond rate) {
  if (symbol <= Seconds(0)) return preamble.value + bytes.value / rate.value;
  constexpr double service_and_tail = 22.0 / 8;
  constexpr double rounding = 1e-9;
  const double symbols = (bytes.value + service_and_tail) / (rate.value * symbol.value);
  return preamble.value + symbol.value * std::ceil(symbols * (1 - rounding));
}

// The same result on any machine, unlike the library's function.
double power(double base, std::size_t exponent) {
  double product = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) product *= base;
    base *= base;
  }
  return product;
}
}  // namespace

std::uint64_t Contention::frames(Bytes message) const {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(message.value / frame.value)));
}

std::uint64_t Contention::aggregate(BytesPerSecond rate) const {
  if (most_frames <= 1) return 1;
  const double each = (frame + header + delimiter).value;
  const double by_time = (longest - preamble).value * rate.value / each;
  return static_cast<std::uint64_t>(
      std::clamp(std::min(by_time, most_bytes.value / each), 1.0, static_cast<double>(most_frames)));
}

bool Contention::fits(std::uint64_t frames, Bytes payload, BytesPerSecond rate) const {
  if (frames <= 1) return true;
  const Bytes all = payload + static_cast<double>(frames) * (header + delimiter);
  return frames <= most_frames && all <= most_bytes && preamble + all / rate <= longest;
}

BytesPerSecond Contention::control_rate(BytesPerSecond rate) const {
  constexpr double rounding = 1e-6;
  const double ratio = rate.value / base.value * (1 + rounding);
  if (ratio >= 4) return control[2];
  return ratio >= 2 ? control[1] : control[0];
}

Contention::Turn Contention::turn(std::uint64_t frames, Bytes payload, BytesPerSecond rate) const {
  constexpr std::uint64_t short_block = 64;
  const Bytes longer_block = frames > short_block ? 24_B : Bytes(0);
  const Bytes answer = frames > 1 ? block_acknowledgement + longer_block : acknowledgement;
  const Bytes all = payload + static_cast<double>(frames) * (frames > 1 ? header + delimiter : header);
  const double data = on_the_air(preamble, symbol, all, rate);
  const double acknowledged = sifs.value + on_the_air(control_preamble, control_symbol, answer, control_rate(rate));
  return {data + acknowledged + difs.value, data + difs.value + (eifs ? acknowledged : 0)};
}

double Contention::attempts(std::size_t stations) const {
  if (attempts_.size() <= stations) attempts_.resize(stations + 1, -1);
  double& known = attempts_[stations];
  if (known >= 0) return known;
  const double window = cw_min + 1.0;
  int doublings = 0;
  for (double wider = window; 2 * wider <= cw_max + 1.0; wider *= 2) ++doublings;
  // This function falls as the probability rises, so that there is one fixed point.
  const auto wanted = [&](double sends) {
    const double collides = 1 - power(1 - sends, stations - 1);
    double sum = 0, term = 1;
    for (int i = 0; i < doublings; ++i) {
      sum += term;
      term *= 2 * collides;
    }
    return 2 / (1 + window + collides * window * sum);
  };
  double low = 0, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (wanted(middle) > middle ? low : high) = middle;
  }
  return known = (low + high) / 2;
}

double Contention::overhead(std::vector<double>& collisions) const {
  const std::size_t stations = collisions.size();
  if (stations == 0) return 0;
  const double sends = attempts(stations), silent = 1 - sends;
  std::sort(collisions.begin(), collisions.end(), std::greater<>());
  // A collision is as long as its longest frame: all stations with longer frames are silent, and at least one of the
  // others sends too.
  const double others_silent = power(silent, stations - 1), all_silent = others_silent * silent;
  double longer_silent = 1, collided = 0;
  for (const double one : collisions) {
    collided += one * sends * (longer_silent - others_silent);
    longer_silent *= silent;
  }
  const double succeeds = sends * others_silent;                   // of one station
  const double again = sends_again ? (cw_min + 1.0) / cw_min : 1;  // frames of a success
  return slot.value / again + (all_silent * slot.value + collided) / (static_cast<double>(stations) * succeeds * again);
}

namespace {
// In a long run, dates have an error of some 1e-9 of a short slot.
constexpr double slot_rounding = 1e-6;
}  // namespace

std::size_t Grants::in_pattern(bool up) const {
  if (pattern.empty()) return 1;
  const auto ups = static_cast<std::size_t>(std::ranges::count(pattern, 'U'));
  return up ? ups : pattern.size() - ups;
}

double Grants::first_slot(bool up, Seconds from) const {
  double number = std::ceil(from.value / slot.value - slot_rounding);
  const auto serves = [&] {
    if (pattern.empty()) return true;
    const double place = std::fmod(number, static_cast<double>(pattern.size()));
    return (pattern[static_cast<std::size_t>(place)] == 'U') == up;
  };
  while (!serves()) ++number;
  return number;
}

// A rate is the mean over the pattern, so a transmission that takes `takes` at this rate takes less time in the slots
// of its direction.
Seconds Grants::end_of_slots(bool up, Seconds from, Seconds takes) const {
  const double length = pattern.empty() ? 1 : static_cast<double>(pattern.size());
  const auto own = static_cast<double>(in_pattern(up));
  const double more = std::max(0.0, std::ceil(takes.value * own / length / slot.value - slot_rounding) - 1);
  double last = first_slot(up, from) + std::floor(more / own) * length;
  for (double left = std::fmod(more, own); left > 0; --left) last = first_slot(up, (last + 1) * slot);
  return (last + 1) * slot;
}

// A request is sent in the first uplink slot from its opportunity on.
Seconds Grants::granted(Seconds asks, double phase) const {
  const double period = request_period.value;
  if (period <= 0) return asks + processing;
  for (double number = std::max(0.0, std::floor(asks.value / period - phase));; ++number) {
    const Seconds begins = first_slot(true, Seconds((number + phase) * period)) * slot;
    if (begins >= asks - slot_rounding * slot) return begins + processing;
  }
}

}  // namespace codecosim
