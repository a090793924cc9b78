#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/application/applications.hpp"
#include "models/application/image_store.hpp"
#include "models/data/datasets.hpp"
#include "models/orchestration/kubernetes/spec.hpp"
#include "models/orchestration/migration/migrations.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The work of a node's kubelet on a pod: set it up, pull its image, start it, report it ready, restart it when it
/// crashes, tear it down.
///
/// Claim: a node sets up and tears down one pod after the other, which takes its container runtime a fixed time each;
/// all other work to start or stop a pod runs concurrently. So n nodes bring up N pods in about a + b N with a =
/// latency and b = set_up / n. A pod with a readiness probe is ready at the first probe (initial delay, then every
/// period) that finds it started. A container that exits starts again when its kubelet notices: at once the first time,
/// then after 10 s, doubling to 300 s; after 10 minutes of running the count starts over (pkg/kubelet/kuberuntime,
/// MaxContainerBackOff). Images come from the registry, a cluster's gateway, as bulk transfers; a node pulls one at a
/// time (kubelet's serializeImagePulls default); a cluster with a cache fetches an image once over the wide area, for
/// all nodes that ask meanwhile, and sends it to them over its LAN; a pull that fails is tried again after 10 s,
/// doubling to 300 s (kubelet's image back-off). Pulls of one node start at a limited rate (registryPullQPS and
/// registryBurst). Data sets that a component reads are copied to the cluster before it starts; the state of a pod that
/// it replaces after.
/// Checked by: tests/physics/deployment_test.cpp, tests/physics/kubernetes_test.cpp.
class Kubelet {
 public:
  Kubelet(World&, Applications&, Datasets&, Migrations&, ImageStore&, ClusterId registry, Transport,
          const KubernetesSpec&);

  /// Takes a pod from bound to ready, with this image. It ends early only when it is destroyed.
  Task<> bring_up(PodId, std::uint32_t image);
  /// Takes a pod from stopping to gone; it is still bound then.
  Task<> tear_down(PodId);

  /// The state of the restarts of a container that exits by itself.
  struct CrashLoop {
    Rng rng;
    Seconds ran, back_off;
  };
  /// The crash loop of a pod; none where its component never exits.
  std::optional<CrashLoop> crash_loop(PodId) const;
  /// Ends when the container of the pod has exited and the kubelet has noticed.
  Task<> run_until_exit(PodId, CrashLoop&);
  /// Restarts the container; ends when the pod is ready again.
  Task<> start_again(PodId, CrashLoop&);

  /// When it is brought up, the pod gets the state of a pod in another cluster, which serves until then.
  void take_over(PodId pod, ClusterId from) { migrations_.plan(from, pod); }
  /// Sets a function that is called when a pod is frozen so that its state can move, and when it goes on.
  void on_frozen(std::function<void(PodId, bool)> tell) { migrations_.on_frozen.add(std::move(tell)); }
  bool takes_over(PodId pod) const { return migrations_.planned(pod); }
  /// Called for a pod that is deleted.
  void cancel_migration(PodId pod) { migrations_.cancel(pod); }

 private:
  struct Cached {
    bool filling = false, filled = false;
    WaitQueue waiting;
  };
  /// The resources of a node's kubelet: one image puller, one container runtime, and a token bucket for pulls.
  struct Node {
    Server pulls{1}, runtime{1};
    double tokens = 0;
    Seconds since;
  };
  Task<Outcome> pull(NodeId, std::uint32_t image);
  Task<> start(PodId);
  Seconds time_to_ready(const ComponentSpec&) const;
  Seconds next_pull(Node&) const;
  Process fill(ClusterId, std::uint32_t image, Cached&);
  Node& node(NodeId);
  Cached& cached(ClusterId, std::uint32_t image);

  World& world_;
  Applications& applications_;
  Datasets& data_;
  Migrations& migrations_;
  ImageStore& images_;
  ClusterId registry_;
  Transport transport_;
  const KubernetesSpec& spec_;
  // Only looked up, never iterated over, since their order is not defined.
  std::unordered_map<std::uint32_t, std::unique_ptr<Node>> nodes_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Cached>> caches_;
};

}  // namespace codecosim
