#pragma once
#include <stdexcept>
#include <string>
#include <vector>

namespace codecosim {

/// The kind of an error, as the exit status of the program.
enum class Failure { usage = 2, scenario = 3, model = 4, output = 5, internal = 70 };

/// The only exception that is thrown: a user's mistake, or a run that cannot go on. `what()` is the message for the
/// user.
struct Error : std::runtime_error {
  Error(Failure kind, const std::string& message) : std::runtime_error(message), failure(kind) {}
  Failure failure;
};

/// One error in a scenario: its place (`file#/json/pointer`), what is wrong, and what would be right.
struct Problem {
  std::string where;
  std::string what;
};

/// All errors in a scenario, in file order. Nothing has been started when this is thrown.
struct ScenarioError : Error {
  explicit ScenarioError(std::vector<Problem> all);
  std::vector<Problem> problems;
};

/// An invariant of the program. It stops the run with a message where it does not hold, in every kind of build.
#define ensure(condition, text) \
  ((condition) ? void() : ::codecosim::broken_promise(#condition, text, __FILE__, __LINE__))
[[noreturn]] void broken_promise(const char* condition, const char* text, const char* file, int line);

/// The name of `known` that is closest to `word` by edit distance; empty when none is close.
std::string nearest(const std::string& word, const std::vector<std::string>& known);
/// `; did you mean "X"?` or `; known: A, B, C`.
std::string suggestion(const std::string& word, const std::vector<std::string>& known);

}  // namespace codecosim
