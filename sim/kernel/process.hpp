#pragma once
#include <cmath>
#include <coroutine>
#include <exception>
#include <optional>
#include <source_location>
#include <utility>

#include "sim/kernel/calendar.hpp"
#include "sim/kernel/frame_pool.hpp"
#include "sim/kernel/profile.hpp"

namespace codecosim {

/// A simulated process: calling the coroutine starts it at once, and no other waits for it. It ends when it returns,
/// when it is killed, or with the run. An exception that leaves it ends the run with that error. A caller that may have
/// to kill it keeps the object; any other calls spawn().
class [[nodiscard]] Process {
 public:
  struct promise_type : OwnedPromise {
    using OwnedPromise::OwnedPromise;
    Process get_return_object() { return Process(std::coroutine_handle<promise_type>::from_promise(*this).address()); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { calendar().fail(std::current_exception()); }
    static void* operator new(std::size_t size) { return frames::allocate(size, frames::Kind::process); }
    static void operator delete(void* frame) noexcept { frames::release(frame); }
  };

  Process() = default;
  /// Ends the process where it is suspended: all that it holds or waits for is released. Does nothing if it has ended.
  /// A process must not kill itself.
  void kill() {
    if (frame_ && frames::generation(frame_) == generation_ && frames::kind(frame_) == frames::Kind::process)
      std::coroutine_handle<>::from_address(frame_).destroy();
    frame_ = nullptr;
  }

 private:
  explicit Process(void* frame) : frame_(frame), generation_(frames::generation(frame)) {}
  void* frame_ = nullptr;
  std::uint32_t generation_ = 0;
};

/// `spawn(process())`: starts a process that runs concurrently with its caller.
inline void spawn(const Process&) {}

/// A part of a process that the caller awaits: `Outcome o = co_await fetch(...)`. It starts when it is awaited;
/// destroying it cancels it.
template <class T = void>
class Task {
 public:
  struct Result {
    std::optional<T> value;
    void return_value(T result) { value.emplace(std::move(result)); }
  };
  struct promise_type;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept;
  T await_resume();

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

template <>
struct Task<void>::Result {
  void return_void() {}
};

template <class T>
struct Task<T>::promise_type : OwnedPromise, Task<T>::Result {
  using OwnedPromise::OwnedPromise;
  std::coroutine_handle<> caller;
  std::exception_ptr failure;

  struct Resume {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
      return ended.promise().caller;
    }
    void await_resume() noexcept {}
  };
  Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  Resume final_suspend() noexcept { return {}; }
  void unhandled_exception() { failure = std::current_exception(); }
  static void* operator new(std::size_t size) { return frames::allocate(size, frames::Kind::task); }
  static void operator delete(void* frame) noexcept { frames::release(frame); }
};

template <class T>
std::coroutine_handle<> Task<T>::await_suspend(std::coroutine_handle<> caller) noexcept {
  handle_.promise().caller = caller;
  return handle_;
}

template <class T>
T Task<T>::await_resume() {
  promise_type& promise = handle_.promise();
  if (promise.failure) std::rethrow_exception(promise.failure);
  if constexpr (!std::is_void_v<T>) return std::move(*promise.value);
}

/// Base of the objects that a coroutine awaits. When it is fired, it resumes the coroutine.
class Waiter : public Activation {
 public:
  static void resume(Activation& self) { static_cast<Waiter&>(self).caller_.resume(); }
  /// What the coroutine that waits is a member of: see OwnedPromise, which all promises begin with.
  const char* owner() const {
    return std::coroutine_handle<OwnedPromise>::from_address(caller_.address()).promise().owner;
  }

 protected:
  Waiter() : Activation(&Waiter::resume) {}
  explicit Waiter(Fire fire) : Activation(fire) {}
  std::coroutine_handle<> caller_;
};

/// See until().
class Until : public Waiter {
 public:
  explicit Until(Seconds when) : when_(when) {}
  // The call stands in the coroutine that awaits, so `who` has the name of that coroutine.
  bool await_ready(const std::source_location& who = std::source_location::current()) const {
    if (when_ > now()) return false;
    calendar().count_zero_wait(who);
    return true;
  }
  void await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    calendar().at(when_, *this);
  }
  void await_resume() const {}

 private:
  Seconds when_;
};

/// See yield_to_others().
class Yield : public Waiter {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    calendar().at(now(), *this);
  }
  void await_resume() const {}
};

/// `co_await yield_to_others()`: goes on at the same date, after all events that are scheduled for it so far.
inline Yield yield_to_others() { return Yield(); }
/// `co_await until(t)`: goes on at that date, or at once when that date is now.
inline Until until(Seconds when) { return Until(when); }
/// `co_await delay(20_ms)`: goes on after that time.
inline Until delay(Seconds duration) { return Until(now() + duration); }

/// Regular dates after now, up to `end`: `for (Ticks ticks(period, end); ticks.any();) co_await until(ticks.next())`.
/// Each is a multiple of the period: a sum would drift from it, and miss the end.
class Ticks {
 public:
  explicit Ticks(Seconds period, Seconds end = forever) : begin_(now()), period_(period), end_(end) {}
  bool any() const { return date(number_ + 1) <= end_; }
  Seconds next() { return date(++number_); }

 private:
  Seconds date(double number) const {
    constexpr double rounding = 1e-9;
    const Seconds exact = begin_ + period_ * number;
    return std::abs((exact - end_).value) <= rounding * period_.value ? end_ : exact;
  }
  Seconds begin_, period_, end_;
  double number_ = 0;
};

}  // namespace codecosim
