#pragma once
#include <string>
#include <vector>

namespace codecosim {

/// How another program ended, and what it wrote.
struct Ended {
  int status = -1;  ///< Of its exit; 128 and the signal's number where a signal ended it.
  std::string out, err;
};

/// Runs a program, found as execvp finds it, to its end, with nothing on its standard input, in `folder` (empty: this
/// one). No shell sees the words. Throws Error(output) saying `missing` where there is no such program, and why where
/// it cannot be started.
Ended run_program(const std::vector<std::string>& words, const std::string& missing, const std::string& folder = "");

}  // namespace codecosim
