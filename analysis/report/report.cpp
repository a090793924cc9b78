#include "analysis/report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "analysis/compare.hpp"
#include "analysis/compare_text.hpp"
#include "analysis/metrics.hpp"
#include "analysis/report/page.hpp"
#include "analysis/report/replay.hpp"
#include "analysis/results.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/error.hpp"
#include "sim/base/json.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(Failure::scenario, fmt::format("{}: cannot be read", file.string()));
  return {std::istreambuf_iterator<char>(in), {}};
}

Json read_json(const fs::path& file, bool object = true) {
  Json json = parse_json(read_text(file), file.string());
  if (object ? !json.is_object() : !json.is_array())
    throw Error(Failure::scenario, fmt::format("{}: is not a JSON {}", file.string(), object ? "object" : "array"));
  return json;
}

/// The number of replicas that wait for each reason, most first, with some of their names.
Json reasons(const fs::path& file) {
  constexpr std::size_t shown = 12;
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const Json& one : read_json(file, false)) {
    if (!one.is_object() || !one.value("replica", Json()).is_string() || !one.value("reason", Json()).is_string())
      throw Error(Failure::scenario, fmt::format("{}: expected replicas with reasons", file.string()));
    by_reason[one["reason"]].push_back(one["replica"]);
  }
  Json all = Json::array();
  for (auto& [reason, replicas] : by_reason) {
    const std::size_t count = replicas.size();
    replicas.resize(std::min(count, shown));
    all.push_back({{"reason", reason}, {"count", count}, {"replicas", replicas}});
  }
  std::stable_sort(all.begin(), all.end(), [](const Json& a, const Json& b) { return a["count"] > b["count"]; });
  return all;
}

Json series(const fs::path& file, const std::vector<const char*>& columns) {
  const Csv csv(file.string());
  Json all = Json::object();
  for (const char* name : columns) {
    if (!csv.has(name)) continue;
    Json& values = all[name] = Json::array();
    const std::size_t column = csv.column(name);
    for (std::size_t row = 0; row < csv.rows(); ++row)
      values.push_back(csv.text(row, column).empty() ? Json() : Json(csv.number(row, column)));
  }
  return all;
}

/// The distribution functions: values and cumulative shares, by distribution.
Json distributions(const fs::path& file) {
  const Csv csv(file.string());
  const std::size_t name = csv.column("distribution"), value = csv.column("value"), share = csv.column("share");
  Json all = Json::object();
  for (std::size_t row = 0; row < csv.rows(); ++row)
    all[csv.text(row, name)].push_back({csv.number(row, value), csv.number(row, share)});
  return all;
}

std::string of_run(const fs::path& folder) {
  const auto if_there = [&](const char* name, auto&& make) {
    return fs::exists(folder / name) ? make(folder / name) : Json();
  };
  const Json manifest = read_json(folder / "manifest.json"), summary = read_json(folder / "summary.json");
  check_summary(summary, (folder / "summary.json").string());
  const bool replays = fs::exists(folder / "replay.zst");
  const Json data = {
      {"kind", "run"},
      {"manifest", manifest},
      {"summary", summary},
      {"scenario", if_there("scenario.json", [](const fs::path& file) { return read_json(file); })},
      {"pending", if_there("pending.json", reasons)},
      {"series", if_there("series.csv",
                          [](const fs::path& file) {
                            return series(
                                file, {"time_s", "requests_completed", "requests_failed", "requests_in_flight",
                                       "mean_latency_s", "busy_cores", "power_w", "pods_ready", "nodes_up", "flows"});
                          })},
      {"distributions", if_there("distributions.csv", distributions)},
  };
  const auto name = manifest.value("scenario", Json());
  return page((name.is_string() ? name.get<std::string>() : "run") + " - codecosim", data,
              replays ? replay_payload(folder.string()) : std::string());
}

/// Paired differences between the levels of each factor, where there are enough runs.
Json comparisons(const Results& results) {
  constexpr std::size_t most_levels = 12;  // each is compared with each
  Json all = Json::array();
  for (const std::size_t factor : results.factors()) {
    const std::size_t levels = results.levels(factor).size();
    if (levels < 2 || levels > most_levels) continue;
    CompareOptions options;
    options.factor = results.columns()[factor].name;
    try {
      all.push_back(compare_json(compare(results, options)));
    } catch (const Error& nothing) {
      all.push_back({{"factor", options.factor}, {"why_not", nothing.what()}});
    }
  }
  return all;
}

std::string of_sweep(const std::string& path) {
  const Results results({path});
  constexpr const char* roles[] = {"id", "factor", "sample", "status", "metric", "provenance"};
  constexpr const char* ways[] = {"lower", "higher", ""};
  Json columns = Json::array(), cells = Json::array(), done = Json::array();
  for (const Results::Column& one : results.columns())
    columns.push_back({{"name", one.name},
                       {"role", roles[static_cast<int>(one.role)]},
                       {"unit", one.unit},
                       {"meaning", one.meaning},
                       {"better", ways[static_cast<int>(one.better)]}});
  for (std::size_t c = 0; c < results.columns().size(); ++c) {
    Json& values = cells.emplace_back(Json::array());
    for (std::size_t row = 0; row < results.rows(); ++row) {
      const auto number = results.columns()[c].role == Results::Role::metric ? results.number(row, c) : std::nullopt;
      values.push_back(results.columns()[c].role != Results::Role::metric ? Json(results.text(row, c))
                       : number                                           ? Json(*number)
                                                                          : Json());
    }
  }
  for (std::size_t row = 0; row < results.rows(); ++row) done.push_back(results.done(row));
  return page(results.name() + " - codecosim", {{"kind", "sweep"},
                                                {"name", results.name()},
                                                {"columns", columns},
                                                {"cells", cells},
                                                {"done", done},
                                                {"comparisons", comparisons(results)}});
}
}  // namespace

std::string report(const std::string& path) {
  if (!fs::exists(path)) throw Error(Failure::scenario, fmt::format("{}: there is no such directory", path));
  if (path.ends_with(".partial"))
    throw Error(Failure::scenario, fmt::format("{}: this run has not ended, or has died", path));
  return fs::exists(fs::path(path) / "manifest.json") ? of_run(path) : of_sweep(path);
}

}  // namespace codecosim
