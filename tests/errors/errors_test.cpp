#include <filesystem>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "policies/add_policies.hpp"
#include "scenarios/load.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

// Every broken scenario is an entry of cases.json: what is done to the valid base.json, and the lines that must be
// reported.
//   change, remove  JSON pointers into base.json, and their new values       files  other files beside the scenario
//   text, bytes, repeat  the file itself instead                              path   another path to read
//   set             /pointer and value, as of --set                           expect all lines, in their order

namespace codecosim::test {
namespace {

std::string errors_folder() { return std::string(CODECOSIM_SOURCE) + "/tests/errors/"; }
Json json_file(const std::string& name) { return Json::parse(contents(errors_folder() + name)); }

Policies policies() {
  Policies all;
  add_policies(all);
  return all;
}

std::string scenario_text(const Json& test, Json base) {
  if (test.contains("text")) return test["text"];
  if (test.contains("bytes")) {
    const std::string digits = test["bytes"];
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
      bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return bytes;
  }
  if (test.contains("repeat")) {
    std::string all;
    for (int i = 0; i < test["repeat"][1].get<int>(); ++i) all += test["repeat"][0].get<std::string>();
    return all;
  }
  if (test.contains("change"))
    for (const auto& [pointer, value] : test["change"].items()) base[Json::json_pointer(pointer)] = value;
  if (test.contains("remove")) {
    for (const Json& text : test["remove"]) {
      const Json::json_pointer pointer(text.get<std::string>());
      base[pointer.parent_pointer()].erase(pointer.back());
    }
  }
  return base.dump(2);
}

/// Writes the files of a case; the path of its scenario.
std::string prepare(const Json& test, const Json& base, const Scratch& scratch) {
  const std::string path = scratch.write("case.json", scenario_text(test, base));
  if (test.contains("files"))
    for (const auto& [name, text] : test["files"].items()) scratch.write(name, text);
  if (!test.contains("path")) return path;
  const std::string other = test["path"];
  return other[0] == '/' ? other : scratch / other;
}

std::vector<std::pair<std::string, std::string>> settings(const Json& test) {
  std::vector<std::pair<std::string, std::string>> all;
  if (test.contains("set"))
    for (const Json& pair : test["set"]) all.emplace_back(pair[0], pair[1]);
  return all;
}

/// The lines of a message, with paths relative to the folder of the scenario.
std::vector<std::string> lines(std::string text, const Scratch& scratch) {
  const std::string prefix = scratch.path() + "/";
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
    text.erase(at, prefix.size());
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

std::vector<std::string> expected(const Json& test) { return test["expect"].get<std::vector<std::string>>(); }

}  // namespace

TEST_CASE("the scenarios that broken ones are made of are valid") {
  CHECK_NOTHROW(load(Document(errors_folder() + "base.json", {}, false), policies()));
  CHECK_NOTHROW(load(Document(errors_folder() + "governed.json", {}, false), policies()));
}

TEST_CASE("every broken scenario is reported with all of its problems, in file order") {
  const Json base = json_file("base.json"), cases = json_file("cases.json");
  CHECK(cases.size() >= 70);
  std::set<std::string> names;
  for (const Json& test : cases) {
    const std::string name = test["name"];
    INFO(name);
    CHECK(names.insert(name).second);
    const Scratch scratch;
    const std::string path = prepare(test, base, scratch);
    try {
      (void)load(Document(path, settings(test), false), policies());
      FAIL_CHECK("nothing was reported");
    } catch (const ScenarioError& wrong) {
      CHECK(lines(wrong.what(), scratch) == expected(test));
      CHECK(wrong.failure == Failure::scenario);
    }
  }
}

TEST_CASE("the program reports broken scenarios on standard error, ends with 3 and leaves nothing behind") {
  const Json base = json_file("base.json"), cases = json_file("cases.json");
  const std::set<std::string> some{"missing file",
                                   "empty file",
                                   "deep nesting of arrays",
                                   "binary",
                                   "import in a circle",
                                   "many problems, in file order",
                                   "nodes too many in total",
                                   "clusters missing"};
  std::size_t found = 0;
  for (const Json& test : cases) {
    if (some.count(test["name"]) == 0) continue;
    ++found;
    INFO(test["name"]);
    const Scratch scratch;
    const std::string path = prepare(test, base, scratch), out = scratch / "results";
    for (const std::string& arguments : {"run " + path + " --out " + out, "check " + path}) {
      const Ran ran = codecosim(arguments);
      CHECK(ran.status == 3);
      CHECK(ran.out.empty());
      CHECK(lines(ran.err, scratch) == expected(test));
    }
    CHECK_FALSE(std::filesystem::exists(out));
    CHECK_FALSE(std::filesystem::exists(out + ".partial"));
  }
  CHECK(found == some.size());
}

TEST_CASE("check reports every file, and the good ones as good") {
  const Scratch scratch;
  const std::string bad = scratch.write("bad.json", "{"), worse = scratch.write("worse.json", "[]");
  const std::string good = errors_folder() + "base.json";
  const Ran ran = codecosim("check " + bad + " " + good + " " + worse);
  CHECK(ran.status == 3);
  CHECK(ran.out == good + ": ok\n");
  CHECK(lines(ran.err, scratch).size() == 2);
}

TEST_CASE("a file of many megabytes is refused or read, in bearable time") {
  const Scratch scratch;
  std::string keys = "{", wide = "{ \"name\": \"" + std::string(5'000'000, 'x') + "\"";
  for (int i = 0; i < 20'000; ++i) keys += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":0";
  const std::string many = scratch.write("keys.json", keys + "}"), name = scratch.write("name.json", wide + "}");
  const std::string huge = scratch.write("huge.json", "{");
  std::filesystem::resize_file(huge, 64'000'001);
  const auto message = [&](const std::string& path) {
    try {
      (void)load(Document(path, {}, false), policies());
      return std::vector<std::string>{};
    } catch (const ScenarioError& wrong) {
      return lines(wrong.what(), scratch);
    }
  };
  CHECK(message(many) == std::vector<std::string>{"keys.json#: more than 10000 keys in an object"});
  CHECK(message(huge) == std::vector<std::string>{"huge.json: larger than 64 MB"});
  for (const std::string& line : message(name)) CHECK(line.size() < 2100);
  const auto list = [](const std::string& element, int count) {
    std::string all = "[" + element;
    for (int i = 1; i < count; ++i) all += "," + element;
    return all + "]";
  };
  const auto with = [&](const std::string& key, const std::string& value) {
    Json scenario = json_file("base.json");
    scenario[key] = Json::parse(value);
    return message(scratch.write("list.json", scenario.dump()));
  };
  CHECK(with("clusters", list("{}", 70'000)).at(0) ==
        "list.json#/clusters: 70000 elements are too many: at most 65535");
  CHECK(with("clients", list("{}", 12'000)).size() == 10'001);
  CHECK(with("clients", list("{}", 12'000)).at(0) == "list.json#: there are more problems");
}

TEST_CASE("symbolic links do not lead out of the scenario's folder") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "inside");
  scratch.write("secret.json", "{}");
  std::filesystem::create_symlink("../secret.json", scratch / "inside/link.json");
  std::filesystem::create_symlink("loop.json", scratch / "inside/loop.json");
  const auto message = [&](const std::string& import) {
    const std::string path = scratch.write("inside/case.json", "{ \"import\": \"" + import + "\" }");
    try {
      (void)Document(path, {}, false);
      return std::string();
    } catch (const ScenarioError& wrong) {
      return lines(wrong.what(), scratch).at(0);
    }
  };
  CHECK(message("link.json") ==
        "inside/case.json#/import: \"link.json\" lies outside the scenario's folder; --allow-outside permits that");
  CHECK(message("loop.json") == "inside/case.json#/import: \"loop.json\": no such file, or not a regular one");
  CHECK(message(std::string(1000, 'a')).find("no such file") != std::string::npos);
  CHECK_NOTHROW(Document(scratch.write("inside/case.json", "{ \"import\": \"link.json\" }"), {}, true));
}

}  // namespace codecosim::test
