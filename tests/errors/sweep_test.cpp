// What can go wrong with a sweep, and what it says.
#include <fstream>

#include "tests/catch.hpp"
#include "tests/sweep.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
constexpr const char* small =
    R"({"name": "small", "scenario": "library:quickstart", "set": {"/duration": "20 s", "/warmup": "5 s"},
  "factors": {"placement": {"at": "/policy/placement", "values": ["nearest", "kube-default"]}}, "replications": 3})";

std::string changed(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}
}  // namespace

TEST_CASE("A bad plan is reported with all of its problems at once, and nothing is written", "[sweep]") {
  const Scratch scratch;
  scratch.write("base.json", R"({"name": "b", "duraton": "1 s"})");
  const std::string file = scratch.write("plan.json", R"({
  "scenario": "library:quickstart",
  "set": {"/durtion": "1 min"},
  "factors": {
    "a": {"at": "/policy/placment", "values": ["nearest"]},
    "b": {"at": "/clients/0/rate", "values": []},
    "c": {"at": "/policy/placement", "values": ["neerest", "nearest"]},
    "d": {"at": "/clients/camera/count", "low": 1, "from": 3},
    "e": {"at": "/clients/cameras/count", "values": [1, 2]},
    "seed": {"at": "/seed", "values": [1, 2]},
    "f": {"at": "duration", "low": "10 ms", "high": "1 s"},
    "g": {"levels": {}},
    "h": {"at": "/policy/placement", "values": ["nearest"]}
  },
  "pair": [["a", "zz"], ["c", "e", "a"]],
  "replications": {"metric": "request.latncy", "half_width": "1 ms", "relative": 0.1, "at_least": 10, "at_most": 5},
  "limits": {"time": "-1 s", "memry": "1 GB"},
  "trace": "all"
})");
  const Ran ran = test::codecosim("sweep " + file + " --out " + (scratch / "out"));
  CHECK(ran.status == 3);
  CHECK_FALSE(std::filesystem::exists(scratch / "out"));
  for (const char* problem :
       {"#/factors: /policy/placement is set by the factor \"h\", and so is /policy/placement by the factor \"c\"",
        "#/factors/b/values: a factor without values varies nothing",
        "#/factors/d: \"from\" and \"low\" exclude each other",
        "#/factors/seed: \"seed\" is a column of the table already: choose another name",
        "#/factors/f: \"low\" and \"high\" need the same unit, found \"ms\" and \"s\"",
        "#/factors/f/at: \"duration\" is no JSON pointer: it begins with \"/\", as in \"/policy/placement\"",
        "#/factors/g/levels: a factor without levels varies nothing",
        "#/pair/0/1: there is no factor \"zz\"; known: a, b, c, d",
        "#/pair/1/2: \"a\" has 1 values, but \"c\" has 2: they go together one by one",
        "#/replications: either \"half_width\" or \"relative\" says how narrow the interval shall be",
        "#/replications/at_most: must not be below \"at_least\"",
        "#/limits: unknown key \"memry\"; did you mean \"memory\"?", "#/limits/time: \"-1 s\" must be above zero",
        "#/trace: traces are in the runs' directories: \"keep\": \"runs\"",
        "#/set: library:quickstart#: unknown key \"durtion\"; did you mean \"duration\"?",
        "#/factors/a/values/0: library:quickstart#/policy: unknown key \"placment\"; did you mean \"placement\"?",
        "#/factors/c/values/0: library:quickstart with /policy/placement: there is no placement policy \"neerest\"; "
        "did you mean "
        "\"nearest\"?",
        "#/factors/e/values/0: /clients/cameras/count: /clients has no element \"cameras\"; did you mean "
        "\"camera\"?"}) {
    INFO(ran.err);
    INFO(problem);
    CHECK(ran.err.find(file + problem) != std::string::npos);
  }
}

TEST_CASE("A plan's scenario with errors is reported with them, and a metric that there is not with the nearest",
          "[sweep]") {
  const Scratch scratch;
  scratch.write("base.json", R"({"name": "b", "duraton": "1 s"})");
  const Ran base = test::codecosim("sweep " + scratch.write("plan.json", R"({"scenario": "base.json"})"));
  CHECK(base.status == 3);
  CHECK(base.err.find("base.json#: unknown key \"duraton\"; did you mean \"duration\"?") != std::string::npos);
  CHECK(base.err.find("base.json: ") == std::string::npos);

  const Ran metric = test::codecosim(
      "sweep " +
      scratch.write("plan.json", changed(small, "\"replications\": 3",
                                         R"("replications": {"metric": "request.latncy", "relative": 0.1})")));
  CHECK(metric.status == 3);
  CHECK(metric.err.find(
            "#/replications/metric: runs tell no metric \"request.latncy\"; did you mean \"request.latency\"?") !=
        std::string::npos);

  const Ran unit = test::codecosim(
      "sweep " +
      scratch.write("plan.json", changed(small, "\"replications\": 3",
                                         R"("replications": {"metric": "request.latency", "half_width": 2})")));
  CHECK(unit.status == 3);
  CHECK(unit.err.find("#/replications/half_width: \"2\" needs a unit") != std::string::npos);

  const Ran outside = test::codecosim("sweep " + scratch.write("plan.json", R"({"scenario": "../etc/base.json"})"));
  CHECK(outside.status == 3);
  CHECK(outside.err.find(
            "#/scenario: \"../etc/base.json\" lies outside the scenario's folder; --allow-outside permits that") !=
        std::string::npos);
}

TEST_CASE("A run that takes too long is recorded with the reason", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", R"({"scenario": "library:quickstart", "set": {"/warmup": "0 s"},
    "factors": {"size": {"levels": {"long": {"/duration": "1000000 s"}}}}, "limits": {"time": "1 s"}})");
  const Ran ran = test::codecosim("sweep " + file + " --out " + (scratch / "out"));
  INFO(ran.err << ran.out);
  CHECK(ran.status == 4);
  const auto rows = repeatable(scratch / "out");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].at("status") == "time");
  CHECK(rows[0].at("reason") == "took more than 1 s");
}

// The sanitizer needs more memory than the limit for itself.
#ifndef __SANITIZE_ADDRESS__
TEST_CASE("Runs that take too much are recorded with the reason, and the others run", "[sweep]") {
  const Scratch scratch;
  // Nothing here takes as long as the limit of time, however busy the machine is.
  const std::string file = scratch.write("plan.json", R"({"scenario": "library:quickstart", "set": {"/warmup": "0 s"},
    "factors": {"size": {"levels": {
       "usual": {"/duration": "60 s"},
       "large": {"/duration": "1 s", "/clusters/edge/nodes/0/count": 65000}}}},
    "limits": {"time": "10 min", "memory": "150 MB"}})");
  const Ran ran = test::codecosim("sweep " + file + " --out " + (scratch / "out"));
  INFO(ran.err << ran.out);
  CHECK(ran.status == 4);
  CHECK(ran.out.find("1 runs done, 1 failed, 0 missing") != std::string::npos);
  const auto rows = repeatable(scratch / "out");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].at("status") == "done");
  CHECK(rows[1].at("request.latency").empty());
  CHECK(rows[1].at("status") == "memory");
  CHECK(rows[1].at("reason") == "needed more than 150 MB");
  // They are recorded: only --retry runs them again, as when they have more time.
  CHECK(test::codecosim("sweep " + file + " --out " + (scratch / "out") + " --resume").status == 4);
  CHECK(recorded(scratch / "out") == 2);
  CHECK(test::codecosim("sweep " + file + " --out " + (scratch / "out") + " --resume --retry").status == 4);
  CHECK(recorded(scratch / "out") == 3);
  CHECK(repeatable(scratch / "out") == rows);
}
#endif

TEST_CASE("A sweep's directory is never overwritten, and a changed plan is refused or extended as asked", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", small), out = scratch / "out";
  REQUIRE(test::codecosim("sweep " + file + " --out " + out).status == 0);
  const auto before = repeatable(out);

  const Ran again = test::codecosim("sweep " + file + " --out " + out);
  CHECK(again.status == 5);
  CHECK(again.err == out + " exists already; --resume goes on with it, or name another directory with --out\n");

  scratch.write("plan.json", changed(changed(small, "\"replications\": 3", "\"replications\": 5"), "[\"nearest\"",
                                     "[\"random\", \"nearest\""));
  const Ran other = test::codecosim("sweep " + file + " --out " + out + " --resume");
  CHECK(other.status == 3);
  CHECK(other.err ==
        out +
            ": the plan is another one than when the sweep began; --extend keeps the runs that are the same all the "
            "same, or name another directory with --out\n");
  CHECK(repeatable(out) == before);

  CHECK(test::codecosim("sweep " + file + " --out " + out + " --extend").status == 0);
  CHECK(recorded(out) == 15);  // 6 of them from before
  const auto after = repeatable(out);
  REQUIRE(after.size() == 15);
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t now = 5 + i / 3 * 5 + i % 3;
    CHECK(after[now].at("fingerprint") == before[i].at("fingerprint"));
    CHECK(after[now].at("key") == before[i].at("key"));
  }

  scratch.write("plan.json", changed(small, "20 s", "21 s"));
  const Ran world = test::codecosim("sweep " + file + " --out " + out + " --resume");
  CHECK(world.status == 3);
  CHECK(world.err.find("the plan and the scenario are others than when the sweep began") != std::string::npos);

  std::filesystem::create_directory(scratch / "mine");
  scratch.write("mine/thesis.txt", "important");
  const Ran mine = test::codecosim("sweep " + file + " --out " + (scratch / "mine"));
  CHECK(mine.status == 5);
  CHECK(mine.err.find("exists already and holds no sweep; name another directory with --out") != std::string::npos);
}

TEST_CASE("Another program, or another file that the scenario names, is noticed", "[sweep]") {
  const Scratch scratch;
  scratch.write("base.json", R"({"import": "more.json", "name": "b"})");
  scratch.write("more.json", contents(library("quickstart.json")));
  const std::string file = scratch.write("plan.json", changed(small, "library:quickstart", "base.json")),
                    out = scratch / "out";
  REQUIRE(test::codecosim("sweep " + file + " --out " + out).status == 0);
  scratch.write("more.json", changed(contents(library("quickstart.json")), "8 /s", "9 /s"));
  const Ran spaces = test::codecosim("sweep " + file + " --out " + out + " --resume");
  CHECK(spaces.status == 3);
  CHECK(spaces.err.find("the scenario is another one") != std::string::npos);

  scratch.write("more.json", contents(library("quickstart.json")));
  std::string mark = contents(out + "/sweep.json");
  const std::size_t at = mark.find("\"program\": \"") + 12;
  mark[at] = mark[at] == '0' ? '1' : '0';
  std::ofstream(out + "/sweep.json") << mark;
  const Ran program = test::codecosim("sweep " + file + " --out " + out + " --resume");
  CHECK(program.status == 3);
  CHECK(program.err.find("the program is another one") != std::string::npos);
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --extend").status == 0);
  CHECK(recorded(out) == 6);
}

TEST_CASE("A torn or strange line in a journal costs one run and nothing else", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", small), out = scratch / "out";
  REQUIRE(test::codecosim("sweep " + file + " --out " + out).status == 0);
  const auto whole = repeatable(out);
  const std::string journal = std::filesystem::directory_iterator(out + "/journal")->path().string();
  std::string text = contents(journal);
  text.resize(text.size() - 20);
  std::ofstream(journal) << text;
  scratch.write("out/journal/strange.jsonl",
                "garbage\n[1,2]\n{\"key\":\"x\"}\n{\"metrics\":3}\n{\"key\":7,\"status\":\"done\"}\n");
  const Ran collected = test::codecosim("sweep " + file + " --out " + out + " --collect");
  CHECK(collected.status == 4);
  CHECK(collected.out.find("5 runs done, 0 failed, 1 missing") != std::string::npos);
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --resume").status == 0);
  CHECK(repeatable(out) == whole);
}

TEST_CASE("A scenario in the place of a plan, and a plan in the place of a scenario, are told apart", "[sweep]") {
  const Scratch scratch;
  const Ran scenario = test::codecosim("sweep " + library("quickstart.json"));
  CHECK(scenario.status == 3);
  CHECK(scenario.err ==
        library("quickstart.json") +
            ": this is a scenario, not a plan: `codecosim run` runs it, and the \"scenario\" of a plan names it\n");
  const std::string file = scratch.write("plan.json", small);
  const Ran plan = test::codecosim("run " + file);
  CHECK(plan.status == 3);
  CHECK(plan.err == file + "#: this is a plan, not a scenario: `codecosim sweep` makes its runs\n");
}

TEST_CASE("Options of sweep that exclude each other are refused", "[sweep]") {
  const Scratch scratch;
  const std::string sweep = "sweep " + scratch.write("plan.json", small) + " ";
  for (const char* options :
       {"--slurm --jobs 3", "--chunk 1/3 --collect", "--dry-run --collect", "--tasks 3", "--chunk 0/3", "--chunk 4/3",
        "--chunk 1/3x", "--chunk -1/3", "--slurm --chunk 1/2", "--jobs 0"}) {
    INFO(options);
    CHECK(test::codecosim(sweep + options).status == 2);
  }
  CHECK(test::codecosim(sweep + "--collect --out " + (scratch / "none")).status == 2);
}

TEST_CASE("A program that the command line names is one of the plan's policies, and its failures are in the table",
          "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", changed(small, "\"kube-default\"", "\"mine\", \"broken\""));
  const std::string mine = std::string("python3 ") + CODECOSIM_SOURCE + "/examples/python/my_policy.py";
  const Ran ran = test::codecosim("sweep " + file + " --out " + (scratch / "out") + " --program 'mine=" + mine +
                                  "' --program 'broken=python3 " + (scratch / "none.py") + "'");
  INFO(ran.out << ran.err);
  CHECK(ran.status == 4);
  const auto rows = repeatable(scratch / "out");
  REQUIRE(rows.size() == 9);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& nearest = rows[i];
    const auto& own = rows[3 + i];
    const auto& broken = rows[6 + i];
    CHECK(own.at("fingerprint") == nearest.at("fingerprint"));  // as that example decides
    CHECK(std::stod(own.at("external.placement.asked")) > 0);
    CHECK(own.at("external.placement.failures") == "0");
    CHECK(broken.at("status") == "failed");
    CHECK(broken.at("reason").find("none.py") != std::string::npos);
  }
  CHECK(test::codecosim("sweep " + file + " --program mine").status == 2);
  CHECK(test::codecosim("sweep " + file + " --program nearest=true").status == 2);
}

TEST_CASE("A file that a level names belongs to the run, and so does the command of a program", "[sweep]") {
  const Scratch scratch;
  scratch.write("base.json", contents(library("quickstart.json")));
  scratch.write("a.csv", "time_s\n6\n7\n");
  scratch.write("b.csv", "time_s\n6\n8\n");
  const std::string file =
      scratch.write("plan.json", R"({"scenario": "base.json", "set": {"/duration": "20 s", "/warmup": "5 s"},
    "factors": {"trace": {"at": "/clients/camera/workload", "values": [{"csv": "a.csv"}, {"csv": "b.csv"}]}}})");
  const std::string out = scratch / "out";
  const Ran first = test::codecosim("sweep " + file + " --out " + out);
  INFO(first.err);
  REQUIRE(first.status == 0);
  const auto before = repeatable(out);
  scratch.write("b.csv", "time_s\n6\n8\n9\n");
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --resume").status == 3);
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --extend").status == 0);
  CHECK(recorded(out) == 3);  // that of a.csv is kept
  const auto after = repeatable(out);
  CHECK(after[0].at("key") == before[0].at("key"));
  CHECK(after[1].at("requests.submitted") != before[1].at("requests.submitted"));

  const std::string named = scratch.write("named.json", changed(small, "\"kube-default\"", "\"mine\""));
  const std::string mine = std::string("python3 ") + CODECOSIM_SOURCE + "/examples/python/my_policy.py";
  const std::string sweep = "sweep " + named + " --out " + (scratch / "programs");
  REQUIRE(test::codecosim(sweep + " --program 'mine=" + mine + "'").status == 0);
  const Ran other = test::codecosim(sweep + " --resume --program 'mine=" + mine + " x'");
  CHECK(other.status == 3);
  CHECK(other.err.find("the program of --program is another one") != std::string::npos);
}

TEST_CASE("Two factors cannot set the same thing, by whatever names", "[sweep]") {
  const Scratch scratch;
  const auto refused = [&](const std::string& a, const std::string& b, const std::string& value) {
    const Ran ran =
        test::codecosim("sweep " + scratch.write("plan.json", R"({"scenario": "library:quickstart", "factors": {
      "a": {"at": ")" + a + R"(", "values": ["4 /s"]}, "b": {"at": ")" +
                                                                  b + R"(", "values": [)" + value + "]}}}"));
    INFO(ran.err);
    CHECK(ran.status == 3);
    CHECK(ran.err.find(b + " is set by the factor \"b\", and so is ") != std::string::npos);
  };
  refused("/clients/camera/workload/poisson", "/clients/0/workload/poisson", "\"8 /s\"");
  refused("/clients/camera/workload/poisson", "/clients/0/workload", R"({"poisson": "8 /s"})");
}

TEST_CASE("A chunk with failed runs says so whenever it is run", "[sweep]") {
  const Scratch scratch;
  const std::string file =
      scratch.write("plan.json", R"({"scenario": "library:quickstart", "set": {"/duration": "1000000 s"},
    "limits": {"time": "0.3 s"}, "replications": 2})");
  for (int again = 0; again < 2; ++again) {
    const Ran ran = test::codecosim("sweep " + file + " --out " + (scratch / "out") + " --chunk 1/1");
    CHECK(ran.status == 4);
    CHECK(ran.out.find("2 of 2 runs recorded, 2 failed") != std::string::npos);
  }
  CHECK(recorded(scratch / "out") == 2);
}

TEST_CASE("Where the system has no room for so many runs at once, fewer are made", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", changed(small, "\"replications\": 3", "\"replications\": 40"));
  const Ran ran = test::codecosim("sweep " + file + " --out " + (scratch / "out") + " --jobs 100", "ulimit -n 32;");
  INFO(ran.err);
  CHECK(ran.status == 0);
  CHECK(recorded(scratch / "out") == 80);
}

TEST_CASE("A program that outlives its run is ended, with what it has started", "[sweep]") {
  const Scratch scratch;
  const std::string stay = scratch.write("stay.py", R"(import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "1000"])
with open(sys.argv[1], "a") as file: file.write(f"{os.getpid()} {child.pid}\n")
time.sleep(1000)
)");
  const std::string file = scratch.write(
      "plan.json", changed(changed(small, "\"nearest\", \"kube-default\"", "\"mine\""), "\"replications\": 3",
                           "\"replications\": 1, \"limits\": {\"time\": \"1 s\"}"));
  CHECK(test::codecosim("sweep " + file + " --out " + (scratch / "out") + " --program 'mine=python3 " + stay + " " +
                        (scratch / "ids") + "'")
            .status == 4);
  std::ifstream ids(scratch / "ids");
  int program = 0, child = 0;
  REQUIRE(ids >> program >> child);
  for (const int id : {program, child}) {
    INFO(id);
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(id)));
  }
}

TEST_CASE("Kept runs of two processes that make the same chunk at once do not harm each other", "[sweep]") {
  const Scratch scratch;
  const std::string file =
      scratch.write("plan.json", changed(small, "\"replications\": 3", "\"replications\": 15, \"keep\": \"runs\""));
  const std::string sweep = std::string(CODECOSIM_PROGRAM) + " sweep " + file + " --out " + (scratch / "out") +
                            " --chunk 1/1 >/dev/null 2>&1";
  CHECK(std::system((sweep + " & " + sweep + "; a=$?; wait $! && exit $a").c_str()) == 0);
  const Ran collected = test::codecosim("sweep " + file + " --out " + (scratch / "out") + " --collect");
  CHECK(collected.status == 0);
  const Results results({scratch / "out"});
  REQUIRE(results.rows() == 30);
  for (std::size_t row = 0; row < 30; ++row) CHECK(std::filesystem::exists(results.folder(row) + "/series.csv"));
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "out"))
    CHECK_FALSE(entry.path().filename().string().starts_with("partial"));
}

TEST_CASE("A sweep whose directory is removed under it ends with 5", "[sweep]") {
  const Scratch scratch;
  const std::string vandal = scratch.write("vandal.py", "import shutil, sys\nshutil.rmtree(sys.argv[1])\n");
  const std::string file = scratch.write("plan.json", changed(small, "\"kube-default\"", "\"mine\"")),
                    out = scratch / "out";
  const Ran ran = test::codecosim("sweep " + file + " --jobs 1 --out " + out + " --program 'mine=python3 " + vandal +
                                  " " + out + "'");
  INFO(ran.out << ran.err);
  CHECK(ran.status == 5);
  CHECK(ran.err.find("cannot write " + out + "/journal/") != std::string::npos);
}

TEST_CASE("Directories of runs that are gone are told", "[sweep]") {
  const Scratch scratch;
  const std::string out = scratch / "out";
  const std::string file =
      scratch.write("plan.json", changed(small, "\"replications\": 3", "\"replications\": 2, \"keep\": \"runs\""));
  REQUIRE(test::codecosim("sweep " + file + " --out " + out).status == 0);
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --resume").out.find("gone") == std::string::npos);
  std::filesystem::remove_all(out + "/runs");
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --resume")
            .out.find("the directories of 4 runs are gone from " + out + "/runs") != std::string::npos);
}

TEST_CASE("What a person has done to a sweep's files ends in words", "[sweep]") {
  const Scratch scratch;
  const std::string file = scratch.write("plan.json", small), out = scratch / "out";
  REQUIRE(test::codecosim("sweep " + file + " --out " + out).status == 0);
  CHECK(std::system(("mkfifo " + out + "/journal/pipe.jsonl").c_str()) == 0);
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --collect").status == 0);
  scratch.write("out/sweep.json", "{\"plan\": 1}");
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --collect").status == 3);
  scratch.write("out/sweep.json", "[");
  CHECK(test::codecosim("sweep " + file + " --out " + out + " --collect").status == 3);
}
