// The calendar, processes, cancellation, and what SimGrid flows do under them.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "sim/kernel/frame_pool.hpp"
#include "sim/kernel/platform.hpp"
#include "sim/kernel/resource.hpp"
#include "tests/catch.hpp"
#include "tests/copies.hpp"

using namespace codecosim;
using namespace codecosim::literals;

namespace {
std::vector<std::pair<double, int>> seen;
void note(int what) { seen.emplace_back(now().value, what); }

Process at(double when, int what) {
  co_await until(Seconds(when));
  note(what);
}
Task<Outcome> sleep(Seconds duration, Outcome outcome = Outcome::done) {
  co_await delay(duration);
  co_return outcome;
}
}  // namespace

TEST_CASE("Events run by date, those of one date in the order in which they were scheduled", "[kernel]") {
  Calendar calendar;
  std::vector<std::pair<double, int>> expected;
  for (int i = 0; i < 1000; ++i) {
    const double when = 1 + i * 7919 % 13;
    spawn(at(when, i));
    expected.emplace_back(when, i);
  }
  calendar.run(100_s);
  std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  CHECK(seen == expected);
  CHECK(now() == 100_s);
  CHECK(frames::alive() == 0);
}

TEST_CASE("A process that is killed leaves nothing behind", "[kernel]") {
  Calendar calendar;
  WaitQueue queue;
  Server server(1);
  struct Story {
    static Process waits(WaitQueue& line) { (void)co_await line.wait(); }
    static Process serves(Server& station, int what) {
      co_await station.serve(10_s);
      note(what);
    }
    static Process nested() { (void)co_await within(50_s, sleep(20_s)); }
  };
  Process sleeping = at(5, 1), waiting = Story::waits(queue), nested = Story::nested();
  Process serving = Story::serves(server, 2), in_line = Story::serves(server, 3);
  spawn(Story::serves(server, 4));
  CHECK(queue.size() == 1);
  CHECK(server.waiting() == 2);
  sleeping.kill();
  waiting.kill();
  nested.kill();
  in_line.kill();
  CHECK(queue.empty());
  CHECK(server.waiting() == 1);
  serving.kill();   // its server goes to the next in line
  sleeping.kill();  // twice is nothing
  calendar.run(100_s);
  CHECK(seen == std::vector<std::pair<double, int>>{{10, 4}});
  CHECK(frames::alive() == 0);
  CHECK(calendar.scheduled() == 0);
}

TEST_CASE("A server handed to a waiter that is killed before it runs goes on to the next", "[kernel]") {
  Calendar calendar;
  Server server(1);
  Process victim;
  struct Story {
    static Process serves(Server& station, Seconds service, int what) {
      co_await station.serve(service);
      note(what);
    }
    static Process kills(Process& process) {
      co_await until(10_s);  // scheduled before the hand-over of the same date
      process.kill();
    }
  };
  spawn(Story::serves(server, 10_s, 1));
  victim = Story::serves(server, 10_s, 2);
  spawn(Story::serves(server, 10_s, 3));
  struct Late {
    static Process kills_after_hand_over(Process& process) {
      co_await until(10_s);
      process.kill();
    }
  };
  spawn(Late::kills_after_hand_over(victim));
  calendar.run(100_s);
  CHECK(seen == std::vector<std::pair<double, int>>{{10, 1}, {20, 3}});
  CHECK(server.busy() == 20_s);
}

TEST_CASE("within: what takes too long is cancelled", "[kernel]") {
  Calendar calendar;
  Outcome quick = Outcome::gone, slow = Outcome::gone;
  struct Story {
    static Process run(Seconds work, Seconds limit, Outcome& outcome, int what) {
      outcome = co_await within(limit, sleep(work));
      note(what);
    }
    static Process race(int& winner) { winner = co_await first_of(sleep(3_s), sleep(2_s)); }
  };
  int winner = -1;
  spawn(Story::run(1_s, 5_s, quick, 1));
  spawn(Story::run(5_s, 1_s, slow, 2));
  spawn(Story::race(winner));
  calendar.run(100_s);
  CHECK(quick == Outcome::done);
  CHECK(slow == Outcome::timed_out);
  CHECK(winner == 1);
  CHECK(seen == std::vector<std::pair<double, int>>{{1, 1}, {1, 2}});
  CHECK(frames::alive() == 0);
}

namespace {
/// What ends a run in which no more than so much may happen at one date.
std::string end_of(Calendar& calendar, std::uint64_t most) {
  calendar.limit_at_one_date(most);
  std::string why = "it came to its end";
  try {
    calendar.run(10_s);
  } catch (const Error& error) {
    why = error.failure == Failure::model ? error.what() : "another kind of failure";
  }
  frames::destroy_processes();
  return why;
}
}  // namespace

TEST_CASE("Time that stands still while a process waits in vain ends the run, and says which", "[kernel]") {
  Calendar calendar;
  struct Story {
    static Process tick(std::uint64_t& count) {
      co_await delay(1_s);
      for (;; ++count) co_await delay(Seconds(1e-300));
    }
  };
  std::uint64_t count = 0;
  spawn(Story::tick(count));
  const std::string why = end_of(calendar, 100'000);
  CAPTURE(why);
  CHECK(why.starts_with("simulated time stands still: 100000 waits in "));
  CHECK(why.find("tick were at 1 s") != std::string::npos);
  CHECK(count == 100'000);
}

TEST_CASE("Time that stands still under events without end ends the run, also where an engine drives it", "[kernel]") {
  Calendar calendar;
  const auto platform = GENERATE(false, true) ? std::make_unique<Platform>() : nullptr;
  struct Story {
    static Process wakes(WaitQueue& mine, WaitQueue& other) {
      co_await delay(1_s);
      for (;;) {
        other.wake();
        co_await mine.wait();
      }
    }
  };
  WaitQueue a, b;
  spawn(Story::wakes(a, b));
  spawn(Story::wakes(b, a));
  const std::string why = end_of(calendar, 100'000);
  CHECK(why.starts_with("simulated time stands still: 100000 events were at 1 s"));
}

TEST_CASE("An exception that leaves a process ends the run with it, once", "[kernel]") {
  Calendar calendar;
  struct Story {
    static Task<> deep() {
      co_await delay(1_s);
      throw Error(Failure::model, "no way on");
    }
    static Process run() { co_await deep(); }
  };
  spawn(Story::run());
  spawn(Story::run());
  spawn(at(2, 1));
  CHECK_THROWS_WITH(calendar.run(100_s), "no way on");
  CHECK(seen.empty());
  frames::destroy_processes();
  CHECK(frames::alive() == 0);
}

TEST_CASE("Many withdrawn events do not pile up", "[kernel]") {
  Calendar calendar;
  for (int i = 0; i < 100000; ++i) at(1e6, i).kill();
  CHECK(calendar.scheduled() == 0);
  spawn(at(1, 7));
  calendar.run(Seconds(2e6));
  CHECK(seen.size() == 1);
}

namespace {
/// Three links of 10, 4 and 8 MB/s; every flow takes 1 ms of latency before it shares.
struct Flows {
  ~Flows() { frames::destroy_processes(); }
  Process flow(std::vector<Platform::Pipe> route, double size, double& end, double start = 0) {
    co_await until(Seconds(start));
    const Outcome outcome = co_await platform.transfer(route, 1_ms, Bytes(size));
    if (outcome == Outcome::done) end = now().value;
  }
  Calendar calendar;
  Platform platform;
  Platform::Pipe a = platform.add_pipe(BytesPerSecond(10e6)), b = platform.add_pipe(BytesPerSecond(4e6)),
                 c = platform.add_pipe(BytesPerSecond(8e6));
  std::vector<double> ends = std::vector<double>(4, -1);
};
}  // namespace

TEST_CASE_METHOD(Flows, "Flows on one link get 1/n each, and the rest when one ends", "[physics]") {
  spawn(flow({a}, 10e6, ends[0]));  // 5 MB/s each until 2 s, then 10
  spawn(flow({a}, 15e6, ends[1]));
  calendar.run(100_s);
  CHECK(ends[0] == Approx(2.001).epsilon(1e-9));
  CHECK(ends[1] == Approx(2.501).epsilon(1e-9));
}

TEST_CASE_METHOD(Flows,
                 "A flow over two links is held by the narrow one, its neighbour takes what is left of the wide one",
                 "[physics]") {
  spawn(flow({a, b}, 8e6, ends[0]));  // 2 MB/s beside the next on b
  spawn(flow({b}, 4e6, ends[1]));     // 2 MB/s: 2 s; then the first has 4 MB/s: 4 MB more in 1 s
  spawn(flow({a}, 22e6, ends[2]));    // 8 MB/s for 2 s, 6 for 1 s: 22 MB at 3 s
  calendar.run(100_s);
  CHECK(ends[1] == Approx(2.001).epsilon(1e-9));
  CHECK(ends[0] == Approx(3.001).epsilon(1e-9));
  CHECK(ends[2] == Approx(3.001).epsilon(1e-9));
}

TEST_CASE_METHOD(Flows, "A flow over three links, and one on each", "[physics]") {
  // b is tightest: 2 each; then c: 8 - 2 = 6; a: 10 - 2 = 8.
  spawn(flow({a, b, c}, 4e6, ends[0]));
  spawn(flow({b}, 4e6, ends[1]));
  spawn(flow({c}, 12e6, ends[2]));
  spawn(flow({a}, 16e6, ends[3]));
  calendar.run(100_s);
  for (const double end : ends) CHECK(end == Approx(2.001).epsilon(1e-9));
}

TEST_CASE_METHOD(Flows, "A rate that rises under a running flow speeds it up, one that falls slows it down",
                 "[physics]") {
  spawn(flow({a}, 10e6, ends[0], 1));
  struct Change {
    static Process run(Platform& p, Platform::Pipe pipe) {
      p.set_capacity(pipe, BytesPerSecond(2e6));
      co_await until(3_s);  // 4 MB sent
      p.set_capacity(pipe, BytesPerSecond(10e6));
      co_await until(Seconds(3.3));  // 7 MB sent
      p.set_capacity(pipe, BytesPerSecond(0));
      co_await until(5_s);
      p.set_capacity(pipe, BytesPerSecond(3e6));
    }
  };
  spawn(Change::run(platform, a));
  calendar.run(100_s);
  // From 1.001 s: 3.998 MB until 3, 3 MB until 3.3, the last 3.002 MB at 3 MB/s from 5 on.
  CHECK(ends[0] == Approx(5 + 3.002 / 3).epsilon(1e-6));
}

TEST_CASE("Flows over a link that is down, or goes down, are lost, cancelled ones leave no ghost", "[physics]") {
  Calendar calendar;
  Platform platform;
  const auto pipe = platform.add_pipe(BytesPerSecond(10e6));
  std::vector<std::pair<double, Outcome>> ends;
  struct Story {
    static Process flow(Platform& p, Platform::Pipe over, double start, double size,
                        std::vector<std::pair<double, Outcome>>& out) {
      co_await until(Seconds(start));
      const std::vector<Platform::Pipe> route{over};
      const Outcome outcome = co_await p.transfer(route, 1_ms, Bytes(size));
      out.emplace_back(now().value, outcome);
    }
    static Process breaks(Platform& p, Platform::Pipe over) {
      co_await until(1_s);
      p.set_down(over, Outcome::link_down);
      co_await until(3_s);
      p.set_up(over);
    }
    static Process kills(Process& victim) {
      co_await until(Seconds(4.5));
      victim.kill();
    }
  };
  spawn(Story::flow(platform, pipe, 0, 100e6, ends));           // lost at 1
  spawn(Story::flow(platform, pipe, 2, 1e6, ends));             // lost at 2, at once
  Process ghost = Story::flow(platform, pipe, 4, 100e6, ends);  // killed at 4.5
  spawn(Story::flow(platform, pipe, 4, 10e6, ends));            // shares until 4.5 (2.5 MB), then alone: 0.75 s
  spawn(Story::breaks(platform, pipe));
  spawn(Story::kills(ghost));
  calendar.run(100_s);
  REQUIRE(ends.size() == 3);
  CHECK(ends[0] == std::pair{1.0, Outcome::link_down});
  CHECK(ends[1] == std::pair{2.0, Outcome::link_down});
  CHECK(ends[2].second == Outcome::done);
  CHECK(ends[2].first == Approx(5.2505).epsilon(1e-9));  // 1 ms of latency, then 2.495 MB until 4.5
  CHECK(platform.running() == 0);
  CHECK(platform.flows(pipe) == 0);
  CHECK(frames::alive() == 0);
}

TEST_CASE("A run that ends in the middle of flows ends there", "[kernel]") {
  Calendar calendar;
  Platform platform;
  const auto pipe = platform.add_pipe(BytesPerSecond(1e6));
  struct Story {
    static Process flow(Platform& p, Platform::Pipe over) {
      const std::vector<Platform::Pipe> route{over};
      (void)co_await p.transfer(route, 0_s, Bytes(1e9));
      note(1);
    }
  };
  for (int i = 0; i < 5; ++i) spawn(Story::flow(platform, pipe));
  calendar.run(10_s);
  CHECK(now() == 10_s);
  CHECK(seen.empty());
  frames::destroy_processes();
  CHECK(frames::alive() == 0);
}

TEST_CASE_METHOD(Flows, "A flow without latency is not held for one with a latency of a second", "[physics]") {
  struct Slow {
    static Process run(Flows& flows) {
      const std::vector<Platform::Pipe> route{flows.a};
      (void)co_await flows.platform.transfer(route, 30_ms, Bytes(10e6));
      flows.ends[1] = now().value;
    }
    static Process direct(Flows& flows) {
      const std::vector<Platform::Pipe> route{flows.a};
      (void)co_await flows.platform.transfer(route, 0_s, Bytes(10e6));
      flows.ends[0] = now().value;
    }
  };
  spawn(Slow::run(*this));
  spawn(Slow::direct(*this));
  calendar.run(100_s);
  // Weights are 1 / latency: beside 30 ms, next to nothing has next to everything.
  CHECK(ends[0] == Approx(1).epsilon(1e-3));
  CHECK(ends[1] == Approx(2).epsilon(1e-2));
}

TEST_CASE("Flows share by one over their latency, or in equal parts where that is wanted", "[physics]") {
  const auto near_ends = [](FlowSharing::Weights weights) {
    Calendar calendar;
    Platform platform({weights, Bytes(4194304)});
    const std::vector<Platform::Pipe> route{platform.add_pipe(BytesPerSecond(10e6))};
    double end = -1;
    const auto flow = [&](Seconds latency, Bytes size, double* ends) -> Process {
      (void)co_await platform.transfer(route, latency, size);
      if (ends) *ends = now().value;
    };
    spawn(flow(10_ms, Bytes(1e9), nullptr));
    spawn(flow(1_ms, Bytes(60e6), &end));
    calendar.run(100_s);
    frames::destroy_processes();
    return fmt::format("{:.3f}", end);
  };
  const std::vector<std::string> said = test::said_by_copies(2, [&](std::size_t k) {
    return near_ends(k == 0 ? FlowSharing::Weights::latency : FlowSharing::Weights::equal);
  });
  // Alone from 1 to 10 ms; the other 59.91 MB at 10/11 of 10 MB/s, or at a half.
  CHECK(said[0] == "6.600");
  CHECK(said[1] == "11.992");
}

TEST_CASE("A flow of equal weight is bounded by the window, and lost with its link while it waits", "[physics]") {
  Calendar calendar;
  Platform platform({FlowSharing::Weights::equal, Bytes(10e3)});
  const std::vector<Platform::Pipe> route{platform.add_pipe(BytesPerSecond(10e6))};
  const std::vector<Platform::Pipe> other{platform.add_pipe(BytesPerSecond(10e6))};
  double bounded = -1, lost = -1, never = -1;
  Outcome how = Outcome::done;
  const auto first = [&]() -> Process {
    (void)co_await platform.transfer(route, 10_ms, Bytes(1e6));
    bounded = now().value;
  };
  const auto second = [&]() -> Process {
    how = co_await platform.transfer(other, 20_ms, Bytes(1e6));
    lost = now().value;
  };
  const auto third = [&]() -> Process {
    (void)co_await platform.transfer(other, 20_ms, Bytes(1e6));
    never = now().value;
  };
  const auto cuts = [&](Process& victim) -> Process {
    co_await until(5_ms);
    victim.kill();
    co_await until(10_ms);
    platform.set_down(other[0], Outcome::link_down);
    platform.set_up(other[0]);
  };
  spawn(first());
  spawn(second());
  Process victim = third();
  spawn(cuts(victim));
  calendar.run(100_s);
  CHECK(bounded == Approx(2.01).epsilon(1e-6));  // 10 kB / (2 x 10 ms) = 0.5 MB/s
  CHECK(how == Outcome::link_down);
  CHECK(lost == Approx(0.010).epsilon(1e-9));
  CHECK(never == -1);
  CHECK(platform.running() == 0);
}
