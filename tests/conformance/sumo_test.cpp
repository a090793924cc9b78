// Vehicles where SUMO has them: its own output, read by us and by Python, and what happens on a radio then.
#include <cmath>
#include <map>
#include <sstream>
#include <vector>

#include "scenarios/load.hpp"
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

namespace codecosim::test {
namespace {
using J = nlohmann::ordered_json;

int shell(const std::string& command) { return std::system((command + " >/dev/null 2>&1 </dev/null").c_str()); }

/// Vehicles and a walker that has the name of one, on a grid of streets.
const std::string traffic = R"(<routes>
  <trip id="early" depart="0" from="A0B0" to="D3C3"/>
  <person id="late.0" depart="3"><walk from="A0B0" to="B0C0"/></person>
  <flow id="late" begin="10.5" end="100" number="10" from="D0C0" to="A3A2"/>
</routes>)";

/// What SUMO says of a network of 3 x 3 blocks of 100 m, in which it has simulated them.
void drive(const Scratch& scratch, const std::string& output, const std::string& options = "") {
  const std::string home = "SUMO_HOME=/usr/share/sumo ", never = " --xml-validation never ";
  scratch.write("traffic.rou.xml", traffic);
  REQUIRE(shell(home + "netgenerate --grid --grid.number 4 --grid.length 100 -o " + (scratch / "net.xml")) == 0);
  REQUIRE(shell(home + "sumo --seed 1 --no-step-log -n " + (scratch / "net.xml") + " -r " +
                (scratch / "traffic.rou.xml") + never + "--end 400 --fcd-output " + (scratch / output) + " " +
                options) == 0);
}

/// One cluster with one cell that reaches everywhere, and a client on each vehicle that asks once a second.
J city(const J& sumo) {
  J scenario = station(64, 1000, "1 ms", "1 /s", "400 s");
  scenario["warmup"] = "0 s";
  cluster(scenario, "c")["position"] = {"150 m", "150 m"};
  scenario["technologies"] = {
      {"everywhere", {{"preset", "lte"}, {"cell_power", "70 dBm"}, {"device_power", "70 dBm"}}}};
  scenario["cells"] = {{{"name", "mast"}, {"technology", "everywhere"}, {"position", {"150 m", "150 m"}}}};
  scenario["devices"] = {{{"name", "car"}, {"motion", {{"sumo", sumo}}}, {"technology", "everywhere"}}};
  J& user = client(scenario, "user");
  user["at"] = {{"device", "car"}};
  user["workload"] = {{"periodic", {{"period", "1 s"}}}};
  user["request"] = user["reply"] = "100 B";
  return scenario;
}
DeviceSpec cars(const Scratch& scratch, const J& sumo) {
  Policies policies;
  add_policies(policies);
  return load(Document(scratch.write("scenario.json", city(sumo).dump()), {}, false), policies).mobility.devices.at(0);
}
/// The only problem of a scenario with this file, without the folder.
std::string problem(const Scratch& scratch, const J& sumo) {
  try {
    (void)cars(scratch, sumo);
    return "";
  } catch (const ScenarioError& wrong) {
    if (wrong.problems.size() != 1) return wrong.what();
    std::string what = wrong.problems[0].what;
    const std::size_t folder = what.find(scratch.path());
    return folder == std::string::npos ? what : what.erase(folder, scratch.path().size() + 1);
  }
}

std::vector<Leg> legs(const DeviceSpec& cars, std::uint32_t number) {
  Motion::State state{Rng(1, 0), {}, Seconds(0)};
  std::vector<Leg> all;
  while (const auto leg = cars.motion->next(state, number)) all.push_back(*leg);
  return all;
}

/// The same file, read by Python: number of the vehicle, time, place.
struct Row {
  std::uint32_t number;
  double when, x, y;
};
std::vector<Row> read_by_python(const Scratch& scratch, const std::string& file) {
  const std::string program = scratch.write("read.py", R"(
import gzip, sys, xml.etree.ElementTree
numbers = {}
with (gzip.open if sys.argv[1].endswith('.gz') else open)(sys.argv[1], 'rb') as file:
    for step in xml.etree.ElementTree.parse(file).getroot():
        for thing in step:
            number = numbers.setdefault((thing.tag, thing.get('id')), len(numbers))
            print(number, step.get('time'), thing.get('x'), thing.get('y'))
)");
  REQUIRE(std::system(("python3 " + program + " " + (scratch / file) + " >" + (scratch / "rows")).c_str()) == 0);
  std::istringstream in(contents(scratch / "rows"));
  std::vector<Row> rows;
  for (Row row{}; in >> row.number >> row.when >> row.x >> row.y;) rows.push_back(row);
  return rows;
}
}  // namespace

TEST_CASE("Vehicles are where SUMO has them, plain and gzip", "[conformance]") {
  const Scratch scratch;
  const auto file = GENERATE(as<std::string>(), "cars.xml", "cars.xml.gz");
  drive(scratch, file);
  const std::vector<Row> rows = read_by_python(scratch, file);
  REQUIRE(rows.size() > 500);
  const DeviceSpec spec = cars(scratch, {{"file", file}});
  REQUIRE(spec.count == 12);  // the walker is not the vehicle of its name

  std::map<std::uint32_t, std::vector<Row>> by_car;
  for (const Row& row : rows) by_car[row.number].push_back(row);
  REQUIRE(by_car.size() == spec.count);
  for (const auto& [number, way] : by_car) {
    const std::vector<Leg> all = legs(spec, number);
    REQUIRE(all.size() == way.size() + 1);
    CHECK(all.front().away);
    CHECK(all.back().away);
    for (std::size_t i = 0; i < way.size(); ++i) {
      // The leg that ends with this row, and the one that begins with it.
      CHECK(all[i].end.value == Approx(way[i].when).margin(1e-9));
      for (const Position& at : {all[i].at(all[i].length), all[i + 1].from}) {
        CHECK(at.x == Approx(way[i].x).margin(1e-9));
        CHECK(at.y == Approx(way[i].y).margin(1e-9));
      }
    }
  }
}

TEST_CASE("Of SUMO's vehicles a part, elsewhere and earlier", "[conformance]") {
  const Scratch scratch;
  drive(scratch, "cars.xml");
  const std::vector<Row> rows = read_by_python(scratch, "cars.xml");
  const DeviceSpec spec =
      cars(scratch, {{"file", "cars.xml"}, {"begin", "20 s"}, {"most", 2}, {"corner", {"1 km", "-2 km"}}});
  CHECK(spec.count == 2);
  // Counted from then on: those that come first in that step.
  std::uint32_t number = 0;
  for (const Row& row : rows) {
    if (row.when != 20 || number == 2) continue;
    const std::vector<Leg> way = legs(spec, number++);
    CHECK(way.front().end == Seconds(0));
    CHECK(way[1].from.x == Approx(row.x + 1000).margin(1e-9));
    CHECK(way[1].from.y == Approx(row.y - 2000).margin(1e-9));
    CHECK(way[1].end == Seconds(1));
  }
  CHECK(number == 2);
}

TEST_CASE("Who is not on the road in SUMO neither sends nor lacks coverage", "[conformance]") {
  const Scratch scratch;
  drive(scratch, "cars.xml");
  double on_road = 0;
  std::map<std::uint32_t, std::pair<double, double>> spans;
  for (const Row& row : read_by_python(scratch, "cars.xml"))
    spans.try_emplace(row.number, row.when, row.when).first->second.second = row.when;
  for (const auto& [number, span] : spans) on_road += span.second - span.first;

  const auto run = simulation(city({{"file", "cars.xml"}}), 0, {{"cars.xml", contents(scratch / "cars.xml")}});
  run->run();
  // One a second while on the road, up to one at each end.
  const double sent = value_of(*run, "requests.submitted");
  CHECK(std::abs(sent - on_road) <= static_cast<double>(spans.size()));
  CHECK(value_of(*run, "requests.failed") <= 2 * static_cast<double>(spans.size()));
  CHECK(value_of(*run, "radio.losses") == 0);
  CHECK(value_of(*run, "radio.uncovered") == 0);
}

TEST_CASE("Files that SUMO did not write, or not wholly, are refused", "[conformance]") {
  const Scratch scratch;
  drive(scratch, "cars.xml.gz");
  const std::string whole = contents(scratch / "cars.xml.gz");
  for (const std::size_t length : {std::size_t{12}, whole.size() / 2, whole.size() - 4}) {
    scratch.write("cut.xml.gz", whole.substr(0, length));
    CHECK(problem(scratch, {{"file", "cut.xml.gz"}}) == "cut.xml.gz: not a whole gzip file: damaged, or cut off");
  }
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
  scratch.write("damaged.xml.gz", damaged);
  CHECK(problem(scratch, {{"file", "damaged.xml.gz"}}) == "damaged.xml.gz: not a whole gzip file: damaged, or cut off");

  REQUIRE(std::system(("head -c 300000000 /dev/zero | gzip -1 >" + (scratch / "bomb.gz")).c_str()) == 0);
  CHECK(problem(scratch, {{"file", "bomb.gz"}}).starts_with("bomb.gz: larger than 256 MB unpacked"));

  drive(scratch, "cars.xml");
  const std::string plain = contents(scratch / "cars.xml");
  scratch.write("cut.xml", plain.substr(0, plain.size() / 2));
  CHECK(problem(scratch, {{"file", "cut.xml"}}).find(": not valid XML: ") != std::string::npos);
}

TEST_CASE("Entities of a file that claims to be SUMO's are not followed", "[conformance]") {
  // A billion laughs, and a file of the system: a document type is passed over, so these are names like any.
  const Scratch scratch;
  scratch.write("laughs.xml", R"(<?xml version="1.0"?>
<!DOCTYPE fcd-export [ <!ENTITY a "ha"> <!ENTITY b "&a;&a;&a;&a;"> <!ENTITY file SYSTEM "file:///etc/passwd"> ]>
<fcd-export><timestep time="0"><vehicle id="&b;" x="1" y="2"/><vehicle id="&file;" x="3" y="4"/></timestep></fcd-export>)");
  CHECK(cars(scratch, {{"file", "laughs.xml"}}).count == 2);
  scratch.write("number.xml", R"(<!DOCTYPE fcd-export [ <!ENTITY one "1"> ]>
<fcd-export><timestep time="0"><vehicle id="a" x="&one;" y="2"/></timestep></fcd-export>)");
  CHECK(problem(scratch, {{"file", "number.xml"}}) == "number.xml:2: \"x\": \"&one;\" is not a number");
}

TEST_CASE("Degrees in SUMO's output are refused", "[conformance]") {
  // 10 m/s east at the equator, a minute long: 600 m are 0.0054 degrees.
  const Scratch scratch;
  std::string text = "<fcd-export>\n";
  for (int second = 0; second <= 60; ++second)
    text += "<timestep time=\"" + std::to_string(second) + "\"><vehicle id=\"a\" x=\"" +
            std::to_string(11.5 + second * 10 / 111'195.0) + "\" y=\"0\" speed=\"10\"/></timestep>\n";
  scratch.write("degrees.xml", text + "</fcd-export>");
  CHECK(problem(scratch, {{"file", "degrees.xml"}})
            .starts_with("degrees.xml: by their speeds, vehicles are not in metres but in degrees"));
}

}  // namespace codecosim::test
