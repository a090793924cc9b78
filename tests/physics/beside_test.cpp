// Messages beside flows on one link, and classes under overload: against an own simulation of packets.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <vector>

#include "tests/catch.hpp"
#include "tests/copies.hpp"
#include "tests/net.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

namespace {
struct Arrival {
  double at, bytes;
  ServiceClass service_class;
  double end = -1;
};

/// One link, packet by packet: as long as q messages are there beside n flows, which always have a packet to send, q of
/// q + n packets are the messages', in their order; those of ASSURED are at least its share.
void packet_by_packet(std::vector<Arrival>& arrivals, double capacity, std::size_t flows, double share) {
  constexpr double packet = 500;
  const double slot = packet / capacity;
  std::array<std::deque<std::pair<Arrival*, double>>, 2> lines;
  std::array<double, 3> credit{};
  std::size_t come = 0, open = arrivals.size();
  for (double t = 0; open > 0; t += slot) {
    while (come < arrivals.size() && arrivals[come].at <= t) {
      Arrival& one = arrivals[come++];
      lines[static_cast<std::size_t>(one.service_class)].emplace_back(&one, one.bytes);
    }
    const double a = static_cast<double>(lines[0].size()), b = static_cast<double>(lines[1].size());
    const double n = static_cast<double>(flows);
    if (a + b == 0) {
      if (come < arrivals.size()) t = std::max(t, arrivals[come].at - slot);
      credit = {};
      continue;
    }
    const double promised = a > 0 ? std::max(n + b > 0 ? share : 1, a / (a + b + n)) : 0;
    const std::array<double, 3> parts{promised, b > 0 ? (1 - promised) * b / (b + n) : 0,
                                      n > 0 ? (1 - promised) * n / (b + n) : 0};
    for (std::size_t k = 0; k < 3; ++k) credit[k] = parts[k] > 0 ? credit[k] + parts[k] : 0;
    const auto next = static_cast<std::size_t>(std::ranges::max_element(credit) - credit.begin());
    credit[next] -= 1;
    if (next == 2) continue;
    auto& [message, left] = lines[next].front();
    left -= packet;
    if (left > 0) continue;
    message->end = t + slot;
    lines[next].pop_front();
    --open;
  }
}

double mean_wait(const std::vector<Arrival>& arrivals) {
  double sum = 0;
  for (const Arrival& one : arrivals) sum += one.end - one.at;
  return sum / static_cast<double>(arrivals.size());
}

/// Over one link of 1 MB/s and 1 ms: from a node to its gateway.
Process send(Net& net, Arrival& arrival, double& end) {
  co_await until(Seconds(arrival.at));
  Message message(*net.network, arrival.service_class, Transport::queued);
  const Outcome outcome = co_await message.carry(net.address(0), Network::gateway({0}), Bytes(arrival.bytes));
  if (outcome == Outcome::done) end = now().value;
}
Process flow(Net& net) {
  for (;;) {
    Message message(*net.network, ServiceClass::best_effort, Transport::flow);
    co_await message.carry(net.address(0), Network::gateway({0}), Bytes(1e9));
  }
}

/// What is wrong with the mean wait of messages at this load beside so many flows; empty: nothing.
std::string beside(double load, std::size_t flows, ServiceClass service_class) {
  constexpr double bytes = 5000, capacity = 1e6, share = 0.75;
  Rng rng(7, 0);
  std::vector<Arrival> arrivals;
  for (double at = 0; arrivals.size() < 6000;) {
    at += rng.exponential(bytes / (load * capacity));
    arrivals.push_back({at, bytes, service_class});
  }
  std::vector<Arrival> packets = arrivals;
  packet_by_packet(packets, capacity, flows, share);

  Net net(Topology::star, 0, 1e12, share);
  std::vector<double> ends(arrivals.size(), -1);
  for (std::size_t f = 0; f < flows; ++f) spawn(flow(net));
  for (std::size_t i = 0; i < arrivals.size(); ++i) spawn(send(net, arrivals[i], ends[i]));
  net.calendar.run(Seconds(arrivals.back().at + 100));
  double mean = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    if (ends[i] < 0) return "a message has not come";
    mean += (ends[i] - arrivals[i].at - 0.001) / static_cast<double>(arrivals.size());
  }
  const double reference = mean_wait(packets);
  if (std::abs(mean - reference) <= 0.1 * reference) return "";
  return fmt::format("load {}, {} flows, {}: {:.4g} ms against {:.4g} ms", load, flows,
                     service_class == ServiceClass::assured ? "ASSURED" : "BESTEFFORT", 1000 * mean, 1000 * reference);
}

/// The part of a link that ASSURED gets where the classes offer so much.
std::string assured_part(double mine, double other, double size, double buffer) {
  constexpr double capacity = 1e6, share = 0.75, span = 100;
  Rng rng(3, 0);
  std::vector<Arrival> arrivals;
  const auto offer = [&](double load, double bytes, ServiceClass service_class) {
    for (double at = rng.exponential(bytes / (load * capacity)); at < span;
         at += rng.exponential(bytes / (load * capacity)))
      arrivals.push_back({at, bytes, service_class});
  };
  offer(mine, 1000 * size, ServiceClass::assured);
  offer(other, 1000 * 100 / size, ServiceClass::best_effort);
  Net net(Topology::star, 0, buffer, share);
  std::vector<double> ends(arrivals.size(), -1);
  for (std::size_t i = 0; i < arrivals.size(); ++i) spawn(send(net, arrivals[i], ends[i]));
  net.calendar.run(Seconds(span));
  double got = 0, offered = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    if (arrivals[i].service_class != ServiceClass::assured) continue;
    offered += arrivals[i].bytes;
    got += ends[i] >= 0 ? arrivals[i].bytes : 0;
  }
  const double part = got / span / capacity, promised = std::min(offered / span / capacity, share);
  // A buffer that is small for a burst loses some of what comes, at a load near the share; a few are under way at the
  // end.
  const double least = promised * (buffer >= 1000 * 1000 * size ? 0.95 : 0.8);
  if (part >= least) return "";
  return fmt::format("loads {} and {}, {} B in {} B: {:.3f} of {:.3f}", mine, other, 1000 * size, buffer, part,
                     promised);
}
}  // namespace

TEST_CASE("Messages beside flows wait as packets would, at any load below one, in either class", "[physics]") {
  constexpr std::array loads{0.3, 0.5, 0.7, 0.9};
  constexpr std::array<std::size_t, 4> flows{1, 3, 10, 50};
  CHECK(complaints_of_copies(32, [&](std::size_t i) {
          return beside(loads[i % 4], flows[i / 4 % 4],
                        i / 16 == 0 ? ServiceClass::assured : ServiceClass::best_effort);
        }) == "");
}

TEST_CASE("ASSURED has its load or its share, whatever the other class offers, however large its messages are",
          "[physics]") {
  constexpr std::array loads{0.3, 1.0, 3.0, 10.0};
  constexpr std::array sizes{1.0, 100.0};
  constexpr std::array buffers{10.0, 1000.0, 1e9};
  CHECK(complaints_of_copies(96, [&](std::size_t i) {
          const double size = sizes[i / 16 % 2];
          return assured_part(loads[i % 4], loads[i / 4 % 4], size, 1000 * size * buffers[i / 32]);
        }) == "");
}

TEST_CASE("A large message among small ones is not lost more often than they are", "[physics]") {
  Rng rng(5, 0);
  constexpr double span = 400;
  std::vector<Arrival> arrivals;
  for (double at = 0; at < span; at += rng.exponential(0.005)) {
    const bool large = rng.chance(0.01);
    arrivals.push_back({at, large ? 500e3 : 5e3, ServiceClass::best_effort});  // twice the capacity
  }
  Net net(Topology::star, 0, 100e3);
  std::vector<double> ends(arrivals.size(), -1);
  for (std::size_t i = 0; i < arrivals.size(); ++i) spawn(send(net, arrivals[i], ends[i]));
  net.calendar.run(Seconds(span + 100));
  std::array<double, 2> all{}, arrived{};
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    ++all[arrivals[i].bytes > 5e3];
    arrived[arrivals[i].bytes > 5e3] += ends[i] >= 0;
  }
  CHECK(arrived[1] / all[1] == Approx(arrived[0] / all[0]).margin(0.08));
}

namespace {
/// 0.5 MB of a message of 2 MB are through when a flow comes, and then half of the link is its, on either link; the
/// latency of the flow is up to this. An earlier flow has come and gone, or not.
std::string alone(double latency, bool earlier) {
  Net net(Topology::star, 0, 16e6, 0.75, latency);  // 0.5 MB/s
  Net::End first, message, flow;
  const auto carry = [&](double start, double bytes, Transport transport, Net::End& end) -> Process {
    co_await until(Seconds(start));
    Message one(*net.network, ServiceClass::best_effort, transport);
    end.outcome = co_await one.carry(Network::gateway({0}), Network::gateway({1}), Bytes(bytes));
    end.at = now().value;
  };
  if (earlier) spawn(carry(0, 0.5e6, Transport::flow, first));
  spawn(carry(9, 2e6, Transport::queued, message));
  spawn(carry(10, 5e6, Transport::flow, flow));
  net.calendar.run(100_s);
  const double through = 10 + 1.5 / 0.25 + 2 / 0.25;
  // Until then the flow had half, and then it had all.
  const double all = through + (5 - 0.25 * (through - 10)) / 0.5;
  const bool right = std::abs(message.at - through) < 0.2 + 2 * latency && std::abs(flow.at - all) < 0.3 + 2 * latency;
  return right ? ""
               : fmt::format("latency {}, earlier {}: {} s and {} s, not {} and {}", latency, earlier, message.at,
                             flow.at, through, all);
}
}  // namespace

TEST_CASE("A message that is alone has its part of the link as flows come and go", "[physics]") {
  constexpr std::array latencies{0.0, 0.005, 0.030, 0.2};
  CHECK(complaints_of_copies(8, [&](std::size_t i) { return alone(latencies[i / 2], i % 2 == 1); }) == "");
}
