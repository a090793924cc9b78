#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/build.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

namespace codecosim::test {

/// When, which replica, to which cluster; by rising time.
struct Wanted {
  double at;
  std::uint32_t replica, cluster;
};

/// Asked every second, it wants of every application what a list says, to the letter, whether or not that makes sense.
class Scripted : public MigrationPolicy {
 public:
  explicit Scripted(std::vector<Wanted> list, Seconds period = Seconds(1)) : list_(std::move(list)), period_(period) {}
  std::vector<MigrationMove> moves(const MigrationProblem& problem, Rng&) override {
    std::vector<MigrationMove> all;
    if (on_problem) on_problem(problem);
    if (problem.trigger != MigrationProblem::Trigger::period) return all;
    for (std::size_t& next = next_[problem.application]; next < list_.size() && problem.now >= Seconds(list_[next].at);
         ++next)
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
        if (problem.rows[row].id == list_[next].cluster) all.push_back({list_[next].replica, row});
    return all;
  }
  Seconds period() const override { return period_; }
  std::function<void(const MigrationProblem&)> on_problem;

 private:
  std::vector<Wanted> list_;
  Seconds period_;
  std::map<std::string, std::size_t> next_;  // by application
};

/// Clusters "hub", "a" and "b" of a node each. Between two nodes of different clusters there are 10 MB/s and 10 ms, one
/// way; LANs take no time. One application with one component of 20 MB of state, which runs in a, where its user is;
/// the user asks every 50 ms, with nothing to carry and no work to do. What the policy hears of the movers is of a
/// second client, which says nothing.
inline Json theatre(const Json& migration, const std::string& duration = "60 s") {
  Json scenario = station(4, 1000, "0 s", "1 /s", duration);
  scenario["name"] = "theatre";
  scenario["warmup"] = "0 s";
  Json one = cluster(scenario, "c");
  one["lan"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "0 s"}};
  one["uplink"] = {{"bandwidth", "80 Mbit/s"}, {"latency", "5 ms"}};
  scenario["clusters"] = {with(copy_of(one, "hub"), {{"role", "hub"}}), copy_of(one, "a"), copy_of(one, "b")};
  scenario["cells"] = {{{"name", "cell"}, {"technology", "wifi"}, {"position", {"0 m", "0 m"}}, {"gateway", "a"}}};
  scenario["devices"] = {{{"name", "pole"},
                          {"technology", "wifi"},
                          {"motion", {{"stationary", Json::array({Json::array({"5 m", "0 m"})})}}}}};
  Json& serve = component(scenario, "app", "serve");
  serve["state"] = "20 MB";
  serve["migration"] = migration;
  serve["requests"] = {{"cpu", 1}};
  Json& user = client(scenario, "user");
  user["at"] = "a";
  user["workload"] = {{"periodic", {{"period", "50 ms"}}}};
  user["access"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "0 s"}};
  Json mover = copy_of(user, "mover");
  mover["at"] = {{"device", "pole"}};
  mover["workload"] = {{"poisson", "1e-9 /s"}};
  mover.erase("access");
  scenario["clients"].push_back(mover);
  scenario["policy"] = {{"placement", "nearest"}, {"scheduler", "first-fit"}, {"migration", "scripted"}};
  return scenario;
}
constexpr std::uint32_t hub = 0, a = 1, b = 2;
constexpr double bytes_per_second = 10e6, one_way = 0.010, state = 20e6;

using MakeMigration = std::function<std::unique_ptr<MigrationPolicy>()>;

inline std::unique_ptr<Simulation> staged(const Json& scenario, MakeMigration policy,
                                          const std::map<std::string, std::string>& files = {}) {
  const Scratch scratch;
  for (const auto& [name, text] : files) scratch.write(name, text);
  Policies policies;
  add_policies(policies);
  policies.migration.add("scripted", "What a test wants.", std::move(policy));
  const Document document(scratch.write("scenario.json", scenario.dump()), {}, false);
  return std::make_unique<Simulation>(load(document, policies), 0, policies);
}
inline std::unique_ptr<Simulation> staged(const Json& scenario, std::vector<Wanted> list) {
  return staged(scenario, [list = std::move(list)] { return std::make_unique<Scripted>(list); });
}

/// The most pods of one component that were ready at once, of all components; and those ready at the end, of all
/// together.
struct Ready {
  int most = 0, last = 0;
};
inline Ready ready_pods(const std::vector<nlohmann::json>& all) {
  Ready found;
  std::map<std::string, bool> ready;
  std::map<std::string, int> count;
  for (const auto& one : of_kind(all, "pod")) {
    const std::string pod = one["pod"], component = pod.substr(0, pod.rfind('-'));
    const bool is = one["phase"] == "ready";
    count[component] += is - std::exchange(ready[pod], is);
    found.most = std::max(found.most, count[component]);
  }
  for (const auto& one : count) found.last += one.second;
  return found;
}

}  // namespace codecosim::test
