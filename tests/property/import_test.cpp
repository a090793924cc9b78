#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {

TEST_CASE("whatever kubectl gave, the imported scenario is valid, runs, and serves its clients") {
  for (const std::string names :
       {"minimal.yaml", "older.yaml", "pair.yaml nodes.yaml", "books.json nodes.yaml clusters.yaml",
        "minimal.yaml older.yaml books.json clusters.yaml", "nodes.yaml", "clusters.yaml"}) {
    INFO(names);
    const Scratch scratch;
    const std::string file = scratch / "scenario.json", here = "cd " + import_data("") + " &&";
    const Ran ran = codecosim("import " + names + " --out " + file, here);
    REQUIRE(ran.status == 0);
    CHECK(ran.out == "wrote " + file + "; run it with: codecosim run " + file + "\n");
    CHECK(codecosim("import " + names, here).out == contents(file));
    CHECK(codecosim("check " + file).status == 0);
    const auto results = simulate(file);
    REQUIRE_FALSE(results.is_null());
    const auto& summary = results["summary"];
    if (names != "nodes.yaml" && names != "clusters.yaml") CHECK(summary["requests.completed"]["value"] > 1000);
    CHECK(summary["requests.failed"]["value"] == 0);
  }
}

TEST_CASE("an import reads standard input, and into a scenario what it imports") {
  const Scratch scratch;
  const std::string piped = scratch / "piped.json";
  CHECK(codecosim("import - --out " + piped + " >/dev/null 2>&1 <" + import_data("minimal.yaml") + " #").status == 0);
  CHECK(contents(piped).find("Imported from standard input.") != std::string::npos);
  const std::string file = scratch / "more.json";
  CHECK(codecosim("import " + import_data("minimal.yaml") + " --into " + library("quickstart.json") + " --out " + file)
            .status == 0);
  CHECK(simulate(file + " --until 60s")["summary"]["requests.completed"]["value"] > 1000);
}

}  // namespace codecosim::test
