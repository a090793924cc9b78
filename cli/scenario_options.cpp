#include "cli/scenario_options.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"

namespace codecosim {

void ScenarioOptions::add_to(const CommandLine& line) {
  line.option("scenario", scenario, "Scenario file").required();
  line.option("--seed", seed, "Seed of all random streams, instead of the scenario's").not_negative();
  line.option("--replication", replication, "Replication: other draws, same scenario").not_negative();
  line.option("--set", settings, "Override: /pointer=value; members of arrays by number or name");
  line.flag("--allow-outside", allow_outside, "Let the scenario read files outside its folder");
}

Document ScenarioOptions::document(const std::vector<std::pair<std::string, std::string>>& more) const {
  auto all = parse_settings(settings);
  if (seed) all.emplace_back("/seed", std::to_string(*seed));
  all.insert(all.end(), more.begin(), more.end());
  return Document(scenario, all, allow_outside);
}

std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>& settings) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      throw Error(Failure::usage, fmt::format("--set {}: expected /pointer=value", setting));
    pairs.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return pairs;
}

PolicyOption parse_policy(const std::string& text) {
  // The command of an external program may contain "=" too, after a text that cannot be a seam.
  const std::size_t word = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  const bool named = word != std::string::npos && text[word] == '=';
  return named ? PolicyOption{text.substr(0, word), text.substr(word + 1)} : PolicyOption{"placement", text};
}

}  // namespace codecosim
