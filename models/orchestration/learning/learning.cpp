#include "models/orchestration/learning/learning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/call_plugin.hpp"

namespace codecosim {

namespace {
constexpr Bytes forecast{200};  // a figure and its description

template <class Seam>
std::unique_ptr<Seam> begin(const typename Registry<Seam>::Choice& choice, const std::vector<float>& parameters) {
  std::unique_ptr<Seam> made = choice.make();
  if (!parameters.empty()) {
    ensure(parameters.size() == made->parameters().size(), "a learner begins with parameters of another shape");
    made->set_parameters(parameters);
  }
  return made;
}
}  // namespace

Learning::Learning(World& world, const ControlPlane& control, const LearningSpec& spec, Transport bulk)
    : world_(world), control_(control), spec_(spec), wire_(world) {
  std::vector<ClusterId> managed, hubs = world.federation.hubs();
  if (control.prompt()) hubs = {world.federation.hub()};
  for (const ClusterId c : world.federation.clusters())
    if (control.managed(c)) managed.push_back(c);
  const bool federation = spec.level == PlacementProblem::Level::federation;
  const Rng family = world.rng.stream("learning");
  std::vector<Cohort::Member> recommenders, forecasters;
  for (const ClusterId at : federation ? hubs : managed) {
    if (!spec.recommender.make) break;
    Adviser one{begin<Recommender>(spec.recommender, spec.recommender_begins), family.stream(at.index), {}};
    recommenders.push_back({at, one.recommender.get()});
    advisers_.emplace(at.index, std::move(one));
  }
  for (const ClusterId at : managed) {
    if (!spec.forecaster.make) break;
    ClusterForecaster& one = outlooks_[at.index];
    one.forecaster = begin<Forecaster>(spec.forecaster, spec.forecaster_begins);
    forecasters.push_back({at, one.forecaster.get()});
  }
  const Cohort::Links below{[this](ClusterId c) { return control_.hub_of(c); },
                            [this](ClusterId c) { return control_.neighbours(c); }};
  // The aggregator of hubs is the first of them.
  const Cohort::Links among{[this](ClusterId) { return world_.federation.hub(); },
                            [](ClusterId) { return std::nullopt; }};
  const auto form = [&](const std::string& kind, const std::vector<Cohort::Member>& members,
                        const Cohort::Links& ties) {
    if (!members.empty())
      cohorts_.push_back(std::make_unique<Cohort>(world, wire_, spec_.exchange, bulk, kind, members, ties));
  };
  form("recommender", recommenders, federation ? among : below);
  form("forecaster", forecasters, below);
}

void Learning::start() {
  for (auto& [at, one] : outlooks_) spawn(watch({at}, one));
  for (const auto& cohort : cohorts_) cohort->start();
}

void Learning::node_down(NodeId node) {
  for (const auto& cohort : cohorts_) cohort->node_down(node);
}

// Recommendations.

void Learning::advise(PlacementProblem& problem, ClusterId at) {
  const auto adviser = advisers_.find(at.index);
  if (adviser != advisers_.end() && problem.level == spec_.level)
    problem.recommendations = call_plugin(*adviser->second.recommender, [&] {
      return adviser->second.recommender->recommend(problem, adviser->second.rng);
    });
  for (PlacementProblem::Row& row : problem.rows) {
    if (problem.level == PlacementProblem::Level::federation) {
      const auto told = told_.find(row.id);
      if (told != told_.end()) row.cpu_expected = told->second;
    } else if (const auto outlook = outlooks_.find(at.index);
               outlook != outlooks_.end() && !outlook->second.ahead.empty()) {
      row.cpu_expected = expected(outlook->second, {row.id});
    }
  }
}

void Learning::decided(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows, ClusterId at) {
  const auto found = advisers_.find(at.index);
  if (found == advisers_.end() || problem.level != spec_.level) return;
  Adviser& adviser = found->second;
  for (std::size_t w = 0; w < problem.recommendations.size(); ++w) {
    const std::vector<double>& one = problem.recommendations[w];
    if (one.empty()) continue;
    ++asked_;
    followed_ += rows[w] < one.size() && one[rows[w]] >= *std::ranges::max_element(one);
  }
  call_plugin(*adviser.recommender, [&] { adviser.recommender->decided(problem, rows); });
  if (patience() < forever) adviser.open.insert(problem.number);
}

Seconds Learning::patience() const {
  return advisers_.empty() ? forever : advisers_.begin()->second.recommender->patience();
}

void Learning::learn(const Feedback& feedback, ClusterId at) {
  const auto found = advisers_.find(at.index);
  if (found != advisers_.end() && found->second.open.erase(feedback.number) > 0)
    call_plugin(*found->second.recommender, [&] { found->second.recommender->learn(feedback); });
}

// Forecasts.

// All nodes of a cluster are on one LAN, so each is linked with every other.
Forecaster::Graph Learning::graph(ClusterId at) const {
  Forecaster::Graph all;
  all.nodes = world_.federation.cluster(at).nodes;
  for (std::uint32_t a = 0; a < all.nodes; ++a)
    for (std::uint32_t b = a + 1; b < all.nodes; ++b) all.links.emplace_back(a, b);
  return all;
}

Forecaster::Figures Learning::seen(ClusterId at, const Forecaster::Graph& graph) const {
  const std::uint32_t first = world_.federation.cluster(at).first_node;
  Forecaster::Figures now;
  for (std::uint32_t n = 0; n < graph.nodes; ++n) {
    const NodeId node{first + n};
    const NodeType& type = world_.federation.type(node);
    now.cpu.push_back(control_.known_busy(node) / type.cores);
    now.memory.push_back(world_.reserved(node).memory / type.memory);
  }
  for (const auto& [a, b] : graph.links) {
    const NodeId from{first + a}, to{first + b};
    const Network& network = world_.network;
    const Seconds way = network.spec(network.up_link(Network::endpoint(from))).latency +
                        network.spec(network.down_link(Network::endpoint(to))).latency;
    now.latency.push_back(world_.up(from) && world_.up(to) ? way.value : std::numeric_limits<double>::quiet_NaN());
  }
  return now;
}

Process Learning::watch(ClusterId at, ClusterForecaster& one) {
  const Forecaster::Graph graph = this->graph(at);
  one.forecaster->watch(graph);
  const auto steps = static_cast<std::uint32_t>(std::max(1.0, std::round(spec_.horizon / spec_.sample)));
  for (Ticks ticks(spec_.sample);;) {
    co_await until(ticks.next());
    if (!world_.alive(at)) {
      one.due.clear();  // samples are missing
      continue;
    }
    const Forecaster::Figures now = seen(at, graph);
    if (one.due.size() == steps) judge(one, now);
    one.ahead = call_plugin(*one.forecaster, [&] {
      one.forecaster->observe(now);
      return one.forecaster->forecast(steps).cpu;
    });
    one.due.push_back({one.ahead, now.cpu});
    Cores sum;
    for (std::uint32_t n = 0; n < graph.nodes; ++n)
      sum += expected(one, {world_.federation.cluster(at).first_node + n});
    spawn(tell(at, sum));
  }
}

void Learning::judge(ClusterForecaster& one, const Forecaster::Figures& now) {
  for (std::size_t n = 0; n < now.cpu.size(); ++n) {
    error_ += std::abs(one.due.front().ahead[n] - now.cpu[n]);
    error_of_last_ += std::abs(one.due.front().last[n] - now.cpu[n]);
  }
  judged_ += now.cpu.size();
  one.due.pop_front();
}

Process Learning::tell(ClusterId at, Cores expected) {
  if (!control_.prompt()) {
    const Outcome outcome = co_await wire_.send(Plane::learning, at, control_.hub_of(at), forecast);
    if (outcome != Outcome::done) co_return;
  }
  told_[at.index] = expected;
}

Cores Learning::expected(const ClusterForecaster& one, NodeId node) const {
  const std::uint32_t first = world_.federation.cluster(world_.federation.cluster_of(node)).first_node;
  return world_.federation.type(node).cores * std::clamp(one.ahead[node.index - first], 0.0, 1.0);
}

// Results.

std::vector<Learning::Located> Learning::learners() const {
  std::vector<Located> all;
  for (const auto& [at, one] : advisers_) all.push_back({{at}, one.recommender.get()});
  for (const auto& [at, one] : outlooks_) all.push_back({{at}, one.forecaster.get()});
  return all;
}

void Learning::restart() {
  for (const auto& cohort : cohorts_) cohort->restart();
  followed_ = asked_ = judged_ = 0;
  error_ = error_of_last_ = 0;
}

void Learning::figures(Figures& figures) {
  Cohort::Totals all;
  for (const auto& cohort : cohorts_) {
    const Cohort::Totals one = cohort->totals();
    all.rounds += one.rounds;
    all.failed += one.failed;
    all.samples += one.samples;
    all.averages += one.averages;
    all.sent += one.sent;
    all.lost += one.lost;
    all.late += one.late;
    all.bytes += one.bytes;
    all.work += one.work;
    all.loss += one.loss;
    all.trained += one.trained;
    all.releases = std::max(all.releases, one.releases);
    all.duration.merge(one.duration);
  }
  figures.count("learning.rounds", Better::neither, all.rounds,
                "Trainings of learners that ended, since the start, as all of these.");
  figures.count("learning.rounds.lost", Better::lower, all.failed,
                "Rounds that a learner lost with its node, or for want of one.");
  figures.count("learning.samples", Better::neither, all.samples, "Samples that were learnt from.");
  figures.spread("learning.training", "s", Better::lower, all.duration, "From the start of a training to its end.");
  figures.add("learning.core_seconds", "s", Better::lower, all.work.value,
              "Processor time of trainings that ended, in reference cores.");
  figures.ratio("learning.loss", Better::lower, all.loss, all.trained, "Last loss in training, mean over learners.");
  figures.count("learning.averages", Better::neither, all.averages,
                "Averages formed: by aggregators, of pairs, or update by update.");
  figures.count("learning.updates.sent", Better::neither, all.sent,
                "Models sent from one cluster to another, either way.");
  figures.count("learning.updates.lost", Better::lower, all.lost, "Of those, lost on the way, or with their receiver.");
  figures.count("learning.updates.late", Better::lower, all.late,
                "Of those, after their aggregator had stopped waiting: stragglers'.");
  figures.add("learning.bytes", "B", Better::lower, all.bytes.value,
              "Bytes of these, each once, however often it was transmitted.");
  if (spec_.exchange.noise > 0)
    figures.add("learning.epsilon", "1", Better::lower, epsilon(all.releases, spec_.exchange.noise, spec_.delta),
                "Of differential privacy at `delta`, for the learner that has released most.");
  figures.ratio("recommendation.followed", Better::higher, followed_, asked_,
                "Share of the workloads with a recommendation that got a target which was recommended most.");
  figures.ratio("forecast.mae", Better::lower, error_, judged_,
                "Mean error of forecasts of nodes' busy share, at the horizon.");
  figures.ratio("forecast.mae_last", Better::neither, error_of_last_, judged_,
                "The same had the last value been the forecast.");
}

}  // namespace codecosim
