// Weighted sharing of cores with caps, by hand; energy of known duty cycles.
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"
#include "tests/machine.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using codecosim::test::Machine;

TEST_CASE("What fits runs at full speed, the speed of a core scales it", "[physics]") {
  Machine machine(4, 0.5);
  double a = 0, b = 0;
  spawn(machine.job(machine.pod(1), 0, 3, a));
  spawn(machine.job(machine.pod(1), 1, 2, b));
  machine.calendar.run(100_s);
  CHECK(a == 6);
  CHECK(b == 5);
}

TEST_CASE("Scarce cores are shared by weight", "[physics]") {
  // One core, weights 1 and 3, work 1 each. The heavier ends at 1 / 0.75 = 4/3; the lighter has 1/3 by then and the
  // core alone: 4/3
  // + 2/3 = 2.
  Machine machine(1);
  double light = 0, heavy = 0;
  spawn(machine.job(machine.pod(1), 0, 1, light));
  spawn(machine.job(machine.pod(3), 0, 1, heavy));
  machine.calendar.run(100_s);
  CHECK(heavy == Approx(4.0 / 3).epsilon(1e-12));
  CHECK(light == Approx(2.0).epsilon(1e-12));
}

TEST_CASE("What a limit leaves goes to the others", "[physics]") {
  // Two cores; three pods with two requests each and weights 1, 1, 2; the heavy one may use half a core: it has one
  // core for the first half of each period, and none then. The others have half a core each meanwhile, and then one.
  Machine machine(2);
  const PodId a = machine.pod(1, 1e9, 2), b = machine.pod(1, 1e9, 2), capped = machine.pod(2, 0.5, 2);
  double ends[6] = {};
  for (int i = 0; i < 2; ++i) {
    spawn(machine.job(a, 0, 0.75, ends[i]));
    spawn(machine.job(b, 0, 0.75, ends[2 + i]));
    spawn(machine.job(capped, 0, 0.5, ends[4 + i]));
  }
  machine.calendar.run(100_s);
  // Requests of a pod share its part. The capped ones need 1 core second, 20 quotas, the last half of a period long.
  for (int i = 0; i < 4; ++i) CHECK(ends[i] == Approx(2.0).epsilon(1e-12));
  for (int i = 4; i < 6; ++i) CHECK(ends[i] == Approx(1.95).epsilon(1e-12));
}

TEST_CASE("A pod serves its line in the order of arrival, as many at once as it may", "[physics]") {
  Machine machine(8);
  const PodId pod = machine.pod(1, 1e9, 2);
  double ends[5] = {};
  for (double& end : ends) spawn(machine.job(pod, 0, 1, end));
  CHECK(machine.compute->load(pod) == 5);
  machine.calendar.run(100_s);
  CHECK(std::vector<double>(ends, ends + 5) == std::vector<double>{1, 1, 2, 2, 3});
}

TEST_CASE("Sharing wastes nothing: all cores are busy, or all that is wanted", "[property]") {
  // Random pods on a node; each runs up to three long requests, all in service.
  Rng rng(GENERATE(range(1, 31)), 0);
  const double cores = 1 + static_cast<double>(rng.below(4));
  Machine machine(cores);
  double wanted = 0, end = 0;
  for (std::uint64_t pods = 1 + rng.below(4); pods > 0; --pods) {
    const PodId pod = machine.pod(0.1 + 4 * rng.uniform(), 1e9, 3);
    for (std::uint64_t requests = 1 + rng.below(3); requests > 0; --requests) {
      spawn(machine.job(pod, 0, 1000, end));
      wanted += 1;
    }
  }
  machine.calendar.run(Seconds(0.001));
  CHECK(machine.compute->busy_cores().value == Approx(std::min(cores, wanted)).epsilon(1e-9));
}

TEST_CASE("A pod that goes loses its requests at once, and only its own", "[physics]") {
  Machine machine(1);
  const PodId doomed = machine.pod(1), other = machine.pod(1);
  double lost_at = 0, line_at = 0, other_at = 0;
  Outcome lost = Outcome::done, line = Outcome::done, kept = Outcome::timed_out;
  spawn(machine.job(doomed, 0, 1, lost_at, &lost));
  spawn(machine.job(doomed, 0, 1, line_at, &line));
  spawn(machine.job(other, 0, 1, other_at, &kept));
  struct Reaper {
    static Process at(Compute& compute, PodId pod) {
      co_await until(1_s);
      compute.unbind(pod);
    }
  };
  spawn(Reaper::at(*machine.compute, doomed));
  machine.calendar.run(100_s);
  CHECK(lost == Outcome::gone);
  CHECK(line == Outcome::gone);
  CHECK(lost_at == 1);
  CHECK(line_at == 1);
  CHECK(kept == Outcome::done);
  CHECK(other_at == Approx(1.5).epsilon(1e-12));  // half a core until 1, then a whole one
  double refused_at = -1;
  Outcome refused = Outcome::done;
  spawn(machine.job(doomed, 0, 1, refused_at, &refused));
  CHECK(refused == Outcome::refused);
}

TEST_CASE("Energy is the exact integral of power over utilisation", "[physics]") {
  double ended = 0;
  SECTION("linear: 10 W idle, 30 W busy; 1 of 4 cores for 8 of 20 s") {
    Machine machine(4);
    spawn(machine.job(machine.pod(1), 3, 8, ended));
    machine.calendar.run(20_s);
    CHECK(machine.compute->energy({0}).value == Approx(20 * 10 + 8 * 20 * 0.25).epsilon(1e-12));
    CHECK(machine.compute->busy({0}).value == Approx(8).epsilon(1e-12));
  }
  SECTION("cubic: (1/2)^3 of the span") {
    Machine machine(2, 1, cubic_power(Watts(10), Watts(90)));
    spawn(machine.job(machine.pod(1), 0, 5, ended));
    machine.calendar.run(10_s);
    CHECK(machine.compute->energy({0}).value == Approx(10 * 10 + 5 * 80 * 0.125).epsilon(1e-12));
  }
  SECTION("table: straight lines between measured points") {
    Machine machine(4, 1, table_power({{0, Watts(35)}, {0.5, Watts(88)}, {1, Watts(120)}}));
    spawn(machine.job(machine.pod(1), 0, 4, ended));
    machine.calendar.run(10_s);
    CHECK(machine.compute->energy({0}).value == Approx(6 * 35 + 4 * (35 + 53 * 0.5)).epsilon(1e-12));
  }
  SECTION("off: nothing") {
    Machine machine(4);
    machine.compute->set_on({0}, false);
    machine.calendar.run(10_s);
    CHECK(machine.compute->energy({0}).value == 0);
  }
}
