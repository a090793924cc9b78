// What holds for any federation of learners: what gossip conserves and how fast it converges, what levels do not
// change, and that a run can be repeated.
#include <sys/wait.h>

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/learners.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
ExchangeSpec rounds(ExchangeSpec::Rule rule, bool asynchronous = false) {
  ExchangeSpec spec;
  spec.rule = rule;
  spec.round = Seconds(100);
  spec.asynchronous = asynchronous;
  return spec;
}
constexpr auto gossip = ExchangeSpec::Rule::gossip;

/// Learners that stay what they are, the i-th at i, so that only what they tell each other moves them.
std::vector<std::pair<std::uint32_t, Drawn::How>> still(std::uint32_t count) {
  std::vector<std::pair<std::uint32_t, Drawn::How>> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(i);
    all.push_back({i, {value, value, 0, 0, 0, 1}});
  }
  return all;
}

double sum(const Class& some) {
  double all = 0;
  for (const auto& one : some.learners) all += one->value();
  return all;
}
double spread(const Class& some) {
  const double n = static_cast<double>(some.learners.size()), mean = sum(some) / n;
  double squares = 0;
  for (const auto& one : some.learners) squares += (one->value() - mean) * (one->value() - mean);
  return squares;
}

/// Many groups of 12 learners gossip by asynchronous clocks for 200 s: about 24 meetings of each group. How much of
/// their squared distance from the mean is left, mean over groups, and what E[lambda_2 ^ meetings] would have left,
/// meeting by meeting.
struct Decay {
  double left = 0, bound = 0;
};
Decay decay(std::uint32_t neighbours, double second_eigenvalue) {
  constexpr std::uint32_t n = 12;
  constexpr int groups = 300;
  FederationSpec federation = star(n);
  federation.clusters[0].uplink.bandwidth = BytesPerSecond(1e9);
  federation.clusters[0].uplink.latency = Seconds(1e-5);
  Land land(federation);
  ExchangeSpec spec = rounds(gossip, true);
  spec.neighbours = neighbours;
  std::vector<std::unique_ptr<Class>> all;
  for (int g = 0; g < groups; ++g)
    all.push_back(std::make_unique<Class>(land, spec, still(n), fmt::format("group-{}", g)));
  const double before = spread(*all[0]);
  land.calendar.run(Seconds(200));
  Decay mean;
  for (const auto& one : all) {
    CHECK(sum(*one) ==
          Approx(n * (n - 1) / 2.0).epsilon(1e-5));  // 50 meetings, each rounded to half a float's step, 5e-7
    mean.left += spread(*one) / before / groups;
    mean.bound += std::pow(second_eigenvalue, static_cast<double>(one->cohort->totals().averages)) / groups;
  }
  frames::destroy_processes();
  return mean;
}
}  // namespace

// Boyd et al. 2006: a meeting of i and j takes x to W x with W = I - (e_i - e_j)(e_i - e_j)' / 2, a projection, so that
// in the mean a meeting leaves x' E[W] x of the squared distance: at most lambda_2(E[W]) of it, and exactly that where
// all eigenvalues but the first are alike.
TEST_CASE("Gossip on a complete graph converges as its spectral gap says") {
  // Every pair meets as often: E[W] = I - L / (n (n - 1)), and L of the complete graph has n as every other eigenvalue.
  const Decay found = decay(11, 1 - 1.0 / 11);
  // The mean over 300 groups of a quantity whose logarithm deviates by about 0.5 (found by trial) is within 3 x 0.5 /
  // sqrt(300).
  CHECK(found.left == Approx(found.bound).epsilon(0.1));
}
TEST_CASE("Gossip on a ring converges no slower than its spectral gap says, and slower than on a complete graph") {
  // Each of n edges is as likely: E[W] = I - L / (2 n), and L of the ring has 2 - 2 cos(2 pi / n) as its second
  // eigenvalue.
  const Decay found = decay(2, 1 - (1 - std::cos(2 * M_PI / 12)) / 12);
  CHECK(found.left < found.bound);
  CHECK(found.left > 0.25 * found.bound);  // a line of values is mostly in the slowest eigenvectors
}

TEST_CASE("Gossip in rounds conserves the sum and comes to the mean") {
  Land land(star(8, 2));
  Class pupils(land, rounds(gossip), still(8));
  land.calendar.run(Seconds(100 * 60.5));
  CHECK(sum(pupils) == Approx(28).epsilon(1e-5));  // 480 meetings, of which each rounds to at most a 2^-24 of about 4
  for (const auto& one : pupils.learners) CHECK(one->value() == Approx(3.5).epsilon(0.02));
  CHECK(pupils.cohort->totals().averages == 8 * 60);
  CHECK(pupils.cohort->totals().sent == 2 * 8 * 60);
}

TEST_CASE("Learners that gossip come near to what all of them would learn together") {
  Land land(star(6));
  std::vector<std::pair<std::uint32_t, Drawn::How>> pupils;
  for (std::uint32_t i = 0; i < 6; ++i) pupils.push_back({i, {0, static_cast<float>(i), 0.05f, 1, 0, 4}});
  Class alone(land, rounds(ExchangeSpec::Rule::none), pupils, "alone"),
      together(land, rounds(gossip), pupils, "together");
  land.calendar.run(Seconds(100 * 200.5));
  double mean = 0;
  for (const auto& one : together.learners) mean += one->value() / 6;
  // Training takes the mean a twentieth of the way to that of the targets each round, and meetings leave it.
  CHECK(mean == Approx(2.5 * (1 - std::pow(0.95, 200))).epsilon(1e-4));
  CHECK(spread(together) < 0.1 * spread(alone));
}

TEST_CASE("Levels change no average when all answer") {
  FederationSpec federation = star(7);
  federation.providers.emplace_back();
  federation.clusters.push_back(federation.clusters[0]);
  federation.clusters[1].name = "d";
  federation.clusters[1].provider = 1;
  Land land(federation);
  std::vector<std::pair<std::uint32_t, Drawn::How>> pupils;
  for (std::uint32_t c = 1; c < 14; ++c)
    pupils.push_back({c, {0, 0.37f * static_cast<float>(c * c % 11), 0.5f, 1 + c * 5 % 7, 1e8 * c, 50}});
  Class flat(land, rounds(ExchangeSpec::Rule::fedavg), pupils, "flat");
  Class levels(land, rounds(ExchangeSpec::Rule::hierarchical), pupils, "levels");
  for (int round = 1; round <= 20; ++round) {
    land.calendar.run(Seconds(100 * round + 90));
    for (std::size_t p = 0; p < pupils.size(); ++p)
      CHECK(levels[p].value() == Approx(flat[p].value()).epsilon(1e-6));  // floats at each level round to 6e-8
  }
  CHECK(flat.cohort->totals().averages == 20);
  CHECK(levels.cohort->totals().averages == 20 * 3);
  // The hub's own way is the wide area's: 13 up and 13 down, against two aggregators' up and down, of which the rest
  // goes between neighbours: 11 of 13 hand in to another.
  CHECK(flat.cohort->totals().sent == 20 * 26);
  CHECK(levels.cohort->totals().sent == 20 * (2 * 11 + 2 * 2));
  CHECK(flat.cohort->totals().late + levels.cohort->totals().late == 0);
}

namespace {
/// A forecaster with something to learn and to draw for it.
class Noisy : public Forecaster {
 public:
  void watch(const Graph& graph) override { nodes_ = graph.nodes; }
  void observe(const Figures& figures) override {
    last_ = figures;
    ++waiting_;
  }
  Figures forecast(std::uint32_t) const override {
    Figures ahead = last_;
    ahead.cpu.resize(nodes_);
    for (double& one : ahead.cpu) one *= static_cast<double>(parameters_[0]);
    return ahead;
  }
  Training train(Rng& rng) override {
    for (float& one : parameters_) one += static_cast<float>(rng.normal(0, 0.1));
    return {std::exchange(waiting_, 0), 2e9, 1};
  }
  std::uint64_t waiting() const override { return waiting_; }
  std::vector<float> parameters() const override { return parameters_; }
  void set_parameters(const std::vector<float>& parameters) override { parameters_ = parameters; }
  std::string shape() const override { return "noisy"; }

 private:
  std::uint32_t nodes_ = 0;
  std::uint64_t waiting_ = 0;
  Figures last_;
  std::vector<float> parameters_ = std::vector<float>(100, 1.f);
};

/// Fingerprint, events and all parameters of a run, from a process of its own: there is one simulation in a process.
std::string history(const Json& scenario) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    Policies policies;
    add_policies(policies);
    policies.forecaster.add("noisy", "", [] { return std::make_unique<Noisy>(); });
    const Scratch scratch;
    const Document document(scratch.write("scenario.json", scenario.dump()), {}, false);
    Simulation run(load(document, policies), 0, policies);
    run.run();
    std::string told;
    for (const Figure& one : run.summary()) told += fmt::format("{} {}\n", one.name, one.value.value_or(-1));
    for (const Learning::Located& one : run.learning()->learners())
      for (const float each : one.learner->parameters()) told += fmt::format("{} ", each);
    const bool good = write(ends[1], told.data(), told.size()) == static_cast<ssize_t>(told.size());
    _exit(good ? 0 : 1);
  }
  close(ends[1]);
  std::string told;
  char block[4096];
  for (ssize_t n; (n = read(ends[0], block, sizeof block)) > 0;) told.append(block, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  return told;
}
}  // namespace

TEST_CASE("A run with learners can be repeated, and another seed makes another") {
  Json scenario = station(4, 4, "10 ms", "20 /s", "1000 s");
  scenario["clusters"].push_back(with(copy_of(cluster(scenario, "c"), "edge"), {{"count", 4}}));
  cluster(scenario, "c")["role"] = "hub";
  scenario["control_plane"] = {{"preset", "as-designed"}};
  scenario["faults"] = {
      {{"kind", "node"}, {"match", "edge-*/*"}, {"renewal", {{"up", {{"exponential", "5 min"}}}, {"down", "60 s"}}}}};
  for (const Json& exchange :
       {Json{{"fedavg", {{"asynchronous", true}}}}, Json("hierarchical"), Json{{"gossip", {{"asynchronous", true}}}}}) {
    scenario["learning"] = {
        {"forecaster", "noisy"}, {"round", "50 s"}, {"exchange", exchange}, {"privacy", {{"clip", 1}, {"noise", 0.5}}}};
    scenario["seed"] = 1;
    const std::string once = history(scenario), again = history(scenario);
    CHECK(once.size() > 1000);
    CHECK(once == again);
    scenario["seed"] = 2;
    CHECK(history(scenario) != once);
  }
}
