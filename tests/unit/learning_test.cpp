// PDLC-DL without networks: what recommenders see and are rewarded for, linear bandits against closed forms and their
// regret, forecasters on processes whose best forecast is known, and model files against every kind of damage.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "policies/learning/features.hpp"
#include "policies/learning/model_file.hpp"
#include "policies/learning/reward.hpp"
#include "policies/learning/ridge.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;
constexpr std::uint32_t none = PlacementProblem::none;
const Labels no_labels;
const std::vector<Taint> no_taints;
const std::vector<Toleration> no_tolerations;

template <class Seam>
std::unique_ptr<Seam> make(const Registry<Seam>& registry, const std::string& name, const std::string& parameters,
                           Texts* problems = nullptr) {
  const auto* entry = registry.find(name);
  REQUIRE(entry != nullptr);
  const Json json = Json::parse(parameters);
  Reader::Log log;
  Reader reader(json, log);
  const auto made = entry->read(reader);
  reader.close();
  if (problems)
    for (const Problem& each : log.problems) problems->push_back(each.what);
  else
    REQUIRE(log.problems.empty());
  return made();
}

const Policies& policies() {
  static const Policies all = [] {
    Policies made;
    add_policies(made);
    return made;
  }();
  return all;
}

std::unique_ptr<Recommender> recommender(const std::string& name, const std::string& parameters = "{}") {
  return make(policies().recommender, name, parameters);
}

std::unique_ptr<Forecaster> forecaster(const std::string& name, const std::string& parameters = "{}") {
  return make(policies().forecaster, name, parameters);
}

/// `rows` nodes of 4 cores and 8 GB, and `workloads` pods of 1 core and 1 GB.
PlacementProblem problem(std::uint32_t rows, std::uint32_t workloads) {
  PlacementProblem made;
  for (std::uint32_t i = 0; i < rows; ++i) {
    PlacementProblem::Row row;
    row.id = i;
    row.cpu = row.cpu_free = row.largest_cpu_free = Cores(4);
    row.memory = row.memory_free = row.largest_memory_free = Bytes(8e9);
    row.labels = &no_labels;
    row.taints = &no_taints;
    made.rows.push_back(row);
  }
  PlacementProblem::Workload workload;
  workload.cpu = Cores(1);
  workload.memory = Bytes(1e9);
  workload.node_selector = &no_labels;
  workload.tolerations = &no_tolerations;
  made.workloads.assign(workloads, workload);
  return made;
}

void use(PlacementProblem::Row& row, double cores, double gigabytes) {
  row.cpu_free -= Cores(cores);
  row.memory_free -= Bytes(gigabytes * 1e9);
  row.largest_cpu_free = row.cpu_free;
  row.largest_memory_free = row.memory_free;
}

/// Nodes in any state.
PlacementProblem random_problem(std::uint32_t rows, Rng& rng) {
  PlacementProblem made = problem(rows, 1);
  for (PlacementProblem::Row& row : made.rows) {
    use(row, rng.uniform(0, 3), rng.uniform(0, 7));
    row.cpu_busy = Cores(rng.uniform(0, 4));
    row.client_latency = Seconds(std::pow(10, rng.uniform(-3, 0)));
    row.age = Seconds(rng.uniform(0, 120));
    row.monitored.node_failures = rng.uniform(0, 2);
    made.row_costs.push_back(rng.uniform());
  }
  return made;
}

Numbers seen(const PlacementProblem& asked, std::uint32_t row) {
  const RowFeatures features = row_features(asked, 0, row, Feasible(asked));
  return Numbers(features.begin(), features.end());
}

double dot(const Numbers& a, const Numbers& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/// The solution of a system of equations by Gauss and Jordan: nothing in common with what is tested.
Numbers solved(std::vector<Numbers> a, Numbers b) {
  const std::size_t n = b.size();
  for (std::size_t pivot = 0; pivot < n; ++pivot) {
    std::size_t best = pivot;
    for (std::size_t row = pivot; row < n; ++row)
      if (std::abs(a[row][pivot]) > std::abs(a[best][pivot])) best = row;
    std::swap(a[pivot], a[best]);
    std::swap(b[pivot], b[best]);
    for (std::size_t row = 0; row < n; ++row) {
      if (row == pivot) continue;
      const double factor = a[row][pivot] / a[pivot][pivot];
      for (std::size_t column = 0; column < n; ++column) a[row][column] -= factor * a[pivot][column];
      b[row] -= factor * b[pivot];
    }
  }
  for (std::size_t i = 0; i < n; ++i) b[i] /= a[i][i];
  return b;
}

/// A = ridge I + sum of x x', and b, from a bandit's parameters.
struct Sums {
  std::vector<Numbers> a;
  Numbers b;
};
Sums sums(const std::vector<float>& parameters, std::size_t size, double ridge) {
  Sums made{std::vector<Numbers>(size, Numbers(size)), {}};
  std::size_t next = 0;
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = i; j < size; ++j) made.a[i][j] = made.a[j][i] = parameters[next++];
  for (std::size_t i = 0; i < size; ++i) made.a[i][i] += ridge;
  for (std::size_t i = 0; i < size; ++i) made.b.push_back(parameters[next++]);
  return made;
}

/// What comes of question `number` when its reward by latency_reward is to be this.
Feedback feedback(std::uint64_t number, double reward) {
  constexpr double answers = 1e9;
  Feedback made;
  made.latency = Seconds(0);
  made.number = number;
  made.answers = static_cast<std::uint64_t>(answers);
  made.misses = static_cast<std::uint64_t>(std::llround((1 - reward) * answers));
  return made;
}

/// Lets the learner see and learn `count` decisions for the first row, worth what `worth` says of what is seen.
void teach(Recommender& learner, int count, std::uint64_t seed, const std::function<double(const Numbers&)>& worth) {
  Rng rng(seed, 0);
  for (int i = 0; i < count; ++i) {
    PlacementProblem asked = random_problem(1, rng);
    asked.number = static_cast<std::uint64_t>(i);
    learner.decided(asked, {0});
    learner.learn(feedback(asked.number, worth(seen(asked, 0))));
  }
  learner.train(rng);
}

double some_worth(const Numbers& x) { return 0.4 + 0.3 * x[0] - 0.2 * x[2] - 0.1 * x[3] + 0.1 * x[6]; }

}  // namespace

TEST_CASE("recommenders and forecasters are registered under their names, each with a sentence") {
  CHECK(policies().recommender.names() == Texts{"lin-ucb", "thompson", "auction", "dqn", "ppo"});
  CHECK(policies().forecaster.names() == Texts{"last-value", "ar", "holt-winters", "gnn"});
  for (const auto& entry : policies().recommender.entries()) CHECK(entry.prose.back() == '.');
  for (const auto& entry : policies().forecaster.entries()) CHECK(entry.prose.back() == '.');
}

TEST_CASE("the features of a candidate are those computed by hand", "[learning]") {
  PlacementProblem asked = problem(2, 2);
  PlacementProblem::Row& row = asked.rows[1];
  use(row, 1, 2);  // 3 cores and 6 GB are free: with the workload 2 of 4 and 5 of 8
  row.cpu_busy = Cores(1);
  row.client_latency = Seconds(0.009);  // ln 10 / ln 1001
  row.images = {3, 7};
  row.age = Seconds(60);
  row.monitored.node_failures = 1;
  row.monitored.link_failures = 2;
  asked.workloads[0].image = 7;
  asked.row_costs = {0, 0.25};
  const double logarithmic = std::log(10.0) / std::log(1001.0);
  const Numbers expected{0.5, 0.625, 0.25, logarithmic, 0, 1, 0.25, 0.5, 0.75, 1};
  const auto check = [&](const Numbers& wanted, std::uint32_t workload, const Feasible& so_far) {
    const RowFeatures found = row_features(asked, workload, 1, so_far);
    for (std::size_t i = 0; i < found.size(); ++i) {
      INFO(i);
      CHECK(found[i] == Approx(wanted[i]).margin(1e-7));  // floats
    }
  };
  Feasible so_far(asked);
  check(expected, 0, so_far);

  Numbers other = expected;
  SECTION("what has been put is taken off, and its image is another") {
    so_far.put(0, 1);
    other[0] = 0.25;
    other[1] = 0.5;
    other[5] = 0;
    check(other, 1, so_far);
  }
  SECTION("staying takes nothing") {
    asked.workloads[0].current = 1;
    other[0] = 0.75;
    other[1] = 0.75;
    check(other, 0, Feasible(asked));
  }
  SECTION("a forecast stands before a measurement") {
    row.cpu_expected = Cores(3);
    other[2] = 0.75;
    check(other, 0, so_far);
  }
  SECTION("peers: the nearest replica of each, in the direction of the channel, mean over channels") {
    asked.workloads[0].component = 10;
    asked.workloads[1].component = 11;
    for (const auto& [from, to] : {std::pair{10u, 11u}, {12u, 10u}, {10u, 13u}})  // the last one's end is nowhere
    {
      asked.channels.emplace_back().from = from;
      asked.channels.back().to = to;
    }
    asked.rows[0].components = {12};
    asked.rows[1].components = {12};
    asked.paths = [](std::uint32_t from, std::uint32_t to) -> std::vector<PlacementProblem::Path> {
      return {{from == to ? Seconds(0.001) : from < to ? Seconds(0.5) : Seconds(0.017), {}}, {Seconds(9), {}}};
    };
    so_far.put(1, 0);  // 10 on row 1 to 11 on row 0: 17 ms; 12 on row 1: 1 ms
    other[4] = logarithmic;
    check(other, 0, so_far);
    asked.paths = [](auto, auto) { return std::vector<PlacementProblem::Path>(); };
    other[4] = 1;
    check(other, 0, so_far);
  }
  SECTION("a second is as far as can be seen") {
    row.client_latency = Seconds(7);
    other[3] = 1;
    check(other, 0, so_far);
  }
}

TEST_CASE("CODECO's state is that computed by hand, for at most twenty rows", "[learning]") {
  PlacementProblem asked = problem(2, 2);
  use(asked.rows[1], 2, 4);
  Monitored& monitored = asked.rows[1].monitored;
  monitored.link_energy = JoulesPerByte(2e-9);
  monitored.node_degree = 6;
  monitored.node_failures = 1;
  monitored.link_failures = 2;
  asked.workloads[1].cpu = Cores(1);
  asked.workloads[1].memory = Bytes(2e9);
  Feasible so_far(asked);
  so_far.put(0, 1);
  const CodecoState state = codeco_state(asked, 1, so_far);
  const Potency drawn = potency(1);
  const Numbers expected{1, 2, 1, 1, 0, 0, 0.25, 0.375, (3 * drawn.cpu + 5 * drawn.memory) * 2 * 6, 6.0 / 2 / 3};
  for (std::size_t i = 0; i < state.size(); ++i) {
    INFO(i);
    CHECK(state[i] == Approx(i < expected.size() ? expected[i] : 0).margin(1e-6));
  }
  const CodecoRow row = codeco_row(asked, 1, 1, so_far);
  CHECK(std::vector<float>(row.begin(), row.end()) ==
        std::vector<float>{state[0], state[1], state[6], state[7], state[8], state[9], 1});
  const PlacementProblem many = problem(25, 1);
  CHECK(codeco_state(many, 0, Feasible(many)).back() == 0);
  CHECK(codeco_state(many, 0, Feasible(many))[2 + 4 * 19] == 1);
}

TEST_CASE("potencies have the law that CODECO draws them from, and stay", "[learning]") {
  constexpr int count = 10000;
  double cpu = 0, memory = 0;
  for (std::uint32_t id = 0; id < count; ++id) {
    const Potency drawn = potency(id);
    REQUIRE((drawn.cpu > 0.02 && drawn.cpu < 0.04));
    REQUIRE((drawn.memory > 0.0002 && drawn.memory < 0.0004));
    REQUIRE(drawn.cpu == potency(id).cpu);
    cpu += drawn.cpu / count;
    memory += drawn.memory / count;
  }
  // Five standard errors of a uniform law's mean: 5 x width / sqrt(12 n).
  CHECK(cpu == Approx(0.03).margin(5 * 0.02 / std::sqrt(12.0 * count)));
  CHECK(memory == Approx(0.0003).margin(5 * 0.0002 / std::sqrt(12.0 * count)));
}

TEST_CASE("CODECO's reward is that computed by hand", "[learning]") {
  PlacementProblem asked = problem(2, 1);
  asked.workloads[0].cpu = Cores(2);
  asked.workloads[0].memory = Bytes(4e9);
  use(asked.rows[1], 2, 4);
  asked.rows[0].monitored.latency = Seconds(0.005);
  const Feasible so_far(asked);
  const auto reward = [&](std::uint32_t row, const CodecoWeights& weights) {
    return codeco_reward(asked, 0, row, so_far, weights);
  };
  // On row 0 both loads are 1/2 each: all even. On row 1 they are 0 and 1: deviation 1/2.
  CHECK(reward(0, balance_weights) == Approx(1));
  CHECK(reward(1, balance_weights) == Approx((2.5 + 2.5 + 5) / 15));
  for (const std::uint32_t row : {0u, 1u}) {
    const double energy = 2 * potency(row).cpu + 4 * potency(row).memory;
    CHECK(reward(row, energy_weights) == Approx((3 * (1 - 2 * energy) + 5) / 11));
  }
  // The cost of distance is added, as in CODECO's code: 5 ms x 4 GB / (32 x 5.12).
  CHECK(reward(0, {0, 0, 0, 2, 0}) == Approx(20 / (32 * 5.12)));
  CHECK(reward(none, balance_weights) == -1);
  asked.workloads[0].cpu = Cores(3);
  const Feasible tight(asked);
  CHECK(codeco_reward(asked, 0, 1, tight, balance_weights) == -20);
  asked.workloads[0].cpu = Cores(40);
  asked.rows[0].cpu = asked.rows[0].cpu_free = asked.rows[0].largest_cpu_free = Cores(64);
  // So much energy that its term is zero and not less.
  CHECK(codeco_reward(asked, 0, 0, Feasible(asked), energy_weights) == Approx(5.0 / 11));
}

TEST_CASE("a reward by latency is that computed by hand", "[learning]") {
  Feedback came;
  came.answers = 100;
  came.misses = 20;
  came.latency = Seconds(0.1);
  CHECK(latency_reward(came).value() == Approx(1 - 0.2 - 0.25));
  came.misses = 0;
  came.latency = Seconds(0.3);
  CHECK(latency_reward(came).value() == Approx(1 - 0.375));
  came = {};
  came.answers = came.misses = 7;  // all are lost
  CHECK(latency_reward(came).value() == -0.5);
  came = {};
  came.ready = 0.5;
  CHECK(latency_reward(came).value() == 0.5);
  came.ready = 1;
  CHECK_FALSE(latency_reward(came).has_value());

  PlacementProblem asked = problem(1, 1);
  asked.rows[0].cpu_busy = Cores(1);
  asked.rows[0].client_latency = Seconds(0.05);
  CHECK(estimated_reward(asked, 0, 0, Feasible(asked)) == Approx(1 - 0.25 - 0.25));
  CHECK(estimated_reward(asked, 0, none, Feasible(asked)) == 0);
  use(asked.rows[0], 4, 0);
  CHECK(estimated_reward(asked, 0, 0, Feasible(asked)) == 0);
}

TEST_CASE("a ridge regression is the direct solution of its normal equations", "[learning]") {
  constexpr std::size_t size = 8;
  Rng rng(3, 0);
  Ridge ridge(size, 0.5);
  std::vector<Numbers> a(size, Numbers(size));
  Numbers b(size);
  for (std::size_t i = 0; i < size; ++i) a[i][i] = 0.5;
  for (int sample = 0; sample < 200; ++sample) {
    Numbers x(size);
    for (double& each : x) each = rng.uniform(-1, 2);
    const double y = rng.normal(x[1] - x[4], 0.3);
    ridge.add(x, y);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) a[i][j] += x[i] * x[j];
      b[i] += y * x[i];
    }
  }
  ridge.fit();
  const Numbers weights = solved(a, b);
  // The condition of A is below 1e4, so twelve of sixteen digits are left.
  for (std::size_t i = 0; i < size; ++i) CHECK(ridge.weights()[i] == Approx(weights[i]).epsilon(1e-11));
  const Numbers x{1, -2, 0.5, 3, 0, 1, 1, -1};
  CHECK(ridge.mean(x) == Approx(dot(x, weights)).epsilon(1e-11));
  CHECK(ridge.deviation(x) == Approx(std::sqrt(dot(x, solved(a, x)))).epsilon(1e-11));
}

TEST_CASE("Thompson's draws have the mean and the covariance of what is believed", "[learning]") {
  constexpr std::size_t size = 4;
  constexpr int draws = 40000;
  constexpr double v = 0.7;
  Rng rng(5, 0);
  Ridge ridge(size, 1);
  for (int sample = 0; sample < 30; ++sample) {
    Numbers x(size, 1);
    for (std::size_t i = 1; i < size; ++i) x[i] = rng.uniform(0, 1) + 0.5 * x[i - 1];
    ridge.add(x, rng.normal(0.3 * x[2], 0.1));
  }
  ridge.fit();
  std::vector<float> numbers;
  ridge.append_sums(numbers);
  const Sums all = sums(numbers, size, 1);
  Numbers mean(size), drawn(size);
  std::vector<Numbers> products(size, Numbers(size));
  for (int i = 0; i < draws; ++i) {
    ridge.draw(v, rng, drawn);
    for (std::size_t j = 0; j < size; ++j) {
      mean[j] += drawn[j] / draws;
      for (std::size_t k = 0; k < size; ++k)
        products[j][k] += (drawn[j] - ridge.weights()[j]) * (drawn[k] - ridge.weights()[k]) / draws;
    }
  }
  std::vector<Numbers> covariance;
  for (std::size_t j = 0; j < size; ++j) {
    Numbers unit(size);
    unit[j] = v * v;
    covariance.push_back(solved(all.a, unit));
  }
  // Five standard errors; that of a product of two normal variables is sqrt((c_jj c_kk + c_jk^2) / n).
  for (std::size_t j = 0; j < size; ++j) {
    CHECK(mean[j] == Approx(ridge.weights()[j]).margin(5 * std::sqrt(covariance[j][j] / draws)));
    for (std::size_t k = 0; k < size; ++k) {
      const double variance = covariance[j][j] * covariance[k][k] + covariance[j][k] * covariance[j][k];
      CHECK(products[j][k] == Approx(covariance[j][k]).margin(5 * std::sqrt(variance / draws)));
    }
  }
}

TEST_CASE("lin-ucb sums what it saw, and recommends by mean and width, mapped to [0, 1] over the rows that fit",
          "[learning]") {
  const auto learner = recommender("lin-ucb", R"({"alpha": 0.8, "ridge": 0.5})");
  teach(*learner, 60, 7, some_worth);
  const Sums all = sums(learner->parameters(), 10, 0.5);
  Sums direct{std::vector<Numbers>(10, Numbers(10)), Numbers(10)};
  Rng again(7, 0);
  for (int sample = 0; sample < 60; ++sample) {
    const Numbers x = seen(random_problem(1, again), 0);
    for (std::size_t i = 0; i < 10; ++i) {
      for (std::size_t j = 0; j < 10; ++j) direct.a[i][j] += x[i] * x[j];
      direct.b[i] += some_worth(x) * x[i];
    }
  }
  for (std::size_t i = 0; i < 10; ++i) {
    direct.a[i][i] += 0.5;
    CHECK(all.b[i] == Approx(direct.b[i]).epsilon(1e-6));
    for (std::size_t j = 0; j < 10; ++j) CHECK(all.a[i][j] == Approx(direct.a[i][j]).epsilon(1e-6));
  }
  const Numbers weights = solved(direct.a, direct.b);
  Rng rng(8, 0);
  PlacementProblem asked = random_problem(6, rng);
  asked.workloads[0].allowed = {true, true, true, false, true, true};
  Numbers scores;
  for (std::uint32_t row = 0; row < 6; ++row) {
    const Numbers x = seen(asked, row);
    scores.push_back(dot(x, weights) + 0.8 * std::sqrt(dot(x, solved(direct.a, x))));
  }
  Numbers fitting = scores;
  fitting.erase(fitting.begin() + 3);
  const auto [low, high] = std::minmax_element(fitting.begin(), fitting.end());
  const Numbers found = learner->recommend(asked, rng).at(0);
  CHECK(found[3] == 0);
  for (const std::uint32_t row : {0u, 1u, 2u, 4u, 5u})
    CHECK(found[row] == Approx((scores[row] - *low) / (*high - *low)).margin(1e-6));  // rewards come in billionths

  asked.workloads[0].allowed.assign(6, false);
  CHECK(learner->recommend(asked, rng).at(0) == Numbers(6));
  asked.workloads[0].allowed = {false, true, false, false, false, false};
  CHECK(learner->recommend(asked, rng).at(0) == Numbers{0, 1, 0, 0, 0, 0});
}

TEST_CASE("workloads are recommended one after another", "[learning]") {
  const std::string name = GENERATE("lin-ucb", "thompson", "auction");
  const auto learner = recommender(name);
  Rng rng(1, 0);
  PlacementProblem asked = problem(2, 2);
  for (auto& row : asked.rows) use(row, 2.5, 0);  // room for one pod each
  const auto found = learner->recommend(asked, rng);
  REQUIRE(found.size() == 2);
  const std::size_t first = found[0][0] == 1 ? 0 : 1;
  CHECK(found[0][first] == 1);
  CHECK(found[1][first] == 0);
  CHECK(found[1][1 - first] == 1);
}

TEST_CASE("a decision is learnt from once something came of it", "[learning]") {
  const std::string name = GENERATE("lin-ucb", "thompson", "auction");
  const auto learner = recommender(name, R"({"patience": "5 s"})");
  Rng rng(1, 0);
  CHECK(learner->patience() == Seconds(5));
  PlacementProblem asked = problem(3, 3);
  asked.number = 9;
  learner->decided(asked, {0, none, 1});
  CHECK(learner->waiting() == 0);
  learner->learn(feedback(8, 1));
  CHECK(learner->waiting() == 0);
  learner->learn(feedback(9, 0.75));
  CHECK(learner->waiting() == 2);
  learner->learn(feedback(9, 0.75));
  CHECK(learner->waiting() == 2);
  const auto training = learner->train(rng);
  CHECK(training.samples == 2);
  CHECK(training.loss == Approx(0.75 * 0.75));  // it expected nothing
  CHECK(training.operations > 0);
  CHECK(learner->waiting() == 0);
  CHECK(learner->train(rng).samples == 0);
  CHECK(learner->train(rng).operations == 0);

  asked.number = 10;
  learner->decided(asked, {0, 0, 0});
  Feedback silence;
  silence.number = 10;
  silence.ready = 1;
  learner->learn(silence);
  CHECK(learner->waiting() == 0);
}

TEST_CASE("where the reward is immediate nothing is waited for", "[learning]") {
  const std::string preset = GENERATE("estimate", "codeco-balance", "codeco-energy");
  const auto learner = recommender("lin-ucb", R"({"preset": ")" + preset + "\"}");
  CHECK(learner->patience() == forever);
  const PlacementProblem asked = problem(2, 1);
  learner->decided(asked, {1});
  CHECK(learner->waiting() == 1);
  Rng rng(1, 0);
  const double reward = preset == "estimate"         ? 1
                        : preset == "codeco-balance" ? (5 * (1 - 0.125) + 5 * (1 - 0.0625) + 5) / 15
                                                     : (3 * (1 - 2 * (potency(1).cpu + potency(1).memory)) + 5) / 11;
  CHECK(learner->train(rng).loss == Approx(reward * reward));
}

TEST_CASE("the average of what bandits have learnt is what one has learnt from all of it", "[learning]") {
  const std::string name = GENERATE("lin-ucb", "thompson", "auction");
  const auto one = recommender(name), other = recommender(name), both = recommender(name);
  teach(*one, 40, 1, some_worth);
  teach(*other, 70, 2, some_worth);
  teach(*both, 40, 1, some_worth);
  teach(*both, 70, 2, some_worth);
  CHECK(one->shape() == both->shape());
  const auto a = one->parameters(), b = other->parameters(), all = both->parameters();
  REQUIRE(a.size() == all.size());
  std::vector<float> mean;
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(a[i] + b[i] == Approx(all[i]).epsilon(1e-6).margin(1e-6));  // floats
    mean.push_back((a[i] + b[i]) / 2);
  }
  if (name != "lin-ucb") return;
  // Half of all sums with half of the ridge: the same weights, and a width larger by sqrt 2, as of half of the samples.
  const auto federated = recommender(name, R"({"ridge": 0.5, "alpha": 0.5})"),
             whole = recommender(name, R"({"alpha": 0.70710678})");
  federated->set_parameters(mean);
  whole->set_parameters(all);
  Rng rng(4, 0);
  for (int i = 0; i < 20; ++i) {
    const PlacementProblem asked = random_problem(5, rng);
    const Numbers x = federated->recommend(asked, rng)[0], y = whole->recommend(asked, rng)[0];
    for (std::size_t row = 0; row < 5; ++row) CHECK(x[row] == Approx(y[row]).margin(1e-3));  // floats
  }
}

TEST_CASE("a learner is all in its parameters", "[learning]") {
  const std::string name = GENERATE("lin-ucb", "thompson", "auction");
  const auto learner = recommender(name), copy = recommender(name);
  teach(*learner, 50, 1, some_worth);
  const auto numbers = learner->parameters();
  learner->set_parameters(numbers);
  CHECK(learner->parameters() == numbers);
  copy->set_parameters(numbers);
  CHECK(copy->parameters() == numbers);
  Rng world(6, 0), a(7, 0), b(7, 0);
  for (int i = 0; i < 10; ++i) {
    const PlacementProblem asked = random_problem(5, world);
    CHECK(learner->recommend(asked, a) == copy->recommend(asked, b));
  }
}

namespace {

/// Regret after half of the steps and after all, of decisions on 5 candidates whose worth is linear in what is seen of
/// them, with noise of up to 0.1 either way.
struct Regret {
  double half = 0, whole = 0, random = 0;
};
Regret regret(const std::string& name, std::uint64_t seed, std::uint64_t steps) {
  const auto learner = recommender(name);
  Rng world(seed, 0), own(seed, 1);
  Regret sum;
  for (std::uint64_t step = 1; step <= steps; ++step) {
    PlacementProblem asked = random_problem(5, world);
    asked.number = step;
    Numbers worth;
    for (std::uint32_t row = 0; row < 5; ++row) worth.push_back(some_worth(seen(asked, row)));
    const double best = *std::max_element(worth.begin(), worth.end());
    const Numbers scores = learner->recommend(asked, own)[0];
    const auto chosen = static_cast<std::uint32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    learner->decided(asked, {chosen});
    learner->learn(feedback(step, worth[chosen] + world.uniform(-0.1, 0.1)));
    learner->train(own);
    sum.whole += best - worth[chosen];
    sum.random += best - std::accumulate(worth.begin(), worth.end(), 0.0) / 5;
    if (step == steps / 2) sum.half = sum.whole;
  }
  return sum;
}

}  // namespace

TEST_CASE("the regret of bandits grows like the root of time, far below that of chance", "[learning]") {
  const std::string name = GENERATE("lin-ucb", "thompson", "auction");
  Regret sum;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Regret each = regret(name, seed, 2000);
    sum.half += each.half / 20;
    sum.whole += each.whole / 20;
    sum.random += each.random / 20;
  }
  INFO(name << ": after 1000 " << sum.half << ", after 2000 " << sum.whole << ", of chance " << sum.random);
  // The published bounds are of the order d sqrt(T) times powers of log T (Chu et al. 2011; Agrawal, Goyal 2013): twice
  // the time is at most sqrt 2 times the regret, and one third more for the logarithms, (ln 2000 / ln 1000)^(3/2)
  // = 1.15, and for chance.
  CHECK(sum.whole < 1.65 * sum.half);
  CHECK(sum.whole < 0.2 * sum.random);
}

TEST_CASE("how fast recommenders learn where the best of three nodes is known", "[.curve]") {
  const char* const all[][2] = {{"lin-ucb", R"({"alpha": 1})"},
                                {"lin-ucb", R"({"alpha": 0.3})"},
                                {"lin-ucb", R"({"alpha": 0.1})"},
                                {"thompson", R"({"deviation": 0.25})"},
                                {"thompson", R"({"deviation": 0.1})"},
                                {"thompson", R"({"deviation": 0.05})"},
                                {"auction", "{}"}};
  for (const auto& [name, parameters] : all) {
    std::printf("%-10s %-20s", name, parameters);
    std::vector<int> right(10);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const auto learner = recommender(name, parameters);
      Rng world(seed, 0), own(seed, 1);
      for (std::uint64_t step = 0; step < 100; ++step) {
        PlacementProblem asked = random_problem(3, world);
        asked.number = step;
        Numbers worth;
        for (std::uint32_t row = 0; row < 3; ++row) worth.push_back(some_worth(seen(asked, row)));
        const Numbers scores = learner->recommend(asked, own)[0];
        const auto chosen = std::max_element(scores.begin(), scores.end()) - scores.begin();
        right[step / 10] += chosen == std::max_element(worth.begin(), worth.end()) - worth.begin();
        learner->decided(asked, {static_cast<std::uint32_t>(chosen)});
        learner->learn(feedback(step, worth[static_cast<std::size_t>(chosen)] + world.uniform(-0.1, 0.1)));
        learner->train(own);
      }
    }
    for (const int each : right) std::printf(" %5.1f %%", each / 2.0);
    std::printf("\n");
  }
}

TEST_CASE("in an auction the best bidder gets the workload, and only it learns", "[learning]") {
  const auto learner = recommender("auction", R"({"agents": 4, "alpha": 0, "bidder": "lin-ucb"})");
  // Each agent has learnt nothing but what all of its rows are worth: b is zero but for the constant, the last of its
  // 65 numbers.
  const std::size_t size = 65;
  std::vector<float> numbers(4 * size);
  const std::vector<float> bids{0.2f, 0.8f, 0.4f, 0.6f};
  for (std::size_t agent = 0; agent < 4; ++agent) numbers[agent * size + size - 1] = bids[agent];
  learner->set_parameters(numbers);
  Rng rng(1, 0);
  PlacementProblem asked = problem(5, 1);  // the fifth row is the first agent's, too
  const Numbers found = learner->recommend(asked, rng)[0];
  const Numbers expected{0, 1, 1.0 / 3, 2.0 / 3, 0};
  for (std::size_t row = 0; row < 5; ++row) CHECK(found[row] == Approx(expected[row]).margin(1e-6));
  asked.number = 3;
  learner->decided(asked, {1});
  learner->learn(feedback(3, 0.5));
  learner->train(rng);
  const auto after = learner->parameters();
  for (std::size_t agent = 0; agent < 4; ++agent) {
    const auto begin = static_cast<std::ptrdiff_t>(agent * size), end = begin + static_cast<std::ptrdiff_t>(size);
    CHECK(std::equal(numbers.begin() + begin, numbers.begin() + end, after.begin() + begin) == (agent != 1));
  }
  Texts problems;
  make(policies().recommender, "auction", R"({"agents": 3})", &problems);
  CHECK(problems.size() == 1);
}

TEST_CASE("recommended takes the highest recommendation that fits", "[learning]") {
  const auto policy = policies().placement.choose("recommended").make();
  Rng rng(1, 0);
  const auto rows = [&](const PlacementProblem& asked) {
    std::vector<std::uint32_t> all;
    for (const auto& each : policy->place(asked, rng).assignments) all.push_back(each.target);
    return all;
  };
  PlacementProblem asked = problem(3, 2);
  asked.recommendations = {{0.1, 0.9, 0.8}, {0.5, 0.6, 0.2}};
  CHECK(rows(asked) == std::vector<std::uint32_t>{1, 1});
  use(asked.rows[1], 2.5, 0);  // room for one
  CHECK(rows(asked) == std::vector<std::uint32_t>{1, 0});
}

namespace {

Forecaster::Figures one_node(double cpu) { return {{cpu}, {0.5}, {}}; }

}  // namespace

TEST_CASE("forecasters expect zeros of what they have not seen, carry forward what is missing, and keep to what can be",
          "[learning]") {
  const std::string name = GENERATE("last-value", "ar", "holt-winters");
  const auto learner = forecaster(name);
  const double missing = std::nan("");
  learner->watch({2, {{0, 1}, {1, 0}}});
  auto next = learner->forecast(3);
  CHECK((next.cpu == Numbers{0, 0} && next.memory == Numbers{0, 0} && next.latency == Numbers{0, 0}));
  // Persistence is exact; the others add and multiply, and lose a last bit.
  const auto close = [&](const Numbers& found, const Numbers& wanted) {
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      CHECK(found[i] == Approx(wanted[i]).margin(name == "last-value" ? 0 : 1e-14));
  };
  for (int i = 0; i < 20; ++i) {
    learner->observe({{0.25, 0.5}, {0.75, 1}, {i == 0 ? 0.02 : missing, missing}});
    next = learner->forecast(2);
    close(next.cpu, {0.25, 0.5});
    close(next.memory, {0.75, 1});
    close(next.latency, {0.02, 0});
  }
  CHECK(learner->waiting() == 20);
  Rng rng(1, 0);
  const auto training = learner->train(rng);
  CHECK(training.samples == 20);
  CHECK(training.loss < 1e-28);
  CHECK(learner->waiting() == 0);
  CHECK(learner->train(rng).samples == 0);
  // Nothing was learnt from what never changed, and a link seen late is not taken for one that was zero.
  learner->observe({{0.25, 0.5}, {0.75, 1}, {missing, 0.3}});
  next = learner->forecast(1);
  close(next.cpu, {0.25, 0.5});
  close(next.latency, {0.02, 0.3});
  for (int i = 0; i < 5; ++i) learner->observe({{1, 0}, {1, 0}, {0.1 / (1 << i), 1}});
  next = learner->forecast(50);
  for (const auto* kind : {&next.cpu, &next.memory})
    for (const double each : *kind) CHECK((each >= 0 && each <= 1));
  for (const double each : next.latency) CHECK(each >= 0);
}

TEST_CASE("holt-winters is exact on a line, and on a line with a season", "[learning]") {
  const int season = GENERATE(0, 4);
  const auto learner = forecaster("holt-winters", R"({"season": )" + std::to_string(season) + "}");
  const Numbers shape{0.05, -0.02, 0.01, -0.04};
  const auto value = [&](int t) { return 0.2 + 0.005 * t + (season > 0 ? shape[static_cast<std::size_t>(t % 4)] : 0); };
  learner->watch({1, {}});
  for (int t = 0; t < 60; ++t) {
    learner->observe(one_node(value(t)));
    if (t + 1 < std::max(2, 2 * season)) continue;
    for (const int steps : {1, 2, 3, 4, 5, 9})
      CHECK(learner->forecast(static_cast<std::uint32_t>(steps)).cpu[0] == Approx(value(t + steps)).epsilon(1e-12));
  }
}

TEST_CASE("holt-winters follows its equations", "[learning]") {
  const auto learner = forecaster("holt-winters", R"({"alpha": 0.5, "beta": 0.25})");
  learner->watch({1, {}});
  for (const double y : {0.1, 0.2, 0.5}) learner->observe(one_node(y));
  // After two samples l = 0.2, b = 0.1. Then l = 0.5 x 0.5 + 0.5 x 0.3 = 0.4 and b = 0.25 x 0.2 + 0.75 x 0.1 = 0.125.
  CHECK(learner->forecast(1).cpu[0] == Approx(0.525));
  CHECK(learner->forecast(3).cpu[0] == Approx(0.775));

  const auto seasonal = forecaster("holt-winters", R"({"alpha": 0.5, "beta": 0.25, "gamma": 0.2, "season": 2})");
  seasonal->watch({1, {}});
  for (const double y : {0.2, 0.4, 0.2, 0.4, 0.4}) seasonal->observe(one_node(y));
  // After two seasons l = 0.3, b = 0, s = -0.1, 0.1. Then l = 0.5 x (0.4 + 0.1) + 0.5 x 0.3 = 0.4, b = 0.25 x 0.1 =
  // 0.025 and s = 0.2 x (0.4 - 0.4) - 0.8 x 0.1 = -0.08.
  CHECK(seasonal->forecast(1).cpu[0] == Approx(0.4 + 0.025 + 0.1));
  CHECK(seasonal->forecast(2).cpu[0] == Approx(0.4 + 0.05 - 0.08));
}

namespace {

/// A series x(t) - 0.5 = 1.2 (x(t - 1) - 0.5) - 0.6 (x(t - 2) - 0.5) + e(t), with e of deviation 0.02: stationary, of
/// complex roots.
class SecondOrder {
 public:
  static constexpr double noise = 0.02;
  explicit SecondOrder(std::uint64_t seed) : rng_(seed, 0) {
    for (int i = 0; i < 100; ++i) next();
  }
  double next() {
    surprise_ = rng_.normal(0, noise);
    const double value = 1.2 * last_ - 0.6 * before_ + surprise_;
    before_ = last_;
    last_ = value;
    return 0.5 + value;
  }
  /// The last e: what nobody could have foretold of the last value.
  double surprise() const { return surprise_; }

 private:
  Rng rng_;
  double surprise_ = 0;
  double last_ = 0, before_ = 0;
};

/// The root of the mean square error one step ahead, over 4000 samples of four nodes, after it was trained on 1000; by
/// that of who knows the process.
double error_on_second_order(Forecaster& learner) {
  constexpr int nodes = 4, trained = 1000, tested = 4000;
  std::vector<SecondOrder> worlds;
  for (std::uint64_t i = 0; i < nodes; ++i) worlds.emplace_back(i);
  learner.watch({nodes, {}});
  Rng rng(1, 0);
  double squares = 0, least = 0;
  for (int t = 0; t < trained + tested; ++t) {
    const Numbers expected = learner.forecast(1).cpu;
    Forecaster::Figures sample{Numbers(nodes), Numbers(nodes, 0.5), {}};
    for (std::size_t i = 0; i < nodes; ++i) sample.cpu[i] = worlds[i].next();
    learner.observe(sample);
    if (t == trained - 1) learner.train(rng);
    for (std::size_t i = 0; t >= trained && i < nodes; ++i) {
      squares += std::pow(sample.cpu[i] - expected[i], 2);
      least += std::pow(worlds[i].surprise(), 2);
    }
  }
  return std::sqrt(squares / least);
}

}  // namespace

TEST_CASE("ar comes within half a percent of the least error that can be, on a process of its order", "[learning]") {
  const auto learner = forecaster("ar", R"({"order": 2, "window": 1000})");
  const double error = error_on_second_order(*learner);
  // Fitted to n = 4 x 1000 samples, three coefficients cost 3 / (2 n) = 0.04 % (Akaike's final prediction error). The
  // running mean m of each series is off by 0.02 / (0.4 sqrt 1000) = 0.0016, of which 0.4 remain in a forecast: 3 % of
  // the noise, 0.05 % more.
  CHECK(error > 0.999);
  CHECK(error < 1.005);
  const auto numbers = learner->parameters();
  REQUIRE(numbers.size() == 9);
  // Standard errors of the coefficients: sqrt((1 - 0.6^2) / n) = 0.013; four of them.
  CHECK(numbers[0] == Approx(0).margin(0.05));
  CHECK(numbers[1] == Approx(1.2).margin(0.05));
  CHECK(numbers[2] == Approx(-0.6).margin(0.05));
  // Persistence errs by sqrt(2 (1 - r)) deviations of the process, with r = 1.2 / 1.6 its first autocorrelation, and
  // the best of order 1 by sqrt(1 - r^2); the variance is 1 / ((1 - r^2) (1 - 0.6^2)) of the noise's. Three standard
  // errors of 16 000 samples.
  CHECK(error_on_second_order(*forecaster("last-value")) == Approx(std::sqrt(0.5 / (0.4375 * 0.64))).epsilon(0.03));
  CHECK(error_on_second_order(*forecaster("ar", R"({"order": 1})")) == Approx(std::sqrt(1 / 0.64)).epsilon(0.03));
}

TEST_CASE("ar puts its own forecasts in place of what is to come, and is all in its parameters", "[learning]") {
  const auto learner = forecaster("ar", R"({"order": 2})");
  learner->watch({1, {}});
  learner->set_parameters({0.5f, 0.5f, -0.25f, 0, 1, 0, 0, 1, 0});
  CHECK(learner->parameters() == std::vector<float>{0.5f, 0.5f, -0.25f, 0, 1, 0, 0, 1, 0});
  learner->observe(one_node(0.4));
  learner->observe(one_node(0.6));
  // Mean 0.5, deviation 0.1: z = -1, 1; then 0.5 + 0.5 + 0.25 = 1.25, 0.5 + 0.625 - 0.25 = 0.875, 0.5 + 0.4375 - 0.3125
  // = 0.625.
  CHECK(learner->forecast(1).cpu[0] == Approx(0.625));
  CHECK(learner->forecast(2).cpu[0] == Approx(0.5875));
  CHECK(learner->forecast(3).cpu[0] == Approx(0.5625));
  // What is not stable ends ten deviations from the mean.
  const auto unstable = forecaster("ar", R"({"order": 2})");
  unstable->watch({2, {{0, 1}}});
  unstable->set_parameters({0, 0, 0, 0, 0, 0, 0, 3, 0});
  for (const double y : {2.0, 4.0}) unstable->observe({{0, 0}, {0, 0}, {y}});
  CHECK(unstable->forecast(1000).latency[0] == Approx(3 + 10));
}

TEST_CASE("ar keeps to what it took over as strongly as its ridge says", "[learning]") {
  const std::vector<float> known{0.1f, 0.2f, 0, 1, 0, 1};
  const auto stubborn = forecaster("ar", R"({"order": 1, "ridge": 1e9})"),
             open = forecaster("ar", R"({"order": 1, "ridge": 1e-6})");
  for (Forecaster* each : {stubborn.get(), open.get()}) {
    each->watch({1, {}});
    each->set_parameters(known);
    SecondOrder world(1);
    for (int t = 0; t < 280; ++t) each->observe(one_node(world.next()));
    Rng rng(1, 0);
    CHECK(each->train(rng).operations > 0);
  }
  CHECK(stubborn->parameters()[1] == Approx(0.2).epsilon(1e-4));
  CHECK(open->parameters()[1] ==
        Approx(0.75).margin(4 * std::sqrt((1 - 0.75 * 0.75) / 280)));  // the first autocorrelation
}

TEST_CASE("ar forgets what is older than its window", "[learning]") {
  const auto learner = forecaster("ar", R"({"order": 1, "window": 51, "ridge": 1e-6})");
  learner->watch({1, {}});
  for (int t = 0; t < 400; ++t) learner->observe(one_node(t / 2 % 2 ? 0.4 : 0.6));  // each value twice: a1 = 0
  Rng rng(1, 0);
  learner->train(rng);
  CHECK(learner->parameters()[1] == Approx(0).margin(0.05));
  for (int t = 0; t < 51; ++t) learner->observe(one_node(t % 2 ? 0.4 : 0.6));  // each value once: a1 = -1
  learner->train(rng);
  CHECK(learner->parameters()[1] == Approx(-1).margin(1e-6));
}

namespace {

/// A folder of its own, that is gone in the end.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("codecosim-model-" + std::to_string(static_cast<long>(::getpid())));
  Folder() { std::filesystem::create_directory(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return path / name; }
};

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write(const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

/// Why the file is refused; empty: it is not.
std::string refusal(const std::string& file, const Learner& like) {
  try {
    (void)read_model(file, like);
    return {};
  } catch (const Error& wrong) {
    CHECK(wrong.failure == Failure::scenario);
    const std::string text = wrong.what();
    CHECK(text.starts_with(file + ": "));
    return text.substr(file.size() + 2);
  }
}

}  // namespace

TEST_CASE("a model file gives back what was saved, and begins as documented", "[learning]") {
  const Folder folder;
  const std::string file = folder.file("m");
  const auto learner = recommender("lin-ucb"), like = recommender("thompson");
  teach(*learner, 30, 1, some_worth);
  save_model(file, *learner);
  CHECK(read_model(file, *learner) == learner->parameters());
  CHECK(read_model(file, *like) == learner->parameters());  // both are linear bandits
  CHECK(read(file).starts_with("codecosim-model\nversion 1\nshape " + learner->shape() + "\ncount 65\nchecksum "));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
  // A file that is there is replaced as a whole.
  save_model(file, *forecaster("last-value"));
  CHECK(read_model(file, *forecaster("last-value")).empty());
  CHECK_THROWS_AS(save_model(folder.file("no/m"), *learner), Error);

  // The numbers of a model with known ones, byte by byte.
  const auto known = forecaster("ar", R"({"order": 1})");
  known->set_parameters({1, -2, 0, 0, 0, 0.5f});
  save_model(file, *known);
  const std::string text = read(file);
  CHECK(text.substr(text.size() - 24) == std::string("\0\0\x80\x3f\0\0\0\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x3f", 24));
}

TEST_CASE("a model file that does not fit or is damaged is refused with its reason", "[learning]") {
  const Folder folder;
  const std::string file = folder.file("m");
  const auto learner = forecaster("ar", R"({"order": 1})");
  save_model(file, *learner);
  const std::string good = read(file);
  const auto refused = [&](const std::string& text) {
    write(file, text);
    return refusal(file, *learner);
  };
  const auto with = [&](const std::string& part, const std::string& other) {
    std::string text = good;
    const std::size_t at = text.find(part);
    REQUIRE(at != text.npos);
    return text.replace(at, part.size(), other);
  };
  CHECK(refused(good).empty());
  CHECK(refused("") == "is no model file: it does not begin with \"codecosim-model\"");
  CHECK(refused(with("codecosim", "codecozim")) == "is no model file: it does not begin with \"codecosim-model\"");
  CHECK(refused(with("version 1", "version 2")) == "is of version \"2\"; this program reads version 1");
  CHECK(refused(with("order 1", "order 2")) ==
        "is of the shape \"ar, order 2, 3 kinds\"; what fits here is \"ar, order 1, 3 kinds\"");
  CHECK(refused(with("count 6", "count 7")) == "has 7 numbers; what fits here has 6");
  CHECK(refused(with("shape", "shale")) == "expected the line \"shape ...\" of a model file");
  CHECK(refused(good.substr(0, 30)) == "expected the line \"shape ...\" of a model file");
  CHECK(refused(good.substr(0, good.size() - 1)) == "has 23 bytes of numbers; 6 numbers are 24 bytes");
  CHECK(refused(good + "x") == "has 25 bytes of numbers; 6 numbers are 24 bytes");
  std::string flipped = good;
  flipped.back() ^= 1;
  CHECK(refused(flipped) == "is damaged: its checksum is another");
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int bit : {1, 16, 128}) {
      std::string text = good;
      text[at] = static_cast<char>(text[at] ^ bit);
      INFO(at);
      CHECK_FALSE(refused(text).empty());
    }
  for (std::size_t length = 0; length < good.size(); ++length) CHECK_FALSE(refused(good.substr(0, length)).empty());
  learner->set_parameters({0, 1, 0, std::nanf(""), 0, 1});
  save_model(file, *learner);
  CHECK(refusal(file, *learner) == "number 4 of 6 is not finite");
  CHECK(refusal(folder.file("none"), *learner) == "cannot be read: No such file or directory");
  CHECK(refusal(folder.path, *learner) == "cannot be read: Is a directory");
}
