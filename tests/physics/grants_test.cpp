// Grants and slots of LTE and NR: what small messages pay besides their airtime.
#include <algorithm>
#include <cmath>
#include <vector>

#include "models/network/radio/technology.hpp"
#include "tests/aerial.hpp"
#include "tests/catch.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

TEST_CASE("What is sent ends with the last of the slots of its way that its airtime fills", "[physics]") {
  const Grants both{1_ms, "", 10_ms, 8_ms}, divided{0.5_ms, "DDDSU", 5_ms, 2.5_ms};
  const auto end = [](const Grants& by, bool up, double from, double takes) {
    return by.end_of_slots(up, Seconds(from * 1e-3), Seconds(takes * 1e-3)).value * 1e3;
  };
  CHECK(end(both, true, 0, 0.2) == Approx(1));
  CHECK(end(both, true, 0.1, 0.2) == Approx(2));  // the slot has begun
  CHECK(end(both, false, 0, 3.2) == Approx(4));
  CHECK(end(both, false, 0, 4) == Approx(4));
  CHECK(end(divided, true, 0, 0.1) == Approx(2.5));
  CHECK(end(divided, true, 2, 0.1) == Approx(2.5));
  CHECK(end(divided, true, 2.1, 0.1) == Approx(5));
  CHECK(end(divided, true, 0, 2.4) == Approx(2.5));  // at the mean rate; it is one slot at the rate in it
  CHECK(end(divided, true, 0, 2.6) == Approx(5));
  CHECK(end(divided, true, 0, 25) == Approx(25));
  CHECK(end(divided, false, 0, 0.1) == Approx(0.5));
  CHECK(end(divided, false, 1.6, 0.1) == Approx(3));  // after the slot for sending up
  CHECK(end(divided, false, 0, 2.5) == Approx(2));    // four of the five slots
  // After a day dates are off by some 1e-11 s.
  Rng rng(1, 0);
  for (int i = 0; i < 1000; ++i) {
    const double number = std::floor(86400e3 / 2.5) + static_cast<double>(rng.below(100'000));
    CHECK(end(divided, true, number * 2.5 + 2, 0.1) == Approx(number * 2.5 + 2.5).epsilon(1e-12));
  }
}

TEST_CASE("A device asks at its opportunities, and sends when it was heard and answered", "[physics]") {
  const Grants both{1_ms, "", 10_ms, 8_ms}, divided{0.5_ms, "DDDSU", 5_ms, 2.5_ms}, at_once{1_ms, "", 0_ms, 8_ms};
  // Opportunities at 3, 13, ...
  CHECK(both.granted(0_ms, 0.3).value == Approx(0.011));
  CHECK(both.granted(3_ms, 0.3).value == Approx(0.011));
  CHECK(both.granted(3.5_ms, 0.3).value == Approx(0.021));
  CHECK(at_once.granted(3.5_ms, 0.3).value == Approx(0.0115));
  // Opportunities at 1.5 and 6.5, whence the slots up from 2 and 7.
  CHECK(divided.granted(0_ms, 0.3).value == Approx(0.0045));
  CHECK(divided.granted(1.9_ms, 0.3).value == Approx(0.0045));
  CHECK(divided.granted(2.1_ms, 0.3).value == Approx(0.0095));
  for (int k = 0; k < 2000; ++k)
    CHECK(both.granted(Seconds(k * 0.05), 0).value == Approx(k * 0.05 + 0.008).epsilon(1e-12));
}

// 3GPP TR 36.881 table 5.2.1-1: 17 ms with opportunities 10 ms apart, of which 3 are the decoding.
TEST_CASE("A small message takes 17 ms up and 4.5 ms down with LTE, in the mean", "[physics]") {
  const Technology lte = technology("lte");
  constexpr std::uint32_t clients = 400;
  Aerial air(clients);
  LinkSpec link = Aerial::spec();
  link.latency = lte.link.latency;
  const CellId cell = air.cell(0, false, link, lte.access);
  std::vector<Aerial::End> up(clients), down(clients);
  Rng rng(1, 0);
  double sum_up = 0, sum_down = 0;
  std::vector<double> starts;
  for (std::uint32_t c = 0; c < clients; ++c) {
    air.attach(c, cell, 10e6);
    starts.push_back(c + rng.uniform());
    spawn(air.up(starts[c], c, 100, up[c]));
    spawn(air.down(starts[c], c, 100, down[c]));
  }
  air.calendar.run(1000_s);
  double longest = 0, shortest = 1;
  for (std::uint32_t c = 0; c < clients; ++c) {
    sum_up += up[c].at - starts[c];
    sum_down += down[c].at - starts[c];
    longest = std::max(longest, up[c].at - starts[c]);
    shortest = std::min(shortest, up[c].at - starts[c]);
  }
  // Waits are uniform over 10 ms (and 1 ms), so that means of 400 are off by 0.15 (and 0.015) ms.
  CHECK(sum_up / clients == Approx(17e-3).margin(0.6e-3));
  CHECK(sum_down / clients == Approx(4.5e-3).margin(0.06e-3));
  CHECK(shortest >= 12e-3 - 1e-9);
  CHECK(longest <= 22e-3 + 1e-9);
}

TEST_CASE("While something is under way no more is asked for", "[physics]") {
  Aerial air(2);
  const CellId cell = air.cell(0, false, Aerial::spec(), Grants{1_ms, "", 10_ms, 8_ms});
  air.attach(0, cell, 1e6);
  // 100 kB take 100 ms after the grant. The second message comes while they are under way: it begins at once, has half
  // of the airtime for 2 ms, and ends with a slot.
  Aerial::End first, second;
  spawn(air.up(0, 0, 100e3, first));
  spawn(air.up(0.05025, 0, 1e3, second));
  air.calendar.run(10_s);
  const double on_air = second.at - one_way;
  CHECK(on_air == Approx(0.053).epsilon(1e-9));  // 52.25, to the end of the slot
  // The grant came by 18 ms at the latest; then 101 ms of both.
  CHECK(first.at - one_way >= 0.109);
  CHECK(first.at - one_way <= 0.121);
}

TEST_CASE("What comes while a device waits for a grant goes with that", "[physics]") {
  Aerial air(1);
  const Grants grants{1_ms, "", 10_ms, 8_ms};
  const CellId cell = air.cell(0, false, Aerial::spec(), grants);
  air.attach(0, cell, 1e6);
  Aerial::End first, early, late, again;
  spawn(air.up(1, 0, 100, first));
  spawn(air.up(1.0001, 0, 100, early));  // before it has asked, perhaps
  spawn(air.up(1.006, 0, 100, late));
  spawn(air.up(2, 0, 100, again));
  air.calendar.run(10_s);
  CHECK(first.at - one_way >= 1.009 - 1e-9);
  CHECK(first.at - one_way <= 1.019 + 1e-9);
  CHECK(early.at == Approx(first.at).epsilon(1e-12));
  // With the first, if that was still to come; else with a grant of its own at the next opportunity.
  CHECK(late.at >= first.at - 1e-9);
  if (first.at - one_way > 1.008) CHECK(late.at <= std::max(first.at, 1.008 + one_way) + 1e-9);
  CHECK(again.at - first.at == Approx(1).margin(1e-9));  // opportunities are where they were
}

TEST_CASE("Slots that end just now end now, without a latency besides", "[physics]") {
  Aerial air(1);
  LinkSpec link = Aerial::spec();
  link.latency = Seconds(0);
  const CellId cell = air.cell(0, false, link, Grants{1_ms, "", 0_ms, 0_ms});
  air.attach(0, cell, 1e6);
  std::vector<Aerial::End> ends(2000);
  for (std::size_t k = 0; k < ends.size(); ++k) spawn(air.down(static_cast<double>(k) * 0.05, 0, 1000, ends[k]));
  air.calendar.run(1000_s);
  for (std::size_t k = 0; k < ends.size(); ++k)
    CHECK(ends[k].at == Approx(static_cast<double>(k) * 0.05 + 0.001).margin(1e-9));
}
