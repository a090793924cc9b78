#include <fmt/format.h>

#include "findings/findings.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
const char* const remedy =
    "Dates of a scenario and its files begin with the run, at 0 s: subtract the first date of a "
    "file, or let the run be longer.";

void outage_outside(const Evidence& e, Findings& findings) {
  const Seconds end = e.end();
  const std::vector<FaultSpec>& faults = e.scenario.faults;
  for (std::size_t f = 0; f < faults.size(); ++f)
    if (const Seconds first = faults[f].outages->earliest(); first >= end)
      findings.add(0.5,
                   first >= forever
                       ? fmt::format("Fault {} (of \"{}\") has no outage.", f, faults[f].match)
                       : fmt::format("The first outage of fault {} (of \"{}\") is at {}, not before the end.", f,
                                     faults[f].match, readable(first)),
                   remedy);
}

void arrivals_outside(const Evidence& e, Findings& findings) {
  for (const ClientSpec& client : e.scenario.clients) {
    double all = 0;
    for (std::uint32_t c = 0; c < client.count && all == 0; ++c) all += client.expected(c, e.end());
    if (all > 0 || client.count == 0) continue;
    findings.add(1, fmt::format("No request of the clients \"{}\" comes before the end of the run.", client.name),
                 remedy);
  }
}

template <class Q>
bool is_outside(const Signal<Q>& signal, Seconds end) {
  return !signal.constant() && !signal.repeats() && signal.next_change(Seconds(0)) >= end;
}

void signal_outside(const Evidence& e, Findings& findings) {
  const Seconds end = e.end();
  for (const ProviderSpec& provider : e.scenario.federation.providers) {
    const auto tell = [&](const char* what) {
      findings.add(0.3,
                   fmt::format("The {} of provider \"{}\" changes only after the end: the run has its first value.",
                               what, provider.name),
                   remedy);
    };
    if (is_outside(provider.carbon, end)) tell("carbon intensity");
    if (is_outside(provider.cpu_price, end)) tell("price of a core");
    if (is_outside(provider.energy_price, end)) tell("price of energy");
  }
}

void change_outside(const Evidence& e, Findings& findings) {
  const Seconds end = e.end();
  const auto tell = [&](const std::string& what, Seconds at) {
    findings.add(0.5, fmt::format("{} at {}, not before the end.", what, readable(at)), remedy);
  };
  for (const ApplicationSpec& app : e.scenario.applications) {
    if (app.submit_at >= end) tell(fmt::format("Application \"{}\" is submitted", app.name), app.submit_at);
    if (app.delete_at >= end && app.delete_at < forever)
      tell(fmt::format("Application \"{}\" is deleted", app.name), app.delete_at);
    for (const ComponentSpec& component : app.components) {
      const auto of = [&](const char* what) { return fmt::format("{}/{} is to {}", app.name, component.name, what); };
      for (const Scaling& one : component.scaling)
        if (one.at >= end) tell(of("have other replicas"), one.at);
      for (const Rollout& one : component.rollouts)
        if (one.at >= end) tell(of("be rolled out"), one.at);
    }
  }
}
}  // namespace

std::vector<KindOfFinding> findings_of_dates() {
  return {
      {"arrivals-outside", "No request of a kind of client comes before the end, as in a file with other dates.", true,
       arrivals_outside},
      {"outage-outside", "Every outage of a fault begins after the end, or there is none.", true, outage_outside},
      {"signal-outside", "A price or carbon intensity that changes does so only after the end.", true, signal_outside},
      {"change-outside", "An application is to change, come or go after the end.", true, change_outside},
  };
}
}  // namespace codecosim
