// The future event list, against a sorted set.
#include "sim/kernel/event_queue.hpp"

#include <malloc.h>

#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {
/// How long after the present an event is scheduled [s].
struct Pattern {
  std::string name;
  std::function<double(Rng&)> delay;
};

std::vector<Pattern> patterns() {
  return {{"at once", [](Rng&) { return 0.0; }},
          {"exponential", [](Rng& rng) { return rng.exponential(1); }},
          {"one second", [](Rng&) { return 1.0; }},
          {"whole seconds", [](Rng& rng) { return static_cast<double>(rng.below(20)); }},
          {"messages among timers", [](Rng& rng) { return rng.chance(0.9) ? rng.uniform() * 1e-3 : 15.0; }},
          {"very near and very far",
           [](Rng& rng) { return std::pow(10, rng.uniform() * 30 - 15) * (rng.chance(0.5) ? 1 : 1e-9); }},
          {"within the rounding of the date", [](Rng& rng) { return rng.uniform() * 1e-12; }},
          {"one far, all others near", [](Rng& rng) { return rng.chance(1e-4) ? 1e9 : rng.uniform(); }}};
}

/// The order of what the queue has, against that of a sorted set.
class Checked {
 public:
  void push(double date) {
    const Event event(date, sequence_++);
    queue_.push(event);
    expected_.insert(event);
  }
  /// The date of the first event, which is removed.
  double pop() {
    const bool counts = queue_.size() == expected_.size() && !queue_.empty();
    REQUIRE(counts);
    const Event first = queue_.front();
    const bool is_first = first.key() == expected_.begin()->key() && first.date() == expected_.begin()->date();
    REQUIRE(is_first);
    queue_.pop();
    expected_.erase(expected_.begin());
    return first.date();
  }
  void erase_every(std::uint64_t third) {
    const auto goes = [third](const Event& one) { return one.key() % 3 == third; };
    queue_.erase_if(goes);
    std::erase_if(expected_, goes);
  }
  std::size_t size() const { return expected_.size(); }
  std::size_t counted() const {
    std::size_t count = 0;
    queue_.for_each([&](const Event&) { ++count; });
    return count;
  }

 private:
  EventQueue queue_;
  std::set<Event> expected_;
  std::uint64_t sequence_ = 0;
};
}  // namespace

TEST_CASE("Events leave the queue by date, and those of one date as they came, whatever the dates and however many") {
  for (const Pattern& pattern : patterns())
    for (const std::size_t size : {1, 3, 700, 5'000, 40'000}) {
      CAPTURE(pattern.name, size);
      Rng rng(size, 0);
      Checked queue;
      double now = 0;
      for (std::size_t i = 0; i < size; ++i) queue.push(pattern.delay(rng));
      // The number of events stays the same for a while, as in a run.
      for (std::size_t i = 0; i < 2 * size; ++i) {
        now = queue.pop();
        queue.push(now + pattern.delay(rng));
      }
      CHECK(queue.counted() == size);
      queue.erase_every(rng.below(3));
      CHECK(queue.counted() == queue.size());
      while (queue.size() > 0) now = queue.pop();
      // It can be filled anew, also with what is later than all before.
      for (std::size_t i = 0; i < 100; ++i) queue.push(now + pattern.delay(rng));
      while (queue.size() > 0) queue.pop();
    }
}

TEST_CASE("A queue grows and shrinks by large steps, and keeps the order") {
  Rng rng(7, 0);
  Checked queue;
  double now = 0;
  for (int wave = 0; wave < 6; ++wave) {
    for (int i = 0; i < 20'000; ++i) queue.push(now + rng.exponential(wave % 2 == 0 ? 1e-3 : 100));
    const std::size_t left = wave % 3 == 0 ? 10 : 15'000;
    while (queue.size() > left) now = queue.pop();
  }
  while (queue.size() > 0) queue.pop();
}

#ifndef __SANITIZE_ADDRESS__  // which has a heap of its own
TEST_CASE("the memory of the event list follows the events that it has, and not the time that has passed") {
  const auto used = [] { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); };
  const double before = used();
  Rng rng(1, 0);
  const auto delay = [&] {
    if (rng.chance(0.9)) return rng.exponential(0.01);
    return rng.chance(0.5) ? 1.0 : rng.uniform(10, 30);
  };
  constexpr int events = 20'000;
  EventQueue queue;
  std::uint64_t number = 0;
  const auto hold = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const double now = queue.front().date();
      queue.pop();
      queue.push({now + delay(), number++});
    }
    return used() - before;
  };
  for (int i = 0; i < events; ++i) queue.push({delay(), number++});
  const double early = hold(1'000'000), late = hold(4'000'000);
  CHECK(early < 5.0 * events * sizeof(Event));
  CHECK(late < 1.2 * early);
}
#endif
