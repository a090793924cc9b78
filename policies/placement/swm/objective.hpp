#pragma once
#include "sim/base/registry.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// What SWM's policies minimise: a sum of what the solver's message carries, each part in parts of its reference and
/// times its weight. That costs, recommendations, latencies and places now are what SWM's solver is given is [S] (its
/// protocol); the sum, the references and the weights are ours [I], since CODECO publishes none. docs/policies.md has
/// it as an equation.
struct Objective {
  double row_cost = 1;        ///< Of PDLC's cost of the row, in [0, 1].
  double cost = 1;            ///< Of PDLC's cost of the workload on the row.
  double recommendation = 1;  ///< Of one less PDLC's recommendation, in [0, 1].
  double channel = 1;         ///< Of a channel's latency over its bound (or `delay`), mean over the pairs of its ends.
  double client = 1;          ///< Of the clients' latency over `delay`, for components that no channel leads to.
  double data = 1;            ///< Of the data sets that would have to be copied, over `bulk`.
  double move = 0.1;          ///< Of a move: one, and its state over `bulk`.
  Seconds delay{0.010};       ///< Reference: what CODECO's older services had as latency by default [S].
  Bytes bulk{1024.0 * 1024 * 1024};

  /// Latencies count up to so many times their reference: what is worse is as bad.
  static constexpr double worst = 100;
};

Objective read_objective(Reader&);

}  // namespace codecosim
