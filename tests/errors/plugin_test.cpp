// Policies from shared libraries: the example, built as its readers would build it, and all that can be wrong with a
// library.
#include <filesystem>
#include <sstream>

#include "policies/plugin.hpp"
#include "sim/trace/fingerprint.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {
namespace {

const std::string quick = library("quickstart.json");

bool sanitized() {
#ifdef __SANITIZE_ADDRESS__
  return true;
#else
  return false;
#endif
}

/// A shared library made of this source, or an empty name where it does not compile.
std::string compiled(const Scratch& scratch, const std::string& source) {
  const std::string file = scratch.write("plugin.cpp", source);
  const std::string out = scratch / "plugin.so";
  const std::string command = std::string(CODECOSIM_COMPILER) + " -std=c++20 -O0 -shared -fPIC -I " + CODECOSIM_SOURCE +
                              " " + file + " -o " + out + " >" + (scratch / "log") + " 2>&1";
  return std::system(command.c_str()) == 0 ? out : "";
}

}  // namespace

TEST_CASE("the example of a plug-in builds outside the tree, against what is installed, and decides") {
  if (sanitized()) {
    WARN("skipped: a plug-in would have to be built with the same sanitizers");
    return;
  }
  const Scratch scratch;
  const std::string prefix = scratch / "prefix", build = scratch / "build", log = scratch / "log";
  const auto run = [&](const std::string& command) {
    const bool good = std::system((command + " >" + log + " 2>&1").c_str()) == 0;
    INFO(command << "\n" << contents(log));
    REQUIRE(good);
  };
  run("cmake --install " + std::filesystem::path(CODECOSIM_PROGRAM).parent_path().string() + " --prefix " + prefix);
  run("cmake -S " + std::string(CODECOSIM_SOURCE) + "/examples/plugin -B " + build + " -DCMAKE_PREFIX_PATH=" + prefix +
      " -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=" + CODECOSIM_COMPILER);
  run("cmake --build " + build);
  const std::string plugin = "--plugin " + build + "/my_policy.so";

  const std::string described = codecosim("describe policies " + plugin).out;
  const std::size_t roomy_at = described.find("  roomy ");
  REQUIRE(roomy_at != std::string::npos);
  CHECK(
      described.substr(roomy_at, described.find('\n', roomy_at) - roomy_at).find("The target with the least latency") !=
      std::string::npos);
  const auto roomy = [&](const std::string& headroom) {
    const auto results =
        simulate(quick + " " + plugin + " --set '/policy/placement={\"roomy\": {\"headroom\": " + headroom + "}}'");
    REQUIRE_FALSE(results.is_null());
    return results["manifest"]["fingerprint"].get<std::string>();
  };
  const auto nearest = simulate(quick + " --policy nearest")["manifest"]["fingerprint"].get<std::string>();
  // Without headroom it is `nearest`, but for ties, which random places do not have; with all of it, it spreads.
  CHECK(roomy("0") == nearest);
  CHECK(roomy("1") != nearest);
  CHECK(codecosim("run " + quick + " --no-output --policy roomy " + plugin).status == 0);
  CHECK(codecosim("run " + quick + " --no-output --policy roomy").status == 3);
  const std::string far = "check " + quick + " --set '/policy/placement={\"roomy\": {\"headroom\": 2}}' " + plugin;
  CHECK(codecosim(far).err.find("/policy/placement/roomy/headroom") != std::string::npos);
  // The installed program is the same one.
  CHECK(std::system(
            (prefix + "/bin/codecosim check " + quick + " --plugin " + build + "/my_policy.so >/dev/null").c_str()) ==
        0);

  const Ran twice = codecosim("check " + quick + " " + plugin + " " + plugin);
  CHECK(twice.status == 2);
  CHECK(twice.err == "plug-in " + build + "/my_policy.so: the name \"roomy\" is taken\n");
}

TEST_CASE("what is no plug-in ends with 2") {
  const Scratch scratch;
  const auto error = [&](const std::string& file) {
    const Ran ran = codecosim("check " + quick + " --plugin " + file);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK(error(scratch / "missing.so").find("cannot open shared object file") != std::string::npos);
  CHECK(error("missing.so").rfind("plug-in missing.so: ./missing.so: ", 0) == 0);
  CHECK(error(scratch.write("text.so", "no library\n")).find("text.so: ") != std::string::npos);
  CHECK(error(scratch.path()).rfind("plug-in " + scratch.path(), 0) == 0);
  CHECK(error("libm.so.6").find("cannot open shared object file") != std::string::npos);

  const std::string library = compiled(scratch, "int nothing;");
  REQUIRE_FALSE(library.empty());
  CHECK(error(library) ==
        "plug-in " + library + ": no plug-in of codecosim: CODECOSIM_PLUGIN of policies/plugin.hpp makes one\n");
  const std::string older = compiled(scratch, R"(
    extern "C" const char* codecosim_plugin_abi() { return "codecosim plug-in 0"; }
    extern "C" void codecosim_plugin_add(void*) { __builtin_trap(); })");
  REQUIRE_FALSE(older.empty());
  CHECK(error(older).rfind(
            "plug-in " + older + ": built for \"codecosim plug-in 0\", but this is \"codecosim plug-in 005, C++ ABI ",
            0) == 0);
  const std::string incomplete = compiled(scratch, R"(
    void is_nowhere();
    extern "C" const char* codecosim_plugin_abi() { is_nowhere(); return ""; }
    extern "C" void codecosim_plugin_add(void*) {})");
  REQUIRE_FALSE(incomplete.empty());
  CHECK(error(incomplete).find("undefined symbol: _Z10is_nowherev") != std::string::npos);
}

TEST_CASE("what size does not show of what plug-ins implement changes with the version of their interface") {
  std::string functions;
  for (const char* header : {"models/policy.hpp", "models/learner.hpp"}) {
    std::istringstream lines(contents(std::string(CODECOSIM_SOURCE) + "/" + header));
    for (std::string line; std::getline(lines, line);)
      if (line.find("virtual ") != std::string::npos) functions += line.substr(line.find_first_not_of(' ')) + "\n";
  }
  // If this fails: raise plugin_version (policies/plugin.hpp), and write both numbers here.
  CHECK(plugin_version == 5);
  CHECK(Fingerprint::hash(functions) == 0xa63d03296f4cdc83);
}

TEST_CASE("a plug-in that fails, or brings a name that is taken, ends with 2") {
  if (sanitized()) {
    WARN("skipped: a plug-in would have to be built with the same sanitizers");
    return;
  }
  // Which way it goes wrong is a matter of its environment, because compiling takes seconds.
  const Scratch scratch;
  const std::string plugin = compiled(scratch, R"(
    #include "policies/plugin.hpp"
    #include <cstdlib>
    #include <stdexcept>
    static void add(codecosim::Policies& policies) {
      const std::string way = std::getenv("WAY");
      const auto make = [] { return std::unique_ptr<codecosim::PlacementPolicy>(); };
      policies.placement.add("mine", "Mine.", make);
      if (way == "taken") policies.placement.add("nearest", "Taken.", make);
      if (way == "twice") policies.placement.add("mine", "Mine.", make);
      if (way == "error") throw codecosim::Error(codecosim::Failure::model, "no licence");
      if (way == "exception") throw std::logic_error("no luck");
      if (way == "number") throw 7;
    }
    CODECOSIM_PLUGIN(add))");
  INFO(contents(scratch / "log"));
  REQUIRE_FALSE(plugin.empty());
  const auto error = [&](const std::string& way) {
    const Ran ran = codecosim("check " + quick + " --plugin " + plugin, "WAY=" + way);
    CHECK(ran.status == 2);
    return ran.err;
  };
  CHECK(error("taken") == "plug-in " + plugin + ": the name \"nearest\" is taken\n");
  CHECK(error("twice").find("it failed: internal error: a plug-in name is registered twice") != std::string::npos);
  CHECK(error("error") == "plug-in " + plugin + ": it failed: no licence\n");
  CHECK(error("exception") == "plug-in " + plugin + ": it failed: no luck\n");
  CHECK(error("number") == "plug-in " + plugin + ": it failed\n");
  CHECK(codecosim("check " + quick + " --plugin " + plugin, "WAY=none").status == 0);
}

TEST_CASE("what a policy of a plug-in throws, or how it crashes, ends a run with 4, and with its name") {
  if (sanitized()) {
    WARN("skipped: a plug-in would have to be built with the same sanitizers");
    return;
  }
  const Scratch scratch;
  const std::string plugin = compiled(scratch, R"(
    #include "policies/plugin.hpp"
    #include <cstdlib>
    #include <stdexcept>
    struct Mine : codecosim::PlacementPolicy {
      static int deeper(volatile int* all) {
        volatile int more[1000] = {*all};
        return deeper(more) + more[7];
      }
      codecosim::Placement place(const codecosim::PlacementProblem& problem, codecosim::Rng&) override {
        const std::string way = std::getenv("WAY");
        if (way == "exception") throw std::out_of_range("no such row");
        if (way == "number") throw 7;
        if (way == "error") throw codecosim::Error(codecosim::Failure::model, "no licence");
        if (way == "null") *static_cast<volatile int*>(nullptr) = 7;
        if (way == "abort") std::abort();
        if (way == "deep") { volatile int one = 1; deeper(&one); }
        return {};
      }
    };
    static void add(codecosim::Policies& policies) {
      policies.placement.add("mine", "Mine.", []() -> std::unique_ptr<codecosim::PlacementPolicy> {
        if (std::getenv("WAY") == std::string("nothing")) return nullptr;
        return std::make_unique<Mine>();
      });
    }
    CODECOSIM_PLUGIN(add))");
  INFO(contents(scratch / "log"));
  REQUIRE_FALSE(plugin.empty());
  const std::string mine = "\"mine\" of the plug-in " + plugin;
  const auto error = [&](const std::string& way) {
    const Ran ran = codecosim("run " + quick + " --no-output --policy mine --plugin " + plugin, "WAY=" + way);
    CHECK(ran.status == 4);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK(error("exception").starts_with(mine + " failed at "));
  CHECK(error("exception").ends_with(": no such row\n"));
  CHECK(error("number").ends_with(": it threw what is no std::exception\n"));
  CHECK(error("error") == "no licence\n");
  CHECK(error("nothing") == mine + " makes nothing\n");
  CHECK(error("null") == mine + " crashed: SIGSEGV\n");
  CHECK(error("abort") == mine + " crashed: SIGABRT\n");
  CHECK(error("deep") == mine + " crashed: SIGSEGV\n");

  const std::string plan = scratch.write("plan.json", R"({"name": "mine", "scenario": "library:quickstart",
    "factors": {"placement": {"at": "/policy/placement", "values": ["nearest", "mine"]}}, "replications": 1})");
  const Ran sweep = codecosim("sweep " + plan + " --out " + scratch / "out" + " --plugin " + plugin, "WAY=null");
  CHECK(sweep.status == 4);
  CHECK(contents(scratch / "out/results.csv").find("crashed: signal 11 (Segmentation fault)") != std::string::npos);
}

}  // namespace codecosim::test
