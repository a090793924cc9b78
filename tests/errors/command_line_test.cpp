#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <thread>

#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

const std::string quick = library("quickstart.json");

std::string fingerprint(const std::string& arguments) {
  const ordered_json results = simulate(arguments);
  return results.is_null() ? "" : results["manifest"]["fingerprint"].get<std::string>();
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("wrong usage ends with 2 and says what is known") {
  CHECK(codecosim("").status == 2);
  CHECK(codecosim("rum").status == 2);
  CHECK(codecosim("run").status == 2);
  CHECK(codecosim("run " + quick + " --sed 3").status == 2);
  CHECK(codecosim("run " + quick + " --seed many").status == 2);
  CHECK(codecosim("run " + quick + " --trace everything").status == 2);
  for (const std::string until : {"30", "soon", "0s", "-1s", "nan"}) {
    const Ran ran = codecosim("run " + quick + " --no-output --until=" + until);
    INFO(until);
    CHECK(ran.status == 2);
    CHECK(ran.err.rfind("--until: ", 0) == 0);
    CHECK(ran.out.empty());
  }
  const Ran set = codecosim("run " + quick + " --set seed");
  CHECK(set.status == 2);
  CHECK(set.err == "--set seed: expected /pointer=value\n");
  const Ran topic = codecosim("describe polices");
  CHECK(topic.status == 2);
  CHECK(topic.err == "no topic \"polices\"; did you mean \"policies\"?\n");
  const Ran name = codecosim("init quickstar");
  CHECK(name.status == 2);
  CHECK(name.err == "no template \"quickstar\"; did you mean \"quickstart\"?\n");
}

TEST_CASE("help and version end with 0") {
  for (const std::string arguments : {"--help", "run --help", "check --help", "--version"}) {
    INFO(arguments);
    const Ran ran = codecosim(arguments);
    CHECK(ran.status == 0);
    CHECK_FALSE(ran.out.empty());
    CHECK(ran.err.empty());
  }
}

TEST_CASE("a policy that there is not ends with 3 and the nearest name") {
  const Ran ran = codecosim("run " + quick + " --no-output --policy nearset");
  CHECK(ran.status == 3);
  CHECK(ran.out.empty());
  CHECK(ran.err ==
        quick + " with --set /policy/placement: there is no placement policy \"nearset\"; did you mean \"nearest\"?\n");
}

TEST_CASE("a directory that exists is left as it is, and the run ends with 5") {
  const Scratch scratch;
  fs::create_directory(scratch / "results");
  scratch.write("results/precious", "data");
  for (const std::string slash : {"", "/"}) {
    const Ran ran = codecosim("run " + quick + " --until 2s --out " + (scratch / "results") + slash);
    CHECK(ran.status == 5);
    CHECK(ran.out.empty());
    CHECK(ran.err == (scratch / "results") + " exists already; name another directory with --out, or remove it\n");
  }
  CHECK(contents(scratch / "results/precious") == "data");
  CHECK(files_in(scratch / "results") == 1);
  CHECK(files_in(scratch.path()) == 1);
}

TEST_CASE("what an earlier run has left unfinished is left as it is, and the run ends with 5") {
  const Scratch scratch;
  fs::create_directory(scratch / "results.partial");
  scratch.write("results.partial/precious", "data");
  const Ran ran = codecosim("run " + quick + " --until 2s --out " + (scratch / "results"));
  CHECK(ran.status == 5);
  CHECK(ran.err.find("results.partial exists already: another run is writing it, or one has died") !=
        std::string::npos);
  CHECK(contents(scratch / "results.partial/precious") == "data");
  CHECK_FALSE(fs::exists(scratch / "results"));
}

TEST_CASE("a directory that cannot be made ends with 5") {
  const Scratch scratch;
  scratch.write("file", "");
  // Below a regular file and in /proc not even root can make a directory.
  for (const std::string& out :
       {scratch / "file/results", scratch / "file/deeper/results", std::string("/proc/results")}) {
    const Ran ran = codecosim("run " + quick + " --until 2s --out " + out);
    INFO(out);
    CHECK(ran.status == 5);
    CHECK(ran.out.empty());
    CHECK(ran.err.rfind("cannot make the directory ", 0) == 0);
  }
}

TEST_CASE("a starter that cannot be written ends with 5 and leaves no part of it") {
  const Scratch scratch;
  scratch.write("file", "");
  const Ran nowhere = codecosim("init --out " + (scratch / "file/scenario.json"));
  CHECK(nowhere.status == 5);
  CHECK(nowhere.err == "cannot write " + (scratch / "file/scenario.json") + ": Not a directory\n");
  const Ran full = codecosim("init quickstart --out " + (scratch / "scenario.json"), "trap '' XFSZ; ulimit -f 1;");
  CHECK(full.status == 5);
  CHECK(full.out.empty());
  CHECK(full.err == "cannot write " + (scratch / "scenario.json") + ": File too large\n");
  CHECK_FALSE(fs::exists(scratch / "scenario.json"));
}

TEST_CASE("a disk that is full ends with 5 and leaves no directory of the final name") {
  // A limit on the size of files fails as a full disk does: in the middle of writing.
  for (const std::string trace : {"none", "all"}) {
    const Scratch scratch;
    const Ran ran = codecosim("run " + quick + " --out " + (scratch / "results") + " --trace " + trace,
                              "trap '' XFSZ; ulimit -f 4;");
    INFO(trace);
    CHECK(ran.status == 5);
    CHECK(ran.out.empty());
    CHECK(ran.err.rfind("cannot write " + (scratch / "results.partial/"), 0) == 0);
    CHECK(ran.err.find("File too large") != std::string::npos);
    CHECK_FALSE(fs::exists(scratch / "results"));
  }
}

TEST_CASE("a complete run has its files and no partial directory") {
  const Scratch scratch;
  const Ran ran = codecosim("run " + quick + " --until 20s --trace all --out " + (scratch / "deep/er/results"));
  CHECK(ran.status == 0);
  CHECK(ran.err.empty());
  for (const std::string file : {"manifest.json", "scenario.json", "summary.json", "series.csv", "trace.jsonl.zst"})
    CHECK(fs::file_size(scratch / "deep/er/results/" + file) > 0);
  CHECK_FALSE(fs::exists(scratch / "deep/er/results.partial"));
  const ordered_json manifest = ordered_json::parse(contents(scratch / "deep/er/results/manifest.json"));
  CHECK(manifest["interrupted"] == false);
  CHECK(manifest["simulated_s"] == 20);
  // What was run can be run again.
  CHECK(fingerprint(scratch / "deep/er/results/scenario.json --until 20s") ==
        manifest["fingerprint"].get<std::string>());
}

TEST_CASE("runs without --out do not overwrite each other") {
  const Scratch scratch;
  const std::string here = "cd " + scratch.path() + " &&";
  CHECK(codecosim("run " + quick + " --until 2s", here).status == 0);
  CHECK(codecosim("run " + quick + " --until 2s", here).status == 0);
  CHECK(fs::exists(scratch / "out/quickstart-seed1-r0/manifest.json"));
  CHECK(fs::exists(scratch / "out/quickstart-seed1-r0-2/manifest.json"));
}

TEST_CASE("an interrupt ends a run within seconds with what there is, marked as interrupted") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Scratch scratch;
    const std::string out = scratch / "results";
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const int nowhere = open("/dev/null", O_RDWR);
      dup2(nowhere, 0);
      dup2(nowhere, 1);
      dup2(nowhere, 2);
      execl(CODECOSIM_PROGRAM, CODECOSIM_PROGRAM, "run", quick.c_str(), "--out", out.c_str(), "--set",
            "/duration=10000 d", "--set", "/series=1 h", static_cast<char*>(nullptr));
      _exit(99);
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const auto start = std::chrono::steady_clock::now();
    kill(child, signal);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    const ordered_json manifest = ordered_json::parse(contents(out + "/manifest.json"));
    CHECK(manifest["interrupted"] == true);
    CHECK(manifest["simulated_s"].get<double>() > 0);
    CHECK(ordered_json::parse(contents(out + "/summary.json"))["requests.completed"]["value"].get<double>() > 0);
    CHECK_FALSE(fs::exists(out + ".partial"));
  }
}

TEST_CASE("seed and replication change the trajectory, nothing else does") {
  const std::string base = fingerprint(quick + " --until 60s");
  CHECK_FALSE(base.empty());
  CHECK(fingerprint(quick + " --until 60s") == base);
  CHECK(fingerprint(quick + " --until 60s --seed 1") == base);
  CHECK(fingerprint(quick + " --until 60s --seed 2") != base);
  CHECK(fingerprint(quick + " --until 60s --replication 1") != base);
  CHECK(fingerprint(quick + " --until 60s --set /seed=2") == fingerprint(quick + " --until 60s --seed 2"));
  CHECK(fingerprint(quick + " --until 61s") != base);
  CHECK(fingerprint(quick + " --until 60s --no-run-ahead") == base);
  CHECK(fingerprint(quick + " --until 60s --progress json") == base);
  CHECK(fingerprint(quick + " --until 60s --set /description=other") == base);
  CHECK(fingerprint(quick + " --until 60s --policy random") != base);
  for (const std::string level : {"none", "decisions", "requests", "all"}) {
    const Scratch scratch;
    const Ran ran =
        codecosim("run " + quick + " --until 60s --format json --trace " + level + " --out " + (scratch / "results"));
    REQUIRE(ran.status == 0);
    CHECK(ordered_json::parse(ran.out)["manifest"]["fingerprint"] == base);
    CHECK(fs::exists(scratch / "results/trace.jsonl.zst") == (level != "none"));
  }
}

TEST_CASE("a run stops at the time of --until, or at the duration") {
  CHECK(simulate(quick + " --until 90s")["manifest"]["simulated_s"] == 90);
  CHECK(simulate(quick + " --until '1.5 min'")["manifest"]["simulated_s"] == 90);
  CHECK(simulate(quick + " --set '/duration=40 s' --until 90s")["manifest"]["simulated_s"] == 40);
}

TEST_CASE("every line of a trace is JSON, and time does not go back") {
  if (std::system("command -v zstd >/dev/null") != 0) {
    WARN("skipped: there is no program zstd to read traces with");
    return;
  }
  std::size_t lines_before = 0;
  for (const std::string level : {"decisions", "requests", "all"}) {
    const Scratch scratch;
    REQUIRE(codecosim("run " + quick + " --trace " + level + " --out " + (scratch / "results")).status == 0);
    REQUIRE(std::system(("zstd -qdc " + (scratch / "results/trace.jsonl.zst") + " >" + (scratch / "trace")).c_str()) ==
            0);
    std::istringstream trace(contents(scratch / "trace"));
    double last = 0;
    std::size_t lines = 0, wrong = 0;
    for (std::string line; std::getline(trace, line); ++lines) {
      const ordered_json record = ordered_json::parse(line, nullptr, false);
      const bool good = record.is_object() && record.contains("kind") && record["kind"].is_string() &&
                        record["t_s"].is_number() && record["t_s"].get<double>() >= last;
      wrong += !good;
      if (good) last = record["t_s"];
    }
    INFO(level);
    CHECK(wrong == 0);
    CHECK(lines > lines_before);
    lines_before = lines;
  }
}

TEST_CASE("every template that init writes is valid, and runs") {
  const Ran topics = codecosim("describe");
  const std::string title = "shipped scenarios: ";
  REQUIRE(topics.out.find(title) != std::string::npos);
  std::istringstream names(topics.out.substr(topics.out.find(title) + title.size()));
  std::size_t found = 0;
  for (std::string name; std::getline(names >> std::ws, name, ',');) {
    name.erase(name.find_last_not_of(" \n") + 1);
    ++found;
    INFO(name);
    const Scratch scratch;
    const std::string file = scratch / "scenario.json";
    CHECK(codecosim("init " + name + " --out " + file).status == 0);
    CHECK(codecosim("init " + name).out == contents(file));
    if (contents(file).find("\"csv\"") != std::string::npos) continue;  // needs files that it does not ship
    const Ran checked = codecosim("check " + file);
    CHECK(checked.status == 0);
    CHECK(checked.out == file + ": ok\n");
    CHECK(simulate(file + " --until 5s")["manifest"]["interrupted"] == false);
    // A file is never overwritten.
    scratch.write("scenario.json", "mine");
    CHECK(codecosim("init " + name + " --out " + file).status == 5);
    CHECK(contents(file) == "mine");
  }
  CHECK(found >= 2);
}

TEST_CASE("results that cannot be printed are an error, not silence") {
  if (!fs::exists("/dev/full")) {
    WARN("skipped: there is no /dev/full");
    return;
  }
  for (const std::string& arguments :
       {std::string("describe scenarios"), std::string("init"), "run " + quick + " --no-output --until 2s"}) {
    INFO(arguments);
    const Scratch scratch;
    const int status = std::system((CODECOSIM_PROGRAM " " + arguments + " >/dev/full 2>" + (scratch / "err")).c_str());
    CHECK(WEXITSTATUS(status) == 5);
    CHECK(contents(scratch / "err").find("cannot write") != std::string::npos);
  }
}

TEST_CASE("describe knows its topics") {
  for (const std::string topic : {"", "scenarios", "schema", "policies", "metrics", "records", "--json-schema"}) {
    INFO(topic);
    const Ran ran = codecosim("describe " + topic);
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out.size() > 100);
  }
  CHECK(codecosim("describe schema").out == codecosim("describe --json-schema").out);
}

}  // namespace codecosim::test
