#pragma once
#include <cstdint>
#include <span>

#include "models/policy.hpp"

namespace codecosim {

/// A metric by which PDLC-CA scores a row. metrics() is the only list of them: scenarios are read, documented and
/// scored from it.
struct Metric {
  enum class Better : std::uint8_t { lower, higher };
  const char* name;  ///< CODECO's name, where it has one.
  const char* unit;  ///< The unit of value(); empty: a plain number.
  const char* prose;
  Better better;
  double (*value)(const PlacementProblem::Row&);
};

/// All metrics. The names are those of the fields of CODECO's acm-mons, mdm-mons and netma-mons; its values there are
/// placeholders, so meaning and unit are ours. `carbon`, `cpu_price`, `cpu_free`, `client_latency` and `age` are
/// additions of ours. CODECO's `zone`, `uid_location` and `link_id` are not quantities, `portability` and `path_length`
/// depend on an application, and `node_net_failure` is the sum of `link_failure` over the links of a node.
std::span<const Metric> metrics();

}  // namespace codecosim
