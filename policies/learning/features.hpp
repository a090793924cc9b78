#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "models/policy.hpp"
#include "policies/placement/feasible.hpp"

/// The input features of PDLC-DL's recommenders. The workloads of a problem are decided one after another: every
/// feature takes the workloads placed so far into account, which `so_far` holds.
namespace codecosim {

/// Free shares of a row's cpu and memory, from 0 to 1; zero where the row has none of the resource.
struct FreeShares {
  double cpu = 0, memory = 0;
};
/// Free shares of the row as it is now.
FreeShares free_shares(const Feasible& so_far, std::uint32_t row);
/// Free shares of the row with the workload on it. A workload takes nothing more where it runs already.
FreeShares free_shares_with(const PlacementProblem& problem, const Feasible& so_far, std::uint32_t workload,
                            std::uint32_t row);

/// The energy weight of a core and of a gigabyte in use on a node, without a unit.
struct Potency {
  double cpu = 0, memory = 0;
};
/// The potencies of a node. CODECO's RL code draws them anew for each node of each run, 0.01 + U(0.01, 0.03) and 0.0001
/// + U(0.0001, 0.0003) (from the code of a thesis by a co-author of PDLC) [S]. Here they are properties of the node:
/// drawn from these laws in a stream named after Row::id, so that every learner and every replication has the same [I].
Potency potency(std::uint32_t row_id);

/// Number of rows in CodecoState [S].
inline constexpr std::uint32_t codeco_rows = 20;
/// Length of CodecoState: CPU and memory that the pod requests, then four figures per row.
inline constexpr std::size_t codeco_state_size = 2 + 4 * codeco_rows;
using CodecoState = std::array<float, codeco_state_size>;
/// The state of CODECO's RL agent: the pod's request, then for each row its free share of cores, free share of memory,
/// energy and resilience, padded with zeros [S]. Energy is (cores x cpu_potency + gigabytes x ram_potency) x (energy of
/// links x node degree), resilience is node degree / node failures / link failures, where both counts start at 1 [S].
/// Ours [I]: requests in cores and gigabytes; cores and gigabytes of a row are those requested there; energy of links
/// in joules a gigabyte; rows beyond the twentieth are ignored.
CodecoState codeco_state(const PlacementProblem& problem, std::uint32_t workload, const Feasible& so_far);

/// One row of that state for a learner that scores each candidate by itself: the request, the row's four figures,
/// and 1.
using CodecoRow = std::array<float, 7>;
CodecoRow codeco_row(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                     const Feasible& so_far);

/// Mean over the workload's channels of the latency [s] between this row and the nearest replica of the other end; 0 s
/// where none is placed or the problem has no network, at least `forever` where one cannot be reached.
Seconds latency_to_peers(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                         const Feasible& so_far);

/// The features of a candidate in the presets `latency` and `estimate`, each from 0 to 1, by the same rule for any
/// number of candidates, so that one model scores them all [I]:
///   0  share of its cores that stays free with the workload on it
///   1  the same for memory
///   2  share of its cores that is busy: as forecast where something forecasts it, else as last measured
///   3  latency to the clients, on a logarithmic scale: ln(1 + l / 1 ms) / ln(1 + 1 s / 1 ms), 1 from a second on
///   4  latency to placed components that the workload has channels to: mean over channels of that to the nearest
///      replica, same scale; 0 without any, 1 where they cannot be reached
///   5  1 where the row has the workload's image
///   6  cost of the row: PDLC-CA's, 0 without
///   7  age a of the information on the row: a / (a + 60 s)
///   8  recent failures n of the row and its links: n / (n + 1)
///   9  1
using RowFeatures = std::array<float, 10>;
RowFeatures row_features(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                         const Feasible& so_far);

}  // namespace codecosim
