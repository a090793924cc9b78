#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "models/policy.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// The messages between an external policy and codecosim, one JSON object per line: docs/external.md, and as JSON
/// Schema docs/external.schema.json. Quantities are plain numbers in base units, which the suffix of a key names.
namespace protocol {

constexpr int version = 1;

/// The run that a policy is told of at the beginning.
struct Run {
  std::string seam, scenario;
  std::uint64_t seed = 1, replication = 0;
};

/// The number of a question in the protocol, and the number of the policy that asks it.
struct Question {
  std::uint64_t number = 0;
  std::uint32_t asker = 0;
};

Json hello(const Run&, Seconds timeout);
/// The message of a problem. Latencies between rows are included where there are at most `path_rows` rows.
Json problem(const PlacementProblem&, const Question&, std::uint32_t path_rows);
/// The message of feedback on the question with this number in the protocol.
Json feedback(const Feedback&, std::uint64_t number);
Json end(const Json& manifest, const Json& summary);

/// The JSON Schema of all messages: docs/external.schema.json.
Json schema();

/// A message as the line that is sent.
std::string text(const Json&);

/// The first message of a policy, about itself.
struct Greeting {
  std::string name;
  Seconds feedback_after = forever;
};
struct Answer {
  std::uint64_t number = 0;
  Placement placement;
};
/// The reason why a line is not a valid message.
struct ParseError {
  std::string what;
};

std::variant<Greeting, ParseError> parse_hello(const std::string& line);
/// An index of a workload or row that the problem does not have makes the line garbage.
std::variant<Answer, ParseError> parse_answer(const std::string& line, const PlacementProblem&);

}  // namespace protocol
}  // namespace codecosim
