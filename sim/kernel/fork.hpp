#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/child.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// Copies of this process, each of which goes on from here by itself, gives one answer and ends. There are no threads
/// and no actors, so a copy of the process is a copy of the simulated world. A copy must not outlive its purpose: it
/// ends by Child::answer() or Child::abandon(). A copy that runs out of its time or memory, or fails in any other way,
/// has no answer.
class Copies {
 public:
  struct Limits {
    std::uint32_t jobs = 2;           ///< Copies that run at once.
    Seconds time{60};                 ///< Real time of each copy.
    Bytes memory{2e9};                ///< Memory of each copy, beyond what this process has now.
    std::function<bool()> stop = {};  ///< Called now and then; true: all copies are given up.
  };
  struct Split {
    std::optional<std::uint32_t> number;              ///< In a copy: its number.
    std::vector<std::optional<std::string>> answers;  ///< Else: the answer of each copy, once all have ended.
  };
  static Split split(std::uint32_t copies, const Limits&);
  /// Whether this process is such a copy. Copies are not copied again.
  static bool here();
};

}  // namespace codecosim
