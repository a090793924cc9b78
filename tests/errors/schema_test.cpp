#include <filesystem>

#include "tests/catch.hpp"
#include "tests/shell.hpp"

// The schema that `describe` prints, judged by a validator that others have written: Debian's python3-jsonschema.

namespace codecosim::test {
namespace {

const std::string validate = R"(
import json, re, sys
from jsonschema import Draft202012Validator
with open(sys.argv[1]) as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
for path in sys.argv[2:]:
    with open(path) as file:
        text = file.read()
    if path.endswith('.jsonc'):
        # Comments outside texts.
        text = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', lambda m: m.group(1) or ' ', text, flags=re.S)
    for error in Draft202012Validator(schema).iter_errors(json.loads(text)):
        print(path.rsplit('/', 1)[-1] + ': /' + '/'.join(map(str, error.absolute_path)) + ': ' + error.message[:200])
)";

/// What is wrong with the files by the schema, a line each; a message of Python if the validator itself fails.
class Validator {
 public:
  Validator() {
    scratch_.write("validate.py", validate);
    scratch_.write("schema.json", codecosim("describe --json-schema").out);
  }
  static bool missing() {
    return std::system("/usr/bin/python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null") != 0;
  }
  std::string run(const std::string& files) const {
    const std::string out = scratch_ / "out";
    (void)!std::system(("/usr/bin/python3 " + (scratch_ / "validate.py") + " " + (scratch_ / "schema.json") + " " +
                        files + " >" + out + " 2>&1")
                           .c_str());
    return contents(out);
  }
  /// The same of a scenario given as text.
  std::string run_text(const std::string& text) const { return run(scratch_.write("scenario.json", text)); }

 private:
  Scratch scratch_;
};

bool skip() {
  if (Validator::missing()) WARN("skipped: python3-jsonschema is missing (apt-get install python3-jsonschema)");
  return Validator::missing();
}

nlohmann::ordered_json base() {
  return nlohmann::ordered_json::parse(contents(std::string(CODECOSIM_SOURCE) + "/tests/errors/base.json"));
}

}  // namespace

TEST_CASE("every shipped scenario is valid by the JSON Schema, which is valid itself") {
  if (skip()) return;
  const Validator validator;
  const std::string own = std::string(CODECOSIM_SOURCE) + "/tests/errors/";
  std::string files = own + "base.json " + own + "governed.json";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(library(""))) {
    const std::string kind = entry.path().extension().string();
    if (kind == ".json" || kind == ".jsonc") {
      files += " " + entry.path().string();
      ++count;
    }
  }
  CHECK(count >= 4);
  CHECK(validator.run(files) == "");
}

TEST_CASE("the JSON Schema rejects what the reader rejects") {
  if (skip()) return;
  const Validator validator;
  CHECK(validator.run_text(base().dump()) == "");
  const auto changed = [&](const std::string& pointer, const nlohmann::ordered_json& value) {
    nlohmann::ordered_json scenario = base();
    scenario[nlohmann::ordered_json::json_pointer(pointer)] = value;
    return validator.run_text(scenario.dump());
  };
  CHECK(changed("/duratoin", "1 s").find("'duratoin' was unexpected") != std::string::npos);
  CHECK(changed("/clusters/1/cuont", 3).find("/clusters/1: ") != std::string::npos);
  CHECK(changed("/duration", 600).find("/duration: 600 is not of type 'string'") != std::string::npos);
  CHECK(changed("/duration", "10 minutes").find("/duration: ") != std::string::npos);
  CHECK(changed("/clusters", nlohmann::ordered_json::array()).find("/clusters: ") != std::string::npos);
  CHECK(changed("/name", "").find("/name: ") != std::string::npos);
  CHECK(changed("/clusters/1/role", "spokes").find("/clusters/1/role: ") != std::string::npos);
  CHECK(changed("/clusters/1/count", 0).find("/clusters/1/count: ") != std::string::npos);
  CHECK(changed("/clients/0/workload", {{"posson", "8 /s"}}).find("/clients/0/workload: ") != std::string::npos);
  nlohmann::ordered_json incomplete = base();
  incomplete.erase("duration");
  CHECK(validator.run_text(incomplete.dump()).find("'duration' is a required property") != std::string::npos);
}

TEST_CASE("what the JSON Schema says of a form, the reader reads") {
  if (skip()) return;
  const Validator validator;
  const auto same = [&](const std::string& pointer, const nlohmann::ordered_json& value, bool good) {
    nlohmann::ordered_json scenario = base();
    scenario[nlohmann::ordered_json::json_pointer(pointer)] = value;
    const Scratch scratch;
    INFO(pointer << " = " << value.dump());
    CHECK(validator.run_text(scenario.dump()).empty() == good);
    CHECK((codecosim("check " + scratch.write("scenario.json", scenario.dump())).status == 0) == good);
  };
  using J = nlohmann::ordered_json;
  const std::string work = "/applications/0/components/0/work";
  same(work, J{{"uniform", {{"low", "1 ms"}, {"high", "2 ms"}}}}, true);
  same(work, J{{"zipf", {{"unit", "1 ms"}, {"n", 10}, {"exponent", 1.2}}}}, true);
  same(work, J{{"empirical", {"1 ms", "2 ms"}}}, true);
  same(work, J{{"empirical", J::array()}}, false);
  same(work, J{{"exponential", 40}}, false);
  same(work, J{{"weibull", {{"scale", "1 ms"}}}}, false);
  same("/clusters/1/position", J{{"random", {{"width", "1 km"}, {"height", "2 km"}}}}, true);
  same("/clusters/1/position", J{{"random", {{"width", "1 km"}}}}, false);
  same("/clusters/1/position", J{"1 km", "2 km"}, true);
  same("/clusters/1/position", J{"1 km", "2 km", "3 km"}, false);
  same("/node_types/pi/cores", 4, true);
  same("/node_types/pi/cores", "3500m", true);
  same("/node_types/pi/cores", "4 cpus", false);
  same("/node_types/pi/power", J{{"points", J::array({J::array({0, "2 W"}), J::array({1, "6 W"})})}}, true);
  same("/clients/0/workload", J{{"diurnal", {{"mean", "1 /s"}, {"factors", {1, 2, 3}}}}}, true);
  same("/clients/0/workload", J{{"diurnal", {{"mean", "1 /s"}, {"factors", {"1"}}}}}, false);
  same("/policy/cost", "greenness", true);
  same("/policy/cost", 1, false);
  same("/policy/cost", J{{"weighted", {{"weights", {{"node_energy", 3}, {"ebw", 0.5}}}, {"normalisation", "min-max"}}}},
       true);
  same("/policy/cost", J{{"weighted", {{"weights", {{"node_enery", 3}}}}}}, false);
  same("/policy/cost", J{{"weighted", {{"weights", {{"node_energy", -3}}}}}}, false);
  same("/policy/cost", J{{"profile", {{"otherwise", "resilience"}}}}, true);
  same("/policy/cost", J{{"none", J::object()}}, false);
  same("/policy/placement", J{{"network-aware", {{"order", "KahnSort"}, {"unit", "2 ms"}}}}, true);
  same("/policy/placement", J{{"network-aware", {{"unit", 2}}}}, false);
  same("/control_plane", "as-designed", true);
  same("/control_plane", "as-planned", false);
  same("/control_plane", J{{"preset", "as-implemented"}, {"acm", {{"wait", "0 s"}}}}, true);
  same("/control_plane", J{{"preset", "as-implemented"}, {"acm", {{"wait", 8}}}}, false);
  same("/control_plane", J{{"preset", "as-implemented"}, {"amc", J::object()}}, false);
  same("/control_plane", J{{"acm", {{"wait", "0 s"}}}}, false);
  same("/control_plane", J{{"preset", "as-designed"}, {"hub", {{"workers", 0}}}}, false);
  same("/control_plane", J{{"preset", "as-designed"}, {"neighbourhood", {{"partition", {{"k-nearest", {{"k", 3}}}}}}}},
       true);
  same("/control_plane", J{{"preset", "as-designed"}, {"neighbourhood", {{"partition", {{"k-nearest", {{"k", 0}}}}}}}},
       false);
  same("/data", J::array({{{"name", "maps"}, {"size", "1 GB"}, {"source", "centre"}, {"copies", {"edge-0"}}}}), true);
  same("/data", J::array({{{"name", "maps"}, {"source", "centre"}}}), false);
  const auto devices = [](const J& motion) { return J::array({{{"name", "car"}, {"motion", motion}}}); };
  const J blocks = {{"columns", 3},
                    {"rows", 2},
                    {"width", "80 m"},
                    {"height", "80 m"},
                    {"speed", {{"uniform", {{"low", "1 m/s"}, {"high", "2 m/s"}}}}}};
  J none = blocks;
  none["rows"] = 0;
  same("/devices", devices({{"manhattan", blocks}}), true);
  same("/devices", devices({{"manhattan", none}}), false);
  const J there_and_back = J::array({J{"0 m", "0 m"}, J{"1 km", "0 m"}});
  same("/devices", devices({{"path", {{"points", there_and_back}, {"speed", "5 km/h"}}}}), true);
  same("/devices", devices({{"path", {{"points", "1 km"}, {"speed", "5 km/h"}}}}), false);
  same("/devices",
       devices({{"commute", {{"sites", there_and_back}, {"leaves", "7 h"}, {"stays", "8 h"}, {"speed", "5 km/h"}}}}),
       true);
  same("/devices", devices({{"sumo", {{"begin", "7 h"}}}}), false);
  same("/faults/0/kind", "disk", false);
  same("/faults/0/from", 5, false);
  same("/applications/0/energy_limit", 0.5, true);
  same("/applications/0/energy_limit", 50, false);
  same("/applications/0/components/0/readiness", J{{"period", "5 s"}}, true);
  same("/applications/0/components/0/readiness", J{{"period", "0"}}, false);
  same("/applications/0/components/0/crash", J{{"weibull", {{"scale", "1 h"}, {"shape", 0.7}}}}, true);
  same("/applications/0/components/0/tolerations/0/seconds", 300, false);
  same("/applications/0/submit/delete_at", "30 s", true);
  same("/providers/telco/carbon", J{{"daily", {"200 g/kWh", "300 g/kWh"}}}, true);
}

}  // namespace codecosim::test
