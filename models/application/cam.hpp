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
#include "models/policy.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/units.hpp"
#include "sim/base/words.hpp"

namespace codecosim {

// The CODECO Application Model (CAM): a developer's specification of an application, as plain values.

enum class QosClass : std::uint8_t { gold, silver, best_effort };
template <>
inline constexpr auto words_of<QosClass> = std::to_array<std::string_view>({"Gold", "Silver", "BestEffort"});

struct ImageSpec {
  std::string name;
  Bytes size;
  bool everywhere = false;  ///< Whether it is on every node from the start.
  template <class V>
  void fields(V&& v) {
    v.need("name", name, "As in Kubernetes; the same name is the same image everywhere.");
    v("size", size, "What a pull transfers.", not_negative);
    v("everywhere", everywhere, "Whether every node has it from the start.");
  }
};

/// The migration of the state of a component to another pod.
struct MigrationSpec {
  enum class Mode : std::uint8_t {
    restart,        ///< No state moves: the pod stops, and starts anew elsewhere. Requests meanwhile are refused.
    stop_and_copy,  ///< The pod stops, its state is copied, and goes on elsewhere. Requests meanwhile wait.
    pre_copy,  ///< The state is copied while the pod serves, then again what has changed; for the last round the pod
               ///< stops.
    replay     ///< A checkpoint is copied while the pod serves; the new pod processes the requests since then again.
  };
  Mode mode = Mode::restart;
  Seconds checkpoint, restore;  ///< Besides copying; the pod stops for them, except replay's checkpoint.
  BytesPerSecond dirty_rate;    ///< pre_copy: amount of state that changes per second.
  std::uint32_t rounds = 29;    ///< pre_copy: most rounds before the pod stops (Xen's limit).
  Bytes threshold{204800};      ///< pre_copy: the pod stops when no more than this is left (Xen: 50 pages of 4 KiB).
  Seconds catch_up{0.05};       ///< replay: the pod stops when the new one is no more than this behind.
  /// The fields of the mode.
  template <class V>
  void fields(V&& v) {
    v("checkpoint", checkpoint, "To take the state, besides copying it.", not_negative);
    v("restore", restore, "To go on from it.", not_negative);
    if (mode == Mode::pre_copy) {
      v.need("dirty_rate", dirty_rate, "How much of the state changes.", not_negative);
      v("rounds", rounds, "At most, before it stops.", between(1, 1000));
      v("threshold", threshold, "Little enough to stop for.", not_negative);
    }
    if (mode == Mode::replay) v("catch_up", catch_up, "So far behind, it stops for the rest.", not_negative);
  }
};

/// A change of the number of replicas of a component by the user, from a date on.
struct Scaling {
  Seconds at;
  std::uint32_t replicas = 0;
};

/// A rolling update of a component by the user: from a date on, its pods are replaced by pods of this image.
struct Rollout {
  Seconds at;
  std::uint32_t image = 0;
};

/// A microservice.
struct ComponentSpec {
  std::string name;
  std::uint32_t image = 0;  ///< Image of the first revision.
  Cores cpu_request, cpu_limit{1e9};
  Bytes memory_request;
  Distribution<CoreSeconds> work;
  std::uint32_t concurrency = 1;
  std::uint32_t max_queue = 0xffffffff;
  Seconds queue_timeout = forever;
  std::uint32_t replicas = 1;
  std::vector<Scaling> scaling;   ///< By rising date.
  std::vector<Rollout> rollouts;  ///< By rising date.
  Bytes state;
  MigrationSpec migration;
  std::vector<std::uint32_t> reads, writes;               ///< Data sets.
  Registry<RoutingPolicy>::Choice routing{"random", {}};  ///< `make` empty: any endpoint, with the same chance.
  Seconds start_delay{1};                                 ///< From the image being there to the pod being ready.
  /// Readiness probe: the pod is ready at the first probe that finds it started. Without a period it is ready at once.
  Seconds probe_delay, probe_period;
  std::shared_ptr<const Distribution<Seconds>> crash;  ///< Time from ready to a crash; null: never.
  Labels node_selector;
  std::vector<Toleration> tolerations;
  std::string node_name;
  std::string cluster;  ///< Name with `{i}`; empty: any.
  template <class V>
  void fields(V&& v) {
    v.need_law("work", work, "CPU time of one request on one reference core.", not_negative);
    v("concurrency", concurrency, "Requests in service at once in a replica; more wait in line.", between(1, 1e6));
    v("max_queue", max_queue, "Requests that may wait in a replica; it rejects more. Missing: no bound.",
      between(0, 4294967295.0));
    v("queue_timeout", queue_timeout, "A request that has waited longer when its turn comes is shed; missing: none is.",
      not_negative);
    v("replicas", replicas, "Pods of it.", between(1, 10000));
    v("state", state, "What moves with it.", not_negative);
    v("start", start_delay, "From the image being on the node to the pod being ready.", not_negative);
    v("node_name", node_name, "The only node it may run on.");
    v("cluster", cluster, "The only cluster it may run in; {i} stands for the number of the instance.");
  }

  /// The image of the pods of a revision, which is the number of rollouts before it.
  std::uint32_t image_of(std::uint32_t revision) const { return revision == 0 ? image : rollouts[revision - 1].image; }
};

/// How a caller handles calls that take long or fail.
///
/// A try that its caller has given up goes on, and occupies its server, unless giving up cancels it.
struct CallHandling {
  Seconds timeout = forever;  ///< For the call with all its tries.
  /// Tries after the first, as Envoy and Istio make them.
  struct Retries {
    std::uint32_t attempts = 0;          ///< At most.
    Seconds per_try_timeout = forever;   ///< After which a try is given up.
    Seconds backoff{0.025};              ///< The n-th waits uniformly in [0, (2^n - 1) backoff], ...
    Seconds most_backoff{0.25};          ///< ... at most this.
    double budget = forever.value;       ///< At most this share of the calls under way may be retries ...
    std::uint32_t least_concurrent = 3;  ///< ... or this number, if that is more.
    template <class V>
    void fields(V&& v) {
      v.need("attempts", attempts, "Tries after the first, at most.", between(0, 100));
      v("per_try_timeout", per_try_timeout, "After which a try is given up; missing: with the call.", positive);
      v("backoff", backoff, "The n-th waits uniformly between 0 and (2^n - 1) times this. Envoy's default is 25 ms.",
        not_negative);
      v("most_backoff", most_backoff, "The longest wait. Envoy's default is 250 ms.", not_negative);
      v("budget", budget,
        "At most this share of the calls under way, of the callers in a cluster to one component, may be retries; "
        "missing: no bound. Envoy's default is 0.2.",
        not_negative);
      v("least_concurrent", least_concurrent, "Retries that the budget always allows at once. Envoy's default is 3.",
        between(0, 1e6));
    }
  };
  Retries retries;
  /// Further tries beside one that takes long; the first answer counts (J. Dean, L. A. Barroso, "The tail at scale",
  /// CACM 56(2), 2013).
  struct Hedge {
    Seconds after = forever;
    std::uint32_t most = 1;
    template <class V>
    void fields(V&& v) {
      v.need("after", after, "From a try to the next beside it.", positive);
      v("most", most, "Tries beside the first, at most.", between(1, 100));
    }
  };
  Hedge hedge;
  bool cancel = false;  ///< Whether giving up a try ends it where it is.
  bool any() const { return timeout < forever || retries.attempts > 0 || hedge.after < forever; }
  template <class V>
  void fields(V&& v) {
    v("timeout", timeout, "After which the caller gives up, with all tries; missing: never.", positive);
    v("cancel", cancel, "Whether what is given up ends where it is. Else it goes on and occupies its server.");
  }
};

/// What a client and a channel have alike: the messages of their calls, and how the caller handles failures.
struct CallSpec {
  ServiceClass service_class = ServiceClass::best_effort;
  Distribution<Bytes> request, reply;
  CallHandling handling;
};

/// A directed connection between two components: the calls that each request makes which enters `from`.
struct ChannelSpec : CallSpec {
  std::uint32_t from = 0, to = 0;
  BytesPerSecond bandwidth;
  Seconds max_delay = forever;
  double probability = 1;                        ///< That a request makes calls over it.
  Distribution<double> calls{Law::constant(1)};  ///< Their number, rounded.
  bool parallel = false;  ///< All at once, and at once with the parallel channels beside it from the same component.
  bool one_way = false;   ///< The caller does not wait for the answer, nor for whether there is one.
  template <class V>
  void fields(V&& v) {
    v.choice("class", service_class, "Class of service.");
    v("probability", probability, "That a request makes calls over it.", between(0, 1));
    v.law("calls", calls, "How many it makes, rounded, one after the other; missing: one.", between(0, 1000));
    v("parallel", parallel,
      "Whether these go at once, and at once with the parallel channels beside it in this list that leave the same "
      "component.");
    v("one_way", one_way, "Whether the caller goes on without an answer.");
    v.need_law("request", request, "Size of a call.", not_negative);
    v.need_law("reply", reply, "Size of its answer.", not_negative);
    v("bandwidth", bandwidth, "Asked for, as placement policies see it.", not_negative);
    v("max_delay", max_delay, "One way; later calls are counted as late.", positive);
  }
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
  std::vector<std::string> allowed_domains;  ///< Domains of the providers that may run it; empty: all.
  double energy_limit = 1;  ///< Largest share of a cluster's full power that its resource requests may use there.
  EurosPerCoreSecond price_cap{forever.value};
  Seconds submit_at, delete_at = forever;
  std::string by;  ///< Cluster of the user who submits it, with `{i}`; empty: the hub.
  std::vector<ComponentSpec> components;
  std::vector<ChannelSpec> channels;
  template <class V>
  void fields(V&& v) {
    v.choice("qos", qos, "QoS class.");
    v.choice("compliance", compliance, "Compliance class: providers of a lower one may not run it.");
    v.choice("security", security, "Security class: clusters of a lower one may not run it.");
    v("profile", profile, "Performance profile.");
    v("failure_tolerance", failure_tolerance, "Share of failures tolerated.", between(0, 1));
    v("energy_limit", energy_limit,
      "Most of a cluster's full power that its requests may stand for there, by the share of cores.", between(0, 1));
    v("price_cap", price_cap, "Providers that ever charge more for cpu may not run it.", not_negative);
  }
};

/// Clients that send requests to an application: `count` of them, the i-th to instance i modulo the number of
/// instances.
struct ClientSpec : CallSpec {
  std::string name;
  std::string group = {};  ///< Under which figures tell it, with others; empty: its name.
  std::uint32_t count = 1;
  std::uint32_t application = 0;
  std::uint32_t entry = 0;  ///< Number of the entry component.
  std::shared_ptr<const Workload> workload;
  Seconds deadline = forever;
  /// A control loop over the network, without which its device must not move.
  struct Control {
    std::uint32_t tolerated = 0;      ///< Misses in a row after which the device still moves.
    std::uint32_t resumes_after = 1;  ///< Timely answers in a row after which a stopped device moves again.
    template <class V>
    void fields(V&& v) {
      v("tolerated", tolerated, "Deadlines missed in a row before it stops.", between(0, 1e6));
      v("resumes_after", resumes_after, "Answers in time, in a row, before it goes on.", between(1, 1e6));
    }
  };
  std::optional<Control> control;
  /// The time in which the clients of a kind are there. They come and go one by one.
  struct Active {
    Seconds from, until = forever;
    Seconds ramp_up, ramp_down;
    template <class V>
    void fields(V&& v) {
      v("from", from, "When the first comes.", not_negative);
      v("until", until, "When the last goes.", positive);
      v("ramp_up", ramp_up, "From the first to where one more would come, at equal distances.", not_negative);
      v("ramp_down", ramp_down,
        "Before `until`: in this time they go, at equal distances, in the order in which they came.", not_negative);
    }
  };
  Active active;
  /// The dates at which the i-th client comes and goes.
  Seconds comes(std::uint32_t i) const { return active.from + active.ramp_up * (static_cast<double>(i) / count); }
  Seconds goes(std::uint32_t i) const {
    return active.until - active.ramp_down * (static_cast<double>(count - 1 - i) / count);
  }
  /// The number of requests that the i-th client sends until then, in the mean.
  double expected(std::uint32_t i, Seconds end) const {
    const Seconds begin = comes(i), last = std::min(end, goes(i));
    return last > begin ? workload->expected(i, begin, last) : 0;
  }
  std::vector<ClusterId> at;  ///< Cluster of each client; on a device, until a cell serves that.
  std::vector<DeviceId> on;   ///< Device that carries each client; empty: they do not move.
  LinkSpec access;
  template <class V>
  void fields(V&& v) {
    v.choice("class", service_class, "Class of service.");
    v.need_law("request", request, "Size of a request.", not_negative);
    v.need_law("reply", reply, "Size of its answer.", not_negative);
    v("deadline", deadline, "From sending to the answer; what has not ended then is missed.", positive);
  }
};

}  // namespace codecosim
