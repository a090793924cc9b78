#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "sim/base/descriptor.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// A copy of this process (POSIX fork: memory is shared until it is written to) that gives one answer and ends.
///
/// It can disturb nothing: all its files are the null device, it ends with its parent, it ignores SIGINT and SIGTERM,
/// which its parent handles, and it leaves by answer() or abandon() alone, without unwinding. It is gone when this
/// object is.
class Child {
 public:
  struct Limits {
    Seconds time{std::numeric_limits<double>::infinity()};  ///< Real time.
    Bytes memory{std::numeric_limits<double>::infinity()};  ///< Beyond what this process has now.
  };
  /// The end of a copy: `said` is its answer, where it ended by answer(); otherwise there are its exit status or the
  /// signal that ended it, and its last words.
  struct End {
    std::optional<std::string> said;
    std::string last_words;
    bool out_of_time = false;
    int status = 0, signal = 0;
  };

  /// Copies this process. Returns the child; in the copy, nothing. Throws Error(model) where the system has no room for
  /// one.
  static std::optional<Child> fork(const Limits&);
  Child(Child&& other) noexcept
      : maker_(other.maker_),
        id_(std::exchange(other.id_, -1)),
        reader_(std::move(other.reader_)),
        deadline_(other.deadline_),
        said_(std::move(other.said_)),
        ended_(other.ended_),
        late_(other.late_) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(maker_, other.maker_);
    std::swap(id_, other.id_);
    std::swap(reader_, other.reader_);
    std::swap(deadline_, other.deadline_);
    std::swap(said_, other.said_);
    std::swap(ended_, other.ended_);
    std::swap(late_, other.late_);
    return *this;
  }
  ~Child();

  /// Waits, 0.2 s at most, until one of them has written something, has ended, or is out of time, and reads it.
  static void listen(std::span<Child* const>);
  pid_t id() const { return id_; }
  /// Whether it has written all that it will write, or is out of time: then reap() does not wait for long.
  bool ended() const { return ended_; }
  /// Waits for its end, and returns it.
  End reap();
  /// Ends it now.
  void kill();

  /// In a copy: sends the answer to the parent, and ends.
  [[noreturn]] static void answer(const std::string&);
  /// Whether this process is a copy.
  static bool is_copy();
  /// The message that the parent receives should this copy not come to its end. In a process that is no copy, it does
  /// nothing. A signal handler may call it.
  static void last_words(const char*);
  /// In a copy: ends without an answer.
  [[noreturn]] static void abandon(int status = 1);

 private:
  using Clock = std::chrono::steady_clock;
  Child(pid_t maker, pid_t id, Descriptor reader, Clock::time_point deadline)
      : maker_(maker), id_(id), reader_(std::move(reader)), deadline_(deadline) {}
  /// Reads what the copy has written so far.
  void read();

  pid_t maker_ = -1, id_ = -1;
  Descriptor reader_;
  Clock::time_point deadline_;
  std::string said_;
  bool ended_ = false, late_ = false;
};

}  // namespace codecosim
