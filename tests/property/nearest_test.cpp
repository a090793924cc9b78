// What is left out of a question because it cannot be the answer changes no answer: an engine that knows which clusters
// are near decides as one that looks at all of them.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "models/orchestration/placement/hub_view.hpp"
#include "models/orchestration/placement/placer.hpp"
#include "tests/catch.hpp"
#include "tests/copies.hpp"
#include "tests/orchestration.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

namespace {
/// The same knowledge, in no order.
struct Unordered : HubView {
  using HubView::HubView;
  Nearest nearest(ClusterId) const override { return {}; }
};

/// Decides, and carries nothing out.
struct Desk : Placer::Executor {
  Desk(Stage& on, Decisions& decisions, const Knowledge& knowledge)
      : placer(on.applications, on.land.world.federation, on.data.specs(), knowledge, decisions, *this,
               Placer::Timing{Seconds(0), Seconds(0), Seconds(10), 5, 1}, on.policy("nearest")) {}
  ClusterId at() const override { return {0}; }
  Task<> available() override { co_return; }
  std::vector<ClusterId> scope(ApplicationId, const std::vector<ClusterId>&) override { return {}; }
  void scope_changed(ApplicationId) override {}
  void issue(ApplicationId, ClusterId, const Workloads&) override {}
  void relocated(ApplicationId) override {}
  Placer placer;
};

ClusterState random_state(Rng& rng, double taken) {
  ClusterState state;
  state.taken = Seconds(taken);
  state.nodes = 1;
  state.max_pods = static_cast<std::uint32_t>(rng.below(6));
  state.cpu = Cores(4);
  state.cpu_free = ExactSum<Cores>(Cores(static_cast<double>(rng.below(9)) / 2));
  state.largest_cpu_free = state.cpu_free.value();
  state.memory = state.memory_free = state.largest_memory_free = Bytes(1e9);
  return state;
}

/// Where follow-user would have replicas of an application move.
std::vector<std::pair<std::uint32_t, std::uint32_t>> moves(const Placer& placer, ApplicationId app,
                                                           MigrationPolicy& policy, std::size_t& rows) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
  const std::optional<MigrationProblem> problem = placer.migration(app, policy.least_gain());
  rows += problem ? problem->rows.size() : 0;
  Rng rng(7, app.index);
  if (problem)
    for (const MigrationMove& one : policy.moves(*problem, rng))
      all.emplace_back(one.replica, problem->rows[one.row].id);
  return all;
}

std::string differences(std::size_t number) {
  Rng rng(number, 1);
  const auto clusters = static_cast<std::uint32_t>(3 + rng.below(150));
  FederationSpec spec = star(clusters);
  if (rng.below(2)) {
    spec.topology = Topology::mesh;
    spec.stretch = 1.5;
    // Some are at the same place.
    for (Position& at : spec.clusters[0].positions)
      at = {1e5 * static_cast<double>(rng.below(12)), 1e5 * static_cast<double>(rng.below(4)), 0};
  }
  constexpr std::uint32_t apps = 25;
  std::vector<ApplicationSpec> specs;
  for (std::uint32_t a = 0; a < apps; ++a)
    specs.push_back(simple_application(fmt::format("app-{}", a), 0.5 * static_cast<double>(1 + rng.below(4)),
                                       static_cast<std::uint32_t>(1 + rng.below(5) / 4)));
  Stage on(spec, specs);
  Policies policies;
  add_policies(policies);
  const auto any = [&] { return ClusterId{static_cast<std::uint32_t>(rng.below(clusters))}; };
  HubView::Clients clients(apps);
  for (auto& of_one : clients) {
    of_one.assign(rng.below(3), any());
    if (!of_one.empty() && rng.below(5) == 0) of_one.push_back(any());
  }
  HubView ordered({0}, on.land.world.federation, on.plan, clients);
  Unordered unordered({0}, on.land.world.federation, on.plan, clients);
  const auto both = [&](auto change) {
    change(ordered);
    change(static_cast<HubView&>(unordered));
  };
  for (std::uint32_t c = 0; c < clusters; ++c) {
    const ClusterState state = random_state(rng, 0);
    if (rng.below(10) > 0) both([&](HubView& view) { view.join({c}); });
    both([&](HubView& view) { view.observe_state({c}, state); });
  }
  const auto probe = [&] {
    LinkView view;
    view.latency = Seconds(0.001 * static_cast<double>(1 + rng.below(40)));
    const ClusterId from = any(), to = any();
    if (from != to) both([&](HubView& one) { one.network.tell(from, to, view); });
  };
  for (std::uint32_t n = 0; n < clusters; ++n) probe();
  Decisions others(on.land.world, on.applications, on.requests, on.truth, on.data.specs(), DecisionSpec{}, policies);
  Desk few(on, on.decisions, ordered), all(on, others, unordered);
  const auto policy = policies.migration.choose("follow-user").make();
  std::string wrong;
  std::size_t rows_of_few = 0, rows_of_all = 0;
  for (std::uint32_t a = 0; a < apps && wrong.empty(); ++a) {
    for (Desk* desk : {&few, &all}) desk->placer.add({a}, now());
    on.land.calendar.run(now() + 1_s);
    const auto &mine = few.placer.replicas({a}), &theirs = all.placer.replicas({a});
    for (std::size_t r = 0; r < mine.size(); ++r)
      if (mine[r].cluster != theirs[r].cluster)
        wrong = fmt::format("{}: app {} goes to {} and {}", number, a, mine[r].cluster.index, theirs[r].cluster.index);
    // Each is ready, and then its clients go elsewhere.
    for (const Replica& one : std::vector<Replica>(mine)) {
      if (!one.cluster) continue;
      WorkloadStatus status;
      status.application = {a};
      status.pods = status.ready = static_cast<std::uint32_t>(mine.size());
      for (Desk* desk : {&few, &all}) desk->placer.observe(one.cluster, status);
    }
    if (!clients[a].empty() && rng.below(3) > 0) {
      const ClusterId there = any();
      for (std::uint32_t place = 0; place < clients[a].size(); ++place)
        both([&](HubView& view) { view.locate({a}, place, there); });
    }
    probe();
    const auto to = moves(few.placer, {a}, *policy, rows_of_few),
               elsewhere = moves(all.placer, {a}, *policy, rows_of_all);
    if (to != elsewhere) wrong = fmt::format("{}: app {} moves otherwise", number, a);
  }
  if (wrong.empty() && rows_of_few > rows_of_all) wrong = fmt::format("{}: more is asked than of all", number);
  frames::destroy_processes();
  return wrong;
}

/// What is kept of the clusters on offer, against a look at every cluster after each change.
std::string stale_offers(std::size_t number) {
  Rng rng(number, 2);
  const auto clusters = static_cast<std::uint32_t>(2 + rng.below(30));
  constexpr std::uint32_t apps = 6;
  std::vector<ApplicationSpec> specs;
  for (std::uint32_t a = 0; a < apps; ++a) {
    specs.push_back(simple_application(fmt::format("app-{}", a), 1));
    specs.back().security = static_cast<Security>(rng.below(4));
  }
  Stage on(star(clusters), specs);
  HubView view({0}, on.land.world.federation, on.plan, HubView::Clients(apps));
  const Offers offers(on.applications, on.land.world.federation, on.data.specs(), view),
      true_offers(on.applications, on.land.world.federation, on.data.specs(), on.truth);
  std::string wrong;
  std::vector<ClusterId> breached;
  for (int step = 0; step < 200 && wrong.empty(); ++step) {
    const ClusterId one{static_cast<std::uint32_t>(rng.below(clusters))};
    switch (rng.below(6)) {
      case 0:
        view.join(one);
        break;
      case 1:
        view.set_available(one, rng.below(2) > 0);
        break;
      case 2:
        view.observe_state(one, random_state(rng, step));
        break;
      case 3:
        view.learn(one, static_cast<Security>(rng.below(4)));
        break;
      case 4:
        on.land.world.breach(one);
        breached.push_back(one);
        break;
      default:
        if (breached.empty()) break;
        on.land.world.restore_security(breached.back());
        breached.pop_back();
        break;
    }
    const ApplicationId app{static_cast<std::uint32_t>(rng.below(apps))};
    const auto differ = [&](const Offers& kept, const Knowledge& knowledge) {
      const Offer &all = kept.all(app), fresh = kept.among(app, knowledge.clusters());
      return all.clusters != fresh.clusters || all.left_out != fresh.left_out;
    };
    if (differ(offers, view) || differ(true_offers, on.truth))
      wrong = fmt::format("{}: after {} changes the offer to app {} is another", number, step, app.index);
  }
  return wrong;
}
}  // namespace

TEST_CASE("What is on offer is what a look at every cluster gives, whatever has changed", "[property]") {
  CHECK(complaints_of_copies(60, [](std::size_t i) { return stale_offers(i + 1); }) == "");
}

TEST_CASE("What is farther than the nearest that is allowed changes no decision of who takes the nearest",
          "[property]") {
  CHECK(complaints_of_copies(80, [](std::size_t i) { return differences(i + 1); }) == "");
}
