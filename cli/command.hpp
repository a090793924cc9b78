#pragma once
#include <functional>

namespace CLI {
class App;
}

namespace codecosim {

/// A subcommand: its part of the command line, and what it does where that was chosen. It returns the exit status; what
/// goes wrong is thrown as Error.
struct Command {
  CLI::App* line;
  std::function<int()> act;
};

}  // namespace codecosim
