// The fingerprint of every shipped scenario, against the table beside this file. `--approve` rewrites the table.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/shell.hpp"

namespace fs = std::filesystem;
using namespace codecosim::test;

namespace {
const std::string table = std::string(CODECOSIM_SOURCE) + "/tests/golden/fingerprints.csv";

/// Scenario, and what to add on the command line so that the suite stays quick.
const std::map<std::string, std::string> scenarios{{"quickstart", ""},
                                                   {"agv-factory-static", "--until '60 s'"},
                                                   {"agv-factory", "--until '90 s'"},
                                                   {"urban-mobility", "--until '60 s'"},
                                                   {"media", "--until '12 min'"},
                                                   {"convoy", "--until '30 min'"},
                                                   {"smart-city", "--until '120 s'"},
                                                   {"fleet", "--until '8 min'"},
                                                   {"metastable", "--until '4 min'"},
                                                   {"partition-drill", "--until '84 min'"},
                                                   {"mega", "--until '12 min'"}};

std::map<std::string, std::string> read_table() {
  std::map<std::string, std::string> rows;
  std::ifstream in(table);
  for (std::string line; std::getline(in, line);)
    if (const auto comma = line.rfind(','); comma != std::string::npos)
      rows[line.substr(0, comma)] = line.substr(comma + 1);
  return rows;
}

std::string difference(const std::string& before, const std::string& after) {
  const auto part = [](const std::string& text, int n) { return text.substr(static_cast<std::size_t>(n) * 17, 16); };
  if (part(before, 0) != part(after, 0)) return "other behaviour: the order of what happens";
  if (part(before, 1) != part(after, 1)) return "other timing: the same order at other times";
  return "other values: the same order and times";
}
}  // namespace

int main(int argc, char** argv) {
  const bool approve = argc > 1 && std::string(argv[1]) == "--approve";
  std::map<std::string, std::string> found;
  int failures = 0;
  for (const auto& [name, arguments] : scenarios) {
    for (const int seed : {1, 2}) {
      const auto result = simulate(fmt::format("{} {} --seed {}", library(name + ".json"), arguments, seed));
      if (result.empty()) {
        fmt::print("{}: did not run\n", name);
        ++failures;
        continue;
      }
      found[fmt::format("{},{}", name, seed)] = result["manifest"]["fingerprint"];
    }
  }
  if (approve) {
    std::ofstream out(table);
    out << "scenario,seed,fingerprint\n";
    for (const auto& [key, fingerprint] : found) out << key << "," << fingerprint << "\n";
    fmt::print("wrote {} fingerprints; say why in CHANGELOG.md under \"Trajectories\"\n", found.size());
    return failures;
  }
  const auto expected = read_table();
  for (const auto& [key, fingerprint] : found) {
    const auto row = expected.find(key);
    if (row == expected.end()) {
      fmt::print("{}: not in the table\n", key);
      ++failures;
    } else if (row->second != fingerprint) {
      fmt::print("{}: {}\n  expected {}\n  found    {}\n", key, difference(row->second, fingerprint), row->second,
                 fingerprint);
      ++failures;
    }
  }
  fmt::print("{} fingerprints, {} differ{}\n", found.size(), failures,
             failures ? "; if that is meant: ./dev approve" : "");
  return failures ? 1 : 0;
}
