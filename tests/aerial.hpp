// Devices that are reached over the air only, for tests of a cell's airtime.
#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "models/network/network.hpp"
#include "sim/kernel/frame_pool.hpp"
#include "tests/federation.hpp"

namespace codecosim::test {

inline constexpr double one_way = 0.001;  // latency over the air [s]

/// Three clusters (uplinks 0.5 MB/s, 10 ms), and clients that are reached over the air only. A rate of 1 MB/s makes 10
/// kB 10 ms.
struct Aerial {
  explicit Aerial(std::uint32_t clients = 4) {
    network = std::make_unique<Network>(*federation, *platform, Rng(1, 0), std::vector{spec()},
                                        std::vector<Network::Access>(clients, {ClusterId{0}, 0}));
    for (std::uint32_t c = 0; c < clients; ++c) bearers.push_back(network->add_bearer(network->endpoint(ClientId{c})));
  }
  ~Aerial() { frames::destroy_processes(); }

  static LinkSpec spec(double buffer = 16e6, double assured = 0.75, bool forwards = true) {
    LinkSpec one{BytesPerSecond(1e6), Seconds(one_way), 0, Bytes(buffer), JoulesPerByte(0), assured};
    one.forwards = forwards;
    return one;
  }
  CellId cell(std::uint32_t gateway = 0, bool shared = false, const LinkSpec& air = spec(), MediumAccess access = {}) {
    return network->add_cell({gateway}, air, shared, std::make_shared<MediumAccess>(std::move(access)));
  }
  void attach(std::uint32_t client, CellId to, double rate = 1e6) {
    network->attach(bearers[client], to, BytesPerSecond(rate), BytesPerSecond(rate));
  }
  Address address(std::uint32_t client) const { return network->address(network->endpoint(ClientId{client})); }

  struct End {
    double at = -1;
    Outcome outcome = Outcome::refused;
  };
  /// From a client to a gateway, or the other way.
  Process up(double start, std::uint32_t client, double bytes, End& end,
             ServiceClass service = ServiceClass::best_effort, Transport transport = Transport::queued,
             std::uint32_t gateway = 0) {
    co_await until(Seconds(start));
    Message message(*network, service, transport);
    end.outcome = co_await message.carry(address(client), Network::gateway({gateway}), Bytes(bytes));
    end.at = now().value;
  }
  Process down(double start, std::uint32_t client, double bytes, End& end,
               ServiceClass service = ServiceClass::best_effort, Transport transport = Transport::queued,
               std::uint32_t gateway = 0) {
    co_await until(Seconds(start));
    Message message(*network, service, transport);
    end.outcome = co_await message.carry(Network::gateway({gateway}), address(client), Bytes(bytes));
    end.at = now().value;
  }
  template <class F>
  Process then(double when, F f) {
    co_await until(Seconds(when));
    f();
  }

  Calendar calendar;
  std::unique_ptr<Federation> federation = std::make_unique<Federation>(star(3));
  std::unique_ptr<Platform> platform = std::make_unique<Platform>();
  std::unique_ptr<Network> network;
  std::vector<BearerId> bearers;
};

}  // namespace codecosim::test
