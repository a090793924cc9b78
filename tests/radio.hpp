#pragma once
#include <cmath>
#include <utility>
#include <vector>

#include "models/world.hpp"
#include "sim/kernel/frame_pool.hpp"
#include "tests/federation.hpp"

namespace codecosim::test {

inline LinkSpec air() { return {BytesPerSecond(1e6), Seconds(0.001), 0, Bytes(16e6), JoulesPerByte(0), 0.75}; }

/// A radio whose levels are plain: a law of exponent 3 from 0 dB at a metre on, without shadowing, cells 10 m above the
/// devices, so that level = power - 15 log10(x^2 + y^2 + 100). It serves 1 MB/s as far as `reach` metres, both ways.
inline Technology plain_radio(double reach, double interruption = 0, double time_to_trigger = 0, bool forwards = true) {
  Technology t;
  t.name = "plain";
  t.carrier = Hertz(1e9);
  t.bandwidth = Hertz(std::pow(10, 7.4));  // noise of -100 dBm
  t.cell_power = t.device_power = DecibelMilliwatts(15 * std::log10(reach * reach + 100) - 80);
  t.cell_height = Metres(10);
  t.device_height = Metres(0);
  t.propagation.exponent = 3;
  t.propagation.loss_at_1m = Decibels(1e-300);  // zero would mean that of free space
  t.tiers = {{Decibels(20), BytesPerSecond(1e6), BytesPerSecond(1e6)}};
  t.link = air();
  t.link.forwards = forwards;
  t.offset = Decibels(3);
  t.hysteresis = Decibels(1);
  t.time_to_trigger = Seconds(time_to_trigger);
  t.interruption = Distribution<Seconds>(Law::constant(interruption));
  return t;
}

/// Cells of a technology; the i-th leads to cluster i.
inline CellSpec cells_at(std::vector<Position> at, std::uint32_t technology = 0, std::uint32_t first_cluster = 0) {
  CellSpec spec;
  spec.name = "cell";
  spec.numbered = true;
  spec.technology = technology;
  for (std::uint32_t i = 0; i < at.size(); ++i) spec.gateways.push_back({first_cluster + i});
  spec.at = std::move(at);
  return spec;
}

/// Devices with radios, each with a client on it, and what serves them.
struct Field {
  Field(std::vector<Technology> technologies, std::vector<CellSpec> cells, std::uint32_t count = 1,
        std::vector<std::uint32_t> radios = {0}, std::vector<std::uint32_t> providers = {}, std::uint32_t clusters = 3,
        std::uint64_t seed = 1)
      : Field(described(std::move(technologies), std::move(cells), count, std::move(radios), std::move(providers)),
              clusters, seed) {}
  Field(const MobilitySpec& mobility, std::uint32_t clusters, std::uint64_t seed)
      : world(land(clusters), Rng(seed, 0), FlowSharing{}, {air()},
              std::vector<Network::Access>(mobility.count(), {ClusterId{0}, 0}), mobility) {
    for (std::uint32_t d = 0; d < mobility.count(); ++d) {
      bearers.push_back(world.network.add_bearer(world.network.endpoint(ClientId{d})));
      world.radio.carry({d}, bearers.back());
    }
    world.radio.on_change.add([this](DeviceId device, CellId before, CellId after) {
      changes.push_back({now().value, device, before, after});
    });
  }
  ~Field() { frames::destroy_processes(); }

  static MobilitySpec described(std::vector<Technology> technologies, std::vector<CellSpec> cells, std::uint32_t count,
                                std::vector<std::uint32_t> radios, std::vector<std::uint32_t> providers) {
    DeviceSpec device;
    device.name = "walker";
    device.count = count;
    device.technologies = std::move(radios);
    device.providers = std::move(providers);
    return {std::move(technologies), std::move(cells), {device}};
  }
  /// The second half of the clusters belongs to a second provider.
  static FederationSpec land(std::uint32_t clusters) {
    FederationSpec spec = star(clusters);
    spec.providers.emplace_back();
    ClusterSpec other = spec.clusters[0];
    other.name = "d";
    other.provider = 1;
    spec.clusters.push_back(other);
    return spec;
  }

  struct Change {
    double at;
    DeviceId device;
    CellId before, after;
  };
  Process walk(DeviceId device, std::vector<Leg> legs) {
    for (const Leg& leg : legs) {
      co_await until(leg.start);
      world.movers.travel(device, leg);
    }
  }
  Address address(DeviceId device) const {
    return world.network.address(world.network.endpoint(ClientId{device.index}));
  }

  struct End {
    double at = -1;
    Outcome outcome = Outcome::refused;
  };
  Process send(double start, DeviceId device, bool up, double bytes, End& end, std::uint32_t gateway = 0,
               Transport transport = Transport::queued) {
    co_await until(Seconds(start));
    Message message(world.network, ServiceClass::best_effort, transport);
    Address from = address(device), to = Network::gateway({gateway});
    if (!up) std::swap(from, to);
    end.outcome = co_await message.carry(from, to, Bytes(bytes));
    end.at = now().value;
  }

  Calendar calendar;
  World world;
  std::vector<BearerId> bearers;
  std::vector<Change> changes;
};

}  // namespace codecosim::test
