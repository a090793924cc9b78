#pragma once
#include <cstdint>
#include <span>

#include "models/policy.hpp"

namespace codecosim {

/// What PDLC-CA scores a row by. The one list of them: scenarios are read, documented and scored from it.
struct Metric {
  enum class Better : std::uint8_t { lower, higher };
  const char* name;  ///< CODECO's, where it has one.
  const char* unit;  ///< Of value(); empty: a plain number.
  const char* prose;
  Better better;
  double (*value)(const PlacementProblem::Row&);
};

/// Names are those of the fields of CODECO's acm-mons, mdm-mons and netma-mons; its values there are placeholders, so
/// meaning and unit are ours. `carbon`, `cpu_price`, `cpu_free`, `client_latency` and `age` are additions of ours.
/// CODECO's `zone`, `uid_location` and `link_id` are no amounts, `portability` and `path_length` depend on an
/// application, and `node_net_failure` is the sum of `link_failure` over the links of a node.
std::span<const Metric> metrics();

}  // namespace codecosim
