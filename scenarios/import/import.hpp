#pragma once
#include <string>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// What came of an import.
struct Import {
  Json scenario;
  std::vector<Problem> fatal;     ///< Without a remedy: there is no scenario.
  std::vector<Problem> problems;  ///< Not understood; left out of the scenario.
  std::vector<Problem> notes;     ///< Understood, but nothing of it, or something else, is in the scenario.
};

/// CodecoApps, Nodes and ManagedClusters in files of kubectl (`-`: the standard input), added to the scenario `into`,
/// which may be empty. What a scenario needs and they do not say is assumed, and listed in the scenario's description:
/// docs/import.md.
Import import_kubernetes(const std::vector<std::string>& files, Json into);

}  // namespace codecosim
