#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/table.hpp"
#include "sim/base/units.hpp"
#include "sim/kernel/event_heap.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

class Calendar;

/// Something that waits for a date or to be told. It lives where its owner lives, usually in a coroutine's frame, and
/// its destructor withdraws it: destroying a waiter is all that cancelling takes.
class Activation {
 public:
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;
  bool scheduled() const { return slot_ != nowhere; }
  using Fire = void (*)(Activation&);

 protected:
  explicit Activation(Fire fire) : fire_(fire) {}
  inline ~Activation();

 public:
  /// How what it waited for ended; set before it is fired.
  Outcome outcome = Outcome::done;

 private:
  friend class Calendar;
  static constexpr std::uint32_t nowhere = 0xffffffff;
  std::uint32_t slot_ = nowhere;
  Fire fire_;
};

/// The future. Events of one date run in the order in which they were scheduled. Withdrawing is O(1): the slot of the
/// waiter is emptied and the event passes over it. Driven by a SimGrid engine once a platform exists (see
/// platform.hpp); it then runs ahead of it: every event before the engine's next own date runs in one go, up to the
/// first event marked as touching the engine.
class Calendar {
 public:
  Calendar();
  ~Calendar();
  Calendar(const Calendar&) = delete;

  /// The simulated time. Never goes back.
  Seconds now() const { return Seconds(now_); }

  /// All that is scheduled and fires so, in the order in which it will be fired. Looks at every event.
  std::vector<Activation*> waiting(Activation::Fire) const;

  /// Fires `waiter` at this date, which must not lie in the past. A waiter is scheduled at most once at a time.
  void at(Seconds when, Activation& waiter) { push(when.value, waiter, 0); }
  /// The same for what will touch the SimGrid engine (start, end or re-rate a flow): the engine's clock stands at
  /// `when` by then.
  void at_in_engine(Seconds when, Activation& waiter) { push(when.value, waiter, engine_bit); }
  /// The waiter will not be fired.
  void withdraw(Activation& waiter) {
    slots_[waiter.slot_] = nullptr;
    waiter.slot_ = Activation::nowhere;
    if (++withdrawn_ > heap_.size() / 2 + 1024) [[unlikely]]
      compact();
  }

  /// Simulates until `horizon`, or until stop() or the first failure, which is rethrown. Events at the horizon itself
  /// still run.
  void run(Seconds horizon);
  /// Ends the run after the current event.
  void stop() { end_ = -1; }
  /// Ends the run with this exception; only the first counts.
  void fail(std::exception_ptr failure);
  bool stopped() const { return end_ < 0; }

  /// Called every few thousand events with the wall clock's needs in mind: progress, interrupts. May call stop().
  void on_pulse(std::function<void()> pulse) { pulse_ = std::move(pulse); }
  /// Off: the engine takes one turn per event. Same results, slower; for tests of exactly that.
  void run_ahead(bool on) { run_ahead_ = on; }

  /// A process has waited, and no time has passed. Throws Error(model) that names it where so many have waited at one
  /// date that time stands still.
  void waited_in_vain(const std::source_location& who);
  /// So many events, or waits in vain, at one date are too many: 100 million, or what a test says.
  void limit_at_one_date(std::uint64_t most) { most_at_one_date_ = most; }

  std::uint64_t events() const { return events_; }
  /// Events still scheduled and not withdrawn.
  std::size_t scheduled() const { return heap_.size() - withdrawn_; }

  /// How an engine drives the calendar. `next` runs what lies strictly before `limit` and returns the date of the next
  /// event (infinity: none). Without run-ahead it returns -1 after one event, for the engine to take a turn, unless
  /// that must not be. `due` runs everything up to and at `date`.
  double next(double limit, bool turns = true);
  void due(double date);
  /// The engine's clock, when it has moved by itself.
  void catch_up(double engine_now) { now_ = engine_now > now_ ? engine_now : now_; }

  /// What takes over the driving of run(): set by the engine while it exists.
  std::function<void(double horizon)> driver;

 private:
  // The key of an event: its sequence, whether it touches the engine, and the slot of its waiter.
  static constexpr int slot_bits = 24;
  static constexpr std::uint64_t engine_bit = 1ULL << slot_bits;
  static constexpr std::uint64_t slot_mask = engine_bit - 1;
  static constexpr std::uint64_t pulse_every = 1ULL << 14;

  void push(double when, Activation& waiter, std::uint64_t mark) {
    if (!(when >= now_)) [[unlikely]]
      past(when);
    if (waiter.slot_ != Activation::nowhere) [[unlikely]]
      twice();
    if (free_.empty()) [[unlikely]]
      grow();
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot] = &waiter;
    waiter.slot_ = slot;
    heap_.push({when, sequence_++ << (slot_bits + 1) | mark | slot});
  }
  void run_first();
  void pulse();
  void grow();
  void compact();
  [[noreturn]] void past(double when) const;
  [[noreturn]] static void twice();
  std::exception_ptr stands_still(const std::string& what) const;

  double now_ = 0;
  double end_ = 0;  // no event after it runs; below zero: stopped
  EventHeap heap_;
  Table<Activation*> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
  std::size_t withdrawn_ = 0;
  std::uint64_t most_at_one_date_ = 100'000'000;
  double still_since_ = -1;   // the date at which these are counted
  std::uint64_t still_ = 0;   // waits in vain at it
  double pulse_at_ = -1;      // the date of the last pulse
  std::uint64_t pulses_ = 0;  // in a row, at it
  bool run_ahead_ = true;
  std::function<void()> pulse_;
  std::exception_ptr failure_;
};

namespace detail {
inline Calendar* current = nullptr;
}
/// The calendar of this process: one simulation a process, so the clock is a place, not an argument.
inline Calendar& calendar() { return *detail::current; }
inline Seconds now() { return calendar().now(); }

inline Activation::~Activation() {
  if (scheduled()) calendar().withdraw(*this);
}

}  // namespace codecosim
