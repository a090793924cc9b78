#pragma once
#include <functional>

#include "cli/command_line.hpp"

namespace codecosim {

/// A subcommand: its part of the command line, and its action, which returns the exit status and throws Error.
struct Command {
  CommandLine line;
  std::function<int()> act;
};

}  // namespace codecosim
