#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/measured.hpp"
#include "models/mobility/movers.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/histogram.hpp"
#include "sim/base/rng.hpp"
#include "sim/kernel/resource.hpp"
#include "sim/trace/trace.hpp"

namespace codecosim {

/// Stations, and the straight lanes between them, each for both directions.
struct StationGraph {
  struct Station {
    std::string name;
    Position at;
    bool goal = true;            ///< Whether missions lead there.
    std::uint32_t chargers = 0;  ///< Number of vehicles that can charge at once.
  };
  struct Lane {
    std::uint32_t from = 0, to = 0;
    bool single = false;  ///< One vehicle at a time, in either direction: first come, first served.
  };
  std::vector<Station> stations;
  std::vector<Lane> lanes;

  Metres length(const Lane& lane) const { return distance(stations[lane.from].at, stations[lane.to].at, false); }
  /// The lanes of the shortest route from one station to another (Dijkstra); on a tie, by the stations listed first.
  /// None: there is no route.
  std::optional<std::vector<std::uint32_t>> route(std::uint32_t from, std::uint32_t to) const;
};

/// A fleet of automated guided vehicles (AGVs). The figures of the default are those of mobile robots of 250 kg
/// payload: see docs/models.md.
struct FleetSpec {
  StationGraph graph;
  std::vector<std::pair<std::uint32_t, std::uint32_t>>
      missions;  ///< Origin and destination, each pair as likely; empty: any two goals.
  MetresPerSecond speed{1.5};
  MetresPerSecondSquared acceleration{0.5}, deceleration{0.8};
  MetresPerSecondSquared emergency{1.5};  ///< Deceleration in a safety stop; at least `deceleration`.
  Distribution<Seconds> handling;         ///< Time to load, and to unload.
  Joules battery{5.76e6};                 ///< 1.6 kWh
  Watts driving{150}, standing{60}, charging{1500};
  double low = 0.25, full = 0.9;  ///< Shares of the battery at which a vehicle goes to charge, and leaves the charger.
  template <class V>
  void fields(V&& v) {
    v("speed", speed, "At most.", positive);
    v("acceleration", acceleration, "Speeding up.", positive);
    v("deceleration", deceleration, "Braking.", positive);
    v("emergency", emergency, "Braking in a safety stop.", positive);
    v.law("handling", handling, "To load, and to unload.", not_negative);
    v("battery", battery, "What its battery holds.", positive);
    v("driving", driving, "Power while it drives.", not_negative);
    v("standing", standing, "Power while it stands.", not_negative);
    v("charging", charging, "Power of a charger.", positive);
    v("low", low, "Share of the battery at which it goes to charge.", between(0, 1));
    v("full", full, "Share at which it goes on.", between(0, 1));
  }
};

/// The vehicles of one fleet.
///
/// Claim: a vehicle takes mission after mission: it drives to the origin, loads, drives to the destination, and
/// unloads. It drives along the shortest route, accelerates and brakes at constant rates, and stops where it turns, and
/// before and after a lane that only one vehicle may use. While it waits for such a lane it holds no other, so that
/// there is no deadlock. Between missions, a vehicle low on its battery goes to the nearest station that charges. A
/// safety stop brakes it at once, wherever it is, until it may go on; it keeps the lane that it holds. Vehicles on
/// other lanes, and at stations, pass each other freely. Checked by: tests/physics/fleet_test.cpp.
class Fleet {
 public:
  Fleet(const FleetSpec&, std::uint32_t count, DeviceId first, Movers&, Trace&, const Rng&);
  ~Fleet();

  void start();
  bool has(DeviceId device) const {
    return device.index >= first_.index && device.index < first_.index + vehicles_.size();
  }
  /// Stops a device, until go_on() has been called as often.
  void stop(DeviceId);
  void go_on(DeviceId);
  /// The position of a device after a time span if nothing delays it: along its known route, then at the end of that.
  Position ahead(DeviceId, Seconds) const;

  struct Totals {
    std::uint64_t missions = 0;  ///< Missions that have ended.
    std::uint64_t stops = 0;     ///< Safety stops.
    std::uint64_t charges = 0;   ///< Times at a charger.
    std::uint64_t flat = 0;      ///< Vehicles whose battery ran out: they stop for good at the next station.
    Seconds stopped;             ///< Time in safety stops, over all vehicles.
    Seconds waited;              ///< Time waiting for lanes and chargers, over all vehicles.
    Histogram mission_time;      ///< [s]
    Metres driven;
    Totals& operator+=(const Totals&);
  };
  /// The totals since reset(), up to now.
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
  /// The fleet to which a device belongs; null: none.
  Fleet* of(DeviceId) const;
  void reset() override;
  void figures(Figures&) override;

 private:
  std::vector<std::unique_ptr<Fleet>> all_;
};

}  // namespace codecosim
