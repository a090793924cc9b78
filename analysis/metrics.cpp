#include "analysis/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace codecosim {

namespace {
constexpr std::array parts{"p50", "p90", "p99", "p999", "max"};

void add(std::vector<std::pair<std::string, double>>& all, const std::string& name, const std::string& who, const Json& figure) {
  const auto value = [&](const char* key, const std::string& column) {
    if (const auto found = figure.find(key); found != figure.end() && found->is_number() && std::isfinite(found->get<double>()))
      all.emplace_back(column + who, found->get<double>());
  };
  if (!figure.contains("count")) return value("value", name);
  if (figure["count"] != 0) {
    value("value", name);
    for (const char* part : parts) value(part, name + "." + part);
  }
  value("count", name + ".count");
}

bool is_any(std::string_view metric, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return name.ends_with('*') ? metric.starts_with(name.substr(0, name.size() - 1)) : metric == name;
  });
}
}  // namespace

std::vector<std::pair<std::string, double>> metrics_of(const Json& summary) {
  std::vector<std::pair<std::string, double>> all;
  for (const auto& [name, figure] : summary.items())
    if (name != "by_client") add(all, name, "", figure);
  if (const auto clients = summary.find("by_client"); clients != summary.end())
    for (const auto& [client, figures] : clients->items())
      for (const auto& [name, figure] : figures.items()) add(all, name, "[" + client + "]", figure);
  return all;
}

Better better(const std::string& metric) {
  const std::string name = metric.substr(0, metric.find('['));
  if (is_any(name, {"requests.completed", "requests.rate", "requests.success", "availability", "agv.missions*", "agv.driven",
                    "applications.running", "recommendation.followed", "channels.running", "radio.stay*", "images.cached"}))
    return Better::higher;
  if (name.ends_with(".count") || is_any(name, {"requests.submitted",    "requests.in_flight*", "events",
                                                "messages.sent",         "placement.decisions", "decision.best",
                                                "data.replications",     "data.updates",        "agv.charges",
                                                "learning.rounds",       "learning.samples",    "learning.averages",
                                                "learning.updates.sent", "forecast.mae_last",   "applications.deleted",
                                                "works.issued",          "works.applied",       "clusters.joined",
                                                "hub.requests",          "catalogue.events",    "catalogue.compacted",
                                                "neighbourhood.size*",   "channels.requested",  "replicas.handed_over",
                                                "cpu.utilisation",       "migrations"}))
    return Better::neither;
  return Better::lower;
}

}  // namespace codecosim
