// Which cell serves a device that moves, and from when to when, by hand.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/radio.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

namespace {
constexpr CellId none;
constexpr DeviceId walker{0};

Leg along(double from, double to, double start, double speed, double y = 0) {
  return Leg::between({from, y, 0}, {to, y, 0}, Seconds(start), MetresPerSecond(speed));
}
/// Where on the x axis a cell at `far` is `ahead` dB better than one at `near`, both 10 m up: by halving, between the
/// two.
double where(double near, double far, double ahead) {
  double low = near, high = far;
  for (int i = 0; i < 200; ++i) {
    const double x = (low + high) / 2;
    const double difference = 15 * std::log10(((x - near) * (x - near) + 100) /
                                              ((x - far) * (x - far) + 100));  // how much better the far one is
    (difference < ahead ? low : high) = x;
  }
  return low;
}
void expect(const Field& field, std::size_t number, double at, CellId before, CellId after, DeviceId device = walker) {
  std::vector<Field::Change> own;
  for (const Field::Change& one : field.changes)
    if (one.device == device) own.push_back(one);
  CAPTURE(number, device.index);
  REQUIRE(own.size() > number);
  CHECK(own[number].at == Approx(at).margin(1e-9).epsilon(0));
  CHECK(own[number].before == before);
  CHECK(own[number].after == after);
}
std::size_t changes_of(const Field& field, DeviceId device) {
  std::size_t count = 0;
  for (const Field::Change& one : field.changes) count += one.device == device;
  return count;
}
/// Two kinds of device with a radio each.
MobilitySpec two_kinds(Technology first, Technology second, std::vector<CellSpec> cells) {
  MobilitySpec spec{{std::move(first), std::move(second)}, std::move(cells), {}};
  spec.devices.resize(2);
  for (std::uint32_t k = 0; k < 2; ++k) {
    spec.devices[k].name = k == 0 ? "a" : "b";
    spec.devices[k].technologies = {k};
  }
  return spec;
}
}  // namespace

TEST_CASE("A walk past two cells: entry of event A3, trigger and arrival by hand", "[physics]") {
  // 100 m apart, at 2 m/s: 4 dB ahead where 15 log10(d_0^2 / d_1^2) = 4. One radio waits 0.64 s and is cut off for 50
  // ms, the other does neither.
  Field field(two_kinds(plain_radio(500, 0.05, 0.64), plain_radio(500),
                        {cells_at({{0, 0, 0}, {100, 0, 0}}, 0), cells_at({{0, 0, 0}, {100, 0, 0}}, 1)}),
              2, 1);
  for (const std::uint32_t d : {0, 1}) spawn(field.walk({d}, {along(0, 100, 0, 2)}));
  field.calendar.run(60_s);
  const double entry = where(0, 100, 4) / 2;
  expect(field, 0, 0, none, {0});
  expect(field, 1, entry + 0.64, {0}, none);
  expect(field, 2, entry + 0.69, none, {1});
  expect(field, 0, 0, none, {2}, {1});
  expect(field, 1, entry, {2}, {3}, {1});
  CHECK(field.changes.size() == 5);
  const Radio::Totals& totals = field.world.radio.totals();
  CHECK(totals.handovers == 2);
  CHECK(totals.ping_pongs == 0);
  CHECK(totals.losses == 0);
  CHECK(totals.interrupted.value == Approx(0.05).epsilon(1e-9));
  CHECK(totals.uncovered.value == 0);
  CHECK(totals.stay.count() == 2);
  CHECK(totals.stay.mean() == Approx(entry + 0.32).epsilon(1e-9));
  // What is said of a place is what serves there.
  CHECK(field.world.radio.serving({0}) == CellId{1});
  CHECK(field.world.radio.best({0}, {10, 0, 0}) == CellId{0});
  CHECK(field.world.radio.level({0}, {30, 40, 0}) ==
        Approx(field.world.radio.technology({0}).cell_power.value - 15 * std::log10(2600.0)).epsilon(1e-12));
  CHECK(field.world.radio.ratio({0}, {30, 40, 0}) ==
        Approx(field.world.radio.level({0}, {30, 40, 0}) + 100).epsilon(1e-9));
}

TEST_CASE("On a way that speeds up and rests the place decides, not the speed", "[physics]") {
  Field field({plain_radio(500)}, {cells_at({{0, 0, 0}, {100, 0, 0}})});
  // 0.5 m/s^2 to 40 m in sqrt(160) s, a rest of 10 s, and on at 1 m/s.
  const double ramp = std::sqrt(160.0);
  const Leg starts = Leg::ramp({0, 0, 0}, 1, 0, Metres(40), 0_s, MetresPerSecond(0), MetresPerSecond(ramp / 2));
  spawn(field.walk(walker, {starts, Leg::rest({40, 0, 0}, starts.end, starts.end + 10_s),
                            along(40, 100, starts.end.value + 10, 1)}));
  field.calendar.run(200_s);
  CHECK(starts.end.value == Approx(ramp));
  expect(field, 1, ramp + 10 + where(0, 100, 4) - 40, {0}, {1});
  CHECK(field.changes.size() == 2);
}

TEST_CASE("A condition that ends before the time to trigger is none, one that only weakens goes on", "[physics]") {
  Field field({plain_radio(500, 0, 0.64)}, {cells_at({{0, 0, 0}, {100, 0, 0}})}, 3);
  const double enters = where(0, 100, 4), leaves = where(0, 100, 2), weaker = where(0, 100, 2.5);
  // At 20 m/s: a metre past the entry and back. Below 2 dB after 1 m + 1 m + 4 m, 0.3 s: no handover.
  const double turn = (enters + 1) / 20;
  REQUIRE((enters - leaves + 2) / 20 < 0.64);
  spawn(field.walk({0}, {along(0, enters + 1, 0, 20), along(enters + 1, 10, turn, 20)}));
  // The same, but it stays where the neighbour is 2.5 dB ahead.
  spawn(field.walk({1}, {along(0, enters + 1, 0, 20), along(enters + 1, weaker, turn, 20)}));
  // And one that leaves, and comes back: the time starts anew.
  const double back = turn + (enters + 1 - (leaves - 0.5)) / 20;
  spawn(field.walk({2}, {along(0, enters + 1, 0, 20), along(enters + 1, leaves - 0.5, turn, 20),
                         along(leaves - 0.5, 100, back, 20)}));
  field.calendar.run(60_s);
  CHECK(changes_of(field, {0}) == 1);
  expect(field, 1, enters / 20 + 0.64, {0}, {1}, {1});
  expect(field, 1, back + (enters - leaves + 0.5) / 20 + 0.64, {0}, {1}, {2});
  CHECK(field.changes.size() == 5);
}

TEST_CASE("The better of two neighbours is taken", "[physics]") {
  // The cells at 100 and at 110 m begin to be better one after the other, and both have been for long enough at the
  // same date: a jump to a place right below the second.
  Field field({plain_radio(500, 0, 0.64)}, {cells_at({{0, 0, 0}, {100, 0, 0}, {110, 0, 0}})});
  spawn(field.walk(walker, {Leg::rest({0, 0, 0}, 0_s, 1_s), Leg::rest({110, 0, 0}, 1_s)}));
  field.calendar.run(10_s);
  expect(field, 1, 1.64, {0}, {2});
  CHECK(field.changes.size() == 2);
}

TEST_CASE("Back within a second is a ping-pong, later it is not", "[physics]") {
  const double enters = where(0, 100, 4), back = 100 - enters;
  Field field({plain_radio(500, 0, 0.1)}, {cells_at({{0, 0, 0}, {100, 0, 0}})}, 2);
  for (const std::uint32_t d : {0, 1}) {
    const double v = d == 0 ? 40 : 10, turn = (enters + 6) / v;
    spawn(field.walk({d}, {along(0, enters + 6, 0, v), along(enters + 6, 0, turn, v)}));
  }
  field.calendar.run(60_s);
  expect(field, 1, enters / 40 + 0.1, {0}, {1});
  expect(field, 2, (2 * (enters + 6) - back) / 40 + 0.1, {1}, {0});
  expect(field, 2, (2 * (enters + 6) - back) / 10 + 0.1, {1}, {0}, {1});
  CHECK(field.world.radio.totals().handovers == 4);
  CHECK(field.world.radio.totals().ping_pongs == 1);
}

TEST_CASE("A cell that falls silent is given up after a while, and found again", "[physics]") {
  // It reaches 100 m; at 10 m/s out to 300 m and back.
  Field field({plain_radio(100, 0.05)}, {cells_at({{0, 0, 0}})}, 2);
  spawn(field.walk({0}, {along(0, 300, 0, 10), along(300, 0, 30, 10)}));
  spawn(field.walk(
      {1}, {along(0, 103, 0, 10), along(103, 0, 10.3, 10)}));  // 0.6 s out of reach: nothing happens but that all waits
  Field::End before, silent, kept, lost, uncovered, found, again;
  spawn(field.send(9.5, {0}, true, 10e3, before));
  spawn(field.send(9.995, {0}, true, 10e3, silent));  // half way through the air
  spawn(field.send(10.5, {0}, true, 10e3, lost));
  spawn(field.send(20, {0}, true, 10e3, uncovered));
  spawn(field.send(50.02, {0}, true, 10e3, found));  // on the way to the cell
  spawn(field.send(51, {0}, true, 10e3, again));
  spawn(field.send(10.2, {1}, false, 10e3, kept));
  field.calendar.run(100_s);
  expect(field, 1, 11, {0}, none);
  expect(field, 2, 50.05, none, {0});
  CHECK(changes_of(field, {1}) == 1);
  CHECK(before.at == Approx(9.511).epsilon(1e-12));
  for (const Field::End& end : {silent, lost, uncovered}) CHECK(end.outcome == Outcome::uncovered);
  CHECK(silent.at == Approx(11).epsilon(1e-12));
  CHECK(lost.at == Approx(11).epsilon(1e-12));
  CHECK(uncovered.at == 20);
  CHECK(found.at == Approx(50.05 + 0.011).epsilon(1e-12));
  CHECK(again.at == Approx(51.011).epsilon(1e-12));
  CHECK(kept.at == Approx(10.6 + 0.011).epsilon(1e-12));
  const Radio::Totals& totals = field.world.radio.totals();
  CHECK(totals.losses == 1);
  CHECK(totals.handovers == 0);
  CHECK(totals.uncovered.value == Approx(39).epsilon(1e-9));
  CHECK(totals.interrupted.value == Approx(0.05).epsilon(1e-9));
  CHECK(totals.stay.mean() == Approx(11).epsilon(1e-9));
}

TEST_CASE("A hole between two cells, and a cell that is past when one gets there", "[physics]") {
  // Cells at 0 and 400 m reach 100 m: without any from 100 m (and a second more) to 300 m.
  Field field({plain_radio(100, 0.05)}, {cells_at({{0, 0, 0}, {400, 0, 0}})});
  spawn(field.walk(walker, {along(0, 450, 0, 10)}));
  field.calendar.run(45_s);
  expect(field, 1, 11, {0}, none);
  expect(field, 2, 30.05, none, {1});
  CHECK(field.changes.size() == 3);
  CHECK(field.world.radio.totals().losses == 1);
}

TEST_CASE("Who arrives where the cell does not reach it any more gives up after a while", "[physics]") {
  // 10 s on the way to a cell of 100 m, at 50 m/s: through it and out. At 1 000 m the third cell begins.
  Field field({plain_radio(100, 10)}, {cells_at({{0, 0, 0}, {150, 0, 0}, {1100, 0, 0}})});
  spawn(field.walk(walker, {along(0, 1080, 0, 50)}));
  field.calendar.run(60_s);
  const double enters = where(0, 150, 4) / 50;
  expect(field, 1, enters, {0}, none);
  expect(field, 2, enters + 10, none, {1});  // at 590 m
  expect(field, 3, enters + 11, {1}, none);
  expect(field, 4, 30, none, {2});
  CHECK(field.changes.size() == 5);
  CHECK(field.world.radio.totals().losses == 1);
  CHECK(field.world.radio.totals().handovers == 1);
}

TEST_CASE("A cell of which nothing is left is handed over from as one of which little is left", "[physics]") {
  // At 1 s around a corner, to 5 m from the cell at 5 000 m: that at 0 m is out of all hearing, that at 4 889 m is 106
  // m away and no longer serves. Both were better by far a moment ago; the time to trigger goes by.
  Field field({plain_radio(100, 0, 0.2)}, {cells_at({{0, 0, 0}, {5000, 0, 0}, {4889, 0, 0}})}, 2);
  spawn(field.walk({0}, {Leg::rest({0, 0, 0}, 0_s, 1_s), Leg::rest({4995, 0, 0}, 1_s)}));
  spawn(field.walk({1}, {Leg::rest({4870, 0, 0}, 0_s, 1_s), Leg::rest({4995, 0, 0}, 1_s)}));
  field.calendar.run(10_s);
  expect(field, 1, 1.2, {2}, {1}, {1});
  expect(field, 1, 1.2, {0}, {1}, {0});
  CHECK(field.world.radio.totals().losses == 0);
  CHECK(field.world.radio.totals().handovers == 2);
}

namespace {
/// 100 kB each way in the air since 50 ms when the device leaves a cell, and 10 kB more while it is between two.
struct Leaves : Field {
  explicit Leaves(bool forwards)
      : Field({plain_radio(500, 0.05, 0.64, forwards)}, {cells_at({{0, 0, 0}, {100, 0, 0}})}) {
    spawn(walk(walker, {along(0, 100, 0, 2)}));
    spawn(send(trigger - 0.05, walker, true, 100e3, up));
    spawn(send(trigger - 0.05, walker, false, 100e3, down));
    spawn(send(trigger + 0.02, walker, true, 10e3, between, 1));
    calendar.run(60_s);
  }
  const double trigger = where(0, 100, 4) / 2 + 0.64;
  End up, down, between;
};
}  // namespace

TEST_CASE("What is in the air at a handover waits and follows", "[physics]") {
  const Leaves field(true);
  // From the new gateway to that where it was to go: 2 * (200 + 10) ms. The 10 kB share the air with the 100 kB: 20 ms;
  // and those have 90 ms left then.
  CHECK(field.between.at == Approx(field.trigger + 0.05 + 0.020 + 0.001).epsilon(1e-11));
  CHECK(field.up.at == Approx(field.trigger + 0.05 + 0.110 + 0.001 + 0.420).epsilon(1e-11));
  CHECK(field.down.at == Approx(field.trigger + 0.05 + 0.420 + 0.100 + 0.001).epsilon(1e-11));
}

TEST_CASE("Without forwarding what is in the air at a handover is lost", "[physics]") {
  const Leaves field(false);
  for (const Field::End& end : {field.up, field.down, field.between}) CHECK(end.outcome == Outcome::handed_over);
  CHECK(field.up.at == Approx(field.trigger).epsilon(1e-11));
  CHECK(field.down.at == Approx(field.trigger).epsilon(1e-11));
  CHECK(field.between.at == Approx(field.trigger + 0.02).epsilon(1e-11));
}

TEST_CASE("Without forwarding a handover that takes no time loses what is in the air too", "[physics]") {
  Field field({plain_radio(60, 0, 0, false)}, {cells_at({{0, 0, 0}, {100, 0, 0}, {100, 200, 0}})}, 2);
  spawn(field.walk({0}, {along(0, 100, 0, 2)}));
  // The other one is silent between two cells for a moment: out of reach at 60 m, at another cell after 0.1 s.
  spawn(field.walk({1}, {along(0, -61, 0, 10), Leg::rest({100, 195, 0}, Seconds(6.1))}));
  const double trigger = where(0, 100, 4) / 2;
  Field::End up, silent;
  spawn(field.send(trigger - 0.05, {0}, true, 100e3, up));
  spawn(field.send(6.05, {1}, true, 10e3, silent));
  field.calendar.run(60_s);
  expect(field, 1, trigger, {0}, {1});
  expect(field, 1, 6.1, {0}, {2}, {1});
  CHECK(up.outcome == Outcome::handed_over);
  CHECK(up.at == Approx(trigger).epsilon(1e-11));
  CHECK(silent.outcome == Outcome::handed_over);
  CHECK(silent.at == Approx(6.1).epsilon(1e-11));
}

TEST_CASE("What happens on the border of a place happens there", "[physics]") {
  // Without a margin the neighbour is better from 50 m on, which is the border of two places; and the far cell ends at
  // 200 m.
  Technology radio = plain_radio(100);
  radio.offset = radio.hysteresis = Decibels(0);
  Field field({radio}, {cells_at({{0, 0, 0}, {100, 0, 0}})}, 2);
  spawn(field.walk({0}, {along(0, 250, 0, 10)}));
  spawn(field.walk({1}, {along(0, 50, 0, 10), along(50, 250, 20, 10)}));  // a rest right there
  field.calendar.run(60_s);
  expect(field, 1, 5, {0}, {1}, {0});
  expect(field, 2, 21, {1}, none, {0});
  expect(field, 1, 5, {0}, {1}, {1});
}

TEST_CASE("Who may not roam passes by another provider's cells", "[physics]") {
  // The cells at 0 and 200 m lead to clusters of the first provider, that at 100 m to one of the second.
  std::vector<CellSpec> cells{cells_at({{0, 0, 0}, {200, 0, 0}}), cells_at({{100, 0, 0}}, 0, 3)};
  MobilitySpec spec = Field::described({plain_radio(500)}, cells, 1, {0}, {0});
  spec.devices.push_back(spec.devices[0]);
  spec.devices[1].providers = {};
  spec.devices.push_back(spec.devices[0]);
  spec.devices[2].providers = {1};
  Field field(spec, 3, 1);
  for (const std::uint32_t d : {0, 1, 2}) spawn(field.walk({d}, {along(0, 200, 0, 10)}));
  field.calendar.run(30_s);
  expect(field, 0, 0, none, {0}, {0});
  expect(field, 1, where(0, 200, 4) / 10, {0}, {1}, {0});
  CHECK(changes_of(field, {0}) == 2);
  expect(field, 1, where(0, 100, 4) / 10, {0}, {2}, {1});
  expect(field, 2, where(100, 200, 4) / 10, {2}, {1}, {1});
  CHECK(changes_of(field, {1}) == 3);
  expect(field, 0, 0, none, {2}, {2});
  CHECK(changes_of(field, {2}) == 1);
  CHECK(field.world.radio.best({0}, {100, 0, 0}) == CellId{0});
  CHECK(field.world.radio.best({1}, {100, 0, 0}) == CellId{2});
}

TEST_CASE("Of two radios the first serves where it has coverage, and the second elsewhere", "[physics]") {
  // A small cell around 100 m that reaches 30 m, and one that reaches everywhere. 50 ms to get into the small one.
  Field field({plain_radio(30, 0.05), plain_radio(1000, 0.05)},
              {cells_at({{100, 0, 0}}, 0, 1), cells_at({{0, 0, 0}}, 1)}, 1, {0, 1});
  spawn(field.walk(walker, {along(0, 300, 0, 10)}));
  Field::End waits, silent, after;
  spawn(field.send(6.995, walker, true, 10e3, waits));  // in the wide cell's air when the small one is found
  spawn(field.send(13.5, walker, true, 10e3, silent));
  spawn(field.send(14.2, walker, true, 10e3, after));
  field.calendar.run(30_s);
  expect(field, 0, 0, none, {1});
  expect(field, 1, 7, {1}, none);
  expect(field, 2, 7.05, none, {0});
  expect(field, 3, 14, {0}, {1});
  CHECK(field.changes.size() == 4);
  CHECK(waits.at == Approx(7.05 + 0.011 + 2 * (0.020 + 0.010)).epsilon(1e-11));
  CHECK(silent.outcome == Outcome::done);  // it follows to the wide cell, which leads to where it goes
  CHECK(silent.at == Approx(14.011).epsilon(1e-11));
  CHECK(after.at == Approx(14.211).epsilon(1e-11));
  CHECK(field.world.radio.best(walker, {95, 0, 0}) == CellId{0});
  CHECK(field.world.radio.best(walker, {50, 0, 0}) == CellId{1});
  const Radio::Totals& totals = field.world.radio.totals();
  CHECK(totals.losses == 1);
  // Of both radios: the first has none for 7 s and for 16.
  CHECK(totals.uncovered.value == Approx(23).epsilon(1e-9));
}

TEST_CASE("Rate tiers change where their ratios are met, up and down apart", "[physics]") {
  // 2 MB/s down and 1 MB/s up within 50 m, a quarter of it to 100 m; but the uplink is 3 dB weaker.
  Technology radio = plain_radio(50);
  const double inner = radio.tiers[0].ratio.value, outer = inner + 15 * std::log10(2600 / 10100.0);
  radio.tiers = {{Decibels(outer), BytesPerSecond(0.5e6), BytesPerSecond(0.25e6)},
                 {Decibels(inner), BytesPerSecond(2e6), BytesPerSecond(1e6)}};
  radio.device_power = DecibelMilliwatts(radio.cell_power.value - 3);
  Field field({radio}, {cells_at({{0, 0, 0}})});
  spawn(field.walk(walker, {along(0, 100, 0, 1)}));
  // Down the inner tier ends at 50 m; up where 15 log10(2600 / (x^2 + 100)) = 3.
  const double up_ends = std::sqrt(2600 / std::pow(10, 0.2) - 100);
  Field::End down, up, up_later;
  spawn(field.send(49.9, walker, false, 400e3, down));        // 0.1 s at 2 MB/s make half of it, the rest takes 0.4 s
  spawn(field.send(up_ends - 0.1, walker, true, 200e3, up));  // 0.1 s at 1 MB/s, 0.4 s at 0.25
  spawn(field.send(up_ends + 1, walker, true, 100e3, up_later));  // 0.4 s
  field.calendar.run(100_s);
  CHECK(down.at == Approx(50.4 + 0.001).epsilon(1e-11));
  CHECK(up.at == Approx(up_ends + 0.4 + 0.001).epsilon(1e-11));
  CHECK(up_later.at == Approx(up_ends + 1.4 + 0.001).epsilon(1e-11));
}

TEST_CASE("Cells of one channel disturb each other by the share of the time that they send", "[physics]") {
  Technology radio = plain_radio(500);
  radio.activity = 0.25;
  CellSpec cells = cells_at({{5, 5, 0}, {205, 5, 0}, {105, 5, 0}});
  cells.channels = 2;  // 0, 1, 0
  Field field({radio}, {cells});
  // At the middle of a place, (35, 5): from 30 m and 70 m on channel 0, from 170 m on channel 1, alone.
  const auto level = [&](double d) { return radio.cell_power.value - 15 * std::log10(d * d + 100); };
  const auto sum = [&](double d) { return 10 * std::log10(1e-10 + 0.25 * std::pow(10, level(d) / 10)); };
  CHECK(field.world.radio.ratio({0}, {35, 5, 0}) == Approx(level(30) - sum(70)).epsilon(1e-10));
  CHECK(field.world.radio.ratio({2}, {35, 5, 0}) == Approx(level(70) - sum(30)).epsilon(1e-10));
  CHECK(field.world.radio.ratio({1}, {35, 5, 0}) == Approx(level(170) + 100).epsilon(1e-10));
}
