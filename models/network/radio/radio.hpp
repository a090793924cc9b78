#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/mobility/fleet.hpp"
#include "models/mobility/motion.hpp"
#include "models/mobility/movers.hpp"
#include "models/network/network.hpp"
#include "models/network/radio/crossing.hpp"
#include "models/network/radio/technology.hpp"
#include "sim/base/histogram.hpp"
#include "sim/base/observers.hpp"
#include "sim/base/rng.hpp"
#include "sim/trace/trace.hpp"

namespace codecosim {

/// `at.size()` cells of one kind.
struct CellSpec {
  std::string name;
  bool numbered = false;
  std::uint32_t technology = 0;
  std::uint32_t channels = 1;       ///< Assigned in turn; cells of one technology and channel interfere.
  std::vector<Position> at;         ///< Position of each cell.
  std::vector<ClusterId> gateways;  ///< Cluster to whose gateway each cell connects.
};

/// The radios of `count` devices of one kind.
struct DeviceSpec {
  std::string name;
  std::uint32_t count = 1;
  std::shared_ptr<const Motion> motion;     ///< The mobility model of the devices;
  std::shared_ptr<const FleetSpec> fleet;   ///< or the fleet to which they belong.
  std::vector<std::uint32_t> technologies;  ///< By preference: the first that has coverage is used.
  std::vector<std::uint32_t> providers;     ///< Providers whose cells it may use; empty: all.
};

/// The cells, and the serving cell of each device.
///
/// Claim: a device receives a cell at the level that Propagation gives for its place. The level along its path is a
/// smooth function of the arc length, so every crossing of a rate tier, of the edge of coverage and of a handover
/// condition is solved exactly, and there are no events between two of them. A device is served by at most one cell per
/// radio. Handover follows event A3 with its time to trigger; then the device is cut off for the interruption. When the
/// serving cell falls below its last tier, the device takes the best other cell that is above its own, after the same
/// interruption, or is without coverage until there is one. Noise and interference are those at the middle of the
/// place. The bearers of a device are served by the first of its radios that has a cell. Checked by:
/// tests/physics/radio_test.cpp, tests/physics/handover_test.cpp.
class Radio {
 public:
  Radio(const Federation&, Network&, Movers&, Trace&, const Rng&, std::vector<Technology>, const std::vector<CellSpec>&,
        const std::vector<DeviceSpec>&);
  ~Radio();

  /// Connects a bearer with a device: the cell that serves the device serves the bearer.
  void carry(DeviceId, BearerId);

  /// The largest distance from a cell of a technology at which a device may be served, at the best place.
  static Metres reach(const Technology& technology) { return Metres(band(technology).reach); }
  std::uint32_t cell_count() const { return static_cast<std::uint32_t>(cells_.size()); }
  const Technology& technology(CellId cell) const { return technologies_[cells_[cell.index].technology]; }
  ClusterId gateway(CellId cell) const { return cells_[cell.index].gateway; }
  std::string name(CellId) const;
  /// The cell that serves a device now; none: there is no coverage, or it is between two cells.
  CellId serving(DeviceId) const;
  /// Level of a cell at a place [dBm], and its ratio to noise and interference there [dB].
  double level(CellId, const Position&) const;
  double ratio(CellId, const Position&) const;
  /// The cell with the best level for a device of this kind at a place, among those that would serve it; none: no
  /// coverage.
  CellId best(DeviceId, const Position&) const;

  /// Called when a device is served by another cell than before; none: by no cell.
  Observers<DeviceId, CellId, CellId> on_change;

  struct Totals {
    std::uint64_t handovers = 0;  ///< Completed handovers from cell to cell.
    std::uint64_t ping_pongs =
        0;                     ///< Handovers back to the cell that was left less than a second before (3GPP TR 36.839).
    std::uint64_t losses = 0;  ///< Times that a serving cell fell below its last tier.
    Seconds interrupted;       ///< Time between two cells, over all radios.
    Seconds uncovered;         ///< Time without any cell, over all radios.
    Histogram stay;            ///< Time with one cell, when left [s].
  };
  /// The totals up to now, since reset_totals().
  const Totals& totals();
  void reset_totals();

 private:
  struct Cell {
    std::uint16_t technology, channel;
    std::uint32_t spec, number;
    Position at;
    ClusterId gateway;
    std::uint32_t provider;
    CellId air;
    Rng shadow, sight;  // draws by place, and by square of one line of sight
  };
  /// A cell as received at a place.
  struct MeasuredCell {
    std::uint32_t cell;
    Level level;           // along the leg
    double noise;          // and interference [dBm]
    double middle, swing;  // level at the middle of the place, and its largest deviation within the place
    Seconds better_since = forever;
  };
  struct Tile {
    std::int32_t x = 0, y = 0;
  };
  /// The parameters of a cell's level at a place: level = gain - slope ln q.
  struct Shade {
    double gain, slope;
    double middle, swing;
  };
  struct Terminal;
  struct Device {
    std::uint32_t kind;
    std::uint32_t first_terminal, terminals;
    std::vector<BearerId> bearers;
    std::uint32_t active;  // terminal
    CellId told;           // the cell last reported to on_change
  };
  /// Values derived from a technology, computed once, and its cells by squares as wide as a cell reaches.
  struct Band {
    Propagation::Curves curves;
    double noise = 0;  // noise of a device [dBm]
    double up = 0;     // level of a cell that corresponds to a ratio of 0 dB at the cell [dBm]
    double least = 0;  // level below which a cell serves no device [dBm]
    double reach = 1;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> cells;  // sorted by square
  };

  static double milliwatts(double dbm);
  static double dbm(double milliwatts);
  static Band band(const Technology&);
  Shade shade(std::uint32_t cell, const Tile&) const;
  Tile tile_of(const Technology&, const Position&) const;
  template <class F>
  void each_near(std::uint32_t technology, const Position&, F&& f) const;
  void measure(std::uint32_t technology, const Tile&, std::vector<MeasuredCell>& into) const;
  Squared way(std::uint32_t cell, const Leg&) const;
  /// The level of a cell that a tier requires, by direction: down by its ratio, up by the path loss that the level
  /// implies.
  double threshold(std::uint32_t technology, const MeasuredCell& one, std::size_t tier, bool up) const {
    return technologies_[technology].tiers[tier].ratio.value + (up ? bands_[technology].up : one.noise);
  }

  void leg_begins(DeviceId);
  void choose(Device&);
  void serve(Device& device, std::uint32_t number);
  void account();

  Network& network_;
  Movers& movers_;
  Trace& trace_;
  Rng switching_;
  std::vector<Technology> technologies_;
  std::vector<CellSpec> specs_;
  std::vector<DeviceSpec> kinds_;
  std::vector<Cell> cells_;
  std::vector<Band> bands_;  // by technology
  std::vector<Device> devices_;
  std::vector<std::unique_ptr<Terminal>> terminals_;
  Totals totals_;
  double uncovered_ = 0, interrupted_ = 0;  // number of devices now
  Seconds since_;
  mutable std::vector<MeasuredCell> scratch_;
  mutable std::vector<std::vector<double>> disturbing_;  // by channel: power of its cells at the middle of a place [mW]
  mutable std::vector<std::uint32_t> channels_;          // those of which it has any
};

}  // namespace codecosim
