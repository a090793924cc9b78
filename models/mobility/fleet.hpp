#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/measured.hpp"
#include "models/mobility/movers.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/histogram.hpp"
#include "sim/base/rng.hpp"
#include "sim/kernel/resource.hpp"
#include "sim/trace/trace.hpp"

namespace codecosim {

/// Stations, and the straight lanes between them, which lead both ways.
struct StationGraph {
  struct Station {
    std::string name;
    Position at;
    bool goal = true;            ///< Missions lead there.
    std::uint32_t chargers = 0;  ///< So many vehicles charge at once.
  };
  struct Lane {
    std::uint32_t from = 0, to = 0;
    bool single = false;  ///< One vehicle at a time, in either direction: who comes first goes first.
  };
  std::vector<Station> stations;
  std::vector<Lane> lanes;

  Metres length(const Lane& lane) const { return distance(stations[lane.from].at, stations[lane.to].at, false); }
  /// Lanes to take from one station to another, shortest in all (Dijkstra); of equals, by the stations listed first.
  /// None: no way.
  std::optional<std::vector<std::uint32_t>> route(std::uint32_t from, std::uint32_t to) const;
};

/// A fleet of automated guided vehicles (AGVs). The figures of the default are those of mobile robots of 250 kg
/// payload: see docs/models.md.
struct FleetSpec {
  StationGraph graph;
  std::vector<std::pair<std::uint32_t, std::uint32_t>>
      missions;  ///< From where to where, each as likely; empty: any two goals.
  MetresPerSecond speed{1.5};
  MetresPerSecondSquared acceleration{0.5}, deceleration{0.8};
  MetresPerSecondSquared emergency{1.5};  ///< Of a safety stop; at least the deceleration.
  Distribution<Seconds> handling;         ///< To load, and to unload.
  Joules battery{5.76e6};                 ///< 1.6 kWh
  Watts driving{150}, standing{60}, charging{1500};
  double low = 0.25, full = 0.9;  ///< Shares of the battery at which it goes to charge, and leaves.
};

/// The vehicles of one fleet.
///
/// Claim: a vehicle takes mission after mission: to where something waits, loads it, brings it to where it belongs,
/// unloads. It drives along the shortest way, accelerates and brakes at constant rates, and stops where it turns and
/// before and after a lane that only one may use; there it waits for its turn, in which it holds nothing, so that no
/// two wait for each other. Between missions, a vehicle low on its battery goes to the nearest station that charges. A
/// safety stop brakes it at once, wherever it is, until it may go on; what it holds it keeps. Vehicles on other lanes,
/// and at stations, pass each other freely. Checked by: tests/physics/fleet_test.cpp.
class Fleet {
 public:
  Fleet(const FleetSpec&, std::uint32_t count, DeviceId first, Movers&, Trace&, const Rng&);
  ~Fleet();

  void start();
  bool has(DeviceId device) const {
    return device.index >= first_.index && device.index < first_.index + vehicles_.size();
  }
  /// It must not move, until go_on() has been called as often.
  void stop(DeviceId);
  void go_on(DeviceId);
  /// Where it will be after a while if nothing holds it up: along its known way, then at its end.
  Position ahead(DeviceId, Seconds) const;

  struct Totals {
    std::uint64_t missions = 0;  ///< Ended.
    std::uint64_t stops = 0;     ///< Safety stops.
    std::uint64_t charges = 0;   ///< Times at a charger.
    std::uint64_t flat = 0;      ///< Vehicles whose battery ran out: at the next station they stand for good.
    Seconds stopped;             ///< In safety stops, over all vehicles.
    Seconds waited;              ///< For right of way and chargers, over all vehicles.
    Histogram mission_time;      ///< [s]
    Metres driven;
    Totals& operator+=(const Totals&);
  };
  /// Since reset(), up to now.
  Totals totals() const;
  void reset();

 private:
  struct Vehicle;
  Process work(Vehicle&);
  Task<> go(Vehicle&, std::uint32_t goal);
  Task<> drive(Vehicle&, const Position& to);
  Task<> charge(Vehicle&);
  void draw(Vehicle&, Watts);
  std::uint32_t charger_near(const Vehicle&) const;

  const FleetSpec& spec_;
  DeviceId first_;
  Movers& movers_;
  Trace& trace_;
  std::vector<std::uint32_t> goals_;
  std::vector<std::unique_ptr<Server>> lanes_;     // where single
  std::vector<std::unique_ptr<Server>> chargers_;  // by station, where there are any
  std::vector<std::unique_ptr<Vehicle>> vehicles_;
  Totals totals_;
};

/// All fleets of a scenario.
class Fleets : public Measured {
 public:
  void add(std::unique_ptr<Fleet> fleet) { all_.push_back(std::move(fleet)); }
  void start();
  /// The one that a device belongs to; null: none.
  Fleet* of(DeviceId) const;
  void reset() override;
  void figures(Figures&) override;

 private:
  std::vector<std::unique_ptr<Fleet>> all_;
};

}  // namespace codecosim
