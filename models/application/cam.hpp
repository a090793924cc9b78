#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/application/workload.hpp"
#include "models/infrastructure/federation.hpp"
#include "models/infrastructure/kubernetes_types.hpp"
#include "models/network/network.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

// The CODECO Application Model (CAM): what a developer says of an application, as plain values.

enum class QosClass : std::uint8_t { gold, silver, best_effort };
/// Which of the endpoints of a Service gets a request.
enum class Routing : std::uint8_t {
  random,                ///< Any, with the same chance: kube-proxy with iptables or nftables.
  round_robin,           ///< In turn, for the callers of each cluster by themselves: IPVS.
  round_robin_over_all,  ///< In turn, over all callers: one load balancer in front.
  nearest                ///< The one with the least latency between gateways; equals as round_robin.
};

struct ImageSpec {
  std::string name;
  Bytes size;
  bool everywhere = false;  ///< On every node from the start.
};

/// How the state of a component moves to another place.
struct MigrationSpec {
  enum class Mode : std::uint8_t {
    restart,        ///< It does not: the pod stops, and starts anew elsewhere. Requests meanwhile are refused.
    stop_and_copy,  ///< The pod stops, its state is copied, and goes on elsewhere. Requests meanwhile wait.
    pre_copy,  ///< It is copied while the pod serves, then again what has changed; for the last of it the pod stops.
    replay  ///< A checkpoint is copied while the pod serves; the requests since then are done again at the new place.
  };
  Mode mode = Mode::restart;
  Seconds checkpoint, restore;  ///< Besides copying; the pod stops for them, but for the checkpoint of replay.
  BytesPerSecond dirty_rate;    ///< Of pre_copy: how much of the state a second changes.
  std::uint32_t rounds = 29;    ///< Of pre_copy: most rounds before it stops (Xen's limit).
  Bytes threshold{204800};      ///< Of pre_copy: what is left is small enough to stop for (Xen: 50 pages of 4 KiB).
  Seconds catch_up{0.05};       ///< Of replay: how far behind is near enough to stop for.
};

/// A user wants another number of replicas of a component from a date on.
struct Scaling {
  Seconds at;
  std::uint32_t replicas = 0;
};

/// A user wants its pods replaced from a date on, by such of this image.
struct Rollout {
  Seconds at;
  std::uint32_t image = 0;
};

/// A microservice.
struct ComponentSpec {
  std::string name;
  std::uint32_t image = 0;  ///< At first.
  Cores cpu_request, cpu_limit{1e9};
  Bytes memory_request;
  Distribution<CoreSeconds> work;
  std::uint32_t concurrency = 1;
  std::uint32_t replicas = 1;
  std::vector<Scaling> scaling;   ///< By rising date.
  std::vector<Rollout> rollouts;  ///< By rising date.
  Bytes state;
  MigrationSpec migration;
  std::vector<std::uint32_t> reads, writes;  ///< Data sets.
  Routing routing = Routing::random;
  Seconds start_delay;  ///< From the image being there to the pod being ready.
  /// Readiness probe: the pod is ready at the first look that finds it started; no period: at once.
  Seconds probe_delay, probe_period;
  std::shared_ptr<const Distribution<Seconds>> crash;  ///< Time from ready to a crash; null: never.
  Labels node_selector;
  std::vector<Toleration> tolerations;
  std::string node_name;
  std::string cluster;  ///< Name with `{i}`; empty: any.

  /// Of the pods of a revision: that after so many rollouts.
  std::uint32_t image_of(std::uint32_t revision) const { return revision == 0 ? image : rollouts[revision - 1].image; }
};

/// A directed connection between two components: each request that enters `from` makes one call over it.
struct ChannelSpec {
  std::uint32_t from = 0, to = 0;
  ServiceClass service_class = ServiceClass::best_effort;
  Distribution<Bytes> request, reply;
  BytesPerSecond bandwidth;
  Seconds max_delay = forever;
};

struct ApplicationSpec {
  std::string name;
  bool numbered = false;
  std::uint32_t count = 1;
  QosClass qos = QosClass::best_effort;
  Compliance compliance = Compliance::low;  ///< Least class of the providers that run it.
  Security security = Security::none;       ///< Least class of the clusters that run it.
  std::string profile;
  double failure_tolerance = 0;
  std::vector<std::string> allowed_domains;  ///< Of providers; empty: all.
  double energy_limit = 1;  ///< Most of the full power of a cluster that its requests may stand for there.
  EurosPerCoreSecond price_cap{forever.value};
  Seconds submit_at, delete_at = forever;
  std::string by;  ///< Cluster of the user who submits it, with `{i}`; empty: the hub.
  std::vector<ComponentSpec> components;
  std::vector<ChannelSpec> channels;
};

/// Who sends requests to an application: `count` clients, the i-th to instance i modulo the number of instances.
struct ClientSpec {
  std::string name;
  std::uint32_t count = 1;
  std::uint32_t application = 0;
  std::uint32_t entry = 0;  ///< Component.
  ServiceClass service_class = ServiceClass::best_effort;
  std::shared_ptr<const Workload> workload;
  Distribution<Bytes> request, reply;
  Seconds deadline = forever;
  /// A loop over the network that its device must not move without.
  struct Control {
    std::uint32_t tolerated = 0;      ///< Misses in a row.
    std::uint32_t resumes_after = 1;  ///< Timely answers in a row.
  };
  std::optional<Control> control;
  std::vector<ClusterId> at;  ///< One a client; where a device carries it, before a cell serves that.
  std::vector<DeviceId> on;   ///< One a client: the device that carries it; empty: they do not move.
  LinkSpec access;
};

}  // namespace codecosim
