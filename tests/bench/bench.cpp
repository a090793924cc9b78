// W1 through the whole product against the same workload on the bare calendar, in turn, in one call; then 10 000
// walkers over 1 000 cells against W1 with as many clusters as there are cells, and with as many clients. One JSON line
// a case, medians of the rounds. Only when they are asked for: the case "policies", a table of what deciding costs, and
// the case "mega", everything on at scale.
// codecosim-bench [--rounds N] [--case NAME] [--factories N] [--duration TEXT] [--control-plane NAME]
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/decide.hpp"
#include "tests/shell.hpp"

using namespace codecosim::test;

namespace {
struct Case {
  const char* name;
  const char* scenario;
  int clusters;
  int seconds;
};
// Each long enough for about a million requests; the clients' number follows the application's where it is local. The
// last has a flow on every link that leads down besides; its limit program knows nothing of those.
const std::vector<Case> cases{{"local-100", "w1.json", 100, 1000},          {"local-1000", "w1.json", 1000, 100},
                              {"local-10000", "w1.json", 10000, 20},        {"local-100000", "w1.json", 100000, 5},
                              {"remote-1000", "w1-remote.json", 1000, 100}, {"flows-1000", "w1-flows.json", 1000, 20}};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

nlohmann::json limit(const Case& one) {
  const Scratch scratch;
  const std::string command = fmt::format("{} {} {} {} >{}", CODECOSIM_LIMIT, one.clusters, one.seconds,
                                          one.scenario[2] == '-' ? "remote" : "", scratch / "out");
  if (std::system(command.c_str()) != 0) throw std::runtime_error("the limit program failed");
  return nlohmann::json::parse(contents(scratch / "out"));
}

nlohmann::ordered_json product(const Case& one) {
  const bool remote = one.scenario[2] == '-';
  const std::string count = std::to_string(one.clusters);
  const auto result = simulate(fmt::format(
      "{}/tests/bench/{} --set /clusters/edge/count={} --set {}={} --set '/duration={} s'", CODECOSIM_SOURCE,
      one.scenario, count, remote ? "/clients/0/count" : "/applications/0/count", count, one.seconds));
  if (result.empty()) throw std::runtime_error("the product failed");
  return result;
}

void run(const Case& one, int rounds) {
  std::vector<double> rates, limits, ratios, events, memory, limit_memory, build;
  double latency = 0, limit_latency = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto bare = limit(one);
    const auto whole = product(one);
    const double rate =
        whole["summary"]["requests.completed"]["value"].get<double>() / whole["manifest"]["wall_s"].get<double>();
    const double limit_rate = bare["requests"].get<double>() / bare["wall_s"].get<double>();
    rates.push_back(rate);
    limits.push_back(limit_rate);
    ratios.push_back(rate / limit_rate);
    events.push_back(whole["manifest"]["events_per_second"]);
    memory.push_back(whole["manifest"]["peak_memory_bytes"]);
    limit_memory.push_back(bare["peak_memory_bytes"]);
    build.push_back(whole["manifest"]["build_s"]);
    latency = whole["summary"]["request.latency"]["mean"];
    limit_latency = bare["mean_latency_s"];
  }
  const nlohmann::ordered_json line = {{"case", one.name},
                                       {"clusters", one.clusters},
                                       {"simulated_s", one.seconds},
                                       {"requests_per_second", std::round(median(rates))},
                                       {"limit_requests_per_second", std::round(median(limits))},
                                       {"ratio", median(ratios)},
                                       {"events_per_second", std::round(median(events))},
                                       {"peak_memory_bytes", median(memory)},
                                       {"limit_peak_memory_bytes", median(limit_memory)},
                                       {"build_s", median(build)},
                                       {"mean_latency_s", latency},
                                       {"limit_mean_latency_s", limit_latency},
                                       {"rounds", rounds}};
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

void walk(int rounds) {
  std::vector<double> events, requests, memory, by_cells, by_clients;
  double handovers = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto walkers = simulate(fmt::format("{}/tests/bench/walkers.json", CODECOSIM_SOURCE));
    if (walkers.empty()) throw std::runtime_error("the product failed");
    const double rate = walkers["manifest"]["events_per_second"];
    events.push_back(rate);
    by_cells.push_back(rate / product(cases[1])["manifest"]["events_per_second"].get<double>());
    by_clients.push_back(rate / product(cases[2])["manifest"]["events_per_second"].get<double>());
    requests.push_back(walkers["summary"]["requests.completed"]["value"].get<double>() /
                       walkers["manifest"]["wall_s"].get<double>());
    memory.push_back(walkers["manifest"]["peak_memory_bytes"]);
    handovers = walkers["summary"]["radio.handovers"]["value"];
  }
  const nlohmann::ordered_json line = {{"case", "walkers"},
                                       {"devices", 10000},
                                       {"cells", 1000},
                                       {"simulated_s", 600},
                                       {"handovers", handovers},
                                       {"requests_per_second", std::round(median(requests))},
                                       {"events_per_second", std::round(median(events))},
                                       {"ratio_to_local_1000", median(by_cells)},
                                       {"ratio_to_local_10000", median(by_clients)},
                                       {"peak_memory_bytes", median(memory)},
                                       {"rounds", rounds}};
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

/// What one run of it takes, and how many requests of W1 on 1 000 clusters take as long.
struct Mega {
  int factories = 10;
  std::string duration = "1 h", control_plane = "as-designed";
};
void run(const Mega& one, int rounds) {
  const std::string settings = fmt::format(
      "library:mega --set '/sites/factory/count={}' --set '/clusters/hub/count={}' --set '/duration=\"{}\"'",
      one.factories, std::max(1, one.factories / 250), one.duration);
  const std::string plane = one.control_plane == "oracle"
                                ? " --set '/control_plane=\"oracle\"'"
                                : fmt::format(" --set '/control_plane/preset=\"{}\"'", one.control_plane);
  std::vector<double> cpu, build, memory, events, in_requests;
  double moves = 0, requests = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto whole = simulate(settings + plane), w1 = product(cases[1]);
    if (whole.empty()) throw std::runtime_error("the product failed");
    const auto& manifest = whole["manifest"];
    cpu.push_back(manifest["cpu_s"]);
    build.push_back(manifest["build_s"]);
    memory.push_back(manifest["peak_memory_bytes"]);
    events.push_back(manifest["events_per_second"]);
    const double rate =
        w1["summary"]["requests.completed"]["value"].get<double>() / w1["manifest"]["cpu_s"].get<double>();
    in_requests.push_back(cpu.back() * rate);
    requests = whole["summary"]["requests.submitted"]["value"];
    moves = whole["summary"]["placement.moves"]["value"];
  }
  const nlohmann::ordered_json line = {{"case", "mega"},
                                       {"factories", one.factories},
                                       {"control_plane", one.control_plane},
                                       {"duration", one.duration},
                                       {"requests", requests},
                                       {"moves", moves},
                                       {"cpu_s", median(cpu)},
                                       {"build_s", median(build)},
                                       {"events_per_second", std::round(median(events))},
                                       {"peak_memory_bytes", median(memory)},
                                       {"as_requests_of_local_1000", std::round(median(in_requests))},
                                       {"rounds", rounds}};
  fmt::print("{}\n", line.dump());
}
}  // namespace

int main(int argc, char** argv) {
  int rounds = 3;
  std::string only;
  Mega everything;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0)
      rounds = std::max(1, std::atoi(argv[i + 1]));
    else if (std::strcmp(argv[i], "--case") == 0)
      only = argv[i + 1];
    else if (std::strcmp(argv[i], "--factories") == 0)
      everything.factories = std::max(1, std::atoi(argv[i + 1]));
    else if (std::strcmp(argv[i], "--duration") == 0)
      everything.duration = argv[i + 1];
    else if (std::strcmp(argv[i], "--control-plane") == 0)
      everything.control_plane = argv[i + 1];
    else
      return fmt::print(stderr,
                        "usage: codecosim-bench [--rounds N] [--case NAME]\n"
                        "       codecosim-bench --case mega [--rounds N] [--factories N] [--duration TEXT] "
                        "[--control-plane NAME]\n"),
             2;
  }
  try {
    for (const Case& one : cases)
      if (only.empty() || only == one.name) run(one, rounds);
    if (only.empty() || only == "walkers") walk(rounds);
    if (only == "policies") decide(rounds);
    if (only == "mega") run(everything, rounds);
  } catch (const std::exception& wrong) {
    fmt::print(stderr, "{}\n", wrong.what());
    return 1;
  }
}
