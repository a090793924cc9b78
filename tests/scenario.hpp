#pragma once
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/simulation.hpp"
#include "policies/add_policies.hpp"
#include "scenarios/load.hpp"
#include "sim/base/reader.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {

/// The simulation of a scenario given as JSON, ready to run. There is one in a process, as there is one test case.
/// `files`, by name, lie beside it.
inline std::unique_ptr<Simulation> simulation(const Json& scenario, std::uint64_t replication = 0,
                                              const std::map<std::string, std::string>& files = {}) {
  const Scratch scratch;
  for (const auto& [name, text] : files) scratch.write(name, text);
  Policies policies;
  add_policies(policies);
  const Document document(scratch.write("scenario.json", scenario.dump()), {}, false);
  return std::make_unique<Simulation>(load(document, policies), replication, policies);
}

/// A control plane as CODECO's is implemented, in which ACM, the hub and proxies take no time and nothing probes, so
/// that dates are added up by hand; `ocm` and `kubernetes` are those parts of it.
inline Json prompt_codeco(const Json& ocm, Json kubernetes) {
  if (!kubernetes.contains("endpoints")) kubernetes["endpoints"] = "0 s";
  return {{"preset", "as-implemented"},
          {"probes", "none"},
          {"hub", {{"service", "0 s"}}},
          {"acm", {{"wait", "0 s"}, {"reconcile", "0 s"}, {"solve", "0 s"}, {"solve_row", "0 s"}}},
          {"ocm", ocm},
          {"kubernetes", kubernetes}};
}

inline Figure figure(Simulation& simulation, const std::string& name) {
  for (const Figure& one : simulation.summary())
    if (one.name == name) return one;
  throw std::runtime_error("no figure " + name);
}
/// Of one that was measured.
inline double value_of(Simulation& simulation, const std::string& name) {
  if (const auto value = figure(simulation, name).value) return *value;
  throw std::runtime_error("not measured: " + name);
}

/// An application of one component, `serve`, with one replica, whose image is everywhere and which starts in no time.
inline Json server(const std::string& name, int concurrency, const Json& work) {
  return {{"name", name},
          {"components",
           {{{"name", "serve"},
             {"image", {{"name", "serve"}, {"everywhere", true}}},
             {"start", "0 s"},
             {"concurrency", concurrency},
             {"work", work}}}}};
}

/// One cluster `c` with one node of the type `n`, the application `app`, and one client `user` next to it: a queueing
/// station. The network takes no time: nothing is transferred, over links without latency.
inline Json station(double cores, int concurrency, const Json& work, const std::string& rate,
                    const std::string& duration) {
  const Json link = {{"bandwidth", "1 Gbit/s"}, {"latency", "0 s"}};
  return {
      {"name", "station"},
      {"duration", duration},
      {"warmup", "100 s"},
      {"providers", {{"p", Json::object()}}},
      {"node_types", {{"n", {{"cores", cores}, {"memory", "8 GiB"}, {"power", {{"idle", "10 W"}, {"busy", "30 W"}}}}}}},
      {"clusters", {{{"name", "c"}, {"provider", "p"}, {"nodes", {{{"type", "n"}}}}, {"lan", link}, {"uplink", link}}}},
      {"applications", {server("app", concurrency, work)}},
      {"clients",
       {{{"name", "user"},
         {"application", "app"},
         {"at", "c"},
         {"entry", "serve"},
         {"workload", {{"poisson", rate}}},
         {"request", "0 B"},
         {"reply", "0 B"}}}}};
}

/// A mean and the half width of its 95 % interval, by batch means over the lines of the series after the warm-up.
struct Interval {
  double mean, half_width;
};
inline Interval latency_interval(const Simulation& simulation) {
  const auto& rows = simulation.series().rows();
  std::vector<double> batches;
  for (const auto& row : rows)
    if (row[0] > simulation.scenario().warmup.value * (1 + 1e-9) && row[4]) batches.push_back(*row[4]);
  double sum = 0, squares = 0;
  for (const double x : batches) sum += x;
  const double n = static_cast<double>(batches.size()), mean = sum / n;
  for (const double x : batches) squares += (x - mean) * (x - mean);
  constexpr double t = 1.99;  // Student, 0.975, about 90 degrees of freedom
  return {mean, t * std::sqrt(squares / (n - 1) / n)};
}

}  // namespace codecosim::test
