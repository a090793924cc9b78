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

Process Series::sample() {
  std::uint64_t completed = 0;
  double latency = 0;
  for (;;) {
    co_await delay(interval_);
    std::uint64_t done = 0, failed = 0;
    double sum = 0;
    for (const Metrics::Requests& requests : world_.metrics.clients) {
      done += requests.completed;
      failed += requests.lost + requests.refused;
      sum += requests.latency.sum();
    }
    // The warm-up has ended meanwhile.
    if (done < completed) {
      completed = 0;
      latency = 0;
    }
    const double mean = done > completed ? (sum - latency) / static_cast<double>(done - completed) : 0;
    rows_.push_back({now().value, static_cast<double>(done), static_cast<double>(failed), world_.metrics.in_flight,
                     mean, world_.compute.busy_cores().value, world_.compute.power().value,
                     static_cast<double>(applications_.pods_ready()), static_cast<double>(world_.nodes_up()),
                     static_cast<double>(world_.network.flows())});
    completed = done;
    latency = sum;
  }
}

}  // namespace codecosim
