#pragma once
#include <cstdint>

#include "sim/base/bounds.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// The control plane inside a cluster, and its kubelets. The calibrated times are those of an average cluster of three
/// nodes: the fit to the geometric mean of the five published set-ups with CODECO, between which `set_up` differs
/// 2.3-fold.
struct KubernetesSpec {
  Hertz scheduler{50};
  Seconds set_up{0.79};
  Seconds latency{1.15};
  Seconds tear_down{0.38};
  Seconds stop{0.95};
  Seconds grace{40};
  Seconds toleration{300};
  Seconds relist{1};
  Hertz pulls{5};
  std::uint32_t pull_burst = 10;
  Seconds pull_timeout{300};
  Seconds back_off{10};
  Seconds most_back_off{300};
  Seconds calm{600};
  Seconds endpoints{1};
  Seconds termination{30};
  Hertz eviction_rate{0.1};
  Hertz secondary_eviction_rate{0.01};
  double unhealthy_zone = 0.55;
  std::uint32_t large_zone = 50;
  double max_surge = 0.25;
  double max_unavailable = 0.25;
  /// The parameters of the clusters under an oracle: everything takes no time and is known at once, and the oracle
  /// replaces lost pods.
  static KubernetesSpec instantaneous();
  template <class V>
  // NOLINTNEXTLINE(readability-function-size): one list of the parameters.
  void fields(V&& v) {
    v("scheduler", scheduler,
      "Pods that a cluster's scheduler binds per second. [SX: client limit of kube-scheduler, 50 /s]", positive);
    v("set_up", set_up,
      "Time in which a node sets up one pod, one after the other; with n nodes, n times smaller is the b of a + b N. "
      "[calibrated]",
      not_negative);
    v("latency", latency, "Time that each pod takes besides, all at once: the a of a + b N. [calibrated]",
      not_negative);
    v("tear_down", tear_down, "Time in which a node tears down one pod, one after the other. [calibrated]",
      not_negative);
    v("stop", stop, "Time that each pod takes to stop besides. [calibrated]", not_negative);
    v("grace", grace, "Silence after which a node is not ready. [SX: 40 s, 50 s in newer releases]", not_negative);
    v("toleration", toleration,
      "How long its pods tolerate that; a component's own toleration of node.kubernetes.io/unreachable overrides it. "
      "[SX: 300 s]",
      not_negative);
    v("relist", relist,
      "Between two looks of a kubelet at its containers: an exit is noticed up to so much later. [SX: 1 s]",
      not_negative);
    v("pulls", pulls, "Image pulls that a kubelet starts per second. [SX: 5 /s]", positive);
    v("pull_burst", pull_burst, "Pulls that it may start at once after a pause. [SX: 10]", between(1, 1e6));
    v("pull_timeout", pull_timeout,
      "How long a pull whose way is cut makes no progress before it has failed (containerd's "
      "image_pull_progress_timeout). [SX: 5 min]",
      positive);
    v("back_off", back_off, "Pause before a container that crashed starts again; doubles with each crash. [SX: 10 s]",
      not_negative);
    v("most_back_off", most_back_off, "Largest such pause. [SX: 300 s]", not_negative);
    v("calm", calm, "A container that ran so long starts without pause. [SX: 10 min]", not_negative);
    v("endpoints", endpoints,
      "From a pod's being ready, not ready or deleted until all proxies send requests to it, or no more. [SX: "
      "kube-proxy's least "
      "sync period, 1 s]",
      not_negative);
    v("termination", termination,
      "How long a pod that is deleted may go on with the requests that it has (terminationGracePeriodSeconds). [SX: 30 "
      "s]",
      not_negative);
    v("eviction_rate", eviction_rate,
      "Nodes that are not ready from which pods are evicted, per second (--node-eviction-rate). [SX: 0.1 /s]",
      not_negative);
    v("secondary_eviction_rate", secondary_eviction_rate,
      "The same while a large cluster is unhealthy; in a small one none are then (--secondary-node-eviction-rate). "
      "[SX: 0.01 /s]",
      not_negative);
    v("unhealthy_zone", unhealthy_zone,
      "Share of nodes, and more than two, that are not ready in an unhealthy cluster (--unhealthy-zone-threshold). "
      "[SX: 0.55]",
      between(0, 1));
    v("large_zone", large_zone, "A cluster of more nodes is large (--large-cluster-size-threshold). [SX: 50]",
      between(1, 1e6));
    v("max_surge", max_surge,
      "Pods beyond those wanted while a Deployment rolls out, as a share of them (1: as many again), rounded up "
      "(maxSurge). [SX: "
      "0.25]",
      between(0, 10));
    v("max_unavailable", max_unavailable,
      "Pods that may not be ready then, as a share (1: all), rounded down; one where neither allows any "
      "(maxUnavailable). [SX: "
      "0.25]",
      between(0, 1));
  }
};

}  // namespace codecosim
