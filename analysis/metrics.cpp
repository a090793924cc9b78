#include "analysis/metrics.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
constexpr std::pair<const char*, const char*> parts[] = {{"p50", " Median."},
                                                         {"p90", " 90th percentile."},
                                                         {"p99", " 99th percentile."},
                                                         {"p999", " 99.9th percentile."},
                                                         {"max", " Highest."}};

/// The members of a summary that are not figures.
bool is_other(const std::string& key) { return key == "by_client" || key == "findings"; }

bool is_text(const Json& figure, const char* key) { return figure.contains(key) && figure[key].is_string(); }

bool is_figure(const Json& figure) {
  if (!figure.is_object() || !figure.contains("value") || !is_text(figure, "unit")) return false;
  for (const char* key : {"better", "meaning"})
    if (figure.contains(key) && !is_text(figure, key)) return false;
  return !figure.contains("better") || parse_better(figure["better"].get<std::string>());
}

void add(std::vector<Measure>& all, const std::string& name, const std::string& client, const Json& figure) {
  const std::string who = client.empty() ? "" : "[" + client + "]";
  const std::string whose = client.empty() ? "" : " Of one kind of client.";
  const std::string meaning = figure.value("meaning", "");
  const auto value = [&](const char* key) {
    const auto found = figure.find(key);
    const bool is_there = found != figure.end() && found->is_number() && std::isfinite(found->get<double>());
    return is_there ? std::optional(found->get<double>()) : std::nullopt;
  };
  const bool is_spread = figure.contains("count"), measured = !is_spread || figure["count"] != 0;
  Measure measure{name + who, {}, figure.value("unit", ""), meaning + whose};
  measure.better = parse_better(figure.value("better", "")).value_or(Better::neither);
  if (measured) measure.value = value("value");
  all.push_back(measure);
  if (!is_spread) return;
  for (const auto& [part, which] : parts) {
    measure.name = name + "." + part + who;
    measure.meaning = meaning + which + whose;
    measure.value = measured ? value(part) : std::nullopt;
    all.push_back(measure);
  }
  all.push_back({name + ".count" + who, value("count"), "1", meaning + " How many." + whose});
}
}  // namespace

void check_summary(const Json& summary, const std::string& file) {
  const auto check = [&](const Json& figures) {
    for (const auto& [name, figure] : figures.items())
      if (!is_other(name) && !is_figure(figure))
        throw Error(Failure::scenario, fmt::format("{}: \"{}\" is no figure", file, name));
  };
  check(summary);
  if (!summary.contains("by_client")) return;
  for (const auto& [client, figures] : summary["by_client"].items()) {
    if (!figures.is_object())
      throw Error(Failure::scenario, fmt::format("{}: \"{}\" of by_client has no figures", file, client));
    check(figures);
  }
}

std::vector<Measure> measures_of(const Json& summary) {
  std::vector<Measure> all;
  for (const auto& [name, figure] : summary.items())
    if (!is_other(name)) add(all, name, "", figure);
  if (const auto clients = summary.find("by_client"); clients != summary.end())
    for (const auto& [client, figures] : clients->items())
      for (const auto& [name, figure] : figures.items()) add(all, name, client, figure);
  return all;
}

std::optional<Better> parse_better(std::string_view word) {
  for (const Better one : {Better::lower, Better::higher, Better::neither})
    if (word == name(one)) return one;
  return std::nullopt;
}

}  // namespace codecosim
