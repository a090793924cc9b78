#include <fmt/format.h>

#include <algorithm>

#include "findings/findings.hpp"

namespace codecosim {

namespace {
// A device with two radios is covered while one of them is; the time is told over all radios, so that this is the least
// that it can be.
void uncovered(const Evidence& e, Findings& findings) {
  double devices = 0, radios = 0;
  for (const DeviceSpec& kind : e.scenario.mobility.devices) {
    if (kind.technologies.empty()) continue;
    devices += kind.count;
    radios += kind.count * static_cast<double>(kind.technologies.size());
  }
  const double span = e.measured().value;
  const double least = e.value("radio.uncovered") - (radios - devices) * span;
  const double share = devices * span > 0 ? least / (devices * span) : 0;
  constexpr double much = 0.05;
  if (share <= much) return;
  findings.add(std::min(1.0, share), fmt::format("Devices are out of coverage for {:.3g} % of the time.", 100 * share),
               "More cells, nearer or stronger ones; positions in the unit that the scenario has.");
}

void ping_pong(const Evidence& e, Findings& findings) {
  const double all = e.value("radio.handovers"), back = e.value("radio.ping_pongs");
  constexpr double much = 0.2, fewest = 20;
  if (all < fewest || back <= much * all) return;
  findings.add(0.3,
               fmt::format("{:.0f} of {:.0f} handovers lead back to a cell left less than a second before.", back, all),
               "A larger hysteresis or a longer time to trigger.");
}

double vehicles(const Evidence& e) {
  double count = 0;
  for (const DeviceSpec& kind : e.scenario.mobility.devices)
    if (kind.fleet) count += kind.count;
  return count;
}

void flat(const Evidence& e, Findings& findings) {
  const double flat = e.value("agv.flat");
  if (flat == 0) return;
  findings.add(flat / vehicles(e), fmt::format("{:.0f} of {:.0f} vehicles have run out of battery.", flat, vehicles(e)),
               "More chargers, a higher threshold, or a larger battery.");
}

void standing(const Evidence& e, Findings& findings) {
  const double time = vehicles(e) * e.measured().value;
  const double share = time > 0 ? e.value("agv.stopped") / time : 0;
  constexpr double much = 0.5;
  if (share <= much) return;
  findings.add(share, fmt::format("Vehicles are in safety stops for {:.3g} % of the time.", 100 * share),
               "Answers that come in time: nearer replicas, coverage, or a later \"deadline\".");
}

void no_mission(const Evidence& e, Findings& findings) {
  if (vehicles(e) == 0 || e.value("agv.missions") > 0) return;
  findings.add(0.8, "No vehicle has ended a mission.", "A longer run, or a shorter way.");
}
}  // namespace

std::vector<KindOfFinding> findings_of_mobility() {
  return {
      {"uncovered", "Devices are out of coverage for more than a twentieth of the time.", false, uncovered},
      {"ping-pong", "More than a fifth of the handovers lead back at once.", false, ping_pong},
      {"flat", "Vehicles have run out of battery.", false, flat},
      {"standing", "Vehicles are in safety stops for more than half of the time.", false, standing},
      {"no-mission", "No vehicle has ended a mission.", false, no_mission},
  };
}

}  // namespace codecosim
