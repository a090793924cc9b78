#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/child.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// Copies of this process, each of which goes on from here by itself, says one thing and ends. There are no threads and
/// no actors, so a copy of the process is a copy of the world. A copy must not outlive what it was made for, which is
/// what Child::answer() and Child::abandon() are for. One that runs out of its time or memory, or fails in any way, has
/// no answer.
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
  /// Whether this process is such a copy. Copies are not copied again.
  static bool here();
};

}  // namespace codecosim
