#include "models/orchestration/kubernetes/spec.hpp"

#include <limits>

namespace codecosim {

KubernetesSpec KubernetesSpec::instantaneous() {
  constexpr double at_once = std::numeric_limits<double>::infinity();
  KubernetesSpec spec;
  spec.scheduler = Hertz(at_once);
  spec.set_up = spec.latency = spec.tear_down = spec.stop = spec.grace = spec.relist = spec.endpoints = Seconds(0);
  spec.toleration = forever;
  spec.pulls = Hertz(1e9);
  spec.pull_burst = 1'000'000;
  return spec;
}

}  // namespace codecosim
