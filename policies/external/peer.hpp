#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.hpp"

namespace codecosim {

/// The words of a command line, as a shell splits them, and nothing else that a shell does: blanks separate, quotes and
/// backslashes keep together. Throws Error(usage) where a quote is not closed or there is no word.
std::vector<std::string> split_words(const std::string& command);

/// Another program, to which lines are written and from which lines are read, never for longer than a deadline: a
/// child, or whoever is at the other end of our own standard input and output. Its error output goes where ours goes.
///
/// A child inherits those three files and nothing else that we have open, leads a process group of its own, and is gone
/// with all its children when this object is. A copy that fork() makes of us leaves the peer alone.
class Peer {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Got : std::uint8_t { line, timed_out, ended, too_long, interrupted };
  static constexpr std::size_t longest_line = 16 << 20;  ///< [B]
  /// Never, as a deadline.
  static constexpr Clock::time_point whenever = Clock::time_point::max();

  /// Starts a program, found as execvp finds it. `interrupted` tells whether to stop waiting. Throws Error(usage) where
  /// it cannot be started.
  Peer(const std::vector<std::string>& words, std::function<bool()> interrupted);
  /// Standard input and output; from here on, what else is written there goes to standard error.
  explicit Peer(std::function<bool()> interrupted);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  static Clock::time_point in(Seconds span);
  /// Writes as much as can be written at once; the rest goes when receive() or finish() waits.
  void send(const std::string& line);
  /// The next line, without its end. After `ended` and `too_long` there is none any more.
  Got receive(std::string& line, Clock::time_point deadline);
  /// Closes what it reads from and lets it end by itself until the deadline; then it is killed.
  void finish(Clock::time_point deadline);
  /// Kills it.
  void kill();
  /// Whether this process is the one that started it.
  bool ours() const;

 private:
  bool take(std::string& line);
  /// Waits for one of the two directions; whether the peer can still be read from.
  bool exchange(int milliseconds);
  void write_some();
  bool read_some();
  bool exited() const;
  void close_input();

  std::function<bool()> interrupted_;
  pid_t owner_;
  pid_t child_ = 0;  // none: standard input and output
  int to_ = -1, from_ = -1;
  std::string unsent_, unread_;
  std::size_t sent_ = 0, searched_ = 0;
  bool ended_ = false;
};

}  // namespace codecosim
