// Policies that are other programs, and all the ways in which they fail: every run ends, in bounded time, as the
// scenario says, and tells what failed how often.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include "policies/add_policies.hpp"
#include "policies/external/external.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {
namespace {

using nlohmann::ordered_json;

const std::string quick = library("quickstart.json");

/// A policy that fails in the way that its argument names.
const char* const faulty = R"(
import json, os, signal, sys, time
mode, given = sys.argv[1], sys.argv[2:]
def say(text, end="\n"):
    sys.stdout.write(text + end)
    sys.stdout.flush()
def answer(number, target):
    return json.dumps({"type": "answer", "number": number, "assignments": [{"workload": w, "target": target} for w in range(asked)]})
if mode == "no hello":
    time.sleep(1000)
if mode == "gone":
    sys.exit(1)
if mode == "babel":
    say("hello")
    time.sleep(1000)
first = json.loads(sys.stdin.readline())
assert first["type"] == "hello" and first["protocol"] == 1
if mode == "files":
    files = os.listdir("/proc/self/fd")
    open(given[0], "w").write(" ".join(sorted(files, key=int)))
say(json.dumps({"type": "hello", "protocol": 2 if mode == "future" else 1, "name": mode}))
if mode == "leaves":
    sys.exit(0)
if mode == "leaves a child":
    child = os.fork()
    if child == 0:
        time.sleep(1000)
    open(given[0], "w").write(str(child))
    os._exit(0)
if mode == "deaf":
    os.close(0)
    time.sleep(1000)
for line in sys.stdin:
    problem = json.loads(line)
    if problem["type"] == "end":
        if mode == "stays":
            time.sleep(1000)
        break
    number, asked = problem["number"], len(problem["workloads"])
    if mode == "sleeps":
        time.sleep(1000)
    elif mode == "garbage":
        say("I would rather not")
    elif mode == "no object":
        say("[1, 2]")
    elif mode == "deep":
        say("[" * 100000)
    elif mode == "negative":
        say(answer(number, -1))
    elif mode == "fraction":
        say(answer(number, 0.5))
    elif mode == "not text":
        sys.stdout.buffer.write(b'{"type": "\xff\xfe"}\n')
        sys.stdout.flush()
    elif mode == "half":
        say(answer(number, 0)[:20], "")
        sys.exit(0)
    elif mode == "ahead":
        say(answer(number + 1, 0))
    elif mode == "huge":
        while True:
            say("x" * (1 << 20), "")
    elif mode == "interrupts" and number == 3:
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(1000)
    elif mode == "beyond":
        say(answer(number, len(problem["rows"])))
    elif mode == "slow once":
        if number == 1:
            time.sleep(7)
        say(answer(number, 0))
    elif mode == "noisy":
        sys.stderr.write("noise " * 20000 + "\n")
        say(answer(number, None))
    else:
        say(answer(number, None))
)";

struct Played {
  Ran ran;
  ordered_json totals, summary;
  std::string fingerprint;
  double seconds = 0;
};

/// Runs quickstart with the faulty policy in this mode. Where nothing else is said, another policy answers for it.
Played play(const std::string& mode, const std::string& more = "", const std::string& argument = "") {
  const Scratch scratch;
  const std::string script = scratch.write("faulty.py", faulty);
  const auto begin = std::chrono::steady_clock::now();
  Played played;
  const auto unless = [&more](const char* key, const std::string& setting) {
    return more.find(key) == std::string::npos ? " --set " + setting : std::string();
  };
  // Times that a busy machine keeps, where a test says no others.
  played.ran = codecosim("run " + quick + " --no-output --format json" +
                         unless("external/timeout", "'/policy/external/timeout=\"60 s\"'") +
                         unless("external/grace", "'/policy/external/grace=\"60 s\"'") +
                         unless("on_failure", "/policy/external/on_failure=fall-back") + " --policy 'exec:python3 " +
                         script + " \"" + mode + "\" " + argument + "' " + more);
  played.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (played.ran.status != 0) return played;
  const auto results = ordered_json::parse(played.ran.out);
  played.totals = results["manifest"]["external"]["placement"];
  played.summary = results["summary"];
  played.fingerprint = results["manifest"]["fingerprint"];
  return played;
}

std::string nearest_fingerprint() { return simulate(quick)["manifest"]["fingerprint"]; }

}  // namespace

TEST_CASE("a command line is split as a shell splits it") {
  using Words = std::vector<std::string>;
  CHECK(split_words("python3 mine.py") == Words{"python3", "mine.py"});
  CHECK(split_words("  a\t'b c'  \"d 'e\\\"\" f\\ g '' h'i'\"j\"") == Words{"a", "b c", "d 'e\"", "f g", "", "hij"});
  CHECK(split_words("echo $HOME; rm *") == Words{"echo", "$HOME;", "rm", "*"});
  CHECK_THROWS_AS(split_words("a 'b"), Error);
  CHECK_THROWS_AS(split_words(""), Error);
  CHECK_THROWS_AS(split_words("  "), Error);
  CHECK_THROWS_AS(split_words("'' a"), Error);
}

// The fall-back is the policy that the scenario names, so the run is the one without any program. A question is lost
// for one reason; `given_up` are failures after which the program is not asked any more.
TEST_CASE("a program that fails is counted, and the scenario's own policy decides") {
  struct Case {
    std::string mode, count;
    bool given_up;
  };
  const std::string expected = nearest_fingerprint();
  REQUIRE_FALSE(expected.empty());
  for (const Case& one : {Case{"leaves", "crashed", true},
                          {"half", "crashed", true},
                          {"deaf", "crashed", true},
                          {"huge", "garbage", true},
                          {"garbage", "garbage", false},
                          {"no object", "garbage", false},
                          {"deep", "garbage", false},
                          {"negative", "garbage", false},
                          {"fraction", "garbage", false},
                          {"beyond", "garbage", false},
                          {"not text", "garbage", false},
                          {"ahead", "garbage", false}}) {
    INFO(one.mode);
    const Played played = play(one.mode);
    INFO(played.ran.err);
    REQUIRE(played.ran.status == 0);
    INFO(played.totals.dump());
    const std::uint64_t asked = played.totals["asked"];
    CHECK(asked > 10);
    CHECK(played.totals["answered"] == 0);
    CHECK(played.totals["fallen_back"] == asked);
    for (const std::string count : {"timed_out", "garbage", "crashed", "late"})
      CHECK(played.totals[count] == (count != one.count ? 0 : one.given_up ? 1 : asked));
    CHECK(played.fingerprint == expected);
    CHECK(played.seconds < 120);
  }
}

TEST_CASE("a program that sleeps is given up after three time-outs in a row") {
  const Played played = play("sleeps", "--set '/policy/external/timeout=\"0.4 s\"'");
  REQUIRE(played.ran.status == 0);
  CHECK(played.totals["timed_out"] == 3);
  CHECK(played.totals["crashed"] == 1);
  CHECK(played.totals["fallen_back"] == played.totals["asked"]);
  CHECK(played.totals["waited_s"].get<double>() >= 3 * 0.4);
  CHECK(played.fingerprint == nearest_fingerprint());
  CHECK(played.seconds < 120);
}

TEST_CASE("an answer that comes late is dropped, and the next one counts") {
  const Played played = play("slow once", "--set '/policy/external/timeout=\"5 s\"'");
  REQUIRE(played.ran.status == 0);
  INFO(played.totals.dump());
  CHECK(played.totals["timed_out"] == 1);
  CHECK(played.totals["late"] == 1);
  CHECK(played.totals["fallen_back"] == 1);
  CHECK(played.totals["answered"].get<std::uint64_t>() == played.totals["asked"].get<std::uint64_t>() - 1);
}

TEST_CASE("a program that fails is a run that failed, where the scenario says nothing else") {
  const Scratch scratch;
  const std::string run = "run " + quick + " --out " + (scratch / "out") + " --policy 'exec:python3 " +
                          scratch.write("faulty.py", faulty) + " ";
  for (const auto& [mode, why] : std::map<std::string, std::string>{
           {"leaves", "it has ended"},
           {"garbage", "not JSON: \"I would rather not\""},
           {"fraction", "expected an assignment to be a \"workload\" and a \"target\", both from 0"},
           {"beyond", "there is no row 10: 0 to 9 were on offer"}}) {
    CAPTURE(mode);
    const Ran ran = codecosim(run + "\"" + mode + "\"'");
    CAPTURE(ran.err);
    CHECK(ran.status == 4);
    CHECK(ran.err.find(" (placement): question 1, at 0 s: " + why) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch / "out"));
    std::filesystem::remove_all(scratch / "out.partial");
  }
}

TEST_CASE("what a program says on its error output is said on ours, however much it is") {
  const Played played = play("noisy");
  REQUIRE(played.ran.status == 0);
  CHECK(played.totals["answered"] == played.totals["asked"]);
  CHECK(played.ran.err.size() >= played.totals["asked"].get<std::size_t>() * 120001);
}

TEST_CASE("where the scenario refuses or stops, a failure places nothing or ends the run") {
  const Played refused = play("garbage", "--set /policy/external/on_failure=refuse");
  REQUIRE(refused.ran.status == 0);
  CHECK(refused.totals["garbage"] == refused.totals["asked"]);
  CHECK(refused.totals["fallen_back"] == 0);
  CHECK(refused.summary["requests.completed"]["value"] == 0);

  const Played stopped = play("garbage", "--set /policy/external/on_failure=stop");
  CHECK(stopped.ran.status == 4);
  CHECK(stopped.ran.out.empty());
  CHECK(stopped.ran.err.find(" (placement): question 1, at 0 s: not JSON: \"I would rather not\"; ") !=
        std::string::npos);
  CHECK(stopped.seconds < 120);

  const Played other = play("garbage", "--set /policy/external/fall_back=first-fit");
  REQUIRE(other.ran.status == 0);
  CHECK(other.fingerprint == simulate(quick + " --policy first-fit")["manifest"]["fingerprint"].get<std::string>());
}

TEST_CASE("the table has a line for a policy that failed, and none for one that did not") {
  const Scratch scratch;
  const std::string run = "run " + quick + " --no-output --set /policy/external/on_failure=fall-back --policy " +
                          "'exec:python3 " + scratch.write("faulty.py", faulty) + " ";
  CHECK(codecosim(run + "leaves'").out.find("the external policy (placement) answered 0 of ") != std::string::npos);
  CHECK(codecosim(run + "fine'").out.find("the external policy") == std::string::npos);
}

TEST_CASE("a program that cannot be started, or says no hello, ends with 2 before anything is simulated") {
  const std::string run = "run " + quick + " --no-output --set '/policy/external/grace=\"0.5 s\"' --policy ";
  const Ran unknown = codecosim(run + "'exec:/nowhere/at-all x'");
  CHECK(unknown.status == 2);
  CHECK(unknown.out.empty());
  CHECK(unknown.err == "cannot start \"/nowhere/at-all\": No such file or directory\n");
  CHECK(codecosim(run + "exec:").err == "exec: needs a program, such as \"exec:python3 mine.py\"\n");
  CHECK(codecosim(run + "'exec:a \"b'").err == "exec:a \"b: a quote is not closed\n");
  CHECK(codecosim(run + "'exec:sleep 1000'").err == "--policy exec:sleep 1000: it said no hello within 500 ms\n");
  CHECK(codecosim(run + "exec:true").err == "--policy exec:true: it ended before it said hello\n");
  const Ran babel = play("babel").ran;
  CHECK(babel.status == 2);
  CHECK(babel.err.find(": not JSON: \"hello\"\n") != std::string::npos);
  const Ran future = play("future").ran;
  CHECK(future.status == 2);
  CHECK(future.err.find(": expected \"protocol\": 1: ") != std::string::npos);
}

TEST_CASE("a seam is named once, is known, and can be another program's") {
  const auto error = [](const std::string& policies) {
    const Ran ran = codecosim("run " + quick + " --no-output " + policies);
    CHECK(ran.status == 2);
    return ran.err;
  };
  CHECK(error("--policy placment=nearest") ==
        "--policy placment=nearest: there is no seam \"placment\"; did you mean \"placement\"?\n");
  CHECK(error("--policy migration=exec:true") ==
        "--policy migration=exec:true: no other program can decide on migration\n");
  CHECK(error("--policy random --policy placement=nearest") ==
        "--policy placement=nearest: placement has a policy already\n");
  CHECK(error("--policy stdio --policy scheduler=stdio") ==
        "--policy scheduler=stdio: standard input and output serve one seam\n");
  const auto manifest =
      simulate(quick + " --policy scheduler=random --policy first-fit --policy migration=never")["manifest"];
  CHECK(manifest["placement"] == "first-fit");
  CHECK(manifest["scheduler"] == "random");
}

// Files are untrusted: nobody may be made to run a program by a scenario that came by mail.
TEST_CASE("a scenario cannot name a program") {
  for (const std::string key : {"placement", "scheduler", "external/fall_back"})
    for (const std::string name : {"exec:touch pwned", "stdio"}) {
      const Scratch scratch;
      ordered_json scenario = {{"import", quick}};
      scenario[ordered_json::json_pointer("/policy/" + key)] = name;
      const std::string file = scratch.write("s.json", scenario.dump());
      const Ran ran = codecosim("run " + file + " --allow-outside --no-output");
      CHECK(ran.status == 3);
      CHECK(ran.err ==
            file + "#/policy/" + key + ": a file names no program: say it on the command line, with --policy\n");
      CHECK(codecosim("check " + file + " --allow-outside").status == 3);
    }
}

TEST_CASE("a program and its children are gone when the run is") {
  const Scratch scratch;
  const Played played = play("leaves a child", "", scratch / "pid");
  REQUIRE(played.ran.status == 0);
  CHECK(played.totals["crashed"] == 1);
  CHECK(played.seconds < 120);
  pid_t pid = 0;
  std::ifstream(scratch / "pid") >> pid;
  REQUIRE(pid > 0);
  // It may still wait for init to notice.
  const auto zombie = [pid] {
    const std::string stat = contents("/proc/" + std::to_string(pid) + "/stat");
    return stat.find(") Z ") != std::string::npos;
  };
  CHECK((kill(pid, 0) != 0 || zombie()));
}

TEST_CASE("a program that does not end at the end is killed after its grace") {
  const Played played = play("stays", "--set '/policy/external/grace=\"1 s\"'");
  CHECK(played.ran.status == 0);
  CHECK(played.totals["answered"] == played.totals["asked"]);
  CHECK(played.seconds >= 1);
  CHECK(played.seconds < 120);
}

TEST_CASE("a program inherits three files and no others") {
  const Scratch scratch;
  const std::string script = scratch.write("faulty.py", faulty);
  const Ran ran = codecosim("run " + quick + " --no-output --until 1s --policy 'exec:python3 " + script + " files " +
                                (scratch / "files") + "'",
                            "exec 7</dev/null 9</dev/null;");
  CHECK(ran.status == 0);
  // The last one is the folder that is being listed.
  CHECK(contents(scratch / "files") == "0 1 2 3");
}

TEST_CASE("nothing is measured of what a program was to decide when the run was interrupted") {
  const Scratch scratch;
  const Ran ran = codecosim("run " + quick + " --out " + (scratch / "out") + " --policy 'exec:python3 " +
                            scratch.write("faulty.py", faulty) + " interrupts'");
  INFO(ran.err);
  CHECK(ran.status == 130);
  const auto manifest = ordered_json::parse(contents(scratch / "out/manifest.json"));
  const auto summary = ordered_json::parse(contents(scratch / "out/summary.json"));
  CHECK(manifest["interrupted"] == true);
  CHECK(manifest["external"]["placement"]["asked"] == 2);
  CHECK(manifest["external"]["placement"]["answered"] == 2);
  CHECK(summary["placement.decisions"]["value"] == 4);  // two applications of two components
  CHECK(summary["placement.refused"]["value"] == 0);
  CHECK(summary["findings"][0]["kind"] == "interrupted");
}

TEST_CASE("two programs decide on two seams") {
  const Scratch scratch;
  const std::string script = scratch.write("faulty.py", faulty);
  const auto results = simulate(quick + " --set /policy/external/on_failure=fall-back --policy 'exec:python3 " +
                                script + " leaves' --policy 'scheduler=exec:python3 " + script + " garbage'");
  REQUIRE_FALSE(results.is_null());
  const auto& external = results["manifest"]["external"];
  CHECK(external["placement"]["crashed"] == 1);
  CHECK(external["scheduler"]["garbage"] == external["scheduler"]["asked"]);
  CHECK(external["scheduler"]["asked"].get<int>() > 0);
  CHECK(results["manifest"]["fingerprint"] == nearest_fingerprint());
}

namespace {
/// Our parent: plays the program's part through standard input and output, and writes down all that is said.
const char* const parent = R"(
import json, subprocess, sys
program, scenario, log = sys.argv[1:4]
run = subprocess.Popen([program, "run", scenario, "--no-output", "--policy", "stdio"] + sys.argv[4:], stdin=subprocess.PIPE,
                       stdout=subprocess.PIPE, text=True)
with open(log, "w") as said:
    def say(message):
        said.write(json.dumps(message) + "\n")
        run.stdin.write(json.dumps(message) + "\n")
        run.stdin.flush()
    for line in run.stdout:
        said.write(line)
        message = json.loads(line)
        if message["type"] == "hello":
            say({"type": "hello", "protocol": 1, "name": "parent", "feedback_after_s": 10})
        elif message["type"] == "problem":
            rows = [r["client_latency_s"] for r in message["rows"]]
            allowed = lambda w, r: w["allowed"] is None or w["allowed"][r]
            choices = [[r for r in range(len(rows)) if allowed(w, r)] for w in message["workloads"]]
            say({"type": "answer", "number": message["number"],
                 "assignments": [{"workload": w, "target": min(c, key=lambda r: rows[r]) if c else None} for w, c in enumerate(choices)],
                 "reasons": ["no row"]})
sys.exit(run.wait())
)";
const char* const validate = R"(
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
kinds = set()
for line in open(sys.argv[2]):
    message = json.loads(line)
    kinds.add(message["type"])
    for wrong in validator.iter_errors(message):
        best = wrong if not wrong.context else max(wrong.context, key=lambda e: len(e.absolute_path))
        sys.exit("%s: %s: %s" % (message["type"], list(best.absolute_path), best.message[:300]))
print(*sorted(kinds))
)";
}  // namespace

TEST_CASE("a parent decides through standard input and output, in words that the schema knows") {
  const Scratch scratch;
  const std::string python = "python3 " + scratch.write("parent.py", parent) + " " + CODECOSIM_PROGRAM + " ";
  REQUIRE(std::system((python + quick + " " + (scratch / "log") + " 2>" + (scratch / "err")).c_str()) == 0);
  CHECK(contents(scratch / "err").empty());
  std::ifstream log(scratch / "log");
  std::string line, last;
  for (bool first = true; std::getline(log, line); first = false) {
    if (first) CHECK(ordered_json::parse(line)["type"] == "hello");
    last = line;
  }
  const auto end = ordered_json::parse(last);
  REQUIRE(end["type"] == "end");
  CHECK(end["manifest"]["external"]["placement"]["answered"] == end["manifest"]["external"]["placement"]["asked"]);
  CHECK(end["summary"]["requests.completed"]["value"].get<double>() > 40000);

  if (std::system("/usr/bin/python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null") != 0) {
    WARN("skipped: python3-jsonschema is missing (apt-get install python3-jsonschema)");
    return;
  }
  // A scenario with taints, channels and a control plane that knows little fills more of the problem.
  REQUIRE(std::system((python + library("smart-city.json") + " " + (scratch / "city") +
                       " --until 60s --set '/control_plane=\"as-implemented\"' 2>&1 >" + (scratch / "err"))
                          .c_str()) == 0);
  const std::string check = "/usr/bin/python3 " + scratch.write("validate.py", validate) + " " + CODECOSIM_SOURCE +
                            "/docs/external.schema.json ";
  for (const std::string name : {"log", "city"}) {
    const bool valid = std::system((check + (scratch / name) + " >" + (scratch / "verdict") + " 2>&1").c_str()) == 0;
    INFO(name << ": " << contents(scratch / "verdict"));
    CHECK(valid);
  }
  scratch.write("wrong", R"({"type": "answer", "number": 1, "assignments": [{"workload": 0}]})");
  CHECK(std::system((check + (scratch / "wrong") + " >/dev/null 2>&1").c_str()) != 0);
}

TEST_CASE("a parent that goes away is a policy that crashed") {
  const Ran ran = codecosim("run " + quick + " --policy stdio --no-output");
  CHECK(ran.status == 2);
  CHECK(ran.err == "--policy stdio: it ended before it said hello\n");
}

// The control planes need not call learn(): what a policy is told then is the same.
TEST_CASE("a program is told what came of its decisions where it asks for it") {
  const Scratch scratch;
  const std::string script = scratch.write("learner.py", R"(
import json, sys
log = open(sys.argv[1], "w")
sys.stdin.readline()
print('{"type": "hello", "protocol": 1, "feedback_after_s": 5}', flush=True)
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "problem":
        print(json.dumps({"type": "answer", "number": message["number"], "assignments": []}), flush=True)
    else:
        log.write(line)
        log.flush()
)");
  Policies policies;
  add_policies(policies);
  ExternalRules rules;
  rules.fall_back = policies.placement.choose("nearest");
  {
    External external("exec:python3 " + script + " " + (scratch / "log"), {"placement", "by-hand", 1, 0}, rules,
                      [] { return false; });
    const auto policy = external.policy();
    CHECK(policy->patience() == Seconds(5));
    Rng rng(1, 0);
    PlacementProblem problem;
    for (const std::uint64_t number : {17, 4, 23}) {
      problem.number = number;
      CHECK(policy->place(problem, rng).assignments.empty());
    }
    policy->learn({4, Seconds(5), 100, 7, Seconds(0.25), 0.5});
    policy->learn({99, Seconds(5), 1, 1, Seconds(1), 1});  // of a question that was never asked
    external.finish(nullptr, nullptr);
    CHECK(external.totals().answered == 3);
    CHECK(external.totals().failures() == 0);
  }
  std::ifstream log(scratch / "log");
  std::string line;
  REQUIRE(std::getline(log, line));
  CHECK(ordered_json::parse(line) == ordered_json({{"type", "feedback"},
                                                   {"number", 2},
                                                   {"span_s", 5.0},
                                                   {"answers", 100},
                                                   {"misses", 7},
                                                   {"latency_s", 0.25},
                                                   {"ready", 0.5}}));
  REQUIRE(std::getline(log, line));
  CHECK(ordered_json::parse(line)["type"] == "end");
}

}  // namespace codecosim::test
