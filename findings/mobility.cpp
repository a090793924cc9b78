#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "findings/findings.hpp"

namespace codecosim {

namespace {
// A device with two radios is covered while one of them is. The measured time is over all radios, so this is a lower
// bound.
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

/// The least distance of a leg from a position [m]; only the part travelled until `end` counts.
double nearest_of(const Leg& leg, Seconds end, const Position& place) {
  const double dx = place.x - leg.from.x, dy = place.y - leg.from.y;
  const double length = std::min(leg.length, leg.travelled(std::min(end, leg.end))).value;
  const double along = std::clamp(dx * leg.ux + dy * leg.uy, 0.0, length);
  return std::hypot(dx - along * leg.ux, dy - along * leg.uy);
}

/// The range [m] of a cell for a kind of device; none: the cell has another technology.
std::optional<double> reach(const Evidence& e, const DeviceSpec& device, const CellSpec& cell) {
  if (std::ranges::find(device.technologies, cell.technology) == device.technologies.end()) return std::nullopt;
  return Radio::reach(e.scenario.mobility.technologies[cell.technology]).value;
}

// Checks the movements of all devices of a kind; where there are too many, adds no finding.
void out_of_reach(const Evidence& e, Findings& findings) {
  constexpr std::uint64_t most = 10'000'000;  // legs, and pairs of a leg and a cell
  const MobilitySpec& mobility = e.scenario.mobility;
  for (const DeviceSpec& device : mobility.devices) {
    if (!device.motion || device.technologies.empty()) continue;
    std::vector<std::pair<double, const CellSpec*>> cells;
    double farthest = 0;
    for (const CellSpec& cell : mobility.cells)
      if (const auto its = reach(e, device, cell)) {
        cells.emplace_back(*its, &cell);
        farthest = std::max(farthest, *its);
      }
    if (cells.empty()) {
      findings.add(0.8, fmt::format("There is no cell that would serve devices \"{}\".", device.name),
                   "Cells of their technology, or another \"technology\" for them.");
      continue;
    }
    bool reached = false;
    std::uint64_t looked = 0;
    for (std::uint32_t i = 0; i < device.count && !reached && looked <= most; ++i) {
      Motion::State state{Rng(1, 0).stream(i), {}, {}};
      while (!reached && state.when < e.end() && looked <= most) {
        const std::optional<Leg> leg = device.motion->next(state, i);
        if (!leg) break;
        ++looked;
        for (const auto& [far, cell] : cells)
          for (const Position& place : cell->at) {
            reached = reached || nearest_of(*leg, e.end(), place) <= far;
            ++looked;
          }
      }
    }
    if (reached || looked > most) continue;
    findings.add(
        0.8,
        fmt::format("Devices \"{}\" never come within the reach of a cell that would serve them, {:.0f} m at most.",
                    device.name, farthest),
        "Cells where they move; positions of both in metres, from the same origin.");
  }
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
      {"out-of-reach", "Devices of a kind never come within the reach of a cell.", true, out_of_reach},
      {"uncovered", "Devices are out of coverage for more than a twentieth of the time.", false, uncovered},
      {"ping-pong", "More than a fifth of the handovers lead back at once.", false, ping_pong},
      {"flat", "Vehicles have run out of battery.", false, flat},
      {"standing", "Vehicles are in safety stops for more than half of the time.", false, standing},
      {"no-mission", "No vehicle has ended a mission.", false, no_mission},
  };
}

}  // namespace codecosim
