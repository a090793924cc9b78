#pragma once
#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "models/policy.hpp"

namespace codecosim {

/// What a proxy has seen of each endpoint, as far as it has: `State` has a number `outstanding` of requests that it has
/// sent there and that have not ended.
template <class State>
class Observed {
 public:
  State& operator[](std::uint32_t id) { return of_[id]; }
  const State* find(std::uint32_t id) const {
    const auto found = of_.find(id);
    return found == of_.end() ? nullptr : &found->second;
  }
  std::uint32_t outstanding(std::uint32_t id) const {
    const State* state = find(id);
    return state ? state->outstanding : 0;
  }
  /// Takes down that a request goes to this endpoint. Endpoints that are gone are forgotten now and then.
  State& send(const RoutingProblem& problem, std::uint32_t endpoint) {
    if (of_.size() > 2 * problem.size() + 16) forget(problem);
    State& state = of_[problem.id(endpoint)];
    ++state.outstanding;
    return state;
  }
  /// Takes down that one has ended. Null where the endpoint has been forgotten.
  State* end(std::uint32_t id) {
    const auto found = of_.find(id);
    if (found == of_.end()) return nullptr;
    --found->second.outstanding;
    return &found->second;
  }

 private:
  void forget(const RoutingProblem& problem) {
    std::vector<std::uint32_t> here;
    for (std::uint32_t i = 0; i < problem.size(); ++i) here.push_back(problem.id(i));
    std::erase_if(of_, [&](const auto& one) {
      return one.second.outstanding == 0 && !std::ranges::binary_search(here, one.first);
    });
  }
  std::unordered_map<std::uint32_t, State> of_;
};

/// Two different endpoints, each pair with the same chance; the same one twice where there is only one.
inline std::pair<std::uint32_t, std::uint32_t> any_two(std::uint32_t endpoints, Rng& rng) {
  if (endpoints == 1) return {0, 0};
  const auto first = static_cast<std::uint32_t>(rng.below(endpoints));
  const auto second = static_cast<std::uint32_t>(rng.below(endpoints - 1));
  return {first, second + (second >= first)};
}

}  // namespace codecosim
