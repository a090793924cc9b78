#include "policies/placement/swm/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace codecosim {
namespace {

constexpr double gibibyte = 1024.0 * 1024 * 1024;

/// Demand and supply, by kind of constraint.
class Account {
 public:
  explicit Account(const PlacementProblem& problem)
      : problem_(problem),
        rows_(problem.rows.size()),
        noun_(problem.level == PlacementProblem::Level::cluster ? "node" : "cluster") {
    for (const PlacementProblem::Workload& each : problem.workloads) {
      if (each.fixed) {
        ++fixed_;
        continue;
      }
      cpu_ += each.cpu.value;
      memory_ += each.memory.value / gibibyte;
      ++pods_;
    }
    for (const PlacementProblem::Row& row : problem.rows) {
      free_cpu_ += std::max(0.0, row.cpu_free.value);
      largest_cpu_ = std::max(largest_cpu_, row.largest_cpu_free.value);
      free_memory_ += std::max(0.0, row.memory_free.value) / gibibyte;
      largest_memory_ = std::max(largest_memory_, row.largest_memory_free.value / gibibyte);
      free_pods_ += row.max_pods > row.pods ? row.max_pods - row.pods : 0;
    }
  }

  std::string text(std::uint32_t group) const {
    switch (group) {
      case constraint::labels:
        return fmt::format("labels, taints and rules ({} {}(s), of which a workload may use {})", rows_, noun_,
                           fewest_admitting());
      case constraint::cpu:
        return fmt::format("cpu ({:.6g} core(s) asked for, {:.6g} free on {} {}(s), {:.6g} at most on one node)", cpu_,
                           free_cpu_, rows_, noun_, largest_cpu_);
      case constraint::memory:
        return fmt::format("memory ({:.6g} GiB asked for, {:.6g} GiB free on {} {}(s), {:.6g} GiB at most on one node)",
                           memory_, free_memory_, rows_, noun_, largest_memory_);
      case constraint::pods:
        return fmt::format("pods ({} asked for, room for {} on {} {}(s))", pods_, free_pods_, rows_, noun_);
      case constraint::delay:
        return delay();
      case constraint::bandwidth:
        return bandwidth();
      default:
        return fmt::format("fixed workloads ({} of {} stay where they are)", fixed_, problem_.workloads.size());
    }
  }

 private:
  std::size_t fewest_admitting() const {
    const Feasible feasible(problem_);
    std::size_t fewest = rows_;
    for (std::size_t w = 0; w < problem_.workloads.size(); ++w) {
      std::size_t count = 0;
      for (std::size_t row = 0; row < rows_; ++row) count += feasible.admits(w, row) ? 1 : 0;
      fewest = std::min(fewest, count);
    }
    return fewest;
  }
  std::string delay() const {
    std::size_t bounded = 0;
    Seconds tightest = forever;
    for (const PlacementProblem::Channel& each : problem_.channels)
      if (each.max_delay < forever) {
        ++bounded;
        tightest = std::min(tightest, each.max_delay);
      }
    if (bounded == 0)
      return fmt::format("delay ({} channel(s), and {}(s) that cannot reach each other)", problem_.channels.size(),
                         noun_);
    return fmt::format("delay ({} channel(s) with a bound, of {:.6g} ms at least)", bounded, tightest.value * 1e3);
  }
  std::string bandwidth() const {
    std::size_t assured = 0;
    double asked = 0, narrowest = 0;
    for (const PlacementProblem::Channel& each : problem_.channels)
      if (each.assured) {
        ++assured;
        asked += each.bandwidth.value * 8e-6;
      }
    for (const PlacementProblem::Medium& each : problem_.media)
      narrowest = &each == problem_.media.data() ? each.free.value * 8e-6 : std::min(narrowest, each.free.value * 8e-6);
    return fmt::format(
        "bandwidth ({} ASSURED channel(s) of {:.6g} Mbit/s together, {:.6g} Mbit/s free on the narrowest of {} "
        "medium(s))",
        assured, asked, narrowest, problem_.media.size());
  }

  const PlacementProblem& problem_;
  std::size_t rows_;
  std::string noun_;
  double cpu_ = 0, free_cpu_ = 0, largest_cpu_ = 0, memory_ = 0, free_memory_ = 0, largest_memory_ = 0;
  std::size_t pods_ = 0, free_pods_ = 0, fixed_ = 0;
};

}  // namespace

std::string explain(const PlacementProblem& problem, std::uint32_t count,
                    const std::function<std::uint32_t(SwmModel&)>& unplaced) {
  if (problem.rows.empty()) return Feasible(problem).reason(0);
  const Objective only_places{
      .row_cost = 0, .cost = 0, .recommendation = 0, .channel = 0, .client = 0, .data = 0, .move = 0};
  std::uint32_t fewest = count;
  std::vector<std::uint32_t> blamed;
  for (std::uint32_t group = constraint::labels; group <= constraint::fixed; group *= 2) {
    SwmModel relaxed(problem, only_places, group);
    const std::uint32_t left = unplaced(relaxed);
    if (left < fewest) {
      fewest = left;
      blamed.clear();
    }
    if (left == fewest && left < count) blamed.push_back(group);
  }
  std::string text = fmt::format("{} of {} workload(s) cannot be placed, ", count, problem.workloads.size());
  if (blamed.empty()) return text + "and no kind of constraint alone is the cause: several hold them back together.";
  const Account account(problem);
  text += "for want of ";
  for (std::size_t i = 0; i < blamed.size(); ++i) text += (i == 0 ? "" : "; or of ") + account.text(blamed[i]);
  return text + (fewest == 0 ? "." : fmt::format("; that alone would leave {}.", fewest));
}

}  // namespace codecosim
