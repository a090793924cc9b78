#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include "sim/base/intrusive_list.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// A first-in-first-out line of suspended coroutines. `Outcome o = co_await queue.wait()`; whoever is woken goes on at
/// the same date, after what is already scheduled for it. Destroying a waiter takes it out of the line.
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
  /// Wakes the first in line, if any, with this outcome.
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

/// A station of queueing theory: `servers` equal servers, one first-in-first-out line in front of them.
/// `const auto turn = co_await server.enter()` holds one of them until `turn` goes out of scope.
class Server {
 public:
  explicit Server(std::uint32_t servers) : free_(servers) {}

  /// A claim on one server, given back when it goes out of scope.
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
    // Destroyed between being woken and running: the server it was handed goes to the next in line.
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

  /// Takes its turn, is served for that long, and leaves.
  Task<> serve(Seconds service) {
    const Turn turn = co_await enter();
    co_await delay(service);
  }

  std::size_t waiting() const { return queue_.size(); }
  /// Total time that servers have been held, over all of them, of turns that ended.
  Seconds busy() const { return busy_; }

 private:
  // A server that becomes free goes straight to the first in line, so that nobody can slip in between.
  void leave(Seconds since) {
    busy_ += now() - since;
    if (!queue_.wake()) ++free_;
  }
  std::uint32_t free_;
  Seconds busy_;
  WaitQueue queue_;
};

namespace detail {
/// Two tasks under way; the first that ends resumes whoever awaits the race, and ends the other.
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
  /// Which one ended first (0 or 1); `outcome` says how.
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

/// Two tasks under way; whoever awaits both goes on when the second ends.
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

/// What ended first, 0 or 1; the other is cancelled.
inline Task<int> first_of(Task<Outcome> first, Task<Outcome> second) {
  detail::Race race(first, second);
  co_return co_await race;
}

/// Both at once, until both have ended.
inline Task<> both(Task<> first, Task<> second) {
  detail::Join join(first, second);
  co_await join;
}

/// `task`, but `timed_out` if it takes longer than `limit`; it is cancelled then.
inline Task<Outcome> within(Seconds limit, Task<Outcome> task) {
  Task<Outcome> timer = detail::expire(limit);
  detail::Race race(task, timer);
  co_await race;
  co_return race.outcome;
}

}  // namespace codecosim
