#pragma once
#include <cstdint>
#include <optional>

#include "policies/placement/swm/deadline.hpp"
#include "policies/placement/swm/model.hpp"

namespace codecosim {

/// The result of exact optimisation.
struct ExactAnswer {
  std::optional<SwmSolution> best;  ///< The best solution found, better than the start; none: nothing better was found.
  bool proven = false;              ///< Nothing is better than `best`, or else than the start, by more than the gap.
};

/// The least value of the objective, as a mixed-integer programme that COIN-OR CBC solves by branch and cut, on one
/// thread: x(w, r) in {0, 1} for a workload on a row, y(a, r, b, s) for the product of two of them whose components
/// have a channel, linearised as in Adams and Sherali, "A tight linearization and an algorithm for zero-one quadratic
/// programming problems", Management Science 32 (1986): the sum of y over s is x(a, r), that over r is x(b, s); and
/// p(c, r, s, k) in {0, 1} for path k of channel c between two rows where media are scarce. Where not all workloads can
/// be placed, as many as possible are. `start` is an initial solution, the upper bound. Nothing is tried where there
/// would be more than `exact_columns` columns, or without CBC.
ExactAnswer solve_exactly(SwmModel& model, const SwmSolution* start, Deadline& deadline, double gap);

/// The type of codecosim_solve_exactly, the function that the library with CBC exports.
using SolveExactly = void(SwmModel&, const SwmSolution*, Deadline&, double gap, ExactAnswer&);

inline constexpr std::uint64_t exact_columns = 60000;

}  // namespace codecosim
