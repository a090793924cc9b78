#pragma once
#include <string>

#include "models/orchestration/kubernetes/spec.hpp"
#include "models/orchestration/netma/channels.hpp"
#include "models/orchestration/netma/netma.hpp"
#include "models/orchestration/ocm/spec.hpp"
#include "models/policy.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

// The parameters of a control plane. Each group lists its fields once, for reading, describing and printing: v(key,
// field, prose, bounds). Defaults are those of the preset as-implemented; [SX] marks values from the code of Kubernetes
// or Open Cluster Management, [S] those from CODECO's code, [calibrated] those that docs/validation.md fits to
// published measurements, [I] our assumptions.

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
    v("attempts", attempts,
      "Clusters tried for a replica that its clusters report unschedulable, until the next change. [I]",
      between(1, 1000));
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
    v("refresh", refresh, "Between two times that a cluster reads its context back, where that comes from the hub. [I]",
      positive);
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

/// CODECO's PDLC-CA, which publishes scores of clusters at the hub, from the hub's knowledge.
struct PdlcSpec {
  Seconds refresh{60};
  Seconds valid{300};
  template <class V>
  void fields(V&& v) {
    v("refresh", refresh, "Between two times that it scores all clusters. [SX: OCM's sample provider, 60 s]", positive);
    v("valid", valid, "How long a score counts (validUntil). [I]", positive);
  }
};

/// Application neighbourhoods and the exchange between their members.
struct NeighbourhoodSpec {
  Registry<PartitionPolicy>::Choice partition{"none", {}};
  Seconds exchange{30};
  Bytes state{1000};
  template <class V>
  void fields(V&& v) {
    v("partition", partition,
      "Which clusters form the neighbourhood of an application; none: all, through the hub alone.", {});
    v("exchange", exchange, "Between two times that the members tell each other their state. [I]", positive);
    v("state", state, "Size of what one tells another. [I]", not_negative);
  }
};

/// All parameters of CODECO over Open Cluster Management.
struct CodecoSpec {
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

  template <class V>
  void fields(V&& v) {
    v.choice("context", context, {"hub", "local"},
             "Where a cluster has its measured context from: read back from the hub, or scraped by itself.");
    v.choice("autonomy", autonomy, {"cluster", "neighbourhood"},
             "How far clusters go on by themselves without the hub: within their own borders, or within the "
             "neighbourhood too.");
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
};

}  // namespace codecosim
