#include "models/orchestration/wire.hpp"

#include <optional>

namespace codecosim {

namespace {
constexpr Seconds first_timeout{1};
constexpr int retransmissions = 4;
}  // namespace

Task<Outcome> Wire::send(Plane plane, Address from, Address to, Bytes size) {
  if (!from.endpoint && !to.endpoint && from.cluster == to.cluster) co_return Outcome::done;
  Message message(world_.network, ServiceClass::best_effort, Transport::queued);
  const bool raw = plane == Plane::telemetry || plane == Plane::catalogue;
  const bool leaves =
      raw && world_.federation.provider(from.cluster).domain != world_.federation.provider(to.cluster).domain;
  Seconds timeout = first_timeout;
  for (int sent = 0;; ++sent) {
    const MovedBytes::Counting counting(world_.metrics.control(plane), message);
    std::optional<MovedBytes::Counting> beyond;
    if (leaves) beyond.emplace(world_.metrics.across_domains, message);
    const Outcome outcome = co_await message.carry(from, to, size);
    if (outcome == Outcome::done) co_return outcome;
    if (sent == retransmissions) {
      ++world_.metrics.control_lost;
      co_return outcome;
    }
    co_await delay(timeout);
    timeout = timeout * 2;
  }
}

}  // namespace codecosim
