// CODECO's scheduler as placement policies, against all placements of small problems and against each other.
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "policies/add_policies.hpp"
#include "policies/placement/policies.hpp"
#include "policies/placement/swm/exact.hpp"
#include "policies/placement/swm/search.hpp"
#include "sim/base/reader.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"
#include "tests/swm.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {

std::unique_ptr<PlacementPolicy> make(const std::string& name, const Json& parameters = Json::object()) {
  Policies policies;
  add_policies(policies);
  Reader::Log log;
  Reader reader(parameters, log);
  const auto made = policies.placement.find(name)->read(reader);
  reader.close();
  REQUIRE(log.problems.empty());
  return made();
}

std::vector<std::uint32_t> rows_of(const Placement& placement) {
  std::vector<std::uint32_t> all;
  for (const auto& each : placement.assignments) all.push_back(each.target);
  return all;
}

std::uint32_t unplaced(const std::vector<std::uint32_t>& rows) {
  return static_cast<std::uint32_t>(std::ranges::count(rows, nowhere));
}

Placement place(PlacementPolicy& policy, const PlacementProblem& problem, std::uint64_t seed = 1) {
  Rng rng(seed, 0);
  return policy.place(problem, rng);
}

Size small_size(Rng& rng) {
  Size size;
  size.workloads = 1 + static_cast<std::uint32_t>(rng.below(5));
  size.rows = 1 + static_cast<std::uint32_t>(rng.below(4));
  size.components = 1 + static_cast<std::uint32_t>(rng.below(4));
  size.channels = static_cast<std::uint32_t>(rng.below(4));
  size.tightness = rng.uniform(0.5, 2);
  return size;
}

/// Nodes of 4 cores and 8 GiB, 5 ms from each other over one medium of 10 Mbit/s; workloads of 1 core and 1 GiB, each a
/// component.
void simple(Question& q, std::uint32_t rows, std::uint32_t workloads) {
  q.labels.resize(rows);
  q.taints.resize(rows);
  for (std::uint32_t r = 0; r < rows; ++r) {
    PlacementProblem::Row row;
    row.id = r;
    row.labels = &q.labels[r];
    row.taints = &q.taints[r];
    row.cpu = row.cpu_free = row.largest_cpu_free = Cores(4);
    row.memory = row.memory_free = row.largest_memory_free = Bytes(8.0 * 1024 * 1024 * 1024);
    q.problem.rows.push_back(row);
  }
  for (std::uint32_t w = 0; w < workloads; ++w) {
    PlacementProblem::Workload workload;
    workload.component = w;
    workload.cpu = Cores(1);
    workload.memory = Bytes(1024.0 * 1024 * 1024);
    workload.node_selector = &q.any;
    workload.tolerations = &q.none;
    q.problem.workloads.push_back(workload);
  }
  q.problem.media.push_back({BytesPerSecond(10e6 / 8)});
  q.problem.paths = [](std::uint32_t a, std::uint32_t b) {
    return a == b ? std::vector<PlacementProblem::Path>(1) : std::vector<PlacementProblem::Path>{{Seconds(0.005), {0}}};
  };
}

const std::string needs_cbc = "COIN-OR CBC is not in this build: install coinor-libcbc-dev";
#define NEEDS_CBC()        \
  if (!exact_is_built()) { \
    WARN(needs_cbc);       \
    return;                \
  }

}  // namespace

TEST_CASE("SWM's evaluation of a placement is the account of it by the equation", "[swm]") {
  Rng rng(11, 0);
  int possible = 0;
  for (int i = 0; i < 300; ++i) {
    Question q;
    make_question(q, small_size(rng), rng);
    SwmModel model(q.problem, Objective());
    Account account(q.problem);
    for (int j = 0; j < 20; ++j) {
      std::vector<std::uint32_t> rows(q.problem.workloads.size());
      for (std::uint32_t& row : rows) row = static_cast<std::uint32_t>(rng.below(q.problem.rows.size() + 1));
      for (std::uint32_t& row : rows) row = row == q.problem.rows.size() ? nowhere : row;
      for (std::size_t w = 0; w < rows.size(); ++w)
        if (q.problem.workloads[w].fixed) rows[w] = q.problem.workloads[w].current;
      const SwmSolution solution = model.evaluate(rows);
      const double cost = account(rows);
      CHECK((solution.broken == 0) == (cost < Account::impossible));
      CHECK(solution.unplaced == unplaced(rows));
      if (solution.broken > 0) CHECK(solution.value > model.price() - 1);
      if (solution.broken > 0) continue;
      ++possible;
      CHECK(solution.value - model.price() * solution.unplaced == Approx(cost).epsilon(1e-9).margin(1e-9));
      CHECK(account(rows, &solution.ways) == Approx(cost).epsilon(1e-9));
    }
  }
  CHECK(possible > 500);
}

TEST_CASE("swm-exact finds what trying all placements finds, and swm-search nearly so", "[swm]") {
  Rng rng(12, 0);
  int incomplete = 0, same = 0;
  const auto search_policy = make("swm-search");
  for (int i = 0; i < 200; ++i) {
    Question q;
    make_question(q, small_size(rng), rng);
    const Enumerated best = enumerate(q.problem);
    Account account(q.problem);
    INFO(i);
    REQUIRE(best.cost < Account::impossible);
    incomplete += best.unplaced > 0 ? 1 : 0;
    const Placement found = place(*search_policy, q.problem);
    const double cost = account(rows_of(found), &found.ways);
    CHECK(cost < Account::impossible);
    CHECK(unplaced(rows_of(found)) == best.unplaced);
    CHECK(found.reasons.empty() == (best.unplaced == 0));
    same += cost <= best.cost + 1e-6 ? 1 : 0;
    if (!exact_is_built()) continue;
    // Without a start, the programme is alone; with it, the policy is as it is used.
    SwmModel model(q.problem, Objective());
    Deadline deadline(Seconds(60));
    const ExactAnswer cold = solve_exactly(model, nullptr, deadline, 0);
    CHECK(cold.proven);
    const bool nothing = std::ranges::all_of(q.problem.workloads, [](const auto& w) { return w.fixed; });
    CHECK(cold.best.has_value() == !nothing);
    if (cold.best) {
      CHECK(cold.best->unplaced == best.unplaced);
      CHECK(account(cold.best->rows, &cold.best->ways) == Approx(best.cost).epsilon(1e-6).margin(1e-6));
    }
    const Placement exact = place(*make("swm-exact"), q.problem);
    CHECK(unplaced(rows_of(exact)) == best.unplaced);
    CHECK(account(rows_of(exact), &exact.ways) == Approx(best.cost).epsilon(1e-6).margin(1e-6));
  }
  CHECK(incomplete > 20);
  CHECK(same >= 190);
  if (!exact_is_built()) WARN(needs_cbc);
}

TEST_CASE("swm-search is within 3 % of swm-exact on average and 10 % at worst", "[swm]") {
  NEEDS_CBC();
  // A small version of the table in docs/validation.md, on problems that are proven in a second or so.
  Rng rng(16, 0);
  double sum = 0, worst = 0;
  int proven = 0;
  for (int i = 0; i < 10; ++i) {
    Question q;
    Size size{.workloads = 20, .rows = 4, .components = 10, .channels = 8, .tightness = 0.6};
    make_question(q, size, rng);
    SwmModel model(q.problem, Objective());
    Rng of_search(1, 0);
    Deadline unlimited(Seconds(1e6)), limit(Seconds(10));
    const SwmSolution found = search(model, of_search, unlimited, 200);
    const ExactAnswer exact = solve_exactly(model, &found, limit, 0);
    proven += exact.proven ? 1 : 0;
    if (!exact.best) continue;
    CHECK(found.unplaced == exact.best->unplaced);
    const double gap = found.value / exact.best->value - 1;
    sum += gap;
    worst = std::max(worst, gap);
  }
  CHECK(proven >= 8);
  CHECK(sum / 10 <= 0.03);
  CHECK(worst <= 0.10);
}

TEST_CASE("swm-search gives the same answer for the same problem and seed", "[swm]") {
  Rng rng(13, 0);
  for (int i = 0; i < 5; ++i) {
    Question q;
    make_question(q, {.workloads = 30, .rows = 8, .components = 10, .channels = 12, .tightness = 0.6}, rng);
    const Placement one = place(*make("swm-search"), q.problem), other = place(*make("swm-search"), q.problem);
    CHECK(rows_of(one) == rows_of(other));
    CHECK(one.reasons == other.reasons);
    CHECK(one.ways.size() == other.ways.size());
    CHECK(Account(q.problem)(rows_of(one), &one.ways) < Account::impossible);
  }
}

TEST_CASE("SWM places all of a question or none of it where it is asked to", "[swm]") {
  Question q;
  simple(q, 1, 5);
  CHECK(unplaced(rows_of(place(*make("swm-search"), q.problem))) == 1);
  const Placement none = place(*make("swm-search", {{"group", true}}), q.problem);
  CHECK(unplaced(rows_of(none)) == 5);
  REQUIRE(none.reasons.size() == 1);
  q.problem.workloads.pop_back();
  CHECK(unplaced(rows_of(place(*make("swm-search", {{"group", true}}), q.problem))) == 0);
}

TEST_CASE("SWM says which kind of constraint is in the way, with numbers", "[swm]") {
  const std::string name = GENERATE("swm-search", "swm-exact");
  if (name == "swm-exact" && !exact_is_built()) {
    WARN(needs_cbc);
    return;
  }
  const auto policy = make(name);
  Question q;
  simple(q, 2, 3);
  PlacementProblem& p = q.problem;
  const auto reason = [&] {
    const Placement answer = place(*policy, p);
    REQUIRE(answer.reasons.size() == 1);
    return answer.reasons[0];
  };
  SECTION("labels") {
    p.workloads[1].node_selector = &q.ssd;
    CHECK(reason() ==
          "1 of 3 workload(s) cannot be placed, for want of labels, taints and rules (2 node(s), of which a workload "
          "may use 0).");
  }
  SECTION("cpu") {
    for (auto& w : p.workloads) w.cpu = Cores(3);
    CHECK(reason() ==
          "1 of 3 workload(s) cannot be placed, for want of cpu (9 core(s) asked for, 8 free on 2 node(s), 4 at most "
          "on one node).");
  }
  SECTION("memory") {
    for (auto& w : p.workloads) w.memory = Bytes(6.0 * 1024 * 1024 * 1024);
    CHECK(
        reason() ==
        "1 of 3 workload(s) cannot be placed, for want of memory (18 GiB asked for, 16 GiB free on 2 node(s), 8 GiB at "
        "most on one node).");
  }
  SECTION("pods") {
    for (auto& r : p.rows) r.pods = 109;
    CHECK(reason() == "1 of 3 workload(s) cannot be placed, for want of pods (3 asked for, room for 2 on 2 node(s)).");
  }
  SECTION("delay, of components that may not be together") {
    p.workloads[0].allowed = {true, false};
    p.workloads[1].allowed = {false, true};
    p.channels.push_back({0, 1, false, {}, Seconds(0.004)});
    const std::string text = reason();
    CHECK(text.starts_with("1 of 3 workload(s) cannot be placed, for want of labels"));
    CHECK(text.find("; or of delay (1 channel(s) with a bound, of 4 ms at least).") != std::string::npos);
  }
  SECTION("bandwidth alone") {
    p.rows[0].components = {7};
    p.rows[1].components = {8};
    p.channels = {{7, 0, true, BytesPerSecond(20e6 / 8)}, {8, 0, true, BytesPerSecond(20e6 / 8)}};
    CHECK(reason() ==
          "1 of 3 workload(s) cannot be placed, for want of bandwidth (2 ASSURED channel(s) of 40 Mbit/s together, 10 "
          "Mbit/s free on the narrowest of 1 medium(s)).");
  }
  SECTION("fixed") {
    p.rows[0].components = {0};
    p.rows[1].components = {1};
    p.workloads[0].current = 0;
    p.workloads[1].current = 1;
    p.workloads[0].fixed = p.workloads[1].fixed = true;
    p.rows[0].cpu_free = p.rows[0].largest_cpu_free = Cores(0);
    p.channels = {{0, 2, false, {}, Seconds(0.001)}};
    const std::string text = reason();
    CHECK(text.find("cpu (1 core(s) asked for, 4 free on 2 node(s), 4 at most on one node)") != std::string::npos);
    CHECK(text.find("fixed workloads (2 of 3 stay where they are)") != std::string::npos);
  }
  SECTION("several together") {
    for (auto& w : p.workloads) {
      w.cpu = Cores(5);
      w.memory = Bytes(9.0 * 1024 * 1024 * 1024);
    }
    CHECK(reason() ==
          "3 of 3 workload(s) cannot be placed, and no kind of constraint alone is the cause: several hold them back "
          "together.");
  }
}

TEST_CASE("SWM answers questions that have nothing in them", "[swm]") {
  const std::string name = GENERATE("swm-search", "swm-exact", "oracle");
  if (name != "swm-search" && !exact_is_built()) {
    WARN(needs_cbc);
    return;
  }
  const auto policy = make(name);
  CHECK(policy->omniscient() == (name == "oracle"));
  Question nothing, no_rows, no_network;
  CHECK(place(*policy, nothing.problem).assignments.empty());
  simple(no_rows, 0, 2);
  const Placement none = place(*policy, no_rows.problem);
  CHECK(rows_of(none) == std::vector<std::uint32_t>{nowhere, nowhere});
  CHECK(none.reasons == std::vector<std::string>{"no nodes available to schedule pods"});
  simple(no_network, 2, 3);
  no_network.problem.paths = nullptr;
  no_network.problem.channels = {{0, 1, true, BytesPerSecond(1e12), Seconds(0)}};
  CHECK(unplaced(rows_of(place(*policy, no_network.problem))) == 0);
}

TEST_CASE("What makes clients wait, moves state or copies data is avoided", "[swm]") {
  Question q;
  simple(q, 3, 2);
  PlacementProblem& p = q.problem;
  const auto policy = make("swm-search");
  const auto answer = [&] { return rows_of(place(*policy, p)); };
  using Rows = std::vector<std::uint32_t>;
  p.channels = {{0, 1, true, BytesPerSecond(1e6)}};
  p.rows[0].client_latency = p.rows[1].client_latency = Seconds(0.020);
  CHECK(answer() == Rows{2, 2});  // the caller near to its clients, and the called one with it
  p.workloads[1].current = 0;
  p.rows[0].components = {1};
  CHECK(answer() == Rows{2, 2});  // a move costs 0.1, the channel 0.5
  p.workloads[1].state = Bytes(5.0 * 1024 * 1024 * 1024);
  CHECK(answer() == Rows{2, 0});  // now 0.6
  p.workloads[1].current = PlacementProblem::none;
  p.rows[0].components = {};
  p.level = PlacementProblem::Level::federation;
  p.data_sizes = {Bytes(1024.0 * 1024 * 1024)};
  p.workloads[1].reads = {0};
  p.rows[1].data = {0};
  CHECK(answer() == Rows{2, 1});  // a copy costs 1
}

TEST_CASE("The yardstick says what a placement costs and what the least is", "[swm]") {
  Policies policies;
  add_policies(policies);
  const auto yardstick = policies.yardstick();
  Question q;
  simple(q, 2, 3);
  q.problem.row_costs = {0.25, 0.5};
  CHECK(yardstick->best(q.problem) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(yardstick->value(q.problem, {0, 0, 1}) == Approx(1));
  CHECK(yardstick->value(q.problem, {nowhere, 0, 0}) > yardstick->value(q.problem, {1, 1, 1}));
  for (auto& w : q.problem.workloads) w.cpu = Cores(2);
  CHECK(yardstick->value(q.problem, {0, 0, 0}) > yardstick->value(q.problem, {1, 1, 0}));
}

TEST_CASE("CBC writes nothing", "[swm]") {
  NEEDS_CBC();
  const Scratch scratch;
  Rng rng(14, 0);
  const std::string to = scratch / "output";
  std::fflush(stdout);
  std::fflush(stderr);
  const int out = dup(1), err = dup(2);
  std::FILE* file = std::fopen(to.c_str(), "w");
  dup2(fileno(file), 1);
  dup2(fileno(file), 2);
  for (int i = 0; i < 20; ++i) {
    Question q;
    make_question(q, small_size(rng), rng);
    SwmModel model(q.problem, Objective());
    Deadline deadline(Seconds(10));
    solve_exactly(model, nullptr, deadline, 0);
  }
  std::fflush(stdout);
  std::fflush(stderr);
  dup2(out, 1);
  dup2(err, 2);
  close(out);
  close(err);
  std::fclose(file);
  CHECK(contents(to).empty());
}

TEST_CASE("swm-search places 5000 workloads on 1000 nodes within its limit", "[swm]") {
  Question q;
  Rng rng(15, 0);
  constexpr std::uint32_t count = 1000, components = 500;
  simple(q, count, 5000);
  PlacementProblem& p = q.problem;
  for (auto& row : p.rows) {
    row.cpu_free = row.largest_cpu_free = Cores(8);
    row.client_latency = Seconds(rng.uniform(0, 0.01));
    p.row_costs.push_back(rng.uniform());
  }
  for (auto& w : p.workloads) {
    w.component %= components;
    w.cpu = Cores(0.1 * (1 + w.component % 25));
  }
  for (std::uint32_t c = 1; c < components; ++c)
    p.channels.push_back({static_cast<std::uint32_t>(rng.below(c)), c, c % 5 == 0, BytesPerSecond(1e4), Seconds(0.05)});
  p.media.clear();
  for (std::uint32_t r = 0; r < 2 * count; ++r) p.media.push_back({BytesPerSecond(1e9 / 8)});
  // Each node with a link to and from one core, at a place on a line.
  p.paths = [](std::uint32_t a, std::uint32_t b) {
    if (a == b) return std::vector<PlacementProblem::Path>(1);
    const double distance = std::abs(static_cast<double>(a) - static_cast<double>(b));
    return std::vector<PlacementProblem::Path>{{Seconds(0.001 + 1e-5 * distance), {2 * a, 2 * b + 1}}};
  };
  p.time_limit = Seconds(1);
  const auto start = std::chrono::steady_clock::now();
  const Placement answer = place(*make("swm-search"), p);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CHECK(took < 5);  // on a machine that does other things too
  CHECK(unplaced(rows_of(answer)) == 0);
  const SwmSolution solution = SwmModel(p, Objective()).evaluate(rows_of(answer), answer.ways);
  CHECK(solution.broken == 0);
  UNSCOPED_INFO("took " << took << " s, value " << solution.value);
  std::vector<double> cpu(count), pods(count);
  for (std::size_t w = 0; w < p.workloads.size(); ++w) {
    cpu[answer.assignments[w].target] += p.workloads[w].cpu.value;
    ++pods[answer.assignments[w].target];
  }
  for (std::uint32_t r = 0; r < count; ++r) CHECK((cpu[r] <= 8 + 1e-9 && pods[r] <= 110));
}
