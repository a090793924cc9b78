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
    Seconds last;             ///< The previous arrival, in a closed loop its end; at first when the client comes.
    std::uint64_t count = 0;  ///< Arrivals so far.
    Seconds mark{};           ///< Of a periodic source: its phase. Of a modulated one: the end of its stay in a state.
    std::uint64_t place = 0;  ///< Of a modulated source: its state. Of a closed loop: requests left in the session.
  };
  virtual ~Workload() = default;
  /// The next arrival, not before the last one; none when there is no more. `client` is its number among its kind.
  virtual std::optional<Seconds> next(State& state, std::uint32_t client) const = 0;
  /// The expected number of requests that a client sends between two dates, of a closed loop at most.
  virtual double expected(std::uint32_t client, Seconds from, Seconds until) const = 0;
  /// Whether a client waits for the end of each request before the next.
  virtual bool closed() const { return false; }
};

/// Poisson stream: exponential gaps of mean 1 / rate.
std::unique_ptr<Workload> poisson_workload(Hertz rate);
/// Periodic stream: one every `period`, from a phase drawn uniformly in the first period. Each is delayed by its own
/// draw of `jitter`.
std::unique_ptr<Workload> periodic_workload(Seconds period, Distribution<Seconds> jitter);
/// Poisson stream whose rate follows `factors` over `day`, in equal steps, times `mean`; the factors are scaled to
/// mean 1. By thinning (Lewis, Shedler: "Simulation of nonhomogeneous Poisson processes by thinning", 1979).
std::unique_ptr<Workload> diurnal_workload(Hertz mean, std::vector<double> factors, Seconds day);
/// A date and the rate from there on.
struct RatePoint {
  Seconds at;
  Hertz rate;
};
/// Poisson stream whose rate is linear between these points, by rising date from 0 on; after the last it stays or, with
/// a period, the profile begins anew. By the inverse of the cumulative rate (Çinlar, "Introduction to Stochastic
/// Processes", 1975, ch. 4).
std::unique_ptr<Workload> profile_workload(std::vector<RatePoint> points, std::optional<Seconds> period);
/// A state of a modulated stream: in it, requests come as a Poisson stream.
struct RateState {
  Hertz rate;
  Distribution<Seconds> stay;
  std::vector<double>
      next{};  ///< Probabilities of the states that follow; empty: the next in the list, after the last the first.
};
/// Markov-modulated Poisson process (W. Fischer, K. Meier-Hellstern, "The Markov-modulated Poisson process (MMPP)
/// cookbook", Performance Evaluation 18(2), 1993), also with stays that are not exponential. A client begins in a state
/// drawn by its share of the time.
std::unique_ptr<Workload> modulated_workload(std::vector<RateState> states);
/// Closed loop: a request, and after its end the time to think. A session of so many requests is followed by `between`
/// instead.
std::unique_ptr<Workload> closed_workload(Distribution<Seconds> think, std::optional<Distribution<double>> session,
                                          Distribution<Seconds> between);
/// Replay: the arrivals of client c are `arrivals[c % arrivals.size()]`, each sorted.
std::unique_ptr<Workload> replay_workload(std::vector<std::vector<Seconds>> arrivals);

}  // namespace codecosim
