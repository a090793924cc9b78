#include "models/orchestration/control_planes.hpp"

#include <algorithm>

#include "models/orchestration/codeco/codeco.hpp"
#include "models/orchestration/oracle/oracle.hpp"

namespace codecosim {

const std::vector<ControlPlaneEntry>& control_planes() {
  static const std::vector<ControlPlaneEntry> all{
      {"oracle", "knows everything at once and acts in no time", false, oracle_settings},
      {"as-implemented", "is CODECO as its code is, over Open Cluster Management", true, codeco_as_implemented},
      {"as-designed", "is CODECO as its papers describe it", true, codeco_as_designed},
  };
  return all;
}

const ControlPlaneEntry& control_plane(const std::string& name) {
  const auto& all = control_planes();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ControlPlaneEntry& one) { return one.name == name; });
  ensure(found != all.end(), "a control plane that does not exist was chosen");
  return *found;
}

}  // namespace codecosim
