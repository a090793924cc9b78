#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include "sim/base/intrusive_list.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// A first-in-first-out queue of suspended coroutines: `Outcome o = co_await queue.wait()`. A coroutine that is woken
/// goes on at the same date, after the events that are already scheduled for it. Destroying a waiter removes it from
/// the queue.
class WaitQueue {
 public:
  class Wait : public Waiter, public IntrusiveList<Wait>::Hook {
   public:
    explicit Wait(WaitQueue& queue) : queue_(&queue) {}
    ~Wait() {
      if (linked()) queue_->line_.remove(*this);
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      caller_ = caller;
      queue_->line_.append(*this);
    }
    Outcome await_resume() const { return outcome; }

   private:
    WaitQueue* queue_;
  };

  WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  Wait wait() { return Wait(*this); }
  bool empty() const { return line_.empty(); }
  std::size_t size() const { return line_.size(); }
  /// Wakes the first in the queue, if any, with this outcome. Returns whether there was one.
  bool wake(Outcome outcome = Outcome::done) {
    if (empty()) return false;
    Wait& woken = *line_.first();
    line_.remove(woken);
    woken.outcome = outcome;
    calendar().at(now(), woken);
    return true;
  }
  void wake_all(Outcome outcome = Outcome::done) {
    while (wake(outcome)) {}
  }

 private:
  IntrusiveList<Wait> line_;
};

/// A station of queueing theory: `servers` equal servers behind one first-in-first-out queue. `const auto turn =
/// co_await server.enter()` holds one of them until `turn` goes out of scope.
class Server {
 public:
  explicit Server(std::uint32_t servers) : free_(servers) {}

  /// The occupation of one server, which ends when this object goes out of scope.
  class Turn {
   public:
    explicit Turn(Server& server) : server_(&server), since_(now()) {}
    Turn(Turn&& other) noexcept : server_(std::exchange(other.server_, nullptr)), since_(other.since_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (server_) server_->leave(since_);
    }

   private:
    Server* server_;
    Seconds since_;
  };

  class Enter : public WaitQueue::Wait {
   public:
    explicit Enter(Server& server) : Wait(server.queue_), server_(&server) {}
    // If it is destroyed between being woken and running, the server that it was given goes to the next in the queue.
    ~Enter() {
      if (scheduled()) server_->leave(now());
    }
    bool await_ready() {
      if (server_->free_ == 0) return false;
      --server_->free_;
      return true;
    }
    Turn await_resume() { return Turn(*server_); }

   private:
    Server* server_;
  };
  Enter enter() { return Enter(*this); }

  /// Waits for a server, holds it for the service time, and leaves.
  Task<> serve(Seconds service) {
    const Turn turn = co_await enter();
    co_await delay(service);
  }

  std::size_t waiting() const { return queue_.size(); }
  /// Total time that servers have been held, summed over all servers; only turns that have ended count.
  Seconds busy() const { return busy_; }

 private:
  // A server that becomes free goes directly to the first in the queue, so that no other can enter before it.
  void leave(Seconds since) {
    busy_ += now() - since;
    if (!queue_.wake()) ++free_;
  }
  std::uint32_t free_;
  Seconds busy_;
  WaitQueue queue_;
};

namespace detail {
/// Two tasks that run concurrently. The first that ends resumes the coroutine that awaits the race, and the other is
/// ended.
class Race : public Waiter {
 public:
  Race(Task<Outcome>& first, Task<Outcome>& second) : first_(follow(first, 0)), second_(follow(second, 1)) {}
  ~Race() {
    first_.kill();
    second_.kill();
  }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    if (winner_ >= 0) calendar().at(now(), *this);
  }
  /// The index of the task that ended first (0 or 1); `outcome` is its outcome.
  int await_resume() const { return winner_; }

 private:
  Process follow(Task<Outcome>& task, int index) {
    const Outcome ended = co_await task;
    if (winner_ < 0) {
      winner_ = index;
      outcome = ended;
      if (caller_) calendar().at(now(), *this);
    }
  }
  int winner_ = -1;
  Process first_, second_;
};

/// Two tasks that run concurrently. The coroutine that awaits both goes on when the second ends.
class Join : public Waiter {
 public:
  Join(Task<>& first, Task<>& second) : first_(follow(first)), second_(follow(second)) {}
  ~Join() {
    first_.kill();
    second_.kill();
  }
  bool await_ready() const { return open_ == 0; }
  void await_suspend(std::coroutine_handle<> caller) { caller_ = caller; }
  void await_resume() const {}

 private:
  Process follow(Task<>& task) {
    co_await task;
    if (--open_ == 0 && caller_) calendar().at(now(), *this);
  }
  int open_ = 2;
  Process first_, second_;
};

inline Task<Outcome> expire(Seconds limit) {
  co_await delay(limit);
  co_return Outcome::timed_out;
}
}  // namespace detail

/// The index of the task that ends first, 0 or 1; the other is cancelled.
inline Task<int> first_of(Task<Outcome> first, Task<Outcome> second) {
  detail::Race race(first, second);
  co_return co_await race;
}

/// Runs both tasks concurrently, until both have ended.
inline Task<> both(Task<> first, Task<> second) {
  detail::Join join(first, second);
  co_await join;
}

/// The outcome of `task`, or `timed_out` if it takes longer than `limit`; the task is cancelled then.
inline Task<Outcome> within(Seconds limit, Task<Outcome> task) {
  Task<Outcome> timer = detail::expire(limit);
  detail::Race race(task, timer);
  co_await race;
  co_return race.outcome;
}

}  // namespace codecosim
