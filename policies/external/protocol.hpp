#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "models/policy.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// What an external policy and codecosim say to each other, a JSON object a line: docs/external.md, and as JSON Schema
/// docs/external.schema.json. Quantities are plain numbers in base units, which the end of a key names.
namespace protocol {

constexpr int version = 1;

/// What is being run, which a policy is told at the beginning.
struct Run {
  std::string seam, scenario;
  std::uint64_t seed = 1, replication = 0;
};

/// Of a problem as the wire has it: which question it is, and which of the policies that ask.
struct Question {
  std::uint64_t number = 0;
  std::uint32_t asker = 0;
};

Json hello(const Run&, Seconds timeout);
/// Latencies between rows are told where there are at most `path_rows`.
Json problem(const PlacementProblem&, const Question&, std::uint32_t path_rows);
/// Of the question with this number on the wire.
Json feedback(const Feedback&, std::uint64_t number);
Json end(const Json& manifest, const Json& summary);

/// A line as it is sent.
std::string text(const Json&);

/// What a policy says of itself at the beginning.
struct Greeting {
  std::string name;
  Seconds feedback_after = forever;
};
struct Answer {
  std::uint64_t number = 0;
  Placement placement;
};
/// What is wrong with a line.
struct Garbage {
  std::string what;
};

std::variant<Greeting, Garbage> parse_hello(const std::string& line);
/// Targets that are not on offer are left to whoever asked.
std::variant<Answer, Garbage> parse_answer(const std::string& line, const PlacementProblem&);

}  // namespace protocol
}  // namespace codecosim
