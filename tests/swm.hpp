#pragma once
// Placement problems of any size, drawn at random, and an account of what a placement costs and breaks that shares
// nothing with the policies: it goes by the problem and docs/policies.md alone.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "models/policy.hpp"
#include "sim/base/rng.hpp"

namespace codecosim::test {

inline constexpr std::uint32_t nowhere = PlacementProblem::none;

/// Where labels and the like of a problem live.
struct Question {
  PlacementProblem problem;
  std::vector<Labels> labels;
  std::vector<std::vector<Taint>> taints;
  std::vector<Toleration> none, all{{.key = {}, .value = {}, .op = Toleration::Operator::exists}};
  Labels any, ssd{{"disk", "ssd"}};
  std::vector<std::vector<std::vector<PlacementProblem::Path>>> paths;
};

struct Size {
  std::uint32_t workloads = 5, rows = 4, components = 4, channels = 3;
  double tightness = 1;  ///< What is asked for, over what there is.
};

/// Fills `q` in, which stays where it is.
inline void make_question(Question& q, const Size& size, Rng& rng) {
  PlacementProblem& p = q.problem;
  const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(rng.below(n)); };
  p.level = rng.chance(0.5) ? PlacementProblem::Level::federation : PlacementProblem::Level::cluster;
  p.data_sizes = {Bytes(1e8), Bytes(2e9)};
  q.labels.resize(size.rows);
  q.taints.resize(size.rows);
  const double cores = 0.5 + 3 * size.workloads / (2.0 * size.rows) / size.tightness;
  for (std::uint32_t r = 0; r < size.rows; ++r) {
    PlacementProblem::Row row;
    row.id = r;
    row.name = "row" + std::to_string(r);
    if (rng.chance(0.5)) q.labels[r] = q.ssd;
    if (rng.chance(0.2)) q.taints[r].push_back({"only", "some", Taint::Effect::no_schedule});
    row.labels = &q.labels[r];
    row.taints = &q.taints[r];
    row.cpu = Cores(100);
    row.memory = Bytes(1e12);
    row.cpu_free = row.largest_cpu_free = Cores(std::round(10 * cores * rng.uniform(0.5, 1.5)) / 10);
    row.memory_free = row.largest_memory_free = Bytes(std::round(cores * rng.uniform(0.5, 1.5) * 1024) * 1048576);
    if (p.level == PlacementProblem::Level::federation) {
      row.largest_cpu_free = Cores(std::round(5 * row.cpu_free.value) / 10);
      row.largest_memory_free = row.memory_free * 0.75;
      if (rng.chance(0.5)) row.data.push_back(0);
      if (rng.chance(0.5)) row.data.push_back(1);
    }
    row.pods = 10;
    row.max_pods = 10 + 1 + below(2 * size.workloads / size.rows + 2);
    row.client_latency = Seconds(rng.uniform(0.001, 0.05));
    for (std::uint32_t c = 0; c < size.components; ++c)
      if (rng.chance(0.5 / size.rows)) row.components.push_back(c);
    p.row_costs.push_back(rng.uniform());
    p.rows.push_back(std::move(row));
  }
  for (std::uint32_t c = 0; c < size.channels && size.components > 1; ++c) {
    const std::uint32_t from = below(size.components - 1);
    PlacementProblem::Channel channel;
    channel.from = from;
    channel.to = from + 1 + below(size.components - from - 1);
    channel.assured = rng.chance(0.6);
    channel.bandwidth = BytesPerSecond(1e6 / 8 * (1 + below(3)));
    if (rng.chance(0.5)) channel.max_delay = Seconds(rng.uniform(0.005, 0.05));
    p.channels.push_back(channel);
  }
  const std::uint32_t media = 2 * size.rows;
  const double busy = size.workloads <= 8 ? 4 : 2.0 * size.channels;
  for (std::uint32_t m = 0; m < media; ++m)
    p.media.push_back({BytesPerSecond(1e6 / 8 * below(static_cast<std::uint64_t>(2 * busy)))});
  q.paths.resize(size.rows, std::vector<std::vector<PlacementProblem::Path>>(size.rows));
  for (std::uint32_t a = 0; a < size.rows; ++a)
    for (std::uint32_t b = 0; b < size.rows; ++b) {
      if (a == b) q.paths[a][b] = {{}};
      if (a == b || rng.chance(0.05)) continue;
      double latency = rng.uniform(0, 0.03);
      for (std::uint32_t k = 0, count = 1 + below(3); k < count; ++k, latency += rng.uniform(0, 0.01)) {
        PlacementProblem::Path path{Seconds(latency), {}};
        const std::uint32_t first = below(media), second = below(media);
        path.media.push_back(first);
        if (second != first) path.media.push_back(second);
        q.paths[a][b].push_back(std::move(path));
      }
    }
  const auto* paths = &q.paths;
  p.paths = [paths](std::uint32_t a, std::uint32_t b) { return (*paths)[a][b]; };
  std::vector<PlacementProblem::Workload> made(size.components);
  for (std::uint32_t c = 0; c < size.components; ++c) {
    made[c].component = c;
    made[c].cpu = Cores(0.1 * (1 + below(25)));
    made[c].memory = Bytes(104857600.0 * (1 + below(20)));
    made[c].node_selector = rng.chance(0.2) ? &q.ssd : &q.any;
    made[c].tolerations = rng.chance(0.3) ? &q.all : &q.none;
    made[c].state = Bytes(rng.chance(0.3) ? 2e9 * rng.uniform() : 0);
    if (rng.chance(0.3)) made[c].reads.push_back(below(2));
    if (rng.chance(0.1)) made[c].cpu = Cores(0);
    if (rng.chance(0.2)) {
      made[c].allowed.resize(size.rows);
      for (std::uint32_t r = 0; r < size.rows; ++r) made[c].allowed[r] = rng.chance(0.7);
    }
  }
  for (std::uint32_t w = 0; w < size.workloads; ++w) {
    PlacementProblem::Workload workload = made[below(size.components)];
    if (rng.chance(0.25)) {
      workload.current = below(size.rows);
      workload.fixed = rng.chance(0.3);
      p.rows[workload.current].components.push_back(workload.component);
    }
    p.workloads.push_back(std::move(workload));
  }
  if (rng.chance(0.5))
    for (std::uint32_t w = 0; w < size.workloads; ++w) {
      p.costs.emplace_back();
      p.recommendations.emplace_back();
      for (std::uint32_t r = 0; r < size.rows; ++r) {
        p.costs[w].push_back(rng.uniform());
        p.recommendations[w].push_back(rng.uniform());
      }
    }
}

/// What a placement costs and whether it is allowed, straight from the equation of docs/policies.md with its default
/// weights.
class Account {
 public:
  static constexpr double impossible = std::numeric_limits<double>::infinity();
  explicit Account(const PlacementProblem& problem) : p_(problem) {
    std::map<std::uint32_t, double> all, still;
    for (std::uint32_t r = 0; r < p_.rows.size(); ++r)
      for (const std::uint32_t c : p_.rows[r].components) {
        before_.insert({c, r});
        ++peers_[{c, r}];
      }
    for (const auto& w : p_.workloads) {
      if (w.current != nowhere) --peers_[{w.component, w.current}];
      ++all[w.component];
      if (w.fixed) ++still[w.component];
    }
    for (const auto& [place, count] : peers_) {
      all[place.first] += count;
      still[place.first] += count;
    }
    for (const auto& c : p_.channels) pairs_.push_back(all[c.from] * all[c.to] - still[c.from] * still[c.to]);
  }

  /// Of workload `w` on row `r` by itself; impossible where it may not be there.
  double alone(std::uint32_t w, std::uint32_t r) const {
    const auto& asked = p_.workloads[w];
    const auto& row = p_.rows[r];
    if (asked.fixed && asked.current != r) return impossible;
    if (!asked.fixed) {
      if (!asked.allowed.empty() && !asked.allowed[r]) return impossible;
      for (const auto& [key, value] : *asked.node_selector)
        if (!row.labels->contains(key) || row.labels->at(key) != value) return impossible;
      if (!row.taints->empty() && asked.tolerations->empty()) return impossible;
      if (asked.current != r && asked.cpu.value > row.largest_cpu_free.value + 1e-9) return impossible;
      if (asked.current != r && asked.memory > row.largest_memory_free) return impossible;
    }
    double sum = p_.row_costs[r];
    if (!p_.costs.empty()) sum += p_.costs[w][r] + 1 - p_.recommendations[w][r];
    if (std::ranges::none_of(p_.channels, [&](const auto& c) { return c.to == asked.component; }))
      sum += std::min(100.0, row.client_latency.value / 0.010);
    for (const std::uint32_t set : asked.reads)
      if (!std::ranges::count(row.data, set)) sum += p_.data_sizes[set].value / 1073741824.0;
    if (asked.current != nowhere && asked.current != r) sum += 0.1 * (1 + asked.state.value / 1073741824.0);
    return sum;
  }

  /// Of these rows, `nowhere` for what is not placed, with the paths that cost least or with these; impossible where
  /// something is broken.
  double operator()(const std::vector<std::uint32_t>& rows, const std::vector<Placement::Way>* ways = nullptr) {
    double sum = 0;
    std::map<std::uint32_t, double> cpu, memory, pods;
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> ends = peers_, fixed = peers_;
    for (std::uint32_t w = 0; w < rows.size(); ++w) {
      const auto& asked = p_.workloads[w];
      if (asked.fixed && rows[w] != asked.current) return impossible;
      if (rows[w] == nowhere) continue;
      const double one = alone(w, rows[w]);
      if (one == impossible) return impossible;
      sum += one;
      ++ends[{asked.component, rows[w]}];
      if (asked.fixed) ++fixed[{asked.component, rows[w]}];
      if (asked.current == rows[w]) continue;
      cpu[rows[w]] += asked.cpu.value;
      memory[rows[w]] += asked.memory.value;
      ++pods[rows[w]];
    }
    for (const auto& [r, count] : pods) {
      const auto& row = p_.rows[r];
      if (count + row.pods > row.max_pods) return impossible;
      if (cpu[r] > 0 && cpu[r] > row.cpu_free.value + 1e-9) return impossible;
      if (memory[r] > 0 && memory[r] > row.memory_free.value) return impossible;
    }
    crossings_.clear();
    for (std::uint32_t c = 0; c < p_.channels.size() && p_.paths; ++c)
      for (const auto& [a, callers] : ends)
        for (const auto& [b, callees] : ends) {
          const auto& channel = p_.channels[c];
          if (a.first != channel.from || b.first != channel.to || a.second == b.second) continue;
          const int pairs = callers * callees - (fixed.contains(a) ? fixed[a] : 0) * (fixed.contains(b) ? fixed[b] : 0);
          if (pairs == 0) continue;
          const bool held = before_.contains(a) && before_.contains(b);
          crossings_.push_back(
              {c, a.second, b.second, channel.assured && !held ? channel.bandwidth.value : 0, pairs / pairs_[c]});
        }
    free_.clear();
    for (const auto& medium : p_.media) free_.push_back(medium.free.value * (1 + 1e-9));
    best_ = impossible;
    route(0, 0, ways);
    return sum + best_;
  }

 private:
  struct Crossing {
    std::uint32_t channel, from, to;
    double bandwidth, weight;
  };
  void route(std::size_t at, double paid, const std::vector<Placement::Way>* ways) {
    if (paid >= best_) return;
    if (at == crossings_.size()) {
      best_ = paid;
      return;
    }
    const Crossing& x = crossings_[at];
    const auto& channel = p_.channels[x.channel];
    const double reference = channel.max_delay < forever ? channel.max_delay.value : 0.010;
    const auto paths = p_.paths(x.from, x.to);
    for (std::uint32_t k = 0; k < paths.size(); ++k) {
      if (paths[k].latency > channel.max_delay) continue;
      const auto same = [&](const Placement::Way& way) {
        return way.channel == x.channel && way.from == x.from && way.to == x.to;
      };
      if (ways && std::ranges::any_of(*ways, [&](const auto& way) { return same(way) && way.path != k; })) continue;
      const auto lacks = [&](std::uint32_t m) { return free_[m] < x.bandwidth; };
      if (x.bandwidth > 0 && std::ranges::any_of(paths[k].media, lacks)) continue;
      for (const std::uint32_t m : paths[k].media) free_[m] -= x.bandwidth;
      route(at + 1, paid + x.weight * std::min(100.0, paths[k].latency.value / reference), ways);
      for (const std::uint32_t m : paths[k].media) free_[m] += x.bandwidth;
      if (x.bandwidth == 0) break;
    }
  }

  const PlacementProblem& p_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> before_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int>
      peers_;  // component and row: those that this problem does not move
  std::vector<double> pairs_;
  std::vector<Crossing> crossings_;
  std::vector<double> free_;
  double best_ = impossible;
};

/// The most workloads that can be placed, and the least cost of that, by trying all placements.
struct Enumerated {
  std::uint32_t unplaced = 0;
  double cost = Account::impossible;
};
inline Enumerated enumerate(const PlacementProblem& problem) {
  Account account(problem);
  Enumerated best{static_cast<std::uint32_t>(problem.workloads.size()) + 1, Account::impossible};
  std::vector<std::uint32_t> rows(problem.workloads.size(), 0);
  const std::uint32_t count = static_cast<std::uint32_t>(problem.rows.size());
  for (bool more = true; more;) {
    std::vector<std::uint32_t> placed = rows;
    for (std::uint32_t& row : placed) row = row == count ? nowhere : row;
    const std::uint32_t unplaced = static_cast<std::uint32_t>(std::ranges::count(placed, nowhere));
    if (unplaced <= best.unplaced) {
      const double cost = account(placed);
      if (cost < Account::impossible && std::tuple(unplaced, cost) < std::tuple(best.unplaced, best.cost))
        best = {unplaced, cost};
    }
    more = false;
    for (std::size_t w = 0; w < rows.size() && !more; ++w) {
      more = rows[w] < count;
      rows[w] = more ? rows[w] + 1 : 0;
    }
  }
  return best;
}

}  // namespace codecosim::test
