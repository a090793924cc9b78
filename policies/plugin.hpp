#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "models/policy.hpp"
#include "sim/base/reader.hpp"

/// The interface by which a shared library adds policies: `codecosim ... --plugin ./libmine.so` (docs/external.md,
/// examples/plugin).
///
///     void add_mine(codecosim::Policies& policies) { policies.placement.add("mine", "What it does.", make_mine); }
///     CODECOSIM_PLUGIN(add_mine)
///
/// The function gets empty registries. All that it adds is registered, or nothing where a name is taken already or the
/// function throws. The library is never unloaded.
#define CODECOSIM_PLUGIN(add)                                                                                    \
  extern "C" __attribute__((visibility("default"))) const char* codecosim_plugin_abi() {                         \
    return ::codecosim::plugin_abi.data();                                                                       \
  }                                                                                                              \
  extern "C" __attribute__((visibility("default"))) void codecosim_plugin_add(::codecosim::Policies* policies) { \
    add(*policies);                                                                                              \
  }

namespace codecosim {

/// The version of the interface. It must be raised whenever a policy or learner class (models/policy.hpp,
/// models/learner.hpp) changes in a way that its size does not show, such as a virtual function.
inline constexpr int plugin_version = 5;

namespace detail {
/// FNV-1a over the sizes and alignments of all types that codecosim and a plug-in exchange.
template <class... Type>
consteval std::uint64_t layout() {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&hash](std::uint64_t number) { hash = (hash ^ number) * 0x100000001b3ULL; };
  (..., (mix(sizeof(Type)), mix(alignof(Type))));
  return hash;
}

consteval auto make_plugin_abi() {
  constexpr std::string_view prose = "codecosim plug-in 000, C++ ABI 00000/0, JSON 0.00.00, layout 0000000000000000";
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, prose.size() + 1> text{};
  for (std::size_t i = 0; i < prose.size(); ++i) text[i] = prose[i];
  // Each number ends at this place.
  const auto write = [&](std::uint64_t number, std::size_t end, std::uint64_t base) {
    for (std::size_t i = end; prose[i - 1] == '0'; number /= base) text[--i] = digits[number % base];
  };
  write(plugin_version, prose.find(", C++"), 10);
  write(__GXX_ABI_VERSION, prose.find('/'), 10);
#ifdef _GLIBCXX_USE_CXX11_ABI
  write(_GLIBCXX_USE_CXX11_ABI, prose.find(", JSON"), 10);
#endif
  write(NLOHMANN_JSON_VERSION_MAJOR, prose.find('.'), 10);
  write(NLOHMANN_JSON_VERSION_MINOR, prose.rfind('.'), 10);
  write(NLOHMANN_JSON_VERSION_PATCH, prose.find(", layout"), 10);
  write(layout<PlacementProblem, PlacementProblem::Workload, PlacementProblem::Channel, PlacementProblem::Row,
               PlacementProblem::Path, Monitored, Taint, Toleration, Placement, Placement::Assignment, Placement::Way,
               Feedback, Futures::Answer, PartitionProblem, PartitionProblem::Row, Neighbourhood, MigrationProblem,
               MigrationProblem::Replica, MigrationProblem::Row, MigrationMove, Learner::Training, Forecaster::Graph,
               Forecaster::Figures, RoutingProblem, Registry<PlacementPolicy>::Entry, Policies, Reader, Reader::Log,
               Json, Rng, Error>(),
        prose.size(), 16);
  return text;
}
}  // namespace detail

/// The ABI string on which codecosim and a plug-in must agree. Not inline: each has its own.
constexpr auto plugin_abi = detail::make_plugin_abi();

}  // namespace codecosim
