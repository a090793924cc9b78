#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/base/distribution.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// The arrival process of a client's requests, which does not depend on the simulated world. One object serves all
/// clients of a kind; the State is per client.
class Workload {
 public:
  struct State {
    Rng rng;
    Seconds last;             ///< The previous arrival.
    std::uint64_t count = 0;  ///< Arrivals so far.
    Seconds phase;            ///< Phase of a periodic source, once drawn.
  };
  virtual ~Workload() = default;
  /// The next arrival, not before the last one; none when there is no more. `client` is its number among its kind.
  virtual std::optional<Seconds> next(State& state, std::uint32_t client) const = 0;
  /// The expected number of requests that a client sends up to a date.
  virtual double expected(std::uint32_t client, Seconds until) const = 0;
};

/// Poisson stream: exponential gaps of mean 1 / rate.
std::unique_ptr<Workload> poisson_workload(Hertz rate);
/// Periodic stream: one every `period`, from a phase drawn uniformly in the first period. Each is delayed by its own
/// draw of `jitter`.
std::unique_ptr<Workload> periodic_workload(Seconds period, Distribution<Seconds> jitter);
/// Poisson stream whose rate follows `factors` over `day`, in equal steps, times `mean`; the factors are scaled to
/// mean 1. By thinning (Lewis, Shedler: "Simulation of nonhomogeneous Poisson processes by thinning", 1979).
std::unique_ptr<Workload> diurnal_workload(Hertz mean, std::vector<double> factors, Seconds day);
/// Replay: the arrivals of client c are `arrivals[c % arrivals.size()]`, each sorted.
std::unique_ptr<Workload> replay_workload(std::vector<std::vector<Seconds>> arrivals);

}  // namespace codecosim
