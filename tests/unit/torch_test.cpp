// The learners of policies/torch, made by name as a scenario makes them and loaded as codecosim loads them: against
// dynamic programming and the best linear forecast. Their losses are checked in tests/torch.
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "policies/learning/reward.hpp"
#include "sim/base/reader.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {

constexpr std::uint32_t none = PlacementProblem::none;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
const Labels no_labels;
const std::vector<Taint> no_taints;
const std::vector<Toleration> no_tolerations;

const Policies& policies() {
  static const Policies all = [] {
    Policies made;
    add_policies(made);
    return made;
  }();
  return all;
}

/// Whether the learners are there to be tested; says so where they are not.
bool available() {
  const std::string& missing = policies().recommender.find("dqn")->missing;
  if (!missing.empty()) WARN("skipped: " << missing);
  return missing.empty();
}

template <class Seam>
std::unique_ptr<Seam> make(const Registry<Seam>& registry, const std::string& name, const char* parameters) {
  const Json written = Json::parse(parameters);
  Reader::Log log;
  Reader reader(written, log);
  auto made = registry.find(name)->read(reader)();
  reader.close();
  REQUIRE(log.problems.empty());
  return made;
}
std::unique_ptr<Recommender> recommender(const std::string& name, const char* parameters) {
  return make(policies().recommender, name, parameters);
}
std::unique_ptr<Forecaster> gnn(const char* parameters) { return make(policies().forecaster, "gnn", parameters); }

PlacementProblem::Row row(std::uint32_t id, double cores, double free) {
  PlacementProblem::Row made;
  made.id = id;
  made.cpu = Cores(cores);
  made.cpu_free = made.largest_cpu_free = Cores(free);
  made.memory = Bytes(cores * 1e9);
  made.memory_free = made.largest_memory_free = Bytes(free * 1e9);
  made.labels = &no_labels;
  made.taints = &no_taints;
  return made;
}

PlacementProblem::Workload workload(double cores) {
  PlacementProblem::Workload made;
  made.cpu = Cores(cores);
  made.memory = Bytes(cores * 1e9);
  made.node_selector = &no_labels;
  made.tolerations = &no_tolerations;
  return made;
}

/// The row of the highest recommendation, the first among equals; none where nothing is recommended.
std::uint32_t best(const std::vector<double>& recommended) {
  const auto highest = std::max_element(recommended.begin(), recommended.end());
  return *highest > 0 ? static_cast<std::uint32_t>(highest - recommended.begin()) : none;
}

/// Three nodes of 1, 2 and 4 cores. One pod after another asks for one core or two, equally likely; where it fits
/// somewhere it has to be placed. Then each node that is in use gives one core back, with a chance of 0.7,
/// independently. What placing a pod is worth is CODECO's reward for equal loads, and -1 where it fits nowhere: so
/// loads should be equal, but room for two cores should be left. Who only looks at the reward at hand gets 0.88 of what
/// the best policy gains over chance, and the best fixed order of nodes 0.55.
class Nodes {
 public:
  static constexpr std::array<int, 3> cores{1, 2, 4};
  static constexpr double leaves = 0.7, discount = 0.8;
  static constexpr std::size_t states = 2 * 2 * 3 * 5;
  using Policy = std::vector<std::vector<double>>;  ///< [state][node]: chance; nothing where none fits.

  struct State {
    int asked = 1;
    std::array<int, 3> used{};
  };
  static std::size_t number(const State& state) {
    return static_cast<std::size_t>(((state.used[0] * 3 + state.used[1]) * 5 + state.used[2]) * 2 + state.asked - 1);
  }
  static State state(std::size_t number) {
    const int n = static_cast<int>(number);
    return {n % 2 + 1, {n / 30, n / 10 % 3, n / 2 % 5}};
  }
  static PlacementProblem problem(const State& state) {
    PlacementProblem made;
    for (std::uint32_t i = 0; i < 3; ++i) made.rows.push_back(row(i, cores[i], cores[i] - state.used[i]));
    made.workloads.push_back(workload(state.asked));
    return made;
  }
  static bool fits(const State& state, std::size_t node) { return state.used[node] + state.asked <= cores[node]; }
  static double reward(const State& state, std::uint32_t node) {
    const PlacementProblem asked = problem(state);
    return codeco_reward(asked, 0, node, Feasible(asked), balance_weights);
  }
  /// What may come next, with its chance.
  static std::vector<std::pair<std::size_t, double>> next(State state, std::uint32_t node) {
    if (node != none) state.used[node] += state.asked;
    std::vector<std::pair<std::size_t, double>> all;
    for (int leaving = 0; leaving < 8; ++leaving) {
      State after = state;
      double chance = 0.5;
      for (std::size_t i = 0; i < 3; ++i) {
        const bool leaves_one = leaving >> i & 1;
        if (state.used[i] > 0) chance *= leaves_one ? leaves : 1 - leaves;
        if (state.used[i] == 0 && leaves_one) chance = 0;
        after.used[i] -= leaves_one;
      }
      for (int asked = 1; asked <= 2 && chance > 0; ++asked) {
        after.asked = asked;
        all.emplace_back(number(after), chance);
      }
    }
    return all;
  }
  State draw(const State& state, std::uint32_t node, Rng& rng) const {
    double left = rng.uniform();
    const auto all = next(state, node);
    for (const auto& [after, chance] : all)
      if ((left -= chance) < 0) return Nodes::state(after);
    return Nodes::state(all.back().first);
  }

  Nodes() : worth_(states), ways_(states) {
    for (std::size_t s = 0; s < states; ++s)
      for (std::uint32_t node = 0; node <= 3; ++node) {
        const std::uint32_t chosen = node < 3 ? node : none;
        if (node < 3 && !fits(state(s), node)) continue;
        worth_[s][node] = reward(state(s), chosen);
        ways_[s][node] = next(state(s), chosen);
      }
  }

  /// Mean over all states of what is to be expected: of the best policy, where none is given. To 1e-9, by iteration.
  double value(const Policy* policy) const {
    std::vector<double> values(states);
    for (double change = 1; change > 1e-10;) {
      change = 0;
      for (std::size_t s = 0; s < states; ++s) {
        double highest = -HUGE_VAL, mean = 0;
        const bool any = fits(state(s), 0) || fits(state(s), 1) || fits(state(s), 2);
        for (std::uint32_t node = any ? 0 : 3; node < (any ? 3 : 4); ++node) {
          if (node < 3 && !fits(state(s), node)) continue;
          double worth = worth_[s][node];
          for (const auto& [after, chance] : ways_[s][node]) worth += discount * chance * values[after];
          highest = std::max(highest, worth);
          mean += policy && node < 3 ? (*policy)[s][node] * worth : worth;
        }
        const double value = policy ? mean : highest;
        change = std::max(change, std::abs(value - values[s]));
        values[s] = value;
      }
    }
    return std::accumulate(values.begin(), values.end(), 0.0) / states;
  }

  static Policy at_random() {
    Policy policy(states, std::vector<double>(3));
    for (std::size_t s = 0; s < states; ++s) {
      const double fitting = fits(state(s), 0) + fits(state(s), 1) + fits(state(s), 2);
      for (std::size_t node = 0; node < 3; ++node) policy[s][node] = fits(state(s), node) ? 1 / fitting : 0;
    }
    return policy;
  }
  static Policy of(Recommender& recommender) {
    Rng unused(0, 0);
    Policy policy(states, std::vector<double>(3));
    for (std::size_t s = 0; s < states; ++s) {
      const std::uint32_t node = best(recommender.recommend(problem(state(s)), unused)[0]);
      if (node != none) policy[s][node] = 1;
    }
    return policy;
  }

 private:
  std::vector<std::array<double, 4>> worth_;
  std::vector<std::array<std::vector<std::pair<std::size_t, double>>, 4>> ways_;
};

/// Lets it decide on the nodes above, and trains it after so many decisions each time. Returns the mean of its
/// parameters over the last twenty rounds, which rests where they themselves keep wandering (Polyak and Juditsky,
/// 1992).
std::vector<float> practise(const Nodes& nodes, Recommender& learner, Nodes::State& state, int rounds, int decisions,
                            Rng& world, Rng& rng) {
  const int averaged = std::min(rounds, 20);
  std::vector<double> sum(learner.parameters().size());
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < decisions; ++i) {
      const PlacementProblem asked = Nodes::problem(state);
      const std::uint32_t node = best(learner.recommend(asked, rng)[0]);
      learner.decided(asked, {node});
      state = nodes.draw(state, node, world);
    }
    learner.train(rng);
    if (round < rounds - averaged) continue;
    const std::vector<float> now = learner.parameters();
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += now[i];
  }
  std::vector<float> mean(sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i) mean[i] = static_cast<float>(sum[i] / averaged);
  return mean;
}

/// Of what there is to gain over chance, the share that a learner with these parameters gets, that does not explore.
double share_gained(const Nodes& nodes, const std::vector<float>& parameters, Recommender& quiet) {
  const Nodes::Policy chance = Nodes::at_random();
  quiet.set_parameters(parameters);
  const Nodes::Policy learnt = Nodes::of(quiet);
  const double low = nodes.value(&chance), high = nodes.value(nullptr);
  REQUIRE(high - low > 0.05);
  return (nodes.value(&learnt) - low) / (high - low);
}

constexpr const char* dqn_parameters =
    R"({"preset": "codeco-balance", "discount": 0.8, "learning_rate": 0.001, "explore_last": 0.3, "explore_decisions": 2000, "steps": 1, "batch": 64})";
constexpr const char* dqn_quiet = R"({"preset": "codeco-balance", "explore_first": 0, "explore_last": 0})";
constexpr const char* ppo_parameters =
    R"({"preset": "codeco-balance", "discount": 0.8, "learning_rate": 0.002, "epochs": 5})";
constexpr const char* ppo_quiet = R"({"preset": "codeco-balance", "sample": false})";

/// A ring in which the load of a node follows that of its neighbours with a lag of one interval:
/// x' = 1/2 + 0.2 (x - 1/2) + 0.7 (mean of both neighbours - 1/2) + noise, of deviation 0.05.
class Ring {
 public:
  static constexpr std::uint32_t size = 6;
  static constexpr double noise = 0.05;
  Forecaster::Graph graph() const {
    Forecaster::Graph made{size, {}};
    for (std::uint32_t i = 0; i < size; ++i) made.links.emplace_back(i, (i + 1) % size);
    return made;
  }
  /// The best forecast of the next interval: its error is the noise alone.
  std::vector<double> expected() const {
    std::vector<double> next(size);
    for (std::uint32_t i = 0; i < size; ++i)
      next[i] = 0.5 + 0.2 * (load[i] - 0.5) + 0.7 * ((load[(i + 1) % size] + load[(i + size - 1) % size]) / 2 - 0.5);
    return next;
  }
  void go_on(Rng& rng) {
    load = expected();
    for (double& each : load) each = std::clamp(each + rng.normal(0, noise), 0.0, 1.0);
  }
  Forecaster::Figures figures() const {
    return {load, std::vector<double>(size, 0.5), std::vector<double>(size, unknown)};
  }
  std::vector<double> load = std::vector<double>(size, 0.5);
};

double square(double x) { return x * x; }

}  // namespace

TEST_CASE("Neural learners are listed and described without LibTorch, and named with its package when it is missing",
          "[torch]") {
  const auto maps = [] { return contents("/proc/self/maps"); };
  for (const char* name : {"dqn", "ppo"}) REQUIRE(policies().recommender.find(name));
  REQUIRE(policies().forecaster.find("gnn"));
  Json schema = Json::object();
  Reader describing(schema);
  policies().recommender.find("dqn")->read(describing);
  CHECK(schema.dump().find("target_mix") != std::string::npos);
  CHECK(maps().find("libtorch") == std::string::npos);

  const std::string& missing = policies().recommender.find("dqn")->missing;
  if (missing.empty()) {
    recommender("dqn", "{}");
    CHECK(maps().find("libtorch") != std::string::npos);
    // A copy of this program finds no library beside itself.
    const Scratch scratch;
    std::filesystem::create_directory(scratch / "bin");
    std::filesystem::copy_file("/proc/self/exe", scratch / "bin/tests");
    const std::string command = (scratch / "bin/tests") + " '[.missing]' >/dev/null";
    CHECK(std::system(command.c_str()) == 0);
  } else {
    CHECK(missing.find("libtorch-dev") != std::string::npos);
  }
}

TEST_CASE("Where the library is not beside the program, its learners are missing", "[.missing]") {
  for (const char* name : {"dqn", "ppo"}) {
    CHECK(policies().recommender.find(name)->missing.find("libtorch-dev") != std::string::npos);
    CHECK_THROWS_AS(policies().recommender.choose(name), Error);
  }
  CHECK(policies().forecaster.find("gnn")->missing.find("libtorch-dev") != std::string::npos);
}

TEST_CASE("The placement problem of the learners needs foresight", "[torch]") {
  const Nodes nodes;
  Nodes::Policy greedy(Nodes::states, std::vector<double>(3)), chance = Nodes::at_random();
  for (std::size_t s = 0; s < Nodes::states; ++s) {
    std::array<double, 3> rewards;
    for (std::uint32_t node = 0; node < 3; ++node) rewards[node] = Nodes::reward(Nodes::state(s), node);
    const auto highest = std::max_element(rewards.begin(), rewards.end());
    if (*highest > infeasible_reward) greedy[s][static_cast<std::size_t>(highest - rewards.begin())] = 1;
  }
  const double low = nodes.value(&chance), high = nodes.value(nullptr);
  CHECK((nodes.value(&greedy) - low) / (high - low) == Approx(0.88).margin(0.01));
}

TEST_CASE("dqn gets 95 % of what dynamic programming gains over chance", "[torch]") {
  if (!available()) return;
  const Nodes nodes;
  const auto learner = recommender("dqn", dqn_parameters), quiet = recommender("dqn", dqn_quiet);
  Rng world(1, 0), rng(2, 0);
  Nodes::State state;
  const std::vector<float> learnt = practise(nodes, *learner, state, 60, 50, world, rng);
  CHECK(share_gained(nodes, learnt, *quiet) > 0.95);
}

TEST_CASE("ppo gets 90 % of what dynamic programming gains over chance", "[torch]") {
  if (!available()) return;
  const Nodes nodes;
  const auto learner = recommender("ppo", ppo_parameters), quiet = recommender("ppo", ppo_quiet);
  Rng world(1, 0), rng(2, 0);
  Nodes::State state;
  const std::vector<float> learnt = practise(nodes, *learner, state, 45, 400, world, rng);
  CHECK(share_gained(nodes, learnt, *quiet) > 0.9);
}

TEST_CASE("Learning curves of dqn and ppo", "[.curve]") {
  if (!available()) return;
  const Nodes nodes;
  for (const bool is_dqn : {true, false}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const auto learner = is_dqn ? recommender("dqn", dqn_parameters) : recommender("ppo", ppo_parameters);
      const auto quiet = is_dqn ? recommender("dqn", dqn_quiet) : recommender("ppo", ppo_quiet);
      Rng world(seed, 0), rng(seed + 100, 0);
      Nodes::State state;
      std::string line = std::string(is_dqn ? "dqn" : "ppo") + ", seed " + std::to_string(seed) + ":";
      for (int tenth = 0; tenth < 10; ++tenth) {
        const std::vector<float> learnt =
            practise(nodes, *learner, state, is_dqn ? 10 : 5, is_dqn ? 50 : 400, world, rng);
        line += " " + std::to_string(share_gained(nodes, learnt, *quiet)).substr(0, 5);
      }
      WARN(line);
    }
  }
}

TEST_CASE("Row by row, what dqn learns with three rows holds for thirty", "[torch]") {
  if (!available()) return;
  // Without a discount the worth of a row is its reward, which is 1 - busy - what the latency costs.
  const auto learner =
      recommender("dqn", R"({"preset": "estimate", "discount": 0, "learning_rate": 0.002, "steps": 1})");
  const auto quiet = recommender("dqn", R"({"preset": "estimate", "explore_first": 0, "explore_last": 0})");
  Rng world(3, 0), rng(4, 0);
  const auto draw = [&](std::uint32_t rows) {
    PlacementProblem made;
    for (std::uint32_t i = 0; i < rows; ++i) {
      made.rows.push_back(row(i, 4, 4));
      made.rows.back().cpu_busy = Cores(world.uniform(0, 4));
      made.rows.back().client_latency = Seconds(world.uniform(0, 0.2));
    }
    made.workloads.push_back(workload(1));
    return made;
  };
  const auto reward = [](const PlacementProblem& asked, std::uint32_t chosen) {
    return estimated_reward(asked, 0, chosen, Feasible(asked));
  };
  // How far what it recommends falls short of the best row, as a share of how far a row at random does.
  const auto regret = [&] {
    quiet->set_parameters(learner->parameters());
    double lost = 0, lost_by_chance = 0;
    for (int i = 0; i < 100; ++i) {
      const PlacementProblem asked = draw(30);
      double highest = 0, mean = 0;
      for (std::uint32_t each = 0; each < 30; ++each) {
        highest = std::max(highest, reward(asked, each));
        mean += reward(asked, each) / 30;
      }
      lost += highest - reward(asked, best(quiet->recommend(asked, rng)[0]));
      lost_by_chance += highest - mean;
    }
    return lost / lost_by_chance;
  };
  CHECK(regret() > 0.3);
  for (int i = 1; i <= 1500; ++i) {
    const PlacementProblem asked = draw(3);
    learner->decided(asked, {best(learner->recommend(asked, rng)[0])});
    if (i % 50 == 0) learner->train(rng);
  }
  CHECK(regret() < 0.05);
}

TEST_CASE("In CODECO's presets what is beyond the twentieth row is neither recommended nor learnt from", "[torch]") {
  if (!available()) return;
  const std::string name = GENERATE("dqn", "ppo");
  const auto learner = recommender(name, R"({"preset": "codeco-balance"})");
  Rng rng(5, 0);
  PlacementProblem asked;
  for (std::uint32_t i = 0; i < 25; ++i) asked.rows.push_back(row(i, 4, i < 3 ? 0.5 : 4));
  asked.workloads.push_back(workload(1));
  const std::vector<double> values = learner->recommend(asked, rng)[0];
  REQUIRE(values.size() == 25);
  for (std::uint32_t i = 0; i < 25; ++i) {
    INFO(i);
    CHECK((i < 3 || i >= 20 ? values[i] == 0 : values[i] >= 0 && values[i] <= 1));
  }
  // A decision waits for what is seen at the next one; those for rows that it does not see, or that do not fit, count
  // for nothing.
  for (const std::uint32_t decided : {3U, 22U, 0U, 19U, none, 5U}) learner->decided(asked, {decided});
  CHECK(learner->waiting() == 3);
  CHECK(learner->train(rng).samples == 3);
  CHECK(learner->waiting() == 0);
}

TEST_CASE("What came of decisions is learnt from when it is known", "[torch]") {
  if (!available()) return;
  const auto learner = recommender("dqn", R"({"preset": "latency", "patience": "30 s"})");
  CHECK(learner->patience() == Seconds(30));
  PlacementProblem asked;
  for (std::uint32_t i = 0; i < 3; ++i) asked.rows.push_back(row(i, 4, 4));
  asked.workloads = {workload(1), workload(1)};
  for (asked.number = 1; asked.number <= 4; ++asked.number) learner->decided(asked, {0, 1});
  CHECK(learner->waiting() == 0);
  learner->learn({1, Seconds(30), 10, 1, Seconds(0.01), 1});
  CHECK(learner->waiting() == 2);
  learner->learn({2, Seconds(30), 0, 0, Seconds(0), 1});  // nobody asked: says nothing
  CHECK(learner->waiting() == 2);
  learner->learn(
      {4, Seconds(30), 10, 1, Seconds(0.01), 1});  // the third is never judged; the last has no decision after it
  CHECK(learner->waiting() == 3);
}

TEST_CASE("dqn without a mask unlearns what does not fit, by the penalty", "[torch]") {
  if (!available()) return;
  const auto learner = recommender(
      "dqn", R"({"preset": "codeco-balance", "discount": 0, "mask": false, "learning_rate": 0.002, "steps": 1})");
  Rng rng(6, 0);
  PlacementProblem asked;
  for (std::uint32_t i = 0; i < 3; ++i) asked.rows.push_back(row(i, 4, i == 1 ? 4 : 0.5));
  asked.workloads.push_back(workload(1));
  // Each infeasible favourite adds a sample: they come to an end.
  std::uint64_t samples = 0;
  for (int i = 0; i < 200; ++i) {
    learner->decided(asked, {1});
    samples = learner->train(rng).samples;
  }
  CHECK(samples == 1);
}

TEST_CASE("The same seed gives the same parameters bit by bit, and parameters can be taken over", "[torch]") {
  if (!available()) return;
  const std::string name = GENERATE("dqn", "ppo");
  const std::string parameters = R"({"preset": "codeco-balance"})";
  const Nodes nodes;
  const auto run = [&](std::uint64_t seed) {
    auto learner = recommender(name, parameters.c_str());
    Rng world(1, 0), rng(seed, 0);
    Nodes::State state;
    practise(nodes, *learner, state, 3, 40, world, rng);
    return learner;
  };
  const auto one = run(1), same = run(1), other = run(2), fresh = recommender(name, parameters.c_str());
  CHECK(one->parameters() == same->parameters());
  CHECK(one->parameters() != other->parameters());
  CHECK(fresh->parameters() == recommender(name, parameters.c_str())->parameters());
  CHECK(fresh->parameters() != one->parameters());
  CHECK(fresh->shape() == one->shape());
  fresh->set_parameters(one->parameters());
  CHECK(fresh->parameters() == one->parameters());
  const PlacementProblem asked = Nodes::problem({1, {0, 1, 1}});
  // With the same draws: the count of recommendations decides on exploration, so a learner of as many is asked.
  Rng a(9, 0), b(9, 0);
  CHECK(one->recommend(asked, a) == same->recommend(asked, b));
}

TEST_CASE("gnn forecasts a process on a graph nearly as well as the best linear forecast", "[torch]") {
  if (!available()) return;
  const bool attention = GENERATE(false, true);
  const auto learner = gnn(attention ? R"({"attention": true, "window": 4, "horizon": 1, "steps": 600})"
                                     : R"({"window": 4, "horizon": 1, "steps": 600})");
  Ring ring;
  Rng world(1, 0), rng(2, 0);
  learner->watch(ring.graph());
  for (int i = 0; i < 1000; ++i) {
    ring.go_on(world);
    learner->observe(ring.figures());
  }
  const auto training = learner->train(rng);
  CHECK(training.samples == 1000);
  CHECK(training.operations > 0);
  double learnt = 0, last = 0, linear = 0;
  for (int i = 0; i < 400; ++i) {
    const std::vector<double> forecast = learner->forecast(1).cpu, expected = ring.expected(), before = ring.load;
    ring.go_on(world);
    learner->observe(ring.figures());
    for (std::uint32_t node = 0; node < Ring::size; ++node) {
      learnt += square(ring.load[node] - forecast[node]);
      last += square(ring.load[node] - before[node]);
      linear += square(ring.load[node] - expected[node]);
    }
  }
  INFO("squares: learnt " << learnt << ", last value " << last << ", best linear " << linear);
  CHECK(learnt < 0.8 * last);
  CHECK(learnt < 1.1 * linear);
}

TEST_CASE("gnn starts as the last value, fills gaps with it, and carries the latency of links", "[torch]") {
  if (!available()) return;
  const auto learner = gnn("{}");
  learner->watch({2, {{0, 1}}});
  CHECK(learner->forecast(1).cpu == std::vector<double>{0, 0});
  learner->observe({{0.25, 0.5}, {0.75, 0.125}, {0.02}});
  learner->observe({{0.5, unknown}, {0.75, unknown}, {unknown}});
  for (const std::uint32_t steps : {0U, 1U, 3U, 50U}) {
    const Forecaster::Figures ahead = learner->forecast(steps);
    CHECK(ahead.cpu == std::vector<double>{0.5, 0.5});
    CHECK(ahead.memory == std::vector<double>{0.75, 0.125});
    CHECK(ahead.latency == std::vector<double>{0.02});
  }
  CHECK(learner->waiting() == 0);  // not a whole window yet
}

TEST_CASE("gnn trains to the same parameters twice, whatever it watches has as many", "[torch]") {
  if (!available()) return;
  const auto run = [](std::uint32_t nodes, std::uint64_t seed) {
    auto learner = gnn(R"({"steps": 4})");
    learner->watch({nodes, {{0, 1}}});
    Rng world(1, 0), rng(seed, 0);
    for (int i = 0; i < 40; ++i) {
      Forecaster::Figures figures{std::vector<double>(nodes), std::vector<double>(nodes), {0.01}};
      for (double& each : figures.cpu) each = world.uniform();
      for (double& each : figures.memory) each = world.uniform();
      learner->observe(figures);
    }
    learner->train(rng);
    return learner;
  };
  const auto one = run(3, 1), same = run(3, 1), other = run(3, 2), larger = run(7, 1);
  CHECK(one->parameters() == same->parameters());
  CHECK(one->parameters() != other->parameters());
  CHECK(one->shape() == larger->shape());
  REQUIRE(one->parameters().size() == larger->parameters().size());
  CHECK(one->forecast(2).cpu != other->forecast(2).cpu);
  other->set_parameters(one->parameters());
  CHECK(other->parameters() == one->parameters());
  CHECK(one->forecast(2).cpu == other->forecast(2).cpu);
}
