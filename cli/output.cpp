#include "cli/output.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>

#include "analysis/readable.hpp"
#include "sim/base/censoring.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/error.hpp"
#include "sim/base/file.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
[[noreturn]] void fail(const std::string& what) { throw Error(Failure::output, what); }
}  // namespace

OutputDirectory::OutputDirectory(const std::string& path, const std::string& name) : path_(path) {
  std::error_code error;
  if (path_.empty()) {
    path_ = "out/" + name;
    for (int n = 2; fs::exists(path_, error) || fs::exists(path_ + ".partial", error); ++n)
      path_ = fmt::format("out/{}-{}", name, n);
  }
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  partial_ = path_ + ".partial";
  if (fs::exists(path_, error))
    fail(fmt::format("{} exists already; name another directory with --out, or remove it", path_));
  const fs::path parent = fs::path(partial_).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error) fail(fmt::format("cannot make the directory {}: {}", parent.string(), error.message()));
  if (!fs::create_directory(partial_, error)) {
    if (error) fail(fmt::format("cannot make the directory {}: {}", partial_, error.message()));
    fail(fmt::format("{} exists already: another run is writing it, or one has died; remove it if nothing is",
                     partial_));
  }
}

void OutputDirectory::write(const std::string& name, const std::string& content) const {
  OutputFile out(file(name));
  out.append(content);
  out.close();
}

void OutputDirectory::finish() {
  if (!publish_new(partial_, path_)) fail(fmt::format("{} exists already, since this run began", path_));
}

namespace {
constexpr std::pair<const char*, double> quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

Json figure_json(const Figure& figure) {
  const auto number = [](std::optional<double> value) { return value ? Json(*value) : Json(nullptr); };
  Json json = {{"value", number(figure.value)},
               {"unit", figure.unit},
               {"better", name(figure.better)},
               {"meaning", figure.meaning}};
  if (!figure.distribution) return json;
  const Histogram& h = *figure.distribution;
  const bool any = h.count() > 0;
  json["mean"] = number(figure.value);
  for (const auto& [name, q] : quantiles) json[name] = any ? Json(h.quantile(q)) : Json(nullptr);
  json["max"] = any ? Json(h.max()) : Json(nullptr);
  json["count"] = h.count();
  if (!figure.unended) return json;
  const Censored all(h, *figure.unended);
  Json& unended = json["unended"] = {{"count", all.unended()}};
  if (all.unended() == 0) return json;
  unended["mean"] = {all.mean_at_least(), nullptr};
  for (const auto& [name, q] : quantiles) unended[name] = {all.quantile_at_least(q), number(all.quantile_at_most(q))};
  return json;
}

std::string value_for_people(const Figure& figure) {
  if (!figure.value) return "-";
  const double value = *figure.value;
  if (figure.unit == "s") return readable(Seconds(value));
  if (figure.unit == "B") return readable(Bytes(value));
  if (figure.unit == "J" || figure.unit == "g") return Scale(figure.unit, value, 0).text(value);
  if (figure.unit == "EUR") return fmt::format("{:.4g} EUR", value);
  if (figure.unit == "1/s") return fmt::format("{:.4g} /s", value);
  if (value == static_cast<double>(static_cast<long long>(value)))
    return fmt::format("{}", static_cast<long long>(value));
  return fmt::format("{:.4g}", value);
}
}  // namespace

Json summary_json(Simulation& simulation) {
  Json json = Json::object();
  for (const Figure& figure : simulation.summary()) json[figure.name] = figure_json(figure);
  Json& clients = json["by_client"] = Json::object();
  for (const auto& [name, figures] : simulation.summary_by_client())
    for (const Figure& figure : figures) clients[name][figure.name] = figure_json(figure);
  return json;
}

Json findings_json(const std::vector<Finding>& findings) {
  Json all = Json::array();
  for (const Finding& one : findings)
    all.push_back({{"kind", one.kind}, {"weight", one.weight}, {"what", one.what}, {"remedy", one.remedy}});
  return all;
}

std::string finding_text(const Finding& one) {
  return fmt::format("  - {}: {}\n      {}\n", one.kind, one.what, one.remedy);
}

std::string findings_text(const std::vector<Finding>& findings) {
  if (findings.empty()) return "";
  // Many sites may have one trouble, which must not hide the others.
  constexpr std::size_t most = 6, most_of_a_kind = 2;
  std::string out = "\n  Before you believe these figures:\n";
  std::map<std::string, std::size_t> of_kind;
  std::size_t shown = 0;
  for (const Finding& one : findings) {
    if (shown == most || of_kind[one.kind]++ >= most_of_a_kind) continue;
    out += finding_text(one);
    ++shown;
  }
  if (findings.size() > shown)
    fmt::format_to(std::back_inserter(out), "  and {} more, in summary.json\n", findings.size() - shown);
  return out;
}

namespace {
/// Writes each parameter under its key.
class ParameterWriter : public Parameters {
 public:
  explicit ParameterWriter(Json& json) : json_(json) {}
  void operator()(const char* key, bool& value, const char*, Bounds) override { json_[key] = value; }
  void operator()(const char* key, double& value, const char*, Bounds) override { json_[key] = value; }
  void operator()(const char* key, std::uint32_t& value, const char*, Bounds) override { json_[key] = value; }
  void operator()(const char* key, Seconds& value, const char*, Bounds) override { json_[key] = exact(value); }
  void operator()(const char* key, Hertz& value, const char*, Bounds) override { json_[key] = exact(value); }
  void operator()(const char* key, Bytes& value, const char*, Bounds) override { json_[key] = exact(value); }
  void operator()(const char* key, BytesPerSecond& value, const char*, Bounds) override { json_[key] = exact(value); }
  void operator()(const char* key, Partition& value, const char*, Bounds) override {
    json_[key] = value.written.empty() ? Json(value.name) : Json{{value.name, Json::parse(value.written)}};
  }

 private:
  void choose(const char* key, std::size_t& number, const std::vector<std::string>& words, const char*) override {
    json_[key] = words[number];
  }
  std::unique_ptr<Parameters> enter(const char* key, const char*) override {
    return std::make_unique<ParameterWriter>(json_[key] = Json::object());
  }
  Json& json_;
};
}  // namespace

Json parameters(const Scenario::Plane& plane) {
  Json json = {{"preset", plane.name}};
  ParameterWriter writer(json);
  if (plane.settings) plane.settings->fields(writer);
  return json;
}

Json pending_json(const Simulation& simulation) {
  Json all = Json::array();
  for (const Pending& one : simulation.control_plane().pending())
    all.push_back(
        {{"replica", one.pod ? simulation.name(one.pod) : simulation.name(one.service)}, {"reason", one.reason}});
  return all;
}

std::string pending_table(const Simulation& simulation) {
  std::map<std::string, std::size_t> reasons;
  std::size_t total = 0;
  for (const Pending& one : simulation.control_plane().pending()) {
    ++reasons[one.reason];
    ++total;
  }
  if (total == 0) return "";
  std::string out =
      fmt::format("\n  {} not ready:\n", total == 1 ? "1 replica is" : fmt::format("{} replicas are", total));
  std::vector<std::pair<std::size_t, std::string>> most;
  for (const auto& [reason, count] : reasons) most.emplace_back(count, reason);
  std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  constexpr std::size_t shown = 8;
  for (std::size_t i = 0; i < std::min(shown, most.size()); ++i)
    fmt::format_to(std::back_inserter(out), "  {:>8}  {}\n", most[i].first, most[i].second);
  if (most.size() > shown)
    fmt::format_to(std::back_inserter(out), "            and {} more reasons\n", most.size() - shown);
  return out;
}

Json external_json(const ExternalTotals& totals) {
  return {{"asked", totals.asked},
          {"answered", totals.answered},
          {"timed_out", totals.timed_out},
          {"garbage", totals.garbage},
          {"crashed", totals.crashed},
          {"late", totals.late},
          {"fallen_back", totals.fallen_back},
          {"waited_s", totals.waited.value}};
}

std::string external_line(const std::string& seam, const External& external) {
  const ExternalTotals& totals = external.totals();
  if (totals.failures() == 0) return "";
  return fmt::format(
      "\n  the external policy ({}) answered {} of {} questions: {} timed out, {} garbage, {} crashed, {} late, {} "
      "fallen back\n"
      "  the last trouble with it: {}\n",
      seam, totals.answered, totals.asked, totals.timed_out, totals.garbage, totals.crashed, totals.late,
      totals.fallen_back, external.last_error());
}

Json profile_json(const Profile& profile) {
  const auto rows = [](const std::vector<Profile::Row>& all, const char* count) {
    Json list = Json::array();
    for (const Profile::Row& one : all)
      list.push_back({{"name", one.name}, {count, one.count}, {"seconds", one.seconds}});
    return list;
  };
  return {{"every", Profile::stride},
          {"kinds", rows(profile.kinds(), "events")},
          {"plugins", rows(profile.plugins(), "calls")}};
}

std::string profile_table(const Json& profile) {
  double all = 0;
  for (const Json& one : profile["kinds"]) all += one["seconds"].get<double>();
  std::string text =
      fmt::format("\n  {:<34} {:>12} {:>9} {:>7}\n", "time by kind of model (estimated)", "events", "s", "share");
  for (const Json& one : profile["kinds"])
    text += fmt::format("  {:<34} {:>12} {:>9.3f} {:>6.1f}%\n", one["name"].get<std::string>(),
                        one["events"].get<std::uint64_t>(), one["seconds"].get<double>(),
                        all > 0 ? 100 * one["seconds"].get<double>() / all : 0);
  if (profile["plugins"].empty()) return text;
  text += fmt::format("\n  {:<34} {:>12} {:>9}\n", "of it in policies", "calls", "s");
  for (const Json& one : profile["plugins"])
    text += fmt::format("  {:<34} {:>12} {:>9.3f}\n", one["name"].get<std::string>(), one["calls"].get<std::uint64_t>(),
                        one["seconds"].get<double>());
  return text;
}

std::string series_csv(const Simulation& simulation) {
  const auto cell = [](std::optional<double> value) { return value ? fmt::format("{}", *value) : std::string(); };
  std::string out = fmt::format("{}\n", fmt::join(Series::columns(), ","));
  for (const auto& row : simulation.series().rows())
    fmt::format_to(std::back_inserter(out), "{}\n", fmt::join(row | std::views::transform(cell), ","));
  return out;
}

std::string distributions_csv(Simulation& simulation) {
  std::string out = "distribution,value,share\n";
  const auto add = [&](const Figure& figure, const std::string& who) {
    if (!figure.distribution) return;
    for (const auto& [value, share] : figure.distribution->steps())
      fmt::format_to(std::back_inserter(out), "{},{},{}\n", csv_cell(figure.name + who), value, share);
  };
  for (const Figure& figure : simulation.summary()) add(figure, "");
  for (const auto& [client, figures] : simulation.summary_by_client())
    for (const Figure& figure : figures) add(figure, "[" + client + "]");
  return out;
}

namespace {
/// Whether a figure is hidden in the table: a zero, which summary.json has. A zero that may be bad news is shown.
bool is_quiet(const Figure& figure) {
  const bool always = figure.name == "requests.failed" || figure.name == "requests.deadline_misses" ||
                      figure.name == "violations.compliance";
  return figure.value == 0.0 && !always && !figure.is_ratio && figure.better != Better::higher;
}

/// The table of distributions, with one unit for all rows of a metric.
class SpreadTable {
 public:
  SpreadTable() { line("", {"mean", "p50", "p99", "max", "count"}); }
  void add(const std::string& name, const Figure& figure, const Scale& scale) {
    const Histogram& h = *figure.distribution;
    const auto text = [&](double value) { return h.count() > 0 ? scale.digits(value) : "-"; };
    const std::string unit = scale.unit().empty() ? "" : fmt::format(" [{}]", scale.unit());
    line(name + unit,
         {text(h.mean()), text(h.quantile(0.5)), text(h.quantile(0.99)), text(h.max()), fmt::format("{}", h.count())});
    if (figure.unended) note(Censored(h, *figure.unended), scale);
  }
  const std::string& text() const { return text_; }

 private:
  void line(const std::string& name, const std::array<std::string, 5>& cells) {
    fmt::format_to(std::back_inserter(text_), "  {:<26}{:>12}{:>12}{:>12}{:>12}{:>12}\n", name, cells[0], cells[1],
                   cells[2], cells[3], cells[4]);
  }
  /// Adds the bounds of the figures above that requests still in progress allow.
  void note(const Censored& all, const Scale& scale) {
    if (!all.matters(0.01)) return;
    const auto bound = [&](double q) {
      const auto most = all.quantile_at_most(q);
      return most ? fmt::format("{} to {}", scale.digits(all.quantile_at_least(q)), scale.digits(*most))
                  : fmt::format("{} or more", scale.digits(all.quantile_at_least(q)));
    };
    fmt::format_to(std::back_inserter(text_), "    {} more had not ended: mean {} or more, p50 {}, p99 {}\n",
                   all.unended(), scale.digits(all.mean_at_least()), bound(0.5), bound(0.99));
  }

  std::string text_ = "\n";
};
}  // namespace

std::string summary_table(const std::vector<Figure>& figures,
                          const std::vector<std::pair<std::string, std::vector<Figure>>>& by_client) {
  std::string out;
  for (const Figure& figure : figures) {
    if (figure.distribution || is_quiet(figure) || figure.name == "events") continue;
    fmt::format_to(std::back_inserter(out), "  {:<26}{:>14}\n", figure.name, value_for_people(figure));
  }
  SpreadTable table;
  for (const Figure& figure : figures) {
    if (!figure.distribution) continue;
    const bool unended = figure.unended && figure.unended->count() > 0;
    if (!figure.value && !unended) continue;
    const Scale scale(figure.unit, figure.value ? *figure.value : figure.unended->mean(), 0);
    table.add(figure.name, figure, scale);
    if (figure.name != "request.latency" || by_client.size() < 2) continue;
    for (const auto& [name, own] : by_client)
      for (const Figure& one : own)
        if (one.distribution) table.add("  of " + name, one, scale);
  }
  return out + table.text();
}

}  // namespace codecosim
