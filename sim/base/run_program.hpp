#pragma once
#include <string>
#include <vector>

namespace codecosim {

/// The end of another program: its status, and its standard and error output.
struct Ended {
  int status = -1;  ///< Its exit status; 128 plus the signal's number where a signal ended it.
  std::string out, err;
};

/// Runs a program, found as execvp finds it, to its end, with nothing on its standard input, in `folder` (empty: this
/// one). No shell interprets the words. Throws Error(output): with the text `missing` where there is no such program,
/// and with the reason where it cannot be started.
Ended run_program(const std::vector<std::string>& words, const std::string& missing, const std::string& folder = "");

}  // namespace codecosim
