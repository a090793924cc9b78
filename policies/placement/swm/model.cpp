#include "policies/placement/swm/model.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "policies/placement/swm/routing.hpp"
#include "sim/base/distinct.hpp"
#include "sim/base/error.hpp"

namespace codecosim {
namespace {

constexpr double rounding = 1e-12;  // relative tolerance of values in floating point
constexpr double largest_whole = 9e15;

std::int64_t bits(double bytes, double direction) {
  const double exact = std::clamp(bytes * 8 * (1 + direction * rounding), 0.0, largest_whole);
  return static_cast<std::int64_t>(direction < 0 ? std::ceil(exact) : std::floor(exact));
}

}  // namespace

SwmModel::SwmModel(const PlacementProblem& problem, const Objective& objective, std::uint32_t relaxed)
    : problem_(problem), objective_(objective), relaxed_(relaxed), feasible_(problem) {
  ensure(problem.row_costs.empty() || problem.row_costs.size() == problem.rows.size(), "costs of other rows");
  ensure(problem.costs.empty() || problem.costs.size() == problem.workloads.size(), "costs of other workloads");
  ensure(problem.recommendations.empty() || problem.recommendations.size() == problem.workloads.size(),
         "recommendations for other workloads");
  number_components();
  sort_into_kinds();
  prepare();
  make_rooms();
  known_.resize(rows());
  for (std::uint32_t k = 0; k < kinds_.size(); ++k) open_rows(k);
  connect();
  for (std::uint32_t w = 0; w < workloads(); ++w) {
    double most = 0, least = 0;
    for (const double each : kind(w).prices) {
      most = std::max(most, each);
      least = std::min(least, each);
    }
    price_ += most - least;
  }
}

std::uint32_t SwmModel::component(std::uint32_t number) const {
  const auto found = std::ranges::lower_bound(numbers_, number);
  return found == numbers_.end() || *found != number ? none : static_cast<std::uint32_t>(found - numbers_.begin());
}

void SwmModel::number_components() {
  for (const PlacementProblem::Workload& each : problem_.workloads) numbers_.push_back(each.component);
  for (const PlacementProblem::Row& row : problem_.rows)
    numbers_.insert(numbers_.end(), row.components.begin(), row.components.end());
  make_distinct(numbers_);
  entry_.assign(numbers_.size(), true);
  for (const PlacementProblem::Channel& each : problem_.channels)
    if (const std::uint32_t to = component(each.to); to != none && each.from != each.to) entry_[to] = false;
}

/// Selectors and tolerations are compared by address, since each component has one copy: there may be too many kinds,
/// never too few.
void SwmModel::sort_into_kinds() {
  using Key = std::tuple<std::uint32_t, std::int64_t, std::int64_t, std::uint32_t, bool, double, std::string,
                         const void*, const void*>;
  std::map<Key, std::vector<std::uint32_t>> found;
  const auto same = [&](std::uint32_t a, std::uint32_t b) {
    const PlacementProblem::Workload &x = problem_.workloads[a], &y = problem_.workloads[b];
    return x.allowed == y.allowed && x.reads == y.reads &&
           (problem_.costs.empty() || problem_.costs[a] == problem_.costs[b]) &&
           (problem_.recommendations.empty() || problem_.recommendations[a] == problem_.recommendations[b]);
  };
  for (std::uint32_t w = 0; w < problem_.workloads.size(); ++w) {
    const PlacementProblem::Workload& each = problem_.workloads[w];
    Kind kind;
    kind.component = component(each.component);
    kind.demand = feasible_.demand(w);
    if (is(constraint::cpu)) kind.demand.millicores = 0;
    if (is(constraint::memory)) kind.demand.bytes = 0;
    kind.current = each.current < problem_.rows.size() ? each.current : none;
    kind.fixed = each.fixed && kind.current != none && !is(constraint::fixed);
    std::vector<std::uint32_t>& alike =
        found[{kind.component, kind.demand.millicores, kind.demand.bytes, kind.current, kind.fixed, each.state.value,
               each.node_name, each.node_selector, each.tolerations}];
    const auto it = std::ranges::find_if(alike, [&](std::uint32_t k) { return same(example_[k], w); });
    if (it != alike.end()) {
      kind_of_.push_back(*it);
      continue;
    }
    kind_of_.push_back(static_cast<std::uint32_t>(kinds_.size()));
    alike.push_back(kind_of_.back());
    example_.push_back(w);
    kinds_.push_back(std::move(kind));
  }
}

/// Replicas on a row that this problem may move do not count as settled.
void SwmModel::prepare() {
  settled_.resize(numbers_.size());
  sides_.resize(numbers_.size());
  there_.resize(numbers_.size());
  std::vector<std::vector<std::int64_t>> here(problem_.rows.size());
  for (std::uint32_t w = 0; w < workloads(); ++w)
    if (kind(w).current != none && !kind(w).fixed) here[kind(w).current].push_back(kind(w).component);
  for (std::uint32_t row = 0; row < problem_.rows.size(); ++row) {
    std::map<std::uint32_t, std::int64_t> counts;
    for (const std::uint32_t number : problem_.rows[row].components) {
      const std::uint32_t c = component(number);
      there_[c].resize(problem_.rows.size());
      there_[c][row] = true;
      ++counts[c];
    }
    for (const std::int64_t c : here[row]) --counts[static_cast<std::uint32_t>(c)];
    for (const auto& [c, count] : counts)
      if (count > 0) settled_[c].push_back({row, static_cast<std::uint32_t>(count)});
  }
}

void SwmModel::make_rooms() {
  for (std::uint32_t row = 0; row < problem_.rows.size(); ++row) {
    const Feasible::Room& room = feasible_.room(row);
    const std::int64_t pods = is(constraint::pods) ? static_cast<std::int64_t>(workloads()) : room.max_pods - room.pods;
    rooms_.push_back({std::max<std::int64_t>(0, room.free.millicores), std::max<std::int64_t>(0, room.free.bytes),
                      std::max<std::int64_t>(0, pods)});
  }
}

void SwmModel::open_rows(std::uint32_t index) {
  Kind& kind = kinds_[index];
  kind.prices.resize(rows());
  kind.open.assign(rows(), 0);
  for (std::uint32_t row = 0; row < rows(); ++row) {
    kind.prices[row] = price_of(example_[index], row);
    if (kind.fixed || row == kind.current) {
      kind.open[row] =
          row == kind.current && (kind.fixed || is(constraint::labels) || feasible_.admits(example_[index], row));
      continue;
    }
    const Feasible::Demand& largest = feasible_.room(row).largest;
    const bool fits = rooms_[row].pods > 0 &&
                      (kind.demand.millicores == 0 ||
                       kind.demand.millicores <= std::min(rooms_[row].millicores, largest.millicores)) &&
                      (kind.demand.bytes == 0 || kind.demand.bytes <= std::min(rooms_[row].bytes, largest.bytes));
    kind.open[row] = fits && (is(constraint::labels) || feasible_.admits(example_[index], row));
  }
}

double SwmModel::price_of(std::uint32_t workload, std::uint32_t row) const {
  const PlacementProblem::Workload& asked = problem_.workloads[workload];
  const PlacementProblem::Row& target = problem_.rows[row];
  double sum = 0;
  if (!problem_.row_costs.empty()) sum += objective_.row_cost * problem_.row_costs[row];
  if (!problem_.costs.empty()) sum += objective_.cost * problem_.costs[workload][row];
  if (!problem_.recommendations.empty())
    sum += objective_.recommendation * (1 - problem_.recommendations[workload][row]);
  if (entry_[component(asked.component)])
    sum += objective_.client * std::min(target.client_latency / objective_.delay, Objective::worst);
  for (const std::uint32_t set : asked.reads)
    if (!std::ranges::binary_search(target.data, set))
      sum += objective_.data * (problem_.data_sizes[set] / objective_.bulk);
  if (asked.current != none && asked.current != row) sum += objective_.move * (1 + asked.state / objective_.bulk);
  return sum;
}

void SwmModel::connect() {
  for (const PlacementProblem::Medium& each : problem_.media) media_.push_back(bits(each.free.value, 1));
  if (!problem_.paths) return;
  std::vector<double> all(components()), still(components());
  for (std::uint32_t c = 0; c < components(); ++c)
    for (const Ends& each : settled_[c]) {
      all[c] += each.count;
      still[c] += each.count;
    }
  for (std::uint32_t w = 0; w < workloads(); ++w)
    if (!kind(w).fixed) ++all[kind(w).component];
  for (std::uint32_t i = 0; i < problem_.channels.size(); ++i) {
    const PlacementProblem::Channel& channel = problem_.channels[i];
    Link link{.channel = i, .from = component(channel.from), .to = component(channel.to)};
    if (link.from == none || link.to == none || link.from == link.to) continue;
    const double pairs = all[link.from] * all[link.to] - still[link.from] * still[link.to];
    if (pairs <= 0) continue;
    if (channel.assured && !is(constraint::bandwidth)) link.bits = bits(channel.bandwidth.value, -1);
    if (!is(constraint::delay)) link.max_delay = channel.max_delay;
    const bool bounded = channel.max_delay < forever && channel.max_delay > Seconds(0);
    link.price = objective_.channel / pairs / (bounded ? channel.max_delay : objective_.delay).value;
    link.worst = objective_.channel / pairs * Objective::worst;
    price_ += objective_.channel * (bounded && !is(constraint::delay) ? 1 + rounding : Objective::worst);
    const std::uint32_t index = static_cast<std::uint32_t>(links_.size());
    sides_[link.from].push_back({index, true});
    sides_[link.to].push_back({index, false});
    links_.push_back(link);
  }
  find_scarce_media();
}

/// A medium is not scarce if it has capacity for all channels between all pairs of ends.
void SwmModel::find_scarce_media() {
  std::vector<double> ends(components());
  for (std::uint32_t c = 0; c < components(); ++c) ends[c] = static_cast<double>(settled_[c].size());
  for (std::uint32_t w = 0; w < workloads(); ++w)
    if (!kind(w).fixed) ++ends[kind(w).component];
  double most = 0;
  for (const Link& link : links_) most += static_cast<double>(link.bits) * ends[link.from] * ends[link.to];
  for (const std::int64_t free : media_) scarce_.push_back(most > static_cast<double>(free));
}

const std::vector<PlacementProblem::Path>& SwmModel::paths(std::uint32_t from, std::uint32_t to) {
  std::vector<std::uint32_t>& row = known_[from];
  if (row.empty()) row.assign(rows(), unknown);
  if (row[to] == unknown) {
    paths_.push_back(problem_.paths(from, to));
    row[to] = static_cast<std::uint32_t>(paths_.size());
  }
  return paths_[row[to] - 1];
}

bool SwmModel::holds(const Link& link, std::uint32_t from, std::uint32_t to) const {
  const auto was = [&](std::uint32_t c, std::uint32_t row) { return !there_[c].empty() && there_[c][row]; };
  return was(link.from, from) && was(link.to, to);
}

std::vector<SwmModel::Way> SwmModel::ways(const Link& link, std::uint32_t from, std::uint32_t to) {
  if (from == to) return {{0, 0, false}};
  std::vector<Way> all;
  const bool asks = link.bits > 0 && !holds(link, from, to);
  const std::vector<PlacementProblem::Path>& known = paths(from, to);
  for (std::uint32_t i = 0; i < known.size() && known[i].latency <= link.max_delay * (1 + rounding); ++i) {
    Way way{i, std::min(known[i].latency.value * link.price, link.worst), false};
    if (asks && std::ranges::any_of(known[i].media, [&](std::uint32_t m) { return media_[m] < link.bits; })) continue;
    way.scarce = asks && std::ranges::any_of(known[i].media, [&](std::uint32_t m) { return scarce_[m]; });
    all.push_back(way);
    if (!way.scarce) break;
  }
  if (known.empty() && is(constraint::delay)) all.push_back({0, link.worst, false});
  return all;
}

SwmModel::Way SwmModel::nearest(const Link& link, std::uint32_t from, std::uint32_t to) {
  if (from == to) return {0, 0, false};
  if (link.bits > 0 || is(constraint::delay)) {
    const std::vector<Way> all = ways(link, from, to);
    return all.empty() ? Way() : all.front();
  }
  const std::vector<PlacementProblem::Path>& known = paths(from, to);
  if (known.empty() || known.front().latency > link.max_delay * (1 + rounding)) return {};
  return {0, std::min(known.front().latency.value * link.price, link.worst), false};
}

std::vector<std::uint32_t> SwmModel::nowhere() const {
  std::vector<std::uint32_t> all(workloads(), none);
  for (std::uint32_t w = 0; w < workloads(); ++w)
    if (kind(w).fixed) all[w] = kind(w).current;
  return all;
}

/// The number of row constraints that these placements break.
std::uint32_t SwmModel::misplaced(const std::vector<std::uint32_t>& placed) const {
  std::uint32_t broken = 0;
  std::vector<Room> left = rooms_;
  for (std::uint32_t w = 0; w < workloads(); ++w) {
    const Kind& each = kind(w);
    if (placed[w] == none) continue;
    if (!each.open[placed[w]]) ++broken;
    if (placed[w] == each.current) continue;
    Room& room = left[placed[w]];
    room.millicores -= each.demand.millicores;
    room.bytes -= each.demand.bytes;
    --room.pods;
  }
  for (const Room& room : left) broken += (room.millicores < 0) + (room.bytes < 0) + (room.pods < 0);
  return broken;
}

SwmSolution SwmModel::evaluate(std::vector<std::uint32_t> placed, const std::vector<Placement::Way>& suggested) {
  SwmSolution solution{.rows = std::move(placed), .ways = {}};
  ensure(solution.rows.size() == workloads(), "rows for other workloads");
  std::vector<std::map<std::uint32_t, std::int64_t>> on(components()), still(components());
  for (std::uint32_t c = 0; c < components(); ++c)
    for (const Ends& each : settled_[c]) {
      on[c][each.row] += each.count;
      still[c][each.row] += each.count;
    }
  for (std::uint32_t w = 0; w < workloads(); ++w) {
    const std::uint32_t row = solution.rows[w];
    if (row == none) {
      ++solution.unplaced;
      continue;
    }
    ensure(row < rows(), "a row outside of the problem");
    solution.value += kind(w).prices[row];
    if (!kind(w).fixed) ++on[kind(w).component][row];
  }
  solution.broken = misplaced(solution.rows);
  Routing routing(media_);
  for (const Link& link : links_) {
    for (const auto& [from, callers] : on[link.from]) {
      for (const auto& [to, callees] : on[link.to]) {
        const auto count = [](const auto& counts, std::uint32_t row) {
          return counts.contains(row) ? counts.at(row) : 0;
        };
        const std::int64_t pairs = callers * callees - count(still[link.from], from) * count(still[link.to], to);
        if (pairs == 0) continue;
        const Way first = nearest(link, from, to);
        if (first.price == out_of_reach)
          ++solution.broken;
        else if (first.scarce)
          routing.add({{link.channel, from, to, 0}, link.bits, static_cast<double>(pairs), ways(link, from, to)});
        else
          solution.value += first.price * static_cast<double>(pairs);
      }
    }
  }
  const auto media = [this](const Placement::Way& way) -> const std::vector<std::uint32_t>& {
    return media_of(way.from, way.to, way.path);
  };
  solution.value += routing.solve(suggested, media);
  solution.ways = routing.ways();
  solution.broken += routing.unrouted();
  solution.value += price_ * (solution.unplaced + solution.broken);
  return solution;
}

}  // namespace codecosim
