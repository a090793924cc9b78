#include "models/series.hpp"

namespace codecosim {

Series::Series(World& world, Applications& applications, Seconds interval)
    : world_(world), applications_(applications), interval_(interval) {}

const std::vector<std::string>& Series::columns() {
  static const std::vector<std::string> names{"time_s",          "requests_completed",
                                              "requests_failed", "requests_in_flight",
                                              "mean_latency_s",  "busy_cores",
                                              "power_w",         "pods_ready",
                                              "nodes_up",        "flows"};
  return names;
}

Process Series::sample(Seconds end) {
  std::uint64_t answered = 0;
  double latency = 0;
  for (Ticks ticks(interval_, end); ticks.any();) {
    co_await until(ticks.next());
    std::uint64_t completed = 0, failed = 0;
    double sum = 0;
    for (const Metrics::Requests& one : world_.metrics.clients) {
      completed += one.completed();
      failed += one.failed();
      sum += one.latency.sum();
    }
    // The warm-up has ended meanwhile.
    if (completed < answered) {
      answered = 0;
      latency = 0;
    }
    const auto mean = completed > answered ? std::optional((sum - latency) / static_cast<double>(completed - answered))
                                           : std::nullopt;
    rows_.push_back({now().value, static_cast<double>(completed), static_cast<double>(failed),
                     world_.metrics.in_flight.now(), mean, world_.compute.busy_cores().value,
                     world_.compute.power().value, static_cast<double>(applications_.pods_ready()),
                     static_cast<double>(world_.nodes_up()), static_cast<double>(world_.network.flows())});
    answered = completed;
    latency = sum;
  }
}

}  // namespace codecosim
