#include "models/orchestration/codeco/spec.hpp"

namespace codecosim {

ControlPlaneSpec ControlPlaneSpec::as_implemented() {
  ControlPlaneSpec spec;
  spec.preset = "as-implemented";
  return spec;
}

// What CODECO's papers describe: decisions within neighbourhoods, from local context, that go on without the hub.
ControlPlaneSpec ControlPlaneSpec::as_designed() {
  ControlPlaneSpec spec;
  spec.preset = "as-designed";
  spec.acm.wait = Seconds(0);
  spec.ocm.toleration = Seconds(3600);
  spec.ocm.watch = true;
  spec.context = Context::local;
  spec.autonomy = Autonomy::neighbourhood;
  spec.netma.export_period = Seconds(30);
  spec.neighbourhood.partition.name = "k-nearest";
  return spec;
}

}  // namespace codecosim
