#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "sim/base/units.hpp"

namespace codecosim {

/// A copy of this process (POSIX fork: memory is shared until it is written to) that says one thing and ends.
///
/// It can disturb nothing: all its files are the null device, it ends with its parent, SIGINT and SIGTERM are its
/// parent's to heed, and it leaves by answer() or abandon() alone, without unwinding. It is gone when this object is.
class Child {
 public:
  struct Limits {
    Seconds time{std::numeric_limits<double>::infinity()};  ///< Real time.
    Bytes memory{std::numeric_limits<double>::infinity()};  ///< Beyond what this process has now.
  };
  /// How a copy ended: `said` where it ended by answer(); otherwise its exit status or the signal that ended it, and
  /// its last words.
  struct End {
    std::optional<std::string> said;
    std::string last_words;
    bool out_of_time = false;
    int status = 0, signal = 0;
  };

  /// Copies this process; in the copy there is no child. Throws Error(model) where the system has no room for one.
  static std::optional<Child> fork(const Limits&);
  Child(Child&& other) noexcept
      : maker_(other.maker_),
        id_(std::exchange(other.id_, -1)),
        ear_(std::exchange(other.ear_, -1)),
        deadline_(other.deadline_),
        said_(std::move(other.said_)),
        ended_(other.ended_),
        late_(other.late_) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(maker_, other.maker_);
    std::swap(id_, other.id_);
    std::swap(ear_, other.ear_);
    std::swap(deadline_, other.deadline_);
    std::swap(said_, other.said_);
    std::swap(ended_, other.ended_);
    std::swap(late_, other.late_);
    return *this;
  }
  ~Child();

  /// Waits until one of them has something to say, has ended, or is out of time, and hears it; 0.2 s at most.
  static void listen(std::span<Child* const>);
  pid_t id() const { return id_; }
  /// Whether it has said all it will say, or is out of time: then reap() does not wait for long.
  bool ended() const { return ended_; }
  /// Its end, for which this waits.
  End reap();
  /// Ends it now.
  void kill();

  /// In a copy: says it, and ends.
  [[noreturn]] static void answer(const std::string&);
  /// Whether this process is one.
  static bool is_copy();
  /// What its maker hears should it not come to its end; in a process that is no copy, nobody. A handler of signals may
  /// call it.
  static void last_words(const char*);
  /// In a copy: ends without an answer.
  [[noreturn]] static void abandon(int status = 1);

 private:
  using Clock = std::chrono::steady_clock;
  Child(pid_t maker, pid_t id, int ear, Clock::time_point deadline)
      : maker_(maker), id_(id), ear_(ear), deadline_(deadline) {}
  void hear();

  pid_t maker_ = -1, id_ = -1;
  int ear_ = -1;
  Clock::time_point deadline_;
  std::string said_;
  bool ended_ = false, late_ = false;
};

}  // namespace codecosim
