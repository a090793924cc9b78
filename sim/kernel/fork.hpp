#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.hpp"

namespace codecosim {

/// Copies of this process, each of which goes on from here by itself, says one thing and ends. There are no threads and no actors,
/// so a copy of the process is a copy of the world (POSIX fork: memory is shared until it is written to).
///
/// A copy can disturb nothing: all its files are the null device, it ends with its parent, and it must not outlive what it was made
/// for, which is what answer() and abandon() are for: a copy leaves by them alone, without unwinding. One that runs out of its time
/// or memory, or fails in any way, has no answer.
class Copies {
 public:
  struct Limits {
    std::uint32_t jobs = 2;           ///< At once.
    Seconds time{60};                 ///< Of real time, each.
    Bytes memory{2e9};                ///< Beyond what this process has now, each.
    std::function<bool()> stop = {};  ///< Asked now and then whether to give up all of them.
  };
  struct Split {
    std::optional<std::uint32_t> number;              ///< In a copy: which one it is.
    std::vector<std::optional<std::string>> answers;  ///< Here: what each has said, once all have ended.
  };
  static Split split(std::uint32_t copies, const Limits&);
  /// Whether this process is a copy.
  static bool here();
  /// In a copy: says it, and ends.
  [[noreturn]] static void answer(const std::string&);
  /// In a copy: ends without an answer.
  [[noreturn]] static void abandon();
};

}  // namespace codecosim
