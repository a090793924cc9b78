#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/table.hpp"
#include "sim/base/units.hpp"
#include "sim/kernel/event_queue.hpp"
#include "sim/kernel/profile.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

class Calendar;

/// A waiter: it waits for a date, or until another entity fires it. It lives where its owner lives, usually in a
/// coroutine's frame, and its destructor withdraws it: to cancel a waiter is to destroy it.
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
  /// The outcome of the activity that it waited for; set before it is fired.
  Outcome outcome = Outcome::done;

 private:
  friend class Calendar;
  static constexpr std::uint32_t nowhere = 0xffffffff;
  std::uint32_t slot_ = nowhere;
  Fire fire_;
};

/// The future event list, and the simulated clock. Events of one date run in the order in which they were scheduled.
/// Withdrawing is O(1): the slot of the waiter is emptied, and the event has no effect. A SimGrid engine drives the
/// calendar once a platform exists (see platform.hpp). The calendar then runs ahead of the engine: every event before
/// the engine's next own date runs in one go, up to the first event that is marked as touching the engine.
class Calendar {
 public:
  Calendar();
  ~Calendar();
  Calendar(const Calendar&) = delete;

  /// The simulated time. Never goes back.
  Seconds now() const { return Seconds(now_); }

  /// All scheduled waiters with this function, in the order in which they will be fired. Looks at every event.
  std::vector<Activation*> waiting(Activation::Fire) const;

  /// Fires `waiter` at this date, which must not lie in the past. A waiter is scheduled at most once at a time.
  void at(Seconds when, Activation& waiter) { push(when.value, waiter, 0); }
  /// The same for a waiter that will touch the SimGrid engine (start, end or re-rate a flow): the engine's clock is at
  /// `when` by then.
  void at_in_engine(Seconds when, Activation& waiter) { push(when.value, waiter, engine_bit); }
  /// The waiter will not be fired.
  void withdraw(Activation& waiter) {
    slots_[waiter.slot_] = nullptr;
    waiter.slot_ = Activation::nowhere;
    if (++withdrawn_ > queue_.size() / 2 + 1024) [[unlikely]]
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

  /// Sets a function that is called every few thousand events, for tasks in real time: progress, interrupts. It may
  /// call stop().
  void on_pulse(std::function<void()> pulse) { pulse_ = std::move(pulse); }
  /// Tells from now on where real time goes. Events happen as without.
  void start_profile();
  /// Null while there is none.
  Profile* profile() const { return profile_.get(); }
  /// Says what events with this function are of, for a profile; a waiter that resumes a coroutine is of its class.
  void name_kind(Activation::Fire, const char* kind);
  /// Switches run-ahead. When off, the engine takes one turn per event: the results are the same, and slower. Tests
  /// compare the two.
  void run_ahead(bool on) { run_ahead_ = on; }

  /// Counts a wait of a process in which no time has passed. Throws Error(model) that names the process where so many
  /// have waited at one date that time stands still.
  void count_zero_wait(const std::source_location& who);
  /// Sets the number of events, or of waits without delay, at one date that is too many: 100 million unless a test sets
  /// another.
  void limit_at_one_date(std::uint64_t most) { most_at_one_date_ = most; }

  std::uint64_t events() const { return events_; }
  /// Events still scheduled and not withdrawn.
  std::size_t scheduled() const { return queue_.size() - withdrawn_; }

  /// The interface for an engine that drives the calendar. `next` runs the events strictly before `limit` and returns
  /// the date of the next event (infinity: none). Without run-ahead it returns -1 after one event, for the engine to
  /// take a turn, unless `turns` forbids it. `due` runs all events up to and at `date`.
  double next(double limit, bool turns = true);
  void due(double date);
  /// Sets the clock to the engine's, when that has moved by itself.
  void catch_up(double engine_now) { now_ = engine_now > now_ ? engine_now : now_; }

  /// The function that drives run() instead of the calendar. The engine sets it while it exists.
  std::function<void(double horizon)> driver;

 private:
  // The key of an event: its sequence, whether it touches the engine, and the slot of its waiter.
  static constexpr int slot_bits = 24;
  static constexpr std::uint64_t engine_bit = 1ULL << slot_bits;
  static constexpr std::uint64_t slot_mask = engine_bit - 1;
  static constexpr std::uint64_t pulse_every = 1ULL << 14;
  static std::uint64_t multiple_after(std::uint64_t number, std::uint64_t step) { return (number / step + 1) * step; }

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
    queue_.push({when, sequence_++ << (slot_bits + 1) | mark | slot});
  }
  void run_first();
  /// What every so many events need: a pulse, or a look for the profile, which fires the waiter and says so.
  bool attend(Activation&);
  const char* kind_of(const Activation&) const;
  void pulse();
  void grow();
  void compact();
  [[noreturn]] void past(double when) const;
  [[noreturn]] static void twice();
  std::exception_ptr livelock(const std::string& what) const;

  double now_ = 0;
  double end_ = 0;  // no event after it runs; below zero: stopped
  EventQueue queue_;
  Table<Activation*> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t attend_at_ = pulse_every;  // the number of the next event that is attended
  std::size_t withdrawn_ = 0;
  std::uint64_t most_at_one_date_ = 100'000'000;
  double still_since_ = -1;   // the date at which `still_` is counted
  std::uint64_t still_ = 0;   // waits without delay at that date
  double pulse_at_ = -1;      // the date of the last pulse
  std::uint64_t pulses_ = 0;  // in a row, at that date
  bool run_ahead_ = true;
  std::function<void()> pulse_;
  std::unique_ptr<Profile> profile_;
  std::vector<std::pair<Activation::Fire, const char*>> kinds_;
  std::exception_ptr failure_;
};

namespace detail {
inline Calendar* current = nullptr;
}
/// The calendar of this process. A process runs one simulation, so the clock is global and no argument.
inline Calendar& calendar() { return *detail::current; }
inline Seconds now() { return calendar().now(); }

inline Activation::~Activation() {
  if (scheduled()) calendar().withdraw(*this);
}

}  // namespace codecosim
