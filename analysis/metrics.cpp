#include "analysis/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

namespace codecosim {

namespace {
constexpr std::array parts{"p50", "p90", "p99", "p999", "max"};

void add(std::vector<std::pair<std::string, double>>& all, const std::string& name, const std::string& who,
         const Json& figure) {
  const auto value = [&](const char* key, const std::string& column) {
    if (const auto found = figure.find(key);
        found != figure.end() && found->is_number() && std::isfinite(found->get<double>()))
      all.emplace_back(column + who, found->get<double>());
  };
  if (!figure.contains("count")) return value("value", name);
  if (figure["count"] != 0) {
    value("value", name);
    for (const char* part : parts) value(part, name + "." + part);
  }
  value("count", name + ".count");
}

constexpr std::string_view higher_is_better[] = {
    "requests.completed",    "requests.rate",        "requests.success",
    "requests.in_time",      "availability",         "agv.missions",
    "agv.missions_per_hour", "applications.running", "recommendation.followed",
    "channels.running",      "radio.stay",           "images.cached"};
constexpr std::string_view lower_is_better[] = {"requests.failed",
                                                "requests.lost",
                                                "requests.refused",
                                                "requests.deadline_misses",
                                                "request.latency",
                                                "channel.delay",
                                                "channel.late",
                                                "deployment.time",
                                                "recovery.time",
                                                "images.pulled",
                                                "placement.infeasible",
                                                "placement.refused",
                                                "placement.moves",
                                                "placement.pending",
                                                "decision.regret",
                                                "decision.age",
                                                "scheduling.infeasible",
                                                "scheduling.age",
                                                "energy.nodes",
                                                "energy.network",
                                                "carbon",
                                                "cost",
                                                "bytes.messages",
                                                "bytes.bulk",
                                                "bytes.control",
                                                "bytes.telemetry.across_domains",
                                                "bytes.egress",
                                                "messages.lost",
                                                "messages.dropped",
                                                "violations.compliance",
                                                "violations.unexplained",
                                                "data.stale",
                                                "data.failed",
                                                "data.lag",
                                                "bytes.data",
                                                "radio.handovers",
                                                "radio.ping_pongs",
                                                "radio.losses",
                                                "radio.interrupted",
                                                "radio.uncovered",
                                                "migrations.fresh",
                                                "migrations.failed",
                                                "bytes.state",
                                                "bytes.state.sent",
                                                "migration.downtime",
                                                "migration.time",
                                                "agv.mission_time",
                                                "agv.stops",
                                                "agv.stopped",
                                                "agv.waited",
                                                "agv.flat",
                                                "learning.rounds.lost",
                                                "learning.training",
                                                "learning.core_seconds",
                                                "learning.loss",
                                                "learning.updates.lost",
                                                "learning.updates.late",
                                                "learning.bytes",
                                                "learning.epsilon",
                                                "forecast.mae",
                                                "applications.pending",
                                                "replicas.duplicate",
                                                "containers.crashed",
                                                "works.open",
                                                "works.delay",
                                                "works.evicted",
                                                "clusters.unknown",
                                                "clusters.reconnected",
                                                "clusters.switched",
                                                "hub.refused",
                                                "hub.queue",
                                                "hub.queue.max",
                                                "hub.wait",
                                                "catalogue.age",
                                                "neighbourhood.formation",
                                                "channels.rejected",
                                                "channels.out_of_qos",
                                                "channels.repathed",
                                                "channels.setup",
                                                "bytes.desired_state",
                                                "bytes.telemetry",
                                                "bytes.catalogue",
                                                "bytes.topology",
                                                "external.scheduler.failures",
                                                "external.placement.failures"};

/// What a column is of, without kind of client and quantile.
std::string_view figure_of(std::string_view metric) {
  metric = metric.substr(0, metric.find('['));
  const std::size_t dot = metric.rfind('.');
  const bool is_part =
      dot != metric.npos && std::find(parts.begin(), parts.end(), metric.substr(dot + 1)) != parts.end();
  return is_part ? metric.substr(0, dot) : metric;
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
  const auto is_in = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), figure_of(metric)) != std::end(names);
  };
  return is_in(higher_is_better) ? Better::higher : is_in(lower_is_better) ? Better::lower : Better::neither;
}

}  // namespace codecosim
