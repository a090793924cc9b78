#include "analysis/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <unordered_set>

#include "sim/base/csv.hpp"
#include "sim/base/csv_rows.hpp"
#include "sim/base/error.hpp"
#include "sim/base/json.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
constexpr std::array roles{"id", "factor", "sample", "status", "metric", "provenance"};

[[noreturn]] void fail(const std::string& what) { throw Error(Failure::scenario, what); }

Results::Role parse_role(const std::string& text, const std::string& file) {
  const auto found = std::find(roles.begin(), roles.end(), text);
  if (found == roles.end()) fail(fmt::format("{}: \"{}\" is none of {}", file, text, fmt::join(roles, ", ")));
  return static_cast<Results::Role>(found - roles.begin());
}

Json read_json(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(file + ": cannot be read");
  const Json json = parse_json(std::string{std::istreambuf_iterator<char>(in), {}}, file);
  if (!json.is_object()) fail(file + ": is not a JSON object");
  return json;
}

std::string kinds_in(const Json& summary, const std::string& file) {
  std::string kinds;
  if (!summary.contains("findings")) return kinds;
  for (const Json& one : summary["findings"]) {
    if (!one.is_object() || !one.contains("kind") || !one["kind"].is_string())
      fail(fmt::format("{}: one of \"findings\" has no \"kind\"", file));
    kinds += (kinds.empty() ? "" : " ") + one["kind"].get<std::string>();
  }
  return kinds;
}

std::string cell(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}
}  // namespace

Results::Results(const std::vector<std::string>& paths) {
  if (paths.empty()) throw Error(Failure::usage, "no results were named");
  const auto is_run = [](const fs::path& path) { return fs::exists(path / "summary.json"); };
  if (paths.size() == 1 && !is_run(paths.front())) {
    read_sweep(paths.front());
    return;
  }
  for (const std::string& path : paths)
    if (fs::exists(fs::path(path) / "results.csv") || fs::is_regular_file(path))
      throw Error(Failure::usage,
                  fmt::format("{} is a sweep's: expected one sweep, or the directories of several runs", path));
  read_runs(paths);
}

void Results::read_sweep(const std::string& path) {
  const fs::path folder = fs::is_directory(path) ? fs::path(path) : fs::path(path).parent_path();
  const fs::path table = fs::is_directory(path) ? folder / "results.csv" : fs::path(path);
  if (!fs::exists(table))
    fail(fmt::format("{}: there are no results; is it the directory of a sweep or of a run?", table.string()));
  constexpr std::uintmax_t most_bytes = 16'000'000'000;
  const Csv about((folder / "columns.csv").string());
  const std::size_t name = about.column("column"), role = about.column("role"), unit = about.column("unit"),
                    meaning = about.column("meaning"), way = about.column("better");
  const std::string dictionary = (folder / "columns.csv").string();
  for (std::size_t row = 0; row < about.rows(); ++row) {
    const std::optional<Better> better = parse_better(about.text(row, way));
    if (!better) fail(fmt::format("{}: \"{}\" is none of lower, higher, ", dictionary, about.text(row, way)));
    columns_.push_back({about.text(row, name), parse_role(about.text(row, role), dictionary), about.text(row, unit),
                        about.text(row, meaning), *better});
  }
  std::vector<std::size_t> order;
  cells_.resize(columns_.size());
  std::size_t run = 0;
  read_csv(table.string(), most_bytes, [&](std::size_t, std::vector<std::string>& cells) {
    if (order.empty()) {
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const auto found = std::find(cells.begin(), cells.end(), columns_[c].name);
        if (found == cells.end())
          about.fail(c, fmt::format("{} has no column \"{}\"", table.string(), columns_[c].name));
        order.push_back(static_cast<std::size_t>(found - cells.begin()));
      }
      for (const char* needed : {"run", "replication", "status"})
        if (!find(needed)) fail(fmt::format("{}: the column \"{}\" is missing", table.string(), needed));
      run = find("key").value_or(*find("run"));
      return;
    }
    const std::string& own = cells[order[run]];
    const fs::path kept = folder / "runs" / own;
    folders_.push_back(own.find('/') == std::string::npos && fs::exists(kept / "summary.json") ? kept.string() : "");
    for (std::size_t c = 0; c < columns_.size(); ++c) cells_[c].add(columns_[c].role, std::move(cells[order[c]]));
  });
  name_ = fs::absolute(folder / ".").parent_path().filename().string();
}

void Results::read_runs(const std::vector<std::string>& paths) {
  columns_ = {{"run", Role::factor, "", "Directory of the run.", Better::neither},
              {"scenario", Role::factor, "", "Name of the scenario.", Better::neither},
              {"placement", Role::factor, "", "Placement policy.", Better::neither},
              {"replication", Role::id, "", "Replication: other draws, same scenario.", Better::neither},
              {"seed", Role::id, "", "Seed of all random streams.", Better::neither},
              {"status", Role::status, "", "How the run ended.", Better::neither},
              {"fingerprint", Role::provenance, "", "What the run did.", Better::neither},
              {"findings", Role::provenance, "", "Kinds of what a reader must know of the run.", Better::neither}};
  std::map<std::string, std::size_t> metrics;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& path : paths) {
    const Json manifest = read_json(path + "/manifest.json"), summary = read_json(path + "/summary.json");
    check_summary(summary, path + "/summary.json");
    const auto told = [&](const char* key) { return manifest.contains(key) ? cell(manifest[key]) : std::string(); };
    std::vector<std::string> own{
        path,         told("scenario"), told("placement"),   told("replication"),
        told("seed"), "done",           told("fingerprint"), kinds_in(summary, path + "/summary.json")};
    folders_.push_back(path);
    for (const Measure& one : measures_of(summary)) {
      if (!one.value) continue;
      const auto [at, is_new] = metrics.emplace(one.name, columns_.size());
      if (is_new) columns_.push_back({one.name, Role::metric, one.unit, one.meaning, one.better});
      own.resize(std::max(own.size(), at->second + 1));
      own[at->second] = fmt::format("{}", *one.value);
    }
    rows.push_back(std::move(own));
    name_ = told("scenario");
  }
  cells_.resize(columns_.size());
  for (auto& row : rows) {
    row.resize(columns_.size());
    for (std::size_t c = 0; c < row.size(); ++c) cells_[c].add(columns_[c].role, std::move(row[c]));
  }
}

std::optional<std::size_t> Results::find(const std::string& column) const {
  for (std::size_t c = 0; c < columns_.size(); ++c)
    if (columns_[c].name == column) return c;
  return std::nullopt;
}

std::size_t Results::need(const std::string& column, Role role) const {
  if (const auto found = find(column); found && columns_[*found].role == role) return *found;
  std::vector<std::string> known;
  for (const Column& one : columns_)
    if (one.role == role) known.push_back(one.name);
  throw Error(Failure::usage, fmt::format("there is no {} \"{}\"{}", roles[static_cast<std::size_t>(role)], column,
                                          suggestion(column, known)));
}

void Results::Cells::add(Role role, std::string text) {
  if (role == Role::metric) return numbers.push_back(parse_number(text).value_or(std::nan("")));
  constexpr std::size_t most_known = 4096;  // a column with more has few repetitions
  const auto found = known.find(text);
  codes.push_back(found != known.end() ? found->second : static_cast<std::uint32_t>(texts.size()));
  if (found != known.end()) return;
  if (known.size() < most_known) known.emplace(text, codes.back());
  texts.push_back(std::move(text));
}

std::optional<double> Results::number(std::size_t row, std::size_t column) const {
  if (columns_[column].role != Role::metric) return parse_number(text(row, column));
  const double value = cells_[column].numbers[row];
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

bool Results::done(std::size_t row) const { return text(row, *find("status")) == "done"; }

std::size_t Results::replication(std::size_t row) const {
  return static_cast<std::size_t>(number(row, *find("replication")).value_or(0));
}

std::size_t Results::need_factor(const std::string& column) const {
  const auto found = find(column);
  return found && columns_[*found].role == Role::sample ? *found : need(column, Role::factor);
}

std::vector<std::size_t> Results::factors() const { return all(Role::factor); }
std::vector<std::size_t> Results::samples() const { return all(Role::sample); }

std::vector<std::size_t> Results::all(Role role) const {
  std::vector<std::size_t> found;
  for (std::size_t c = 0; c < columns_.size(); ++c)
    if (columns_[c].role == role) found.push_back(c);
  return found;
}

std::vector<std::string> Results::levels(std::size_t column) const {
  std::vector<std::string> all;
  std::unordered_set<std::string> seen;
  for (const std::string& text : cells_[column].texts)  // in the order of their first rows
    if (seen.insert(text).second) all.push_back(text);
  return all;
}

}  // namespace codecosim
