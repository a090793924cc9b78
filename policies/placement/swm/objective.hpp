#pragma once
#include "sim/base/registry.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// The objective that SWM's policies minimise: a weighted sum of the inputs in the solver's message, each divided by
/// its reference. The inputs of SWM's solver are costs, recommendations, latencies and current placements [S] (its
/// protocol); the sum, the references and the weights are ours [I], since CODECO publishes none. docs/policies.md has
/// the equation.
struct Objective {
  double row_cost = 1;        ///< Weight of PDLC's cost of the row, in [0, 1].
  double cost = 1;            ///< Weight of PDLC's cost of the workload on the row.
  double recommendation = 1;  ///< Weight of 1 - PDLC's recommendation, in [0, 1].
  double channel = 1;    ///< Weight of a channel's latency / its bound (or `delay`), mean over the pairs of its ends.
  double client = 1;     ///< Weight of the clients' latency / `delay`, for components that no channel leads to.
  double data = 1;       ///< Weight of the bytes of data sets that must be copied / `bulk`.
  double move = 0.1;     ///< Weight of a move: 1 + its state / `bulk`.
  Seconds delay{0.010};  ///< Reference: default latency of CODECO's older services [S].
  Bytes bulk{1024.0 * 1024 * 1024};

  /// Latencies are clamped to this multiple of their reference.
  static constexpr double worst = 100;
};

Objective read_objective(Reader&);

}  // namespace codecosim
