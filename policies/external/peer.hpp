#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/descriptor.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// The words of a command line, split as a shell splits them: blanks separate words, quotes and backslashes protect
/// blanks. Nothing else that a shell does is done. Throws Error(usage) where a quote is not closed or there is no word.
std::vector<std::string> split_words(const std::string& command);

/// Another program that exchanges lines with this one, with a deadline for every wait: a child process, or the program
/// at the other end of our own standard input and output. Its standard error is ours.
///
/// A child inherits those three files and no other open file, leads a process group of its own, and is killed with all
/// its children when this object is destroyed. A copy of this process that fork() makes leaves the peer alone.
class Peer {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Got : std::uint8_t { line, timed_out, ended, too_long, interrupted };
  static constexpr std::size_t longest_line = 16 << 20;  ///< [B]
  /// The deadline that never comes.
  static constexpr Clock::time_point whenever = Clock::time_point::max();

  /// Starts a program, found as execvp finds it. `interrupted` tells whether to stop waiting. Throws Error(usage) where
  /// it cannot be started.
  Peer(const std::vector<std::string>& words, std::function<bool()> interrupted);
  /// Uses standard input and output; from here on, all other output to standard output goes to standard error.
  explicit Peer(std::function<bool()> interrupted);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  static Clock::time_point in(Seconds span);
  /// Writes as much as the pipe takes at once; the rest is written while receive() or finish() waits.
  void send(const std::string& line);
  /// Reads the next line, without its end. After `ended` and `too_long` no more lines come.
  Got receive(std::string& line, Clock::time_point deadline);
  /// Closes the input of the peer and waits until the deadline for it to end; then it is killed.
  void finish(Clock::time_point deadline);
  /// Kills it.
  void kill();
  /// Whether this process is the one that started it.
  bool ours() const;

 private:
  bool take(std::string& line);
  /// Waits until the pipe can be read or written; returns whether the peer can still be read from.
  bool exchange(int milliseconds);
  void write_some();
  bool exited() const;

  std::function<bool()> interrupted_;
  pid_t owner_;
  pid_t child_ = 0;  // none: standard input and output
  Descriptor to_, from_;
  std::string unsent_, unread_;
  std::size_t sent_ = 0, searched_ = 0;
  bool ended_ = false;
};

}  // namespace codecosim
