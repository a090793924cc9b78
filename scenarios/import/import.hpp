#pragma once
#include <string>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// The result of an import.
struct Import {
  Json scenario;
  std::vector<Problem> fatal;     ///< Problems that leave no scenario.
  std::vector<Problem> problems;  ///< Not understood; left out of the scenario.
  std::vector<Problem> notes;     ///< Understood, but ignored or changed in the scenario.
};

/// Adds the CodecoApps, Nodes and ManagedClusters in files of kubectl (`-`: the standard input) to the scenario `into`,
/// which may be empty. Values that a scenario needs and the files lack are assumed, and listed in the scenario's
/// description: docs/import.md.
Import import_kubernetes(const std::vector<std::string>& files, Json into);

}  // namespace codecosim
