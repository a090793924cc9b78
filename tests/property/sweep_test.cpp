// Whatever happens to a sweep, its table is the one of a sweep to which nothing happened.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "sim/base/rng.hpp"
#include "tests/catch.hpp"
#include "tests/sweep.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Runs of some hundredths of a second each.
std::string plan(int replications, const std::string& more = "", const std::string& duration = "40 s") {
  return R"({"name": "drill", "scenario": "library:quickstart", "set": {"/duration": ")" + duration +
         R"(", "/warmup": "5 s"},
    "factors": {"placement": {"at": "/policy/placement", "values": ["nearest", "kube-default", "swm-search", "ocm-default"]},
                "load": {"at": "/clients/camera/workload/poisson", "values": ["4 /s", "16 /s"]}},
    "replications": )" +
         std::to_string(replications) + more + "}";
}

pid_t start(const std::vector<std::string>& words) {
  const pid_t child = fork();
  if (child != 0) return child;
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  (void)!freopen("/dev/null", "w", stdout);
  (void)!freopen("/dev/null", "w", stderr);
  execv(arguments.front(), arguments.data());
  _exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
}  // namespace

TEST_CASE(
    "A sweep of 200 runs that is killed at 20 random moments and resumed ends with the table of an undisturbed one",
    "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", plan(25, "", "180 s"));
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(test::codecosim("sweep " + file + " --out " + (scratch / "whole")).status == 0);
  const std::chrono::duration<double, std::micro> takes = std::chrono::steady_clock::now() - begin;
  const auto whole = repeatable(scratch / "whole");
  REQUIRE(whole.size() == 200);

  const std::string out = scratch / "killed";
  Rng rng = Rng(20261123, 0).stream("drill");
  int kills = 0, progress = 0, by_kill = 0;
  std::size_t before = 0;
  while (kills < 20) {
    const int signal = rng.chance(0.5) ? SIGKILL : SIGTERM;
    const pid_t sweep = start(
        {CODECOSIM_PROGRAM, "sweep", file, "--out", out, "--jobs", "2", before || kills ? "--resume" : "--retry"});
    // Before every other kill something is recorded, however long a busy machine takes to come to that.
    const bool waits = kills % 2 == 0;
    const auto recorded_by_now = [&] { return std::filesystem::exists(out + "/journal") ? recorded(out) : 0; };
    for (int tries = 0; waits && tries < 20'000 && recorded_by_now() == before; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    // However fast the machine is, twenty kills come before the sweep is through.
    std::this_thread::sleep_for(std::chrono::microseconds(static_cast<int>(rng.uniform(0, takes.count() / 50))));
    kill(sweep, signal);
    const int status = wait_for(sweep);
    INFO("kill " << kills << " by " << signal);
    REQUIRE(status != 0);  // it was through before
    CHECK((signal == SIGKILL ? status == 128 + SIGKILL : status == 130 || status == 128 + SIGTERM));
    const std::size_t now = recorded_by_now();
    CHECK(now >= before);
    progress += now > before;
    before = now;
    ++kills;
    by_kill += signal == SIGKILL;
  }
  CHECK(progress >= 10);
  CHECK((by_kill >= 5 && by_kill <= 15));
  const Ran last = test::codecosim("sweep " + file + " --out " + out + (before ? " --resume" : ""));
  INFO(last.err);
  REQUIRE(last.status == 0);
  CHECK(repeatable(out) == whole);
  CHECK(recorded(out) == 200);  // nothing ran twice
}

TEST_CASE("Interruption stops a sweep cleanly, and the table has what is recorded", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", plan(100)), out = scratch / "out";
  const pid_t sweep = start({CODECOSIM_PROGRAM, "sweep", file, "--out", out, "--jobs", "2"});
  while (!std::filesystem::exists(out + "/journal") || recorded(out) < 10)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  kill(sweep, SIGINT);
  CHECK(wait_for(sweep) == 130);
  const auto rows = repeatable(out);
  CHECK(rows.size() >= 10);
  CHECK(rows.size() == recorded(out));
  for (const auto& row : rows) CHECK(row.at("status") == "done");
}

TEST_CASE("The table does not depend on how many runs are made at once", "[sweep]") {
  const Scratch scratch;
  const std::string file =
      scratch.write("plan.json", R"({"scenario": "library:quickstart", "set": {"/duration": "30 s", "/warmup": "5 s"},
        "factors": {"load": {"at": "/clients/camera/workload/poisson", "low": "2 /s", "high": "30 /s"}}, "sample": {"points": 6},
        "replications": {"metric": "request.latency", "relative": 0.02, "at_least": 3, "at_most": 8, "step": 2}})");
  for (const char* jobs : {"1", "5"})
    REQUIRE(test::codecosim("sweep " + file + " --jobs " + jobs + " --out " + (scratch / jobs)).status == 0);
  const auto one = repeatable(scratch / "1");
  CHECK(one == repeatable(scratch / "5"));
  std::map<std::string, int> replications;
  for (const auto& row : one) ++replications[row.at("point")];
  CHECK(replications.size() == 6);
  for (const auto& [point, count] : replications) CHECK((count == 3 || count == 5 || count == 7 || count == 8));
  CHECK(std::any_of(replications.begin(), replications.end(),
                    [](const auto& one_point) { return one_point.second > 3; }));
}

TEST_CASE("Chunks make the same table together, in any order", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", plan(3));
  REQUIRE(test::codecosim("sweep " + file + " --out " + (scratch / "whole")).status == 0);
  for (const char* chunk : {"3/3", "1/3"})
    REQUIRE(test::codecosim("sweep " + file + " --out " + (scratch / "parts") + " --chunk " + chunk).status == 0);
  const Ran early = test::codecosim("sweep " + file + " --out " + (scratch / "parts") + " --collect");
  CHECK(early.status == 4);
  CHECK(early.out.find("16 runs done, 0 failed, 8 missing") != std::string::npos);
  REQUIRE(test::codecosim("sweep " + file + " --out " + (scratch / "parts") + " --chunk 2/3").status == 0);
  CHECK(test::codecosim("sweep " + file + " --out " + (scratch / "parts") + " --collect").status == 0);
  CHECK(repeatable(scratch / "parts") == repeatable(scratch / "whole"));
}

TEST_CASE("A run of a sweep is the run that codecosim run makes", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", plan(2, R"(, "keep": "runs", "trace": "decisions")"));
  REQUIRE(test::codecosim("sweep " + file + " --out " + (scratch / "out")).status == 0);
  const Results results({scratch / "out"});
  const std::size_t latency = results.need("request.latency", Results::Role::metric),
                    fingerprint = results.need("fingerprint", Results::Role::provenance);
  REQUIRE(results.rows() == 16);
  const std::size_t row = 7;  // kube-default at 16 /s, replication 1
  const auto alone = simulate(library("quickstart.json") +
                              " --replication 1 --policy kube-default --set '/duration=\"40 s\"' --set "
                              "'/warmup=\"5 s\"' --set '/clients/camera/workload/poisson=\"16 /s\"'");
  CHECK(results.text(row, fingerprint) == alone["manifest"]["fingerprint"].get<std::string>());
  CHECK(*results.number(row, latency) == alone["summary"]["request.latency"]["value"]);
  const std::string& folder = results.folder(row);
  for (const char* name :
       {"manifest.json", "summary.json", "series.csv", "distributions.csv", "trace.jsonl.zst", "scenario.json"})
    CHECK(std::filesystem::exists(folder + "/" + name));
}

TEST_CASE("Common random numbers are the same world at each point, independent ones never", "[sweep]") {
  const Scratch scratch;
  for (const char* kind : {"common", "independent"}) {
    const std::string file = scratch.write("plan.json", plan(2, std::string(R"(, "random_numbers": ")") + kind + "\""));
    REQUIRE(test::codecosim("sweep " + file + " --out " + (scratch / kind)).status == 0);
  }
  const auto submitted = [&](const std::string& kind) {
    std::map<std::string, std::set<std::string>> by_load;
    for (const auto& row : repeatable(scratch / kind)) by_load[row.at("load")].insert(row.at("requests.submitted"));
    return by_load;
  };
  for (const auto& [load, numbers] : submitted("common"))
    CHECK(numbers.size() == 2);  // one a replication, whatever the policy
  for (const auto& [load, numbers] : submitted("independent")) CHECK(numbers.size() > 4);
}

// Hidden: half a minute; `./dev test -L long` runs it.
TEST_CASE("10 000 short runs cost little beyond themselves, and memory stays flat", "[.sweep-10000]") {
  const Scratch scratch;
  const std::string out = scratch / "out";
  const std::string file =
      scratch.write("plan.json", R"({"scenario": "library:quickstart", "set": {"/duration": "2 s", "/warmup": "0 s"},
    "factors": {"placement": {"at": "/policy/placement", "values": ["nearest", "kube-default"]}}, "replications": 5000})");
  const auto begin = std::chrono::steady_clock::now();
  const pid_t sweep = start({CODECOSIM_PROGRAM, "sweep", file, "--out", out, "--jobs", "2"});
  const auto resident = [&] {
    std::ifstream status("/proc/" + std::to_string(sweep) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmRSS:")) return std::stod(line.substr(6));
    return 0.0;
  };
  const auto memory_at = [&](std::size_t runs) {
    while (!std::filesystem::exists(out + "/journal") || recorded(out) < runs)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return resident();
  };
  const double early = memory_at(1000), late = memory_at(9000);
  REQUIRE(wait_for(sweep) == 0);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const Results results({out});
  REQUIRE(results.rows() == 10'000);
  double simulating = 0;
  for (std::size_t row = 0; row < results.rows(); ++row)
    simulating += *results.number(row, *results.find("wall_s")) + *results.number(row, *results.find("build_s"));
  const double overhead = (took * 2 - simulating) / 10'000;
  std::printf(
      "10 000 runs: %.1f s with two at once; %.2f ms a run beyond %.2f ms of simulation; memory %.0f kB after 1 000, "
      "%.0f kB after "
      "9 000\n",
      took, overhead * 1e3, simulating / 10, early, late);
  CHECK(overhead < 0.020);
  CHECK(late < early + 1000);
}
