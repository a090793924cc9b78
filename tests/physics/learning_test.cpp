// Learners that train on nodes and exchange what they have learnt: averages, noise and dates against calculations by
// hand.
#include <algorithm>
#include <cmath>
#include <optional>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/learners.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Rounds of 100 s, of which the first begins at 100 s.
ExchangeSpec rounds_of_100(ExchangeSpec::Rule rule) {
  ExchangeSpec spec;
  spec.rule = rule;
  spec.round = Seconds(100);
  return spec;
}
constexpr auto none = ExchangeSpec::Rule::none;
constexpr auto fedavg = ExchangeSpec::Rule::fedavg;
constexpr auto hierarchical = ExchangeSpec::Rule::hierarchical;

/// Of `bytes` over the star of tests/federation.hpp, alone: uplink and downlink one after the other, 0.5 MB/s and 10 ms
/// each.
double crossing(double bytes) { return 2 * (bytes / 0.5e6 + 0.010); }
}  // namespace

// Averages.

TEST_CASE("An average weighs by samples, and one update comes through bit by bit") {
  // By hand: (1 x 2 + 3 x 10) / 4 = 8, (1 x -4 + 3 x 0) / 4 = -1. Who had no samples does not count.
  const Update all = average({{2, {{2, -4}, 1, 0}}, {5, {{10, 0}, 3, 0}}, {9, {{}, 0, 0}}});
  CHECK(all.parameters == std::vector<float>{8, -1});
  CHECK(all.samples == 4);
  const std::vector<float> odd{0.1f, -1e-30f, 3.0000002f, 1e30f};
  CHECK(average({{7, {odd, 13, 0}}}).parameters == odd);
  CHECK(average({{7, {{}, 0, 0}}}).parameters.empty());
}

TEST_CASE("An asynchronous average weighs by staleness") {
  CHECK(mixing_weight(0.6, 0) == 0.6);
  CHECK(mixing_weight(0.6, 3) == 0.15);
  std::vector<float> model{4};
  mix(model, {8}, 0.25);  // 0.75 x 4 + 0.25 x 8
  CHECK(model.front() == 5);
}

TEST_CASE("Two who meet keep their sum, whatever happens to one meanwhile") {
  std::vector<float> a{1, 5}, b{3, -1};
  const std::vector<float> sent = a, answered = b;
  meet(b, answered, sent);
  a = {11, 5};  // it has learnt 10 more before the answer comes
  meet(a, sent, answered);
  CHECK(b == std::vector<float>{2, 2});
  CHECK(a == std::vector<float>{12, 2});  // 1 + 10 + 3 = 12 + 2
}

// Privacy.

TEST_CASE("What leaves a learner is clipped to its norm and keeps its direction") {
  Rng rng = Rng(1, 0).stream("clip");
  const std::vector<float> before{1, 1};
  std::vector<float> after{4, 5};  // a change of (3, 4), of norm 5
  protect(after, before, 2.5, 0, rng);
  CHECK(after == std::vector<float>{2.5f, 3});
  protect(after, before, 2.5, 0, rng);  // as long as it may be
  CHECK(after == std::vector<float>{2.5f, 3});
  for (int i = 0; i < 1000; ++i) {
    std::vector<float> from(20), to(20);
    for (std::size_t k = 0; k < 20; ++k) {
      from[k] = static_cast<float>(rng.normal(0, 1));
      to[k] = static_cast<float>(rng.normal(0, 10));
    }
    protect(to, from, 0.7, 0, rng);
    CHECK(apart(to, from) <= 0.7 * (1 + 1e-5));  // floats near 3 have steps of 2.4e-7, 20 of them add up to 1.1e-6
  }
}

TEST_CASE("Noise has mean zero and the deviation that was asked for") {
  Rng rng = Rng(1, 0).stream("noise");
  constexpr double clip = 2, noise = 1.5, sigma = clip * noise;
  constexpr std::size_t n = 100'000;
  std::vector<float> after(n);
  protect(after, std::vector<float>(n), clip, noise, rng);
  double sum = 0, squares = 0;
  for (const float one : after) {
    sum += static_cast<double>(one);
    squares += static_cast<double>(one) * static_cast<double>(one);
  }
  // Of n draws the mean deviates by sigma / sqrt(n), the variance by sigma^2 sqrt(2 / n); four times that is passed
  // once in 16 000.
  CHECK(std::abs(sum / n) < 4 * sigma / std::sqrt(n));
  CHECK(std::abs(squares / n - sigma * sigma) < 4 * sigma * sigma * std::sqrt(2.0 / n));
}

TEST_CASE("Epsilon is the least that Renyi's divergence allows") {
  // By hand, with ln(1e5) = 11.512925: 1/2 + sqrt(2 x 11.512925) = 5.298526; and for 100 releases with z = 10 the same,
  // since only T / z^2 counts.
  CHECK(epsilon(1, 1, 1e-5) == Approx(5.298526).epsilon(1e-6));
  CHECK(epsilon(100, 10, 1e-5) == Approx(5.298526).epsilon(1e-6));
  CHECK(epsilon(0, 1, 1e-5) == 0);
  // Mironov's Propositions 1 and 3 and Corollary 3, minimised by trying orders.
  for (const double z : {0.5, 1.1, 4.0})
    for (const std::uint64_t releases : {1, 20, 500}) {
      double least = 1e300;
      for (double alpha = 1.001; alpha < 1000; alpha *= 1.0005)
        least = std::min(least, static_cast<double>(releases) * alpha / (2 * z * z) + std::log(1e5) / (alpha - 1));
      CHECK(epsilon(releases, z, 1e-5) == Approx(least).epsilon(1e-4));  // orders are tried 0.05 % apart
      CHECK(epsilon(releases, z, 1e-5) <= least * (1 + 1e-12));
    }
}

TEST_CASE("A cohort clips what each training changes, adds noise, and counts its releases") {
  Land land(star(3));
  ExchangeSpec spec = rounds_of_100(fedavg);
  spec.clip = 0.5;
  // The whole change would be 10 in each of 4 parameters, of norm 20, of which 0.5 / 20 is left.
  const Drawn::How far{0, 10, 1, 1, 0, 4};
  Class clipped(land, spec, {{1, far}, {2, far}}, "clipped");
  spec.noise = 2;
  Class noisy(land, spec, {{1, far}, {2, far}}, "noisy");
  land.calendar.run(Seconds(150));
  for (const auto& one : clipped.learners) CHECK(one->parameters() == std::vector<float>(4, 0.25f));
  CHECK(noisy[0].parameters() == noisy[1].parameters());
  CHECK(apart(noisy[0].parameters(), clipped[0].parameters()) > 0.01);
  land.calendar.run(Seconds(450));
  CHECK(clipped[0].value() == 1);
  CHECK(noisy.cohort->totals().releases == 4);
}

// Training.

TEST_CASE("Training takes its operations over what it has of the processor, and what it learns counts from its end") {
  FederationSpec spec = star(2);
  spec.node_types.push_back(spec.node_types[0]);
  spec.node_types[1].speed = 0.5;
  spec.clusters.push_back(spec.clusters[0]);
  spec.clusters[1].name = "slow";
  spec.clusters[1].positions.resize(1);
  spec.clusters[1].pools[0].type = 1;
  Land land(spec);
  Class pupils(land, rounds_of_100(none), {{1, {0, 1, 1, 7, 5e9, 1}}, {2, {0, 1, 1, 7, 5e9, 1}}});
  land.calendar.run(Seconds(150));
  // 5e9 operations at 1e9 /s: 5 s on the reference core, 10 s at half its speed. First it is told what it had before,
  // then what it has learnt.
  const std::vector<std::pair<double, float>> usual{{100, 0.f}, {105, 1.f}}, slow{{100, 0.f}, {110, 1.f}};
  CHECK(pupils[0].told == usual);
  CHECK(pupils[1].told == slow);
  const Cohort::Totals totals = pupils.cohort->totals();
  CHECK(totals.rounds == 2);
  CHECK(totals.samples == 14);
  CHECK(totals.work.value == 10);
  CHECK(totals.duration.mean() == Approx(7.5).epsilon(1e-12));
  CHECK(totals.loss / static_cast<double>(totals.trained) == 1);
  CHECK(totals.sent == 0);
}

namespace {
Process occupy(World& world, PodId pod, double work, std::vector<double>& ends) {
  const Outcome outcome = co_await world.compute.run(pod, CoreSeconds(work));
  if (outcome == Outcome::done) ends.push_back(now().value);
}
}  // namespace

TEST_CASE("Training competes with pods by weight") {
  Land land(star(1));
  World& world = land.world;
  const PodId busy = world.compute.add_pod({Cores(4), Cores(4), 4});
  world.compute.bind(busy, {0});
  std::vector<double> ends;
  for (int i = 0; i < 4; ++i) spawn(occupy(world, busy, 1000, ends));
  Class pupils(land, rounds_of_100(none), {{0, {0, 1, 1, 1, 5e9, 1}}});
  land.calendar.run(Seconds(150));
  // Four cores for weights 4 and 1: the learner gets 0.8 of one, and 5 core seconds take 6.25 s.
  REQUIRE(pupils[0].told.size() == 2);
  CHECK(pupils[0].told[1].first == Approx(106.25).epsilon(1e-12));
}

TEST_CASE("Training costs what the power model says of its cores and its time") {
  FederationSpec spec = star(1);
  spec.node_types[0].power = linear_power(Watts(10), Watts(30));
  Land land(spec);
  Class pupils(land, rounds_of_100(none), {{0, {0, 1, 1, 1, 5e9, 1}}});
  land.calendar.run(Seconds(150));
  // One of four cores for 5 s: 5 s x (30 W - 10 W) / 4 over 150 s x 10 W.
  CHECK(land.world.compute.energy({0}).value == Approx(1500 + 25).epsilon(1e-12));
}

TEST_CASE("A node that goes down takes the round with it, and the learner goes on from what it had") {
  Land land(star(1, 2));
  World& world = land.world;
  Class pupils(land, rounds_of_100(none), {{0, {0, 1, 0.5f, 1, 5e9, 1}}});
  const auto fail = [&](std::uint32_t node, double at, double back) -> Process {
    co_await until(Seconds(at));
    world.fail(NodeId{node});
    pupils.cohort->node_down({node});
    world.compute.set_on({node}, false);
    co_await until(Seconds(back));
    world.repair(NodeId{node});
  };
  // The first node fails in the first round, so the second round is on the second node; then both are down; then they
  // are back.
  spawn(fail(0, 102, 350));
  spawn(fail(1, 250, 350));
  land.calendar.run(Seconds(450));
  const std::vector<std::pair<double, float>> told{{100, 0.f}, {200, 0.f}, {205, 0.5f}, {400, 0.5f}, {405, 0.75f}};
  CHECK(pupils[0].told == told);
  CHECK(pupils.cohort->totals().rounds == 2);
  CHECK(pupils.cohort->totals().failed == 2);
  CHECK(pupils.cohort->totals().work.value == 10);
  CHECK(world.compute.busy({1}).value == Approx(5).epsilon(1e-12));
}

// By way of a hub.

TEST_CASE("Averaging one learner changes nothing of what it learns") {
  Land land(star(2));
  const Drawn::How how{0.3f, 0.7f, 0.123f, 5, 1e9, 3};
  Class alone(land, rounds_of_100(none), {{1, how}}, "alone"),
      averaged(land, rounds_of_100(fedavg), {{1, how}}, "averaged");
  land.calendar.run(Seconds(5050));
  CHECK(alone.cohort->totals().rounds == 50);
  CHECK(averaged.cohort->totals().averages == 50);
  CHECK(alone[0].parameters() == averaged[0].parameters());
  CHECK(alone[0].value() != 0.3f);
}

TEST_CASE("A round of averaging takes its training and the way of the models, there and back") {
  Land land(star(3));
  // 1000 parameters: 4200 B, 8.4 ms on a link. Both end their training at 105 s. On the hub's downlink the second waits
  // for the first; so it does on its uplink on the way back.
  Class pupils(land, rounds_of_100(fedavg), {{1, {0, 1, 1, 1, 5e9, 1000}}, {2, {0, 3, 1, 3, 5e9, 1000}}});
  land.calendar.run(Seconds(150));
  const double at_hub = 105 + crossing(4200) + 0.0084;
  REQUIRE(pupils[0].told.size() == 3);
  CHECK(pupils[0].told[2].first == Approx(at_hub + crossing(4200)).epsilon(1e-12));
  CHECK(pupils[1].told[2].first == Approx(at_hub + crossing(4200) + 0.0084).epsilon(1e-12));
  CHECK(pupils[0].told[2].second == 2.5f);  // (1 x 1 + 3 x 3) / 4
  CHECK(pupils[1].told[2].second == 2.5f);
  const Cohort::Totals totals = pupils.cohort->totals();
  CHECK(totals.sent == 4);
  CHECK(totals.bytes.value == 4 * 4200);
  CHECK(land.control(Plane::learning).value == 4 * 4200);
  CHECK(totals.averages == 1);
}

TEST_CASE("Large models go as bulk transfers") {
  Land land(star(2));
  ExchangeSpec spec = rounds_of_100(fedavg);
  spec.large = Bytes(1e6);
  Class pupils(land, spec, {{1, {0, 1, 1, 1, 0, 1'000'000}}});
  land.calendar.run(Seconds(150));
  REQUIRE(pupils[0].told.size() == 3);
  // 4 000 200 B over uplink and downlink at once, at 0.5 MB/s, and 20 ms; there, and back.
  CHECK(pupils[0].told[2].first == Approx(100 + 2 * (4'000'200 / 0.5e6 + 0.020)).epsilon(1e-6));
  CHECK(land.world.network.totals().flow_bytes.value == 2 * 4'000'200);
}

TEST_CASE("A hub waits for its quorum and no longer, and what comes later is dropped") {
  Land land(star(4));
  ExchangeSpec spec = rounds_of_100(fedavg);
  spec.quorum = 0.6;  // of three: two
  Class pupils(land, spec, {{1, {0, 3, 1, 1, 1e9, 1}}, {2, {0, 6, 1, 2, 2e9, 1}}, {3, {0, 90, 1, 5, 50e9, 1}}});
  land.calendar.run(Seconds(199));
  // The second has arrived at 102 s and its way; the average of both, (3 + 2 x 6) / 3, goes to all three. The third has
  // it before it has trained, adds what it has learnt, and hands in late.
  const double average_at = 102 + crossing(204) + crossing(204);
  CHECK(pupils[0].told.back().first == Approx(average_at).epsilon(1e-12));
  CHECK(pupils[0].value() == 5);
  CHECK(pupils[1].value() == 5);
  REQUIRE(pupils[2].told.size() == 3);
  CHECK(pupils[2].told[1].second == 5);
  CHECK(pupils[2].told[2] == std::pair<double, float>(150, 95.f));
  CHECK(pupils.cohort->totals().late == 1);
  CHECK(pupils.cohort->totals().averages == 1);
}

TEST_CASE("A hub waits until its deadline and no longer") {
  Land land(star(3));
  ExchangeSpec spec = rounds_of_100(fedavg);
  spec.deadline = Seconds(10);
  Class pupils(land, spec, {{1, {0, 3, 1, 1, 1e9, 1}}, {2, {0, 6, 1, 2, 20e9, 1}}});
  land.calendar.run(Seconds(199));
  // The average of the one that has answered, to both, at 110 s; the second waits for the first on the hub's uplink.
  CHECK(pupils[0].told.back().first == Approx(110 + crossing(204)).epsilon(1e-12));
  CHECK(pupils[0].value() == 3);
  CHECK(pupils[1].told[1].first == Approx(110 + crossing(204) + 204 / 0.5e6).epsilon(1e-12));
  CHECK(pupils.cohort->totals().late == 1);
}

TEST_CASE("A learner that trains for longer than a round misses the next and is late for its own") {
  Land land(star(3));
  Class pupils(land, rounds_of_100(fedavg), {{1, {0, 3, 1, 1, 1e9, 1}}, {2, {0, 6, 1, 2, 150e9, 1}}});
  land.calendar.run(Seconds(599));
  CHECK(pupils[0].trained_at == std::vector<double>{100, 200, 300, 400, 500});
  CHECK(pupils[1].trained_at == std::vector<double>{100, 300, 500});
  CHECK(pupils.cohort->totals().late == 2);  // those of 100 s and 300 s
}

TEST_CASE("What is cut off learns on alone, and is counted") {
  Land land(star(3));
  Class pupils(land, rounds_of_100(fedavg), {{1, {0, 4, 0.5f, 1, 0, 1}}, {2, {0, 8, 0.5f, 1, 0, 1}}});
  const auto cut = [&]() -> Process {
    co_await until(Seconds(150));
    land.world.network.cut({{ClusterId{2}}, {ClusterId{0}, ClusterId{1}}});
  };
  spawn(cut());
  land.calendar.run(Seconds(350));
  // Together: 2 and 4, which is 3. Then apart: the hub averages what it has at half the round, 3.5, from which the
  // first goes to 3.75; the other goes from 3 to 5.5 and 6.75 by itself.
  CHECK(pupils[0].value() == 3.75);
  CHECK(pupils[1].value() == 6.75);
  CHECK(pupils.cohort->totals().lost == 3);  // its update and the average for it of 200 s, its update of 300 s
}

TEST_CASE("Asynchronous updates are mixed in as they come, by how stale they are") {
  Land land(star(4));
  ExchangeSpec spec = rounds_of_100(fedavg);
  spec.asynchronous = true;
  spec.mixing = 0.5;
  const std::vector<float> targets{8, 16, 64};
  Class pupils(land, spec, {{1, {0, 8, 1, 1, 30e9, 1}}, {2, {0, 16, 1, 1, 60e9, 1}}, {3, {0, 64, 1, 1, 120e9, 1}}});
  land.calendar.run(Seconds(2000));
  // What the hub should have done, from when trainings began and answers came: answers take the same way back, so
  // updates arrived in the order of the answers.
  struct Arrival {
    double answered;
    std::size_t who;
    double begun;
    float got;
  };
  std::vector<Arrival> arrivals;
  for (std::size_t p = 0; p < 3; ++p)
    for (std::size_t i = 0; i < pupils[p].trained_at.size(); ++i)
      // It is told what it had, what it has learnt, and the answer.
      if (3 * i + 2 < pupils[p].told.size())
        arrivals.push_back(
            {pupils[p].told[3 * i + 2].first, p, pupils[p].trained_at[i], pupils[p].told[3 * i + 2].second});
  std::ranges::sort(arrivals, {}, &Arrival::answered);
  REQUIRE(arrivals.size() > 15);
  double model = 0;
  std::uint64_t stale = 0;
  for (std::size_t a = 0; a < arrivals.size(); ++a) {
    // Its base is the version that it was last answered, before it began.
    std::size_t base = 0;
    for (std::size_t b = 0; b < a; ++b)
      if (arrivals[b].who == arrivals[a].who && arrivals[b].answered <= arrivals[a].begun) base = b + 1;
    stale += a - base;
    const double weight = 0.5 / (1.0 + static_cast<double>(a - base));
    model = (1 - weight) * model + weight * static_cast<double>(targets[arrivals[a].who]);
    CHECK(static_cast<double>(arrivals[a].got) == Approx(model).epsilon(1e-6));
  }
  CHECK(stale > 5);
}

TEST_CASE("A provider's first cluster averages for it, and the hub waits as long again") {
  FederationSpec spec = star(5);
  Land land(spec);
  ExchangeSpec exchange = rounds_of_100(hierarchical);
  exchange.deadline = Seconds(10);
  Class pupils(land, exchange, {{1, {0, 3, 1, 1, 1e9, 1}}, {2, {0, 9, 1, 2, 1e9, 1}}, {3, {0, 90, 1, 5, 20e9, 1}}});
  land.calendar.run(Seconds(199));
  // c-1 averages: its own at 101 s, that of c-2, and c-3's too late. At 110 s it hands (3 + 18) / 3 = 7 to the hub, for
  // which it is the only provider: the average comes back at once, is passed on, and is there after four ways.
  const double back = 110 + 2 * crossing(204);
  CHECK(pupils[0].told.back().first == Approx(back).epsilon(1e-12));
  CHECK(pupils[0].value() == 7);
  CHECK(pupils[1].told.back().first == Approx(back + crossing(204)).epsilon(1e-12));
  CHECK(pupils[2].told[1].second == 7);
  CHECK(pupils.cohort->totals().late == 1);
  CHECK(pupils.cohort->totals().averages == 2);
}

// In a scenario.

namespace {
/// Expects each node to be a tenth busier than it was last.
class Tenth : public Forecaster {
 public:
  void watch(const Graph& graph) override { nodes_ = graph.nodes; }
  void observe(const Figures& figures) override {
    last_ = figures;
    ++waiting_;
  }
  Figures forecast(std::uint32_t) const override {
    Figures ahead = last_;
    ahead.cpu.resize(nodes_);
    for (double& one : ahead.cpu) one += static_cast<double>(parameters_.front());
    return ahead;
  }
  Training train(Rng&) override { return {std::exchange(waiting_, 0), 1e9, 0}; }
  std::uint64_t waiting() const override { return waiting_; }
  std::vector<float> parameters() const override { return parameters_; }
  void set_parameters(const std::vector<float>& parameters) override { parameters_ = parameters; }
  std::string shape() const override { return "tenth"; }

 private:
  std::uint32_t nodes_ = 0;
  std::uint64_t waiting_ = 0;
  Figures last_;
  std::vector<float> parameters_{0.125f};
};

/// Recommends the last row, and counts what it is told.
class LastRow : public Recommender {
 public:
  struct Told {
    std::uint64_t asked = 0, decided = 0, learnt = 0;
  };
  explicit LastRow(Told& told) : told_(told) {}
  std::vector<std::vector<double>> recommend(const PlacementProblem& problem, Rng&) override {
    ++told_.asked;
    std::vector<double> one(problem.rows.size());
    one.back() = 1;
    return std::vector(problem.workloads.size(), one);
  }
  void decided(const PlacementProblem&, const std::vector<std::uint32_t>&) override { ++told_.decided; }
  Seconds patience() const override { return Seconds(5); }
  void learn(const Feedback&) override { ++told_.learnt; }
  Training train(Rng&) override { return {}; }
  std::uint64_t waiting() const override { return 0; }
  std::vector<float> parameters() const override { return {0}; }
  void set_parameters(const std::vector<float>&) override {}
  std::string shape() const override { return "last row"; }

 private:
  Told& told_;
};

/// Does as recommended, or takes the first row; notes what it sees.
class Obedient : public PlacementPolicy {
 public:
  explicit Obedient(std::vector<PlacementProblem>& seen) : seen_(seen) {}
  Placement place(const PlacementProblem& problem, Rng&) override {
    seen_.push_back(problem);
    Placement all;
    for (std::uint32_t w = 0; w < problem.workloads.size(); ++w) {
      std::uint32_t row = 0;
      if (!problem.recommendations.empty())
        row = static_cast<std::uint32_t>(std::ranges::max_element(problem.recommendations[w]) -
                                         problem.recommendations[w].begin());
      all.assignments.push_back({w, row});
    }
    return all;
  }

 private:
  std::vector<PlacementProblem>& seen_;
};

struct Lesson {
  Lesson(Json scenario, const Json& learning) {
    policies.recommender.add("last-row", "", [this] { return std::make_unique<LastRow>(told); });
    policies.forecaster.add("tenth", "", [] { return std::make_unique<Tenth>(); });
    policies.placement.add("obedient", "", [this] { return std::make_unique<Obedient>(seen); });
    add_policies(policies);
    if (!learning.is_null()) scenario["learning"] = learning;
    const Scratch scratch;
    const Document document(scratch.write("scenario.json", scenario.dump()), {}, false);
    run = std::make_unique<Simulation>(load(document, policies), 0, policies);
  }
  double value(const std::string& name) { return value_of(*run, name); }

  Policies policies;
  LastRow::Told told;
  std::vector<PlacementProblem> seen;
  std::unique_ptr<Simulation> run;
};

/// A hub and two clusters of two nodes, and an application that comes to one of them after a minute. Nobody asks
/// anything of it.
Json town(const std::string& duration) {
  Json scenario = station(4, 4, "1 ms", "1 /s", duration);
  scenario["warmup"] = "0 s";
  scenario["providers"] = {{"p", {{"domain", "eu"}}}, {"q", {{"domain", "us"}}}};
  Json edge = copy_of(cluster(scenario, "c"), "edge");
  edge["count"] = 2;
  edge["provider"] = "q";
  node_pool(edge, "n")["count"] = 2;
  cluster(scenario, "c")["role"] = "hub";
  scenario["clusters"].push_back(edge);
  application(scenario, "app")["submit"] = {{"at", "60 s"}};
  scenario["clients"] = Json::array();
  scenario["policy"] = {{"placement", "obedient"}, {"scheduler", "obedient"}};
  return scenario;
}
}  // namespace

TEST_CASE("Forecasts go with the questions of their cluster and of the hub, and are judged") {
  Lesson lesson(town("299 s"), {{"forecaster", "tenth"}, {"round", "100 s"}});
  lesson.run->run();
  // The hub's question, then the cluster's. All nodes are idle, and expected to use an eighth of four cores.
  REQUIRE(lesson.seen.size() == 2);
  CHECK(lesson.seen[0].level == PlacementProblem::Level::federation);
  for (const PlacementProblem::Row& row : lesson.seen[0].rows) {
    REQUIRE(row.cpu_expected);
    CHECK(row.cpu_expected->value == (row.id == 0 ? 0.5 : 1));  // the hub has one node
  }
  for (const PlacementProblem::Row& row : lesson.seen[1].rows) {
    REQUIRE(row.cpu_expected);
    CHECK(row.cpu_expected->value == 0.5);
  }
  CHECK(lesson.value("forecast.mae") == 0.125);
  CHECK(lesson.value("forecast.mae_last") == 0);
  // Three clusters, trainings at 100 and 200 s, none of which is under way at a sample; samples every 15 s from 15 s to
  // 195 s.
  CHECK(lesson.value("learning.rounds") == 6);
  CHECK(lesson.value("learning.samples") == 3 * 13);
  CHECK(lesson.value("learning.core_seconds") == 6);
  CHECK(lesson.value("bytes.control") == 0);
  CHECK(lesson.run->learning()->learners().size() == 3);
}

namespace {
void check_recommendations(const std::string& level) {
  Lesson lesson(town("300 s"), {{"recommender", "last-row"}, {"level", level}});
  lesson.run->run();
  REQUIRE(lesson.seen.size() == 2);
  const bool federation = level == "federation";
  CHECK(lesson.seen[federation ? 0 : 1].recommendations.size() == 1);
  CHECK(lesson.seen[federation ? 1 : 0].recommendations.empty());
  CHECK(lesson.told.asked == 1);
  CHECK(lesson.told.decided == 1);
  CHECK(lesson.told.learnt == 1);
  CHECK(lesson.value("recommendation.followed") == 1);
  CHECK(lesson.run->learning()->learners().size() == (federation ? 1 : 3));
}
}  // namespace

TEST_CASE("Recommendations of clusters go with their own questions, and learn what came of them") {
  check_recommendations("cluster");
}
TEST_CASE("Recommendations of hubs go with theirs") { check_recommendations("federation"); }

TEST_CASE("Under CODECO the hub has heard forecasts over the wire, and hubs that run nothing have no learner") {
  Json scenario = town("300 s");
  scenario["control_plane"] = prompt_codeco(Json::object(), Json::object());
  Lesson lesson(scenario, {{"forecaster", "tenth"}, {"exchange", "fedavg"}, {"round", "100 s"}});
  lesson.run->run();
  REQUIRE(lesson.seen.size() == 2);
  for (const PlacementProblem::Row& row : lesson.seen[0].rows) CHECK(row.cpu_expected.value_or(Cores(0)).value == 1);
  CHECK(lesson.run->learning()->learners().size() == 2);
  // Rounds at 100, 200 and 300 s, of which the last does not end; one parameter each way for each of two.
  CHECK(lesson.value("learning.averages") == 2);
  CHECK(lesson.value("learning.bytes") == 2 * 4 * 204);
  // Two tell the hub every 15 s, 200 B each; what sets out at 300 s has sent nothing yet.
  CHECK(lesson.run->world().metrics.control_bytes[4].total().value == Approx(2 * 4 * 204 + 2 * 19 * 200));
}

TEST_CASE("A node that fails in a run takes the training there with it") {
  Json scenario = town("300 s");
  scenario["faults"] = {fault("node", "edge-0/n-0", 100.5, 110.5)};
  Lesson lesson(scenario, {{"forecaster", "tenth"}, {"round", "100 s"}});
  lesson.run->run();
  CHECK(lesson.value("learning.rounds") == 5);
  CHECK(lesson.value("learning.rounds.lost") == 1);
}

TEST_CASE("Pods that are added after learners' are not confused with them") {
  Lesson lesson(town("100 s"), {{"forecaster", "tenth"}, {"round", "10 s"}});
  Applications& applications = lesson.run->applications();
  const ServiceId service = applications.service(ApplicationId{0}, 0);
  const PodId first = applications.create(service), more = applications.create(service);
  CHECK(lesson.run->name(first) == "app/serve-0");
  CHECK(more.index == 4);  // after the application's one and those of three learners
  CHECK(lesson.run->name(more) == "app/serve-1");
  CHECK(applications.application(more) == ApplicationId{0});
}

namespace {
void check_domains(bool apart) {
  Json scenario = town("120 s");
  scenario["policy"] = {{"placement", "nearest"}};
  if (!apart) scenario["providers"]["q"]["domain"] = "eu";
  scenario["control_plane"] = prompt_codeco(Json::object(), Json::object());
  scenario["control_plane"]["telemetry"] = {{"page", "0 B"}};  // what stays within a cluster
  Lesson lesson(scenario, nullptr);
  lesson.run->run();
  const double all = lesson.value("bytes.telemetry") + lesson.value("bytes.catalogue");
  CHECK(all > 0);
  CHECK(lesson.value("bytes.telemetry.across_domains") == (apart ? all : 0));
}
}  // namespace

TEST_CASE("Raw telemetry that leaves its domain is what spokes of another domain tell the hub") { check_domains(true); }
TEST_CASE("No raw telemetry leaves the only domain") { check_domains(false); }
