#include <random>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "scenarios/import/import.hpp"
#include "scenarios/load.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

// Damaged scenarios load or are refused with a ScenarioError; nothing else may happen, whatever the damage.

namespace codecosim::test {
namespace {

/// Draws that are the same everywhere: the distributions of the standard library are not.
struct Dice {
  std::mt19937_64 engine;
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine() % std::max<std::size_t>(1, n)); }
};

const std::vector<std::string>& odd_values() {
  static const std::vector<std::string> all{"0",
                                            "-1",
                                            "1e308",
                                            "-1e308",
                                            "1e-320",
                                            "18446744073709551616",
                                            "4294967296",
                                            "65536",
                                            "0.5",
                                            "1e999",
                                            "null",
                                            "true",
                                            "\"\"",
                                            "\"-1 s\"",
                                            "\"1e308 d\"",
                                            "\"0 s\"",
                                            "\"nan\"",
                                            "[]",
                                            "{}",
                                            "[[]]",
                                            "\"{i}\"",
                                            "\"*\"",
                                            "\"edge-{i}{i}\"",
                                            "{\"csv\":\"\"}",
                                            "{\"csv\":\".\"}",
                                            "{\"exponential\":\"0 s\"}",
                                            "\"\\u0000\"",
                                            "\"\\ud83d\\ude00\"",
                                            "1000000",
                                            "\"/\"",
                                            "\"cloud\"",
                                            "[{}]",
                                            "[null]"};
  return all;
}

std::string damage_text(std::string text, Dice& dice) {
  const std::size_t at = dice.below(text.size()), length = 1 + dice.below(40);
  switch (dice.below(6)) {
    case 0:
      text[at] = static_cast<char>(text[at] ^ static_cast<char>(1 << dice.below(8)));
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
      text.insert(at, text.substr(dice.below(text.size()), length));
      break;
    case 3:
      text.resize(at);
      break;
    case 4:
      text[at] = "{}[]\",:0-.e\n"[dice.below(12)];
      break;
    default: {
      const std::size_t digit = text.find_first_of("0123456789", at);
      if (digit != std::string::npos) text.replace(digit, 1, odd_values()[dice.below(10)]);
    }
  }
  return text;
}

/// Any place in the document, each level a draw of its own.
void damage_value(Json& at, Dice& dice) {
  if (at.is_structured() && !at.empty() && dice.below(8) != 0) {
    const std::size_t place = dice.below(at.size());
    if (at.is_array()) return damage_value(at[place], dice);
    auto member = at.begin();
    std::advance(member, static_cast<long>(place));
    const std::string key = member.key();
    if (dice.below(12) == 0)
      at.erase(key);
    else if (dice.below(30) == 0) {
      at[key + "x"] = at[key];
      at.erase(key);
    } else
      damage_value(at[key], dice);
    return;
  }
  if (at.is_array() && dice.below(3) == 0 && !at.empty())
    at.push_back(at[0]);
  else
    at = Json::parse(odd_values()[dice.below(odd_values().size())], nullptr, false, true);
  if (at.is_discarded()) at = nullptr;
}

/// How many of `rounds` damaged scenarios load.
template <class Damage>
int survivors(int rounds, std::uint64_t seed, Damage&& damage) {
  Policies policies;
  add_policies(policies);
  const Scratch scratch;
  Dice dice{std::mt19937_64(seed)};
  int loaded = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string text = damage(dice), path = scratch.write("fuzz.json", text);
    try {
      (void)load(Document(path, {}, false), policies);
      ++loaded;
    } catch (const ScenarioError& wrong) {
      if (wrong.problems.empty()) FAIL("round " << round << ": refused without a problem\n" << text);
    } catch (const std::exception& other) {
      FAIL("round " << round << ": " << other.what() << "\n" << text);
    }
  }
  return loaded;
}

/// Where everything that a control plane can be told is told.
std::string governed() { return contents(std::string(CODECOSIM_SOURCE) + "/tests/errors/governed.json"); }

}  // namespace

TEST_CASE("2 000 scenarios with damaged text load or are refused") {
  const std::vector<std::string> originals{contents(library("quickstart.json")), contents(library("smart-city.json")),
                                           governed()};
  const int loaded = survivors(2000, 1, [&](Dice& dice) {
    std::string text = originals[dice.below(originals.size())];
    for (std::size_t times = 1 + dice.below(3); times > 0; --times) text = damage_text(text, dice);
    return text;
  });
  CHECK(loaded > 20);
  CHECK(loaded < 1900);
}

TEST_CASE("2 000 scenarios with damaged values load or are refused") {
  const std::vector<Json> originals{
      Json::parse(contents(library("quickstart.json"))), Json::parse(contents(library("smart-city.json"))),
      Json::parse(contents(std::string(CODECOSIM_SOURCE) + "/tests/errors/base.json")), Json::parse(governed())};
  const int loaded = survivors(2000, 2, [&](Dice& dice) {
    Json scenario = originals[dice.below(originals.size())];
    for (std::size_t times = 1 + dice.below(4); times > 0; --times) damage_value(scenario, dice);
    return scenario.dump();
  });
  CHECK(loaded > 20);
  CHECK(loaded < 1900);
}

TEST_CASE("3 000 damaged files of kubectl become valid scenarios or are refused") {
  Policies policies;
  add_policies(policies);
  std::vector<std::string> originals;
  for (const std::string name :
       {"minimal.yaml", "pair.yaml", "older.yaml", "books.json", "nodes.yaml", "clusters.yaml"})
    originals.push_back(contents(import_data(name)));
  const Scratch scratch;
  Dice dice{std::mt19937_64(4)};
  int refused = 0, imported = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = originals[dice.below(originals.size())];
    for (std::size_t times = 1 + dice.below(3); times > 0 && !text.empty(); --times) text = damage_text(text, dice);
    const std::string path = scratch.write("fuzz", text);
    try {
      // As with --lenient: what is not understood is left out, and what is left must be a scenario.
      const Import result = import_kubernetes({path}, Json::object());
      if (!result.fatal.empty()) {
        ++refused;
        continue;
      }
      (void)load(Document("imported", result.scenario), policies);
      ++imported;
    } catch (const std::exception& wrong) {
      FAIL("round " << round << ": " << wrong.what() << "\n" << text);
    }
  }
  CHECK(refused > 100);
  CHECK(imported > 300);
}

TEST_CASE("2 000 damaged files of SUMO become ways of devices or are refused") {
  Policies policies;
  add_policies(policies);
  std::string original = "<?xml version=\"1.0\"?>\n<!-- by SUMO -->\n<fcd-export>\n";
  for (const char* time : {"0.00", "1.00", "2.50"})
    original +=
        std::string("<timestep time=\"") + time +
        "\"><vehicle id=\"a\" x=\"1.5\" y=\"-2\" speed=\"3\"/><person id=\"b\" x=\"1e2\" y=\"7\"/></timestep>\n";
  original += "</fcd-export>\n";
  Json scenario = Json::parse(contents(std::string(CODECOSIM_SOURCE) + "/tests/errors/base.json"));
  scenario["devices"] = {{{"name", "car"}, {"motion", {{"sumo", {{"file", "cars.xml"}}}}}}};
  const Scratch scratch;
  const std::string path = scratch.write("fuzz.json", scenario.dump());
  Dice dice{std::mt19937_64(5)};
  int loaded = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text = original;
    for (std::size_t times = 1 + dice.below(3); times > 0 && !text.empty(); --times) text = damage_text(text, dice);
    scratch.write("cars.xml", text);
    try {
      (void)load(Document(path, {}, false), policies);
      ++loaded;
    } catch (const ScenarioError&) {
    } catch (const std::exception& wrong) {
      FAIL("round " << round << ": " << wrong.what() << "\n" << text);
    }
  }
  CHECK(loaded > 100);
  CHECK(loaded < 1900);
}

TEST_CASE("damage to the command line's settings is refused as a problem of the scenario") {
  Policies policies;
  add_policies(policies);
  Dice dice{std::mt19937_64(3)};
  const std::vector<std::string> pointers{"/clusters/edge/count",
                                          "/clusters/0",
                                          "/applications/inspection/components/detect/work",
                                          "/",
                                          "//",
                                          "/~",
                                          "/faults/0/renewal/up/exponential",
                                          "/seed",
                                          "/policy",
                                          "/providers/telco/carbon/daily/0"};
  for (int round = 0; round < 500; ++round) {
    std::string pointer = pointers[dice.below(pointers.size())];
    if (dice.below(3) == 0) pointer = damage_text(pointer, dice);
    const std::string value = odd_values()[dice.below(odd_values().size())];
    INFO("--set " << pointer << "=" << value);
    try {
      (void)load(Document(library("quickstart.json"), {{pointer, value}}, false), policies);
    } catch (const ScenarioError&) {
    } catch (const std::exception& other) {
      FAIL(other.what());
    }
  }
}

}  // namespace codecosim::test
