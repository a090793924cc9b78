#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "findings/findings.hpp"
#include "models/orchestration/placement/rules.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
double wanted(const Evidence& e) {
  double all = 0;
  const Applications& applications = e.run->applications();
  for (std::uint32_t s = 0; s < applications.service_count(); ++s) all += applications.wanted({s});
  return all;
}

void pending(const Evidence& e, Findings& findings) {
  std::map<std::string, std::size_t> reasons;
  for (const Pending& one : e.run->control_plane().pending()) ++reasons[one.reason];
  std::size_t all = 0, most = 0;
  std::string why;
  for (const auto& [reason, count] : reasons) {
    all += count;
    if (count <= most) continue;
    most = count;
    why = reason;
  }
  // Among many replicas, some are always starting.
  constexpr double few = 0.01;
  if (all == 0 || (reasons.size() == 1 && why == "starting" && static_cast<double>(all) < few * wanted(e))) return;
  if (why.ends_with('.')) why.pop_back();
  findings.add(std::min(1.0, static_cast<double>(all) / std::max(1.0, wanted(e))),
               fmt::format("{} replica{} not ready at the end{}: {}.", all, all == 1 ? " is" : "s are",
                           most < all ? fmt::format(", {} of them for one reason", most) : "", why),
               "The directory of a run has the reason of each, in pending.json.");
}

void never_available(const Evidence& e, Findings& findings) {
  const Figure* availability = e.find("availability");
  if (!availability->value || *availability->value > 0) return;
  findings.add(1, "No service has ever had a ready replica.", "Look at what is pending, and why.");
}

void fits_nowhere(const Evidence& e, Findings& findings) {
  for (const ApplicationSpec& app : e.scenario.applications)
    for (const ComponentSpec& component : app.components) {
      bool room = false, labels = false, both = false;
      for (const ClusterSpec& cluster : e.scenario.federation.clusters) {
        if (both) break;
        for (const ClusterSpec::Pool& pool : cluster.pools) {
          const NodeType& type = e.scenario.federation.node_types[pool.type];
          const bool has_room = component.cpu_request <= type.cores && component.memory_request <= type.memory;
          const bool has_labels = selects(component.node_selector, pool.labels);
          room = room || has_room;
          labels = labels || has_labels;
          both = both || (has_room && has_labels);
        }
      }
      if (both) continue;
      findings.add(
          0.9,
          fmt::format("{}/{} fits on none of {} nodes: {}.", app.name, component.name, e.federation.node_count(),
                      !room     ? "it requests more than the largest has"
                      : !labels ? "none has all labels of its node selector"
                                : "those with the labels of its node selector are too small"),
          !room     ? "Smaller requests, or a larger node type."
          : !labels ? "Give them to a node type or a pool."
                    : "Smaller requests, or give the labels to larger nodes.");
    }
}

void allowed_nowhere(const Evidence& e, Findings& findings) {
  const Federation& federation = e.federation;
  std::map<std::string, std::vector<ClusterId>> in_domain;
  std::vector<ClusterId> all;
  for (const ClusterId c : federation.clusters()) {
    in_domain[federation.provider(c).domain].push_back(c);
    all.push_back(c);
  }
  const auto broken_by = [&](const ApplicationSpec& app, ClusterId c) {
    return broken_rule(app, e.scenario.data, federation, c, federation.cluster_spec(c).security);
  };
  for (const ApplicationSpec& app : e.scenario.applications) {
    const auto may_run = [&](ClusterId c) { return !broken_by(app, c); };
    bool anywhere = app.allowed_domains.empty() && std::ranges::any_of(all, may_run);
    for (const std::string& domain : app.allowed_domains)
      anywhere = anywhere || std::ranges::any_of(in_domain[domain], may_run);
    if (anywhere) continue;
    std::map<Rule, std::uint32_t> broken;
    for (const ClusterId c : all) ++broken[*broken_by(app, c)];
    std::string rules;
    for (const auto& [rule, clusters] : broken)
      rules += fmt::format("{}{} by {}", rules.empty() ? "" : ", ", clusters, name(rule));
    findings.add(0.9,
                 fmt::format("Application \"{}\" may run in none of {} clusters: {}.", app.name, all.size(), rules),
                 "Looser rules of the application or of its data, or clusters and providers that satisfy them.");
  }
}

void omniscient(const Evidence& e, Findings& findings) {
  std::set<std::string> seams;
  const auto look = [&](const auto& choice, const std::string& seam) {
    if (choice.make && choice.make()->omniscient()) seams.insert(fmt::format("{} by \"{}\"", seam, choice.name));
  };
  look(e.scenario.placement, "placement");
  look(e.scenario.scheduler, "scheduling");
  for (const ApplicationSpec& app : e.scenario.applications)
    for (const ComponentSpec& component : app.components) look(component.routing, "routing");
  if (seams.empty()) return;
  findings.add(0.5, fmt::format("Nobody in the world could decide so: {} knows the truth.", fmt::join(seams, ", ")),
               "It is a bound: compare with it, not by it.");
}

void indifferent(const Evidence& e, Findings& findings) {
  const double placed = e.value("placement.decisions") - e.value("placement.infeasible");
  const double alike = e.value("placement.indifferent");
  constexpr double fewest = 10, nearly_all = 0.9;
  if (alike < fewest || alike < nearly_all * placed) return;
  findings.add(
      0.4,
      fmt::format("In {:.0f} of {:.0f} placements all clusters that could be had were alike to the policy.", alike,
                  placed),
      "Clusters that differ by what the policy looks at; else any policy that measures the same does as well.");
}

// Clusters register as the run begins; early workloads can only be placed on those that have.
void placed_early(const Evidence& e, Findings& findings) {
  const double placed = e.value("placement.decisions") - e.value("placement.infeasible");
  const double early = e.value("placement.early");
  constexpr double many = 0.1;
  if (early <= many * placed) return;
  findings.add(
      early / placed,
      fmt::format("{:.0f} of {:.0f} placements were made before nine tenths of the clusters had told their state.",
                  early, placed),
      "A later \"submit\" of the applications, when all clusters have joined.");
}

void answers_refused(const Evidence& e, Findings& findings) {
  const double refused = e.value("placement.refused");
  if (refused == 0) return;
  findings.add(std::min(1.0, refused / std::max(1.0, e.value("placement.decisions") + e.value("scheduling.decisions"))),
               fmt::format("{:.0f} answers of a policy made no sense and were not followed.", refused),
               "Mend the policy: what it is blamed for may be this.");
}

void hub_saturated(const Evidence& e, Findings& findings) {
  const double utilisation = e.value("hub.utilisation"), refused = e.value("hub.refused");
  constexpr double full = 0.9;
  if (utilisation <= full && refused == 0) return;
  findings.add(std::clamp(utilisation, 0.5, 1.0),
               fmt::format("The hubs' API servers were busy for {:.3g} % of the time and refused {:.0f} requests.",
                           100 * utilisation, refused),
               "More hubs or workers (control_plane/hub), or longer periods of status and telemetry.");
}

// A pod that crashes more often than Kubernetes' longest back-off lasts is in back-off for most of its time.
void crash_loop(const Evidence& e, Findings& findings) {
  constexpr Seconds longest_back_off{300};
  const double crashes = e.value("containers.crashed"), pods = std::max(1.0, wanted(e));
  if (crashes < pods || now() * pods >= longest_back_off * crashes) return;
  findings.add(0.7,
               fmt::format("Containers crashed {:.0f} times: one of each pod every {}.", crashes,
                           readable(now() * (pods / crashes))),
               "A longer time between crashes (\"crash\"): between them pods wait in back-off, of up to five minutes.");
}

void channels_rejected(const Evidence& e, Findings& findings) {
  const double rejected = e.value("channels.rejected"), asked = e.value("channels.requested");
  if (rejected == 0) return;
  findings.add(rejected / asked, fmt::format("{:.0f} of {:.0f} channels were rejected.", rejected, asked),
               "Less bandwidth or a longer max_delay for them, or faster links.");
}

void stale_data(const Evidence& e, Findings& findings) {
  const double stale = e.value("data.stale"), updates = e.value("data.updates");
  constexpr double many = 0.1;
  if (stale <= many * updates || updates == 0) return;
  findings.add(stale / updates,
               fmt::format("{:.0f} of {:.0f} new versions of data sets came later than they may.", stale, updates),
               "Faster links, smaller updates, or a longer \"freshness\".");
}

void data_too_large(const Evidence& e, Findings& findings) {
  const Federation& federation = e.federation;
  for (const DatasetSpec& data : e.scenario.data) {
    if (data.update_period >= forever) continue;
    const Bytes all = data.update_size * static_cast<double>(data.copies.size());
    const Seconds takes = all / federation.cluster_spec(data.source).uplink.bandwidth;
    if (takes <= data.update_period) continue;
    findings.add(
        0.7,
        fmt::format(
            "An update of data set \"{}\" takes {} to leave its cluster for all copies, and one comes every {}.",
            data.name, readable(takes), readable(data.update_period)),
        "A smaller update, a longer period, fewer copies, or a faster uplink.");
  }
}

void nothing_learnt(const Evidence& e, Findings& findings) {
  if (!e.run->learning() || e.value("learning.rounds") > 0) return;
  findings.add(0.6, "Learners are asked for, and none has ended a training.",
               "A shorter \"round\", or a longer run; or nothing has arisen that they learn from.");
}

void forecast_useless(const Evidence& e, Findings& findings) {
  const Figure *own = e.find("forecast.mae"), *last = e.find("forecast.mae_last");
  if (!own || !own->value || !last->value || *own->value <= *last->value * (1 + 1e-9)) return;
  findings.add(0.3,
               fmt::format("Forecasts are worse than the last value: an error of {:.3g} against {:.3g}.", *own->value,
                           *last->value),
               "Another forecaster, more training, or a shorter horizon.");
}
}  // namespace

Finding policy_failed(const std::string& seam, std::uint64_t asked, std::uint64_t unanswered, std::uint64_t fallen_back,
                      const std::string& trouble) {
  return {"policy-failed", static_cast<double>(unanswered) / static_cast<double>(std::max<std::uint64_t>(asked, 1)),
          fmt::format("The program that decides on {} answered {} of {} questions; its last trouble: {}.", seam,
                      asked - unanswered, asked, trouble),
          fallen_back > 0 ? "Mend the program: what the figures say is another policy's."
                          : "Mend the program: what it did not answer was placed nowhere."};
}

std::vector<KindOfFinding> findings_of_orchestration() {
  return {
      {"fits-nowhere", "A component fits on no node, by its requests or its node selector.", true, fits_nowhere},
      {"allowed-nowhere", "The rules of an application, or of data that it uses, forbid every cluster.", true,
       allowed_nowhere},
      {"omniscient", "A policy knows what nobody in the simulated world does: a bound.", true, omniscient},
      {"data-too-large", "An update of a data set takes longer than the time to the next.", true, data_too_large},
      {"pending", "Replicas are not ready at the end.", false, pending},
      {"never-available", "No service has ever had a ready replica.", false, never_available},
      {"indifferent",
       "In nine of ten placements, and at least ten, several clusters were feasible, and all alike to the policy.",
       false, indifferent},
      {"placed-early",
       "More than a tenth of the placements were made before nine tenths of the clusters had told their state.", false,
       placed_early},
      {"policy-failed", "A policy that is another program has not answered some of its questions.", false, nullptr},
      {"answers-refused", "Answers of a policy made no sense.", false, answers_refused},
      {"hub-saturated", "The hubs' API servers were busy for more than 90 % of the time, or refused requests.", false,
       hub_saturated},
      {"crash-loop", "Containers of a pod crash more often than its longest back-off lasts.", false, crash_loop},
      {"channels-rejected", "Channels are rejected at the end.", false, channels_rejected},
      {"stale-data", "More than a tenth of the new versions of data sets came too late.", false, stale_data},
      {"nothing-learnt", "Learners are asked for, and none has ended a training.", false, nothing_learnt},
      {"forecast-useless", "Forecasts are worse than the last value.", false, forecast_useless},
  };
}

}  // namespace codecosim
