// The structure of the code, where the compiler does not see it.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace fs = std::filesystem;
using namespace codecosim::test;

namespace {
struct Source {
  std::string path, text;
};
std::vector<Source> sources() {
  std::vector<Source> all;
  for (const char* folder : {"sim", "models", "policies", "scenarios", "analysis", "findings", "sweep", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(std::string(CODECOSIM_SOURCE) + "/" + folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".cpp" || extension == ".hpp")
        all.push_back({fs::relative(entry.path(), CODECOSIM_SOURCE).string(), contents(entry.path().string())});
    }
  }
  std::sort(all.begin(), all.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  return all;
}
void nowhere(const std::string& pattern, const std::string& except = "^$") {
  const std::regex wanted(pattern), allowed(except);
  for (const Source& source : sources()) {
    if (std::regex_search(source.path, allowed)) continue;
    std::smatch found;
    const bool hit = std::regex_search(source.text, found, wanted);
    INFO(source.path << ": " << (hit ? found.str() : ""));
    CHECK_FALSE(hit);
  }
}
}  // namespace

TEST_CASE("One header includes SimGrid", "[arch]") {
  REQUIRE(sources().size() > 50);
  nowhere("#include [<\"](simgrid|xbt)/", "^sim/kernel/simgrid_compat.hpp$");
}
TEST_CASE("Only the library of neural learners includes LibTorch", "[arch]") {
  nowhere("#include <(torch|ATen|c10)/", "^policies/torch/");
}
TEST_CASE("No distribution, engine or clock of the standard library drives the model", "[arch]") {
  nowhere("std::(\\w+_distribution|mt19937|random_device|rand\\b|default_random_engine)");
  // Another program is waited for in real time, and so is a copy of this one; a limit of real time may be what a
  // scenario asks for; what policies take is reported.
  nowhere("(steady|system|high_resolution)_clock|\\btime\\(",
          "^(cli|sweep|policies/external)/|^policies/placement/swm/deadline.hpp$|^sim/base/(child|file).[ch]pp$|^sim/"
          "kernel/profile.hpp$|^models/"
          "orchestration/"
          "placement/decisions.cpp$");
}
TEST_CASE("Includes name their path from the root, and headers guard themselves", "[arch]") {
  nowhere("#include \"(\\.\\.?/|[^/\"]+\")");
  for (const Source& source : sources()) {
    INFO(source.path);
    if (source.path.ends_with(".hpp")) CHECK(source.text.starts_with("#pragma once"));
  }
}
// g++ 12 copies a temporary that is awaited inside a condition byte by byte, and then it is registered where it no
// longer is.
TEST_CASE("Nothing is awaited inside a condition", "[arch]") { nowhere("(if|while) \\(([^()]|\\([^()]*\\))*co_await"); }
// clang's -Wcomma passes over templates, and over bodies without braces in loops.
TEST_CASE("No comma stands between two assignments", "[arch]") {
  nowhere(
      "[;{})]\\n +[a-z_][\\w.>\\[\\]-]* [-+]?= ([^;(){}\\[\\]\\n]|\\[[^\\]\\n]*\\])*, [a-z_][\\w.>\\[\\]-]* [-+]?= ");
}
TEST_CASE("What a claim says that it is checked by exists", "[arch]") {
  const std::regex named("tests/[a-z0-9_/]+\\.(cpp|py)");
  std::size_t count = 0;
  for (const Source& source : sources())
    for (std::sregex_iterator one(source.text.begin(), source.text.end(), named), end; one != end; ++one, ++count) {
      INFO(source.path << ": " << one->str());
      CHECK(fs::exists(std::string(CODECOSIM_SOURCE) + "/" + one->str()));
    }
  CHECK(count > 30);
}
TEST_CASE("Policies and models neither print nor keep a log", "[arch]") {
  // A build that makes people wait is told.
  nowhere("std::(cout|cerr|clog)|\\bprintf\\(|fmt::print", "^cli/|^policies/extension.cpp$");
}
// `./dev docs` writes them.
TEST_CASE("The documented tables of metrics, findings and records are what the program says", "[arch]") {
  const Scratch scratch;
  fs::create_directory(scratch / "docs");
  for (const char* page : {"scenario.md", "plans.md", "external.schema.json", "output.md"})
    fs::copy_file(std::string(CODECOSIM_SOURCE) + "/docs/" + page, scratch / (std::string("docs/") + page));
  REQUIRE(std::system((std::string("python3 -B ") + CODECOSIM_SOURCE + "/tests/docs/generate.py " + CODECOSIM_PROGRAM +
                       " " + scratch.path())
                          .c_str()) == 0);
  for (const char* page : {"scenario.md", "plans.md", "external.schema.json", "output.md"}) {
    INFO(page);
    CHECK(contents(scratch / (std::string("docs/") + page)) ==
          contents(std::string(CODECOSIM_SOURCE) + "/docs/" + page));
  }
}

TEST_CASE("The tour of the code names files and functions that there are", "[arch]") {
  const std::string tour = contents(std::string(CODECOSIM_SOURCE) + "/docs/architecture.md");
  const std::vector<Source> all = sources();
  const auto found = [&](const std::regex& what) {
    return std::any_of(all.begin(), all.end(), [&](const Source& one) { return std::regex_search(one.text, what); });
  };
  std::size_t count = 0;
  const std::regex file(
      "`((?:sim|models|policies|scenarios|analysis|findings|sweep|cli|tests|docs|cmake)/[a-z_/]+\\.[a-z]+)`");
  for (std::sregex_iterator one(tour.begin(), tour.end(), file), end; one != end; ++one, ++count) {
    INFO((*one)[1]);
    CHECK(fs::exists(std::string(CODECOSIM_SOURCE) + "/" + (*one)[1].str()));
  }
  const std::regex member("`(?:\\w+::)?([A-Z]\\w+)::([a-z]\\w+)`");
  for (std::sregex_iterator one(tour.begin(), tour.end(), member), end; one != end; ++one, ++count) {
    const std::string of = (*one)[1], name = (*one)[2];
    INFO(of << "::" << name);
    CHECK((found(std::regex("\\b" + of + "::" + name + "\\b")) ||
           (found(std::regex("\\b(class|struct) " + of + "\\b")) && found(std::regex("\\b" + name + "\\b")))));
  }
  CHECK(count > 80);
}

// What each layer may see is said once, in CMakeLists.txt, which lists it for this test: its own folder, then others.
TEST_CASE("A layer sees what it depends on, and nothing else", "[arch]") {
  std::map<std::string, std::set<std::string>> views;
  std::set<std::string> folders;
  std::ifstream list(CODECOSIM_LAYERS);
  for (std::string line; std::getline(list, line);) {
    std::istringstream words(line);
    std::string target, folder;
    words >> target;
    while (words >> folder) views[target].insert(folder);
    folders.insert(views[target].begin(), views[target].end());
  }
  REQUIRE(views.size() >= 9);
  REQUIRE(folders.contains("models"));
  for (const auto& [target, seen] : views)
    for (const std::string& folder : folders) {
      CAPTURE(target, folder);
      CHECK(fs::exists(std::string(CODECOSIM_VIEWS) + "/" + target + "/" + folder) == seen.contains(folder));
    }
  const auto sees = [&](const char* target, const char* folder) { return views.at(target).contains(folder); };
  CHECK_FALSE(sees("models", "policies"));
  CHECK_FALSE(sees("policies", "scenarios"));
  CHECK_FALSE(sees("analysis", "models"));  // it never runs a simulation
  CHECK_FALSE(sees("findings", "scenarios"));
}

// A view is enough for that.
TEST_CASE("What a layer does not see does not compile in it", "[arch]") {
  const Scratch scratch;
  const auto compiles = [&](const std::string& header) {
    const std::string file = scratch.write("probe.cpp", "#include \"" + header + "\"\n");
    return std::system((std::string(CODECOSIM_COMPILER) + " -std=c++20 -fsyntax-only -I" + CODECOSIM_VIEWS +
                        "/sim-trace " + file + " 2>/dev/null")
                           .c_str()) == 0;
  };
  CHECK(compiles("sim/base/ids.hpp"));
  CHECK_FALSE(compiles("sim/kernel/calendar.hpp"));
}

// Those without such a file are compiled alone: see check_headers in cmake/layer.cmake.
TEST_CASE("A file includes the header of its name first, so that it compiles alone", "[arch]") {
  const std::regex first("#include ([<\"])([^>\"]+)");
  std::size_t count = 0;
  for (const Source& source : sources()) {
    const std::string header = source.path.substr(0, source.path.size() - 3) + "hpp";
    if (!source.path.ends_with(".cpp") || !fs::exists(std::string(CODECOSIM_SOURCE) + "/" + header)) continue;
    std::smatch found;
    REQUIRE(std::regex_search(source.text, found, first));
    INFO(source.path);
    CHECK(found[2] == header);
    ++count;
  }
  CHECK(count > 100);
}

namespace {
/// The files of the repository that a file includes, directly or not.
std::set<std::string> closure(const std::string& path) {
  static const std::regex include("#include \"([^\"]+)\"");
  std::set<std::string> seen;
  std::vector<std::string> open{path};
  while (!open.empty()) {
    const std::string text = contents(std::string(CODECOSIM_SOURCE) + "/" + open.back());
    open.pop_back();
    for (std::sregex_iterator hit(text.begin(), text.end(), include), end; hit != end; ++hit)
      if (seen.insert((*hit)[1]).second) open.push_back((*hit)[1]);
  }
  return seen;
}
}  // namespace

TEST_CASE("Nothing of the world can be reached from what a hub knows", "[arch]") {
  for (const char* part : {"hub_view.hpp", "hub_view.cpp", "network_view.hpp", "network_view.cpp"}) {
    const auto all = closure(std::string("models/orchestration/placement/") + part);
    CHECK(!all.empty());
    for (const char* truth :
         {"models/world.hpp", "models/application/applications.hpp", "models/application/requests.hpp",
          "models/data/datasets.hpp", "models/compute/compute.hpp", "models/orchestration/placement/truth.hpp"}) {
      CAPTURE(part, truth);
      CHECK_FALSE(all.contains(truth));
    }
  }
}

TEST_CASE("Rooms of the orchestration include only rooms on floors below", "[arch]") {
  const std::map<std::string, std::set<std::string>> below{
      {"placement", {}},
      {"migration", {}},
      {"netma", {"placement"}},
      {"kubernetes", {"placement", "migration"}},
      {"ocm", {"placement", "kubernetes"}},
      {"learning", {"placement"}},
      {"oracle", {"placement", "kubernetes"}},
      {"codeco", {"placement", "kubernetes", "ocm", "netma"}},
  };
  const std::regex room("^models/orchestration/([a-z]+)/"), include("#include \"models/orchestration/([a-z]+)/");
  std::set<std::string> seen;
  for (const Source& source : sources()) {
    std::smatch found;
    if (!std::regex_search(source.path, found, room)) continue;
    const std::string here = found[1];
    seen.insert(here);
    REQUIRE(below.contains(here));
    for (std::sregex_iterator hit(source.text.begin(), source.text.end(), include), end; hit != end; ++hit) {
      INFO(source.path << " includes " << (*hit)[1]);
      CHECK((here == (*hit)[1] || below.at(here).contains((*hit)[1])));
    }
  }
  CHECK(seen.size() == below.size());
}
