#pragma once
#include <string>

#include "models/orchestration/netma/channels.hpp"
#include "models/orchestration/netma/netma.hpp"
#include "models/policy.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

// The parameters of a control plane. Each group lists its fields once, for reading, describing and printing: v(key, field, prose,
// bounds). Defaults are those of the preset as-implemented; [SX] marks what Kubernetes' or Open Cluster Management's code says, [S]
// what CODECO's says, [calibrated] what docs/validation.md fits to published measurements, [I] what is our assumption.

/// The API server of a hub: `workers` equal servers, one line.
struct HubSpec {
  std::uint32_t workers = 16;
  Seconds service{0.004};
  std::uint32_t queue = 20'000;
  template <class V>
  void fields(V&& v) {
    v("workers", workers, "Requests that its API server works on at once. [I]", between(1, 10000));
    v("service", service, "Mean of the exponential time of one request: 16 workers at 4 ms do 4 000 /s. [I]", not_negative);
    v("queue", queue, "Requests that may wait; more are refused (HTTP 429). [I]", between(1, 1e7));
  }
};

/// CODECO's entry point: one serial worker.
struct AcmSpec {
  Seconds wait{8};
  Seconds reconcile{0.05};
  Seconds solve{0.01};
  Seconds solve_row{1e-5};
  std::uint32_t attempts = 5;
  template <class V>
  void fields(V&& v) {
    v("wait", wait, "Fixed wait in each reconciliation of a CodecoApp. [S: 8 s]", not_negative);
    v("reconcile", reconcile, "Work of one reconciliation besides the wait. [I]", not_negative);
    v("solve", solve, "Thinking time of a placement decision that is charged whatever its size. [I]", not_negative);
    v("solve_row", solve_row, "Thinking time for each pair of a replica and a candidate. [I]", not_negative);
    v("attempts", attempts, "Clusters tried for a replica that its clusters report unschedulable, until the next change. [I]",
      between(1, 1000));
  }
};

/// Open Cluster Management: registration, leases, works.
struct OcmSpec {
  Seconds accept{0};
  Seconds lease{60};
  double lease_jitter = 0.25;
  std::uint32_t lease_misses = 5;
  Seconds toleration{0};
  Seconds resync{240};
  double resync_jitter = 0.5;
  Seconds status{10};
  double status_jitter = 0.9;
  bool watch = false;
  std::uint32_t workers = 10;
  Seconds apply{0.05};
  Seconds evict{3600};
  Seconds hub_switch{0};
  bool local_cluster = false;
  Seconds back_off{0.8};
  Seconds most_back_off{30};
  Bytes request{1000};
  Bytes manifest{2000};
  template <class V>
  void fields(V&& v) {
    v("accept", accept, "From a cluster's request to join until the hub's administrator accepts it. [I]", not_negative);
    v("lease", lease, "Between renewals of a cluster's lease. [SX: 60 s]", positive);
    v("lease_jitter", lease_jitter, "Each is longer by up to this share of it. [SX: 0.25]", between(0, 10));
    v("lease_misses", lease_misses, "Lease durations without renewal until a cluster is Unknown. [SX: 5]", between(1, 1000));
    v("toleration", toleration,
      "How long applications tolerate the taint of an unreachable cluster; a component's own toleration of "
      "cluster.open-cluster-management.io/unreachable overrides it. [SX: none by default]",
      not_negative);
    v("resync", resync, "Between two times that an agent applies all its works again. [SX: 4 min]", positive);
    v("resync_jitter", resync_jitter, "Each is longer by up to this share of it. [SX: 0.5]", between(0, 10));
    v("status", status, "Between two looks of an agent at what it should report. [SX: 10 s]", positive);
    v("status_jitter", status_jitter, "Each is longer by up to this share of it. [SX: 0.9]", between(0, 10));
    v("watch", watch, "Report changes at once instead. [SX: an option]", {});
    v("workers", workers, "Works that an agent applies at once. [SX: 10]", between(1, 1000));
    v("apply", apply, "Time to apply one work. [I]", not_negative);
    v("evict", evict, "Grace of what is applied and no longer exists on the hub, without word of its deletion. [SX: 60 min]",
      not_negative);
    v("hub_switch", hub_switch,
      "Without a renewed lease for so long, an agent goes over to the next hub; 0 s: never. [SX: an option, 600 s]", not_negative);
    v("local_cluster", local_cluster, "Whether clusters of the role hub run applications too. [SX: an option]", {});
    v("back_off", back_off,
      "First pause of an agent that could not connect; doubles, each up to twice as long. [SX: client-go, 0.8 s]", positive);
    v("most_back_off", most_back_off, "Largest such pause. [SX: client-go, 30 s]", positive);
    v("request", request, "Size of a request, a lease, an acknowledgement. [I]", not_negative);
    v("manifest", manifest, "Size of the manifest of one replica. [I]", not_negative);
  }
};

/// The control plane inside a cluster, and its kubelets. The calibrated times are those of a middling cluster of three nodes: the
/// fit to the geometric mean of the five published set-ups with CODECO, between which `set_up` differs 2.3-fold.
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
  Seconds back_off{10};
  Seconds most_back_off{300};
  Seconds calm{600};
  template <class V>
  void fields(V&& v) {
    v("scheduler", scheduler, "Pods that a cluster's scheduler binds per second. [SX: client limit of kube-scheduler, 50 /s]",
      positive);
    v("set_up", set_up,
      "Time in which a node sets up one pod, one after the other; with n nodes, n times smaller is the b of a + b N. [calibrated]",
      not_negative);
    v("latency", latency, "Time that each pod takes besides, all at once: the a of a + b N. [calibrated]", not_negative);
    v("tear_down", tear_down, "Time in which a node tears down one pod, one after the other. [calibrated]", not_negative);
    v("stop", stop, "Time that each pod takes to stop besides. [calibrated]", not_negative);
    v("grace", grace, "Silence after which a node is not ready. [SX: 40 s, 50 s in newer releases]", not_negative);
    v("toleration", toleration,
      "How long its pods tolerate that; a component's own toleration of node.kubernetes.io/unreachable overrides it. [SX: 300 s]",
      not_negative);
    v("relist", relist, "Between two looks of a kubelet at its containers: an exit is noticed up to so much later. [SX: 1 s]",
      not_negative);
    v("pulls", pulls, "Image pulls that a kubelet starts per second. [SX: 5 /s]", positive);
    v("pull_burst", pull_burst, "Pulls that it may start at once after a pause. [SX: 10]", between(1, 1e6));
    v("back_off", back_off, "Pause before a container that crashed starts again; doubles with each crash. [SX: 10 s]",
      not_negative);
    v("most_back_off", most_back_off, "Largest such pause. [SX: 300 s]", not_negative);
    v("calm", calm, "A container that ran so long starts without pause. [SX: 10 min]", not_negative);
  }
};

/// Prometheus in each cluster, written on to the hub.
struct TelemetrySpec {
  Seconds scrape{15};
  Bytes page{20'000};
  std::uint32_t samples = 500;
  std::uint32_t batch = 1000;
  Bytes sample{10};
  Seconds keep{7200};
  Seconds refresh{30};
  template <class V>
  void fields(V&& v) {
    v("scrape", scrape, "Between two scrapes of a cluster's nodes. [S: 15 s or 30 s]", positive);
    v("page", page, "What a node answers to a scrape. [I]", not_negative);
    v("samples", samples, "Samples on such a page. [I]", between(1, 1e6));
    v("batch", batch, "Samples in one remote write (max_samples_per_send). [S: 1 000 or 10 000]", between(1, 1e6));
    v("sample", sample, "Size of a sample on the wire, compressed. [I]", not_negative);
    v("keep", keep, "How long what could not be written on is kept. [SX: Prometheus' log, 2 h]", not_negative);
    v("refresh", refresh, "Between two times that a cluster reads its context back, where that comes from the hub. [I]", positive);
  }
};

/// The catalogue of metadata: connectors, a compacted log, a graph.
struct MdmSpec {
  Bytes event{500};
  Seconds process{0.005};
  template <class V>
  void fields(V&& v) {
    v("event", event, "Size of an event. [I]", not_negative);
    v("process", process, "Time in which the catalogue takes in one event, one after the other. [I]", not_negative);
  }
};

/// CODECO's PDLC-CA where it publishes scores of clusters: at the hub, from what that knows.
struct PdlcSpec {
  Seconds refresh{60};
  Seconds valid{300};
  template <class V>
  void fields(V&& v) {
    v("refresh", refresh, "Between two times that it scores all clusters. [SX: OCM's sample provider, 60 s]", positive);
    v("valid", valid, "How long a score counts (validUntil). [I]", positive);
  }
};

/// Application neighbourhoods and what their members may do.
struct NeighbourhoodSpec {
  Registry<PartitionPolicy>::Choice partition{"none", {}};
  Seconds exchange{30};
  Bytes state{1000};
  template <class V>
  void fields(V&& v) {
    v("partition", partition, "Which clusters form the neighbourhood of an application; none: all, through the hub alone.", {});
    v("exchange", exchange, "Between two times that the members tell each other their state. [I]", positive);
    v("state", state, "Size of what one tells another. [I]", not_negative);
  }
};

/// A control plane as a scenario describes it.
struct ControlPlaneSpec {
  std::string preset = "oracle";
  HubSpec hub;
  AcmSpec acm;
  OcmSpec ocm;
  KubernetesSpec kubernetes;
  TelemetrySpec telemetry;
  MdmSpec mdm;
  PdlcSpec pdlc;
  NeighbourhoodSpec neighbourhood;
  NetmaSpec netma;
  ChannelsSpec channels;
  enum class Probes : std::uint8_t { none, hub, neighbourhood };
  Probes probes = Probes::hub;
  enum class Context : std::uint8_t { hub, local };
  Context context = Context::hub;
  enum class Autonomy : std::uint8_t { cluster, neighbourhood };
  Autonomy autonomy = Autonomy::cluster;

  bool oracle() const { return preset == "oracle"; }
  template <class V>
  void fields(V&& v) {
    v.choice("context", context, {"hub", "local"},
             "Where a cluster has its measured context from: read back from the hub, or scraped by itself.");
    v.choice("autonomy", autonomy, {"cluster", "neighbourhood"},
             "How far clusters go on by themselves without the hub: within their own borders, or within the neighbourhood too.");
    v.choice("probes", probes, {"none", "hub", "neighbourhood"},
             "Which ways NetMA probes: none, those between each cluster and its hub, or those between neighbours too.");
    v.group("hub", hub, "API server of each hub.");
    v.group("acm", acm, "CODECO's ACM and the decision it asks for, at each hub.");
    v.group("ocm", ocm, "Open Cluster Management between hub and clusters.");
    v.group("kubernetes", kubernetes, "Control plane and kubelets of each cluster.");
    v.group("telemetry", telemetry, "Metrics of nodes, on their way to whoever decides.");
    v.group("mdm", mdm, "CODECO's catalogue of metadata.");
    v.group("pdlc", pdlc, "CODECO's PDLC-CA: scores of clusters (AddOnPlacementScore), where the policy has costs.");
    v.group("netma", netma, "CODECO's network probes and topology export.");
    v.group("channels", channels, "Channels between components.");
    v.group("neighbourhood", neighbourhood, "Application neighbourhoods.");
  }

  static ControlPlaneSpec as_implemented();
  static ControlPlaneSpec as_designed();
};

}  // namespace codecosim
