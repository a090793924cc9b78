// The airtime of a cell: shared among messages, classes, directions and flows, and what becomes of them when devices
// move.
#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/base/distribution.hpp"
#include "tests/aerial.hpp"
#include "tests/catch.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

TEST_CASE("Messages in the air get equal parts of the airtime, whatever their rates", "[physics]") {
  Aerial air;
  const CellId cell = air.cell();
  air.attach(0, cell, 1e6);
  air.attach(1, cell, 0.5e6);
  // 10 ms and 20 ms of airtime. Together until 20 ms; then the slow one, which has had 10, goes on alone.
  Aerial::End quick, slow, later;
  spawn(air.up(0, 0, 10e3, quick));
  spawn(air.up(0, 1, 10e3, slow));
  spawn(air.up(1, 0, 10e3, later));  // alone
  air.calendar.run(10_s);
  CHECK(quick.at == Approx(0.020 + one_way).epsilon(1e-12));
  CHECK(slow.at == Approx(0.030 + one_way).epsilon(1e-12));
  CHECK(later.at == Approx(1.010 + one_way).epsilon(1e-12));
  CHECK(air.network->airtime(cell, true).value == Approx(0.040).epsilon(1e-12));
  CHECK(air.network->airtime(cell, false).value == 0);
  CHECK(air.network->carried(air.network->up_link(air.network->endpoint(ClientId{0}))).value == 20e3);
}

TEST_CASE("A message that comes into the air later shares what is left of the first", "[physics]") {
  Aerial air;
  const CellId cell = air.cell();
  for (std::uint32_t c = 0; c < 3; ++c) air.attach(c, cell);
  // a: 30 ms at 0. b: 10 ms at 10, when a has 20 left: both at a half until b ends at 30. a has 10 left: 40.
  Aerial::End a, b;
  spawn(air.up(0, 0, 30e3, a));
  spawn(air.up(0.010, 1, 10e3, b));
  air.calendar.run(10_s);
  CHECK(b.at == Approx(0.030 + one_way).epsilon(1e-12));
  CHECK(a.at == Approx(0.040 + one_way).epsilon(1e-12));
}

TEST_CASE("Classes share the airtime by weight, and a class by halves", "[physics]") {
  Aerial air;
  const CellId cell = air.cell(0, false, Aerial::spec(16e6, 0.75));
  for (std::uint32_t c = 0; c < 3; ++c) air.attach(c, cell);
  Aerial::End assured, effort, first, second, other;
  // 30 ms each: the assured one at 3/4 ends at 40, the other has had 10 and ends at 60.
  spawn(air.up(0, 0, 30e3, assured, ServiceClass::assured));
  spawn(air.up(0, 1, 30e3, effort));
  // Two assured ones have 3/8 each: 30 ms take 80. The third has had 20 of 30 by then: 90.
  spawn(air.up(1, 0, 30e3, first, ServiceClass::assured));
  spawn(air.up(1, 1, 30e3, second, ServiceClass::assured));
  spawn(air.up(1, 2, 30e3, other));
  air.calendar.run(10_s);
  CHECK(assured.at == Approx(0.040 + one_way).epsilon(1e-12));
  CHECK(effort.at == Approx(0.060 + one_way).epsilon(1e-12));
  CHECK(first.at == Approx(1.080 + one_way).epsilon(1e-12));
  CHECK(second.at == Approx(1.080 + one_way).epsilon(1e-12));
  CHECK(other.at == Approx(1.090 + one_way).epsilon(1e-12));
}

TEST_CASE("A message that is destroyed in the air leaves its part to the others", "[physics]") {
  Aerial air;
  const CellId cell = air.cell();
  air.attach(0, cell);
  air.attach(1, cell);
  Aerial::End gone, stays;
  Process victim = air.up(0, 0, 10e3, gone);
  spawn(air.up(0, 1, 10e3, stays));
  spawn(air.then(0.010, [&] { victim.kill(); }));
  air.calendar.run(10_s);
  CHECK(stays.at == Approx(0.015 + one_way).epsilon(1e-12));  // 5 ms by 10, the rest alone
  CHECK(gone.outcome == Outcome::refused);
  CHECK(frames::alive() == 0);
}

TEST_CASE("Another rate half way stretches what is left", "[physics]") {
  Aerial air;
  const CellId cell = air.cell();
  air.attach(0, cell);
  air.attach(1, cell);
  // 20 ms; half the rate after 10: the other 10 take 20.
  Aerial::End alone, a, b;
  spawn(air.up(0, 0, 20e3, alone));
  spawn(air.then(0.010, [&] { air.attach(0, cell, 0.5e6); }));
  air.calendar.run(Seconds(0.5));
  CHECK(alone.at == Approx(0.030 + one_way).epsilon(1e-12));
  CHECK(air.network->airtime(cell, true).value == Approx(0.030).epsilon(1e-12));
  // Two of 20 ms (10 kB at 0.5 MB/s, 20 kB at 1 MB/s). At 0.520 each has 10 left; one becomes four times as fast: 2.5
  // left. It ends at 0.525, the other has 7.5 left: 0.5325.
  spawn(air.up(0.5, 0, 10e3, a));
  spawn(air.up(0.5, 1, 20e3, b));
  spawn(air.then(0.520, [&] { air.attach(0, cell, 2e6); }));
  air.calendar.run(10_s);
  CHECK(a.at == Approx(0.525 + one_way).epsilon(1e-12));
  CHECK(b.at == Approx(0.5325 + one_way).epsilon(1e-12));
  CHECK(air.network->airtime(cell, true).value == Approx(0.030 + 0.0125 + 0.020).epsilon(1e-12));
}

TEST_CASE("Up and down share the airtime of Wi-Fi and have each their own with LTE", "[physics]") {
  Aerial air;
  const CellId wifi = air.cell(0, true), lte = air.cell(0, false);
  air.attach(0, wifi);
  air.attach(1, lte);
  Aerial::End wifi_up, wifi_down, lte_up, lte_down;
  spawn(air.up(0, 0, 10e3, wifi_up));
  spawn(air.down(0, 0, 10e3, wifi_down));
  spawn(air.up(0, 1, 10e3, lte_up));
  spawn(air.down(0, 1, 10e3, lte_down));
  air.calendar.run(10_s);
  CHECK(wifi_up.at == Approx(0.020 + one_way).epsilon(1e-12));
  CHECK(wifi_down.at == Approx(0.020 + one_way).epsilon(1e-12));
  CHECK(lte_up.at == Approx(0.010 + one_way).epsilon(1e-12));
  CHECK(lte_down.at == Approx(0.010 + one_way).epsilon(1e-12));
  CHECK(air.network->airtime(wifi, true).value == Approx(0.020).epsilon(1e-12));
  CHECK(air.network->airtime(wifi, false) == air.network->airtime(wifi, true));
  CHECK(air.network->airtime(lte, true).value == Approx(0.010).epsilon(1e-12));
}

TEST_CASE("A message that a cell's buffer has no room for is lost", "[physics]") {
  Aerial air;
  const CellId cell = air.cell(0, false, Aerial::spec(20e3));
  for (std::uint32_t c = 0; c < 3; ++c) air.attach(c, cell);
  Aerial::End ends[3], after;
  for (std::uint32_t c = 0; c < 3; ++c) spawn(air.up(0, c, 10e3, ends[c]));
  spawn(air.up(0.5, 2, 10e3, after));
  air.calendar.run(10_s);
  CHECK(ends[0].at == Approx(0.020 + one_way).epsilon(1e-12));
  CHECK(ends[1].at == Approx(0.020 + one_way).epsilon(1e-12));
  CHECK(ends[2].outcome == Outcome::buffer_full);
  CHECK(ends[2].at == 0);
  CHECK(after.outcome == Outcome::done);
  CHECK(air.network->totals().dropped == 1);
  CHECK(air.network->totals().lost == 1);
}

TEST_CASE("Flows have the airtime in equal parts, and half of it while messages are in the air", "[physics]") {
  Aerial air;
  const CellId cell = air.cell();
  air.attach(0, cell, 1e6);
  air.attach(1, cell, 0.5e6);
  air.attach(2, cell, 1e6);
  Aerial::End quick, slow, message, third;
  // 1 MB each: half of the airtime makes 0.5 and 0.25 MB/s. The first ends after 2 s; the other, half done, has 0.5
  // MB/s: 3 s.
  spawn(air.up(0, 0, 1e6, quick, ServiceClass::best_effort, Transport::flow));
  spawn(air.up(0, 1, 1e6, slow, ServiceClass::best_effort, Transport::flow));
  air.calendar.run(5_s);
  CHECK(quick.at == Approx(2 + one_way).epsilon(1e-6));
  CHECK(slow.at == Approx(3 + one_way).epsilon(1e-6));
  CHECK(air.network->airtime(cell, true).value == Approx(3).epsilon(1e-9));
  // A message of 100 ms has half: 200 ms, in which the flow loses 100.
  spawn(air.up(5, 0, 1e6, third, ServiceClass::best_effort, Transport::flow));
  spawn(air.up(5.3, 2, 100e3, message));
  air.calendar.run(10_s);
  CHECK(message.at == Approx(5.5 + one_way).epsilon(1e-9));
  CHECK(third.at == Approx(6.1 + one_way).epsilon(1e-6));
  CHECK(air.network->airtime(cell, true).value == Approx(4.1).epsilon(1e-9));
  CHECK(air.network->flows() == 0);
}

TEST_CASE("A flow goes on at another rate, through a silence and in another cell of the same gateway", "[physics]") {
  Aerial air;
  const CellId here = air.cell(), there = air.cell(), far = air.cell(1);
  air.attach(0, here, 1e6);
  air.attach(1, there, 1e6);
  air.attach(2, here, 1e6);
  Aerial::End slower, moves, lost;
  const auto flow = [&](std::uint32_t client, Aerial::End& end) {
    spawn(air.up(0, client, 1e6, end, ServiceClass::best_effort, Transport::flow));
  };
  flow(0, slower);
  flow(1, moves);
  spawn(air.then(0.5, [&] { air.attach(0, here, 0.25e6); }));  // with 0.5 MB left
  spawn(air.then(0.25, [&] { air.network->suspend(air.bearers[1], true); }));
  spawn(air.then(0.75, [&] { air.attach(1, here, 1e6); }));
  // Client 1: 0.25 MB in its own cell, nothing until 0.75, then half of 1 MB/s beside client 0.
  //   Client 0 has half of 0.25 MB/s from 0.75 on: 0.4375 MB left, so that both are there until client 1 ends at 2.25;
  //   by then it has 0.25 MB left, which takes a second.
  air.calendar.run(20_s);
  CHECK(moves.at == Approx(2.25 + one_way).epsilon(2e-3));
  CHECK(slower.at == Approx(3.25 + one_way).epsilon(2e-3));
  CHECK(slower.outcome == Outcome::done);
  // To a cell of another gateway it does not go on.
  spawn(air.up(30, 2, 1e6, lost, ServiceClass::best_effort, Transport::flow));
  spawn(air.then(30.5, [&] { air.attach(2, far, 1e6); }));
  air.calendar.run(40_s);
  CHECK(lost.outcome == Outcome::handed_over);
  CHECK(lost.at == Approx(30.5).epsilon(1e-9));
  CHECK(air.network->flows() == 0);
}

TEST_CASE("Flows pass again after a time without coverage", "[physics]") {
  Aerial air;
  const CellId cell = air.cell();
  air.attach(0, cell);
  air.attach(1, cell);
  std::vector<Aerial::End> ends(8);
  const auto flow = [&](double start, std::uint32_t client, Aerial::End& end) {
    spawn(air.up(start, client, 100e3, end, ServiceClass::best_effort, Transport::flow));
  };
  flow(0, 0, ends[0]);  // makes the pipe while there is coverage
  spawn(air.then(1, [&] {
    air.network->detach(air.bearers[0]);
    air.network->detach(air.bearers[1]);
  }));
  flow(1.5, 0, ends[1]);
  flow(1.5, 1, ends[2]);  // the second makes its own while there is none
  spawn(air.then(2, [&] {
    air.attach(0, cell);
    air.attach(1, cell);
  }));
  flow(3, 0, ends[3]);
  flow(4, 1, ends[4]);
  // The same for an interruption in which nothing waits.
  spawn(air.then(5, [&] { air.network->suspend(air.bearers[0], false); }));
  flow(5.1, 0, ends[5]);
  spawn(air.then(5.2, [&] { air.attach(0, cell); }));
  flow(6, 0, ends[6]);
  // And for a link that broke down while there was no coverage.
  const LinkId link = air.network->up_link(air.network->endpoint(ClientId{1}));
  spawn(air.then(7, [&] {
    air.network->suspend(air.bearers[1], true);
    air.network->fail(link);
  }));
  spawn(air.then(7.1, [&] {
    air.network->repair(link);
    air.attach(1, cell);
  }));
  flow(8, 1, ends[7]);
  air.calendar.run(20_s);
  for (const std::size_t lost : {1, 2}) CHECK(ends[lost].outcome == Outcome::uncovered);
  CHECK(ends[5].outcome == Outcome::handed_over);
  for (const std::size_t done : {0, 3, 4, 6, 7}) {
    CAPTURE(done);
    CHECK(ends[done].outcome == Outcome::done);
  }
  CHECK(ends[3].at == Approx(3.1 + one_way).epsilon(1e-6));
  CHECK(air.network->flows() == 0);
}

TEST_CASE("What waits for the next cell follows the device there, by hand", "[physics]") {
  Aerial air;
  const CellId here = air.cell(0), there = air.cell(1);
  air.attach(0, here);
  // At 0.05 the device leaves for a cell of the next cluster, at 0.10 it is there. What was in the air begins anew: 100
  // kB take 100 ms, and the way between the gateways 2 * (200 + 10) ms.
  Aerial::End up, down, arrives_later;
  spawn(air.up(0, 0, 100e3, up));
  spawn(air.down(0, 0, 100e3, down));
  spawn(air.then(0.05, [&] { air.network->suspend(air.bearers[0], true); }));
  spawn(air.then(0.10, [&] { air.attach(0, there); }));
  air.calendar.run(10_s);
  CHECK(up.at == Approx(0.10 + 0.100 + one_way + 0.420).epsilon(1e-12));
  CHECK(down.at == Approx(0.10 + 0.420 + 0.100 + one_way).epsilon(1e-12));
  CHECK(air.network->airtime(here, true).value == Approx(0.05).epsilon(1e-12));  // in vain
  CHECK(air.network->airtime(there, true).value == Approx(0.1).epsilon(1e-12));
  // One under way to the gateway that the device leaves follows it too: from c-2 to c-1 until 10.42, on to c-0
  // by 10.84.
  spawn(air.down(10, 0, 100e3, arrives_later, ServiceClass::best_effort, Transport::queued, 2));
  spawn(air.then(10.2, [&] { air.attach(0, here); }));
  air.calendar.run(20_s);
  CHECK(arrives_later.at == Approx(10.84 + 0.100 + one_way).epsilon(1e-12));
}

TEST_CASE("Where nothing waits, what is on its way is lost with the cell", "[physics]") {
  Aerial air;
  const LinkSpec strict = Aerial::spec(16e6, 0.75, false);
  const CellId here = air.cell(0, false, strict), there = air.cell(1, false, strict);
  for (std::uint32_t c = 0; c < 3; ++c) air.attach(c, here);
  Aerial::End up, down, meanwhile, under_way;
  spawn(air.up(0, 0, 100e3, up));
  spawn(air.down(0, 0, 100e3, down));
  spawn(air.down(0.04, 0, 10e3, under_way, ServiceClass::best_effort, Transport::queued,
                 2));  // at c-0 at 0.10, when it is gone
  spawn(air.then(0.05, [&] { air.network->suspend(air.bearers[0], false); }));
  spawn(air.up(0.07, 0, 10e3, meanwhile));
  spawn(air.then(0.09, [&] { air.attach(0, there); }));
  air.calendar.run(10_s);
  for (const Aerial::End& end : {up, down, meanwhile, under_way}) CHECK(end.outcome == Outcome::handed_over);
  CHECK(up.at == Approx(0.05));
  CHECK(meanwhile.at == Approx(0.07));
  CHECK(under_way.at == Approx(0.10));
  CHECK(air.network->totals().lost == 4);
}

TEST_CASE("What comes to a gateway that the device had left before follows it from there", "[physics]") {
  Aerial air;
  const CellId first = air.cell(0), second = air.cell(1), third = air.cell(2);
  air.attach(0, first);
  Aerial::End down;
  // On its way from c-2 to c-0 (at 0.42) the device goes to c-1, and is between c-1 and c-2 when the message gets to
  // c-0. It is sent on to c-1, whence the device is gone when it gets there at 0.84, and so on to c-2: 1.26.
  spawn(air.down(0, 0, 100e3, down, ServiceClass::best_effort, Transport::queued, 2));
  spawn(air.then(0.1, [&] { air.attach(0, second); }));
  spawn(air.then(0.4, [&] { air.network->suspend(air.bearers[0], true); }));
  spawn(air.then(0.5, [&] { air.attach(0, third); }));
  air.calendar.run(10_s);
  CHECK(down.outcome == Outcome::done);
  CHECK(down.at == Approx(1.26 + 0.1 + one_way).epsilon(1e-12));
}

TEST_CASE("A device's own link that goes down loses what is in the air that way, and nothing else", "[physics]") {
  Aerial air;
  const CellId cell = air.cell();
  air.attach(0, cell);
  air.attach(1, cell);
  Aerial::End gone, stays, waits, finds_it_down, after, flow, other_way, waits_the_other_way;
  const LinkId link = air.network->up_link(air.network->endpoint(ClientId{0}));
  spawn(air.up(0, 0, 10e3, gone));
  spawn(air.up(0, 1, 10e3, stays));
  spawn(air.up(0, 0, 1e6, flow, ServiceClass::best_effort, Transport::flow));
  spawn(air.down(0, 0, 100e3, other_way));
  spawn(air.then(0.010, [&] { air.network->fail(link); }));
  spawn(air.up(0.020, 0, 10e3, finds_it_down));
  spawn(air.then(0.1, [&] { air.network->repair(link); }));
  spawn(air.up(0.2, 0, 10e3, after));
  // One that waits between two cells.
  spawn(air.then(1, [&] { air.network->suspend(air.bearers[0], true); }));
  spawn(air.up(1.1, 0, 10e3, waits));
  spawn(air.down(1.1, 0, 10e3, waits_the_other_way));
  spawn(air.then(1.2, [&] { air.network->fail(link); }));
  spawn(air.then(1.3, [&] {
    air.network->repair(link);
    air.attach(0, cell);
  }));
  air.calendar.run(10_s);
  for (const Aerial::End& end : {gone, finds_it_down, waits, flow}) CHECK(end.outcome == Outcome::link_down);
  CHECK(gone.at == Approx(0.010));
  CHECK(flow.at == Approx(0.010));
  CHECK(waits.at == Approx(1.2));
  CHECK(other_way.outcome == Outcome::done);
  CHECK(waits_the_other_way.outcome == Outcome::done);
  // Beside the flow two messages had two thirds, a third each, until 10 ms; then one had all of it.
  CHECK(stays.at == Approx(0.010 + 0.010 * 2 / 3 + one_way).epsilon(1e-9));
  CHECK(after.at == Approx(0.210 + one_way).epsilon(1e-9));
}

TEST_CASE("The airtime that a cell is said to have used is never more than has passed", "[physics]") {
  Aerial air;
  const CellId here = air.cell(), there = air.cell();
  air.attach(0, here, 10e6);
  air.attach(1, there, 1e6);
  Aerial::End slows, moves;
  // 9 MB at 10 MB/s, then 0.1 MB at 0.1 MB/s: 0.9 s and 1 s.
  spawn(air.up(0, 0, 9.1e6, slows, ServiceClass::best_effort, Transport::flow));
  spawn(air.then(0.9 + one_way, [&] { air.attach(0, here, 0.1e6); }));
  air.calendar.run(5_s);
  CHECK(slows.at == Approx(1.9 + one_way).epsilon(1e-6));
  CHECK(air.network->airtime(here, true).value == Approx(1.9).epsilon(0.001));
  // 0.5 MB in one cell, 0.5 MB in the other.
  spawn(air.up(5, 1, 1e6, moves, ServiceClass::best_effort, Transport::flow));
  spawn(air.then(5.5 + one_way, [&] { air.attach(1, here, 1e6); }));
  air.calendar.run(10_s);
  CHECK(moves.at == Approx(6 + one_way).epsilon(1e-6));
  CHECK(air.network->airtime(there, true).value == Approx(0.5).epsilon(0.003));
  CHECK(air.network->airtime(here, true).value == Approx(2.4).epsilon(0.003));
}

TEST_CASE("A cell under Poisson load answers as a processor sharing queue does", "[physics]") {
  // M/G/1-PS: mean time in the air E[S] / (1 - rho), whatever the law of S (Kleinrock, "Queueing Systems II", 4.4).
  // Three kinds of device at 4, 1 and 0.25 MB/s, sizes uniform on 0..20 kB: E[S] = 10 kB * (0.25 + 1 + 4) / 3 us = 17.5
  // ms; 40 messages a second make rho = 0.7 and E[T] = 58.33 ms. All of one class, so that there is one queue.
  Aerial air(3);
  const CellId cell = air.cell(0, false, Aerial::spec(1e12));
  const double rates[]{4e6, 1e6, 0.25e6};
  for (std::uint32_t c = 0; c < 3; ++c) air.attach(c, cell, rates[c]);
  constexpr int batches = 40, each = 5000;
  struct Load {
    static Process one(Aerial& all, std::uint32_t client, double bytes, double& sum) {
      const Seconds start = now();
      Message message(*all.network, ServiceClass::best_effort, Transport::queued);
      co_await message.carry(all.address(client), Network::gateway({0}), Bytes(bytes));
      sum += (now() - start).value - one_way;
    }
    static Process all(Aerial& air, std::vector<double>& sums) {
      Rng rng(11, 0);
      for (int i = -each; i < batches * each; ++i) {
        co_await delay(Seconds(rng.exponential(1 / 40.0)));
        const auto client = static_cast<std::uint32_t>(rng.below(3));
        const double bytes = rng.uniform(0, 20e3);
        spawn(one(air, client, bytes, sums[static_cast<std::size_t>(i + each) / each]));
      }
    }
  };
  std::vector<double> sums(batches + 1);  // the first, which begins with an empty cell, does not count
  spawn(Load::all(air, sums));
  air.calendar.run(Seconds(1e5));
  double mean = 0, squares = 0;
  for (int b = 1; b <= batches; ++b) mean += sums[static_cast<std::size_t>(b)] / each / batches;
  for (int b = 1; b <= batches; ++b) squares += std::pow(sums[static_cast<std::size_t>(b)] / each - mean, 2);
  const double half = 2.71 * std::sqrt(squares / (batches - 1) / batches);  // Student, 99 %
  CAPTURE(mean, half);
  CHECK(half < 0.05 * 0.0583);
  CHECK(std::abs(mean - 0.0175 / 0.3) < half);
  // The cell was busy for as long as messages took alone.
  CHECK(air.network->airtime(cell, true).value == Approx((batches + 1) * each * 0.0175).epsilon(0.01));
}
