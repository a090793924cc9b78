#pragma once
#include <cstdint>

#include "models/policy.hpp"

/// The fields of a placement problem, each listed once: the messages to a program and the JSON Schema are made from
/// these lists.
namespace codecosim::protocol {

/// A quantity that is never below zero.
template <class Q>
struct Amount {
  const Q& quantity;
};
template <class Q>
Amount(const Q&) -> Amount<Q>;
/// A span; null where it is infinite.
struct Span {
  Seconds span;
};
/// An index, or null where it is PlacementProblem::none.
struct MaybeIndex {
  std::uint32_t index;
};
/// A list, or null where it is empty.
template <class T>
struct MaybeList {
  const std::vector<T>& list;
};
template <class T>
MaybeList(const std::vector<T>&) -> MaybeList<T>;
/// An effect of a taint, or null: any.
struct MaybeEffect {
  bool any;
  Taint::Effect effect;
};

template <class V>
void fields(const Taint& one, V&& v) {
  v("key", one.key, "");
  v("value", one.value, "");
  v("effect", one.effect, "");
  v("since_s", one.since, "");
}

template <class V>
void fields(const Toleration& one, V&& v) {
  v("key", one.key, "");
  v("value", one.value, "");
  v("operator", one.op, "");
  v("effect", MaybeEffect{one.any_effect, one.effect}, "Null: any.");
  v("duration_s", Span{one.duration}, "");
}

template <class V>
void fields(const AddOnScore& one, V&& v) {
  v("addon", one.addon, "");
  v("name", one.name, "");
  v("value", one.value, "From -100 to 100.");
  v("valid_until_s", Span{one.valid_until}, "");
}

template <class V>
void fields(const Monitored& one, V&& v) {
  v("node_energy_w", one.node_energy, "Power that its nodes draw.");
  v("net_energy_w", one.net_energy, "Power of what its links carry.");
  v("link_energy_j_per_byte", one.link_energy, "Mean over its links.");
  v("node_failures", one.node_failures, "Of its nodes, each halved every hour.");
  v("link_failures", one.link_failures, "Of its links, likewise.");
  v("node_degree", one.node_degree, "Links that are up.");
  v("ebw_bytes_per_s", one.ebw, "Bandwidth out that was not in use.");
  v("ibw_bytes_per_s", one.ibw, "Likewise in.");
  v("latency_s", one.latency, "Mean over its links, one way.");
  v("freshness_s", one.freshness, "Mean age of its copies of data sets; 0 where it has none.");
  v("security", one.security, "Its class, from 0 (none) to 1 (high).");
  v("compliance", one.compliance, "That of its provider, from 0 (low) to 1 (high).");
  v("carbon_g_per_j", one.carbon, "Of its provider's electricity.");
  v("cpu_price_eur_per_core_s", one.cpu_price, "Of its provider.");
  v("zone", one.zone, "Its provider's number.");
}

template <class V>
void fields(const PlacementProblem::Workload& one, V&& v) {
  v("component", one.component, "Replicas of one component share it.");
  v("cpu_cores", Amount{one.cpu}, "Request; 0: none.");
  v("memory_bytes", Amount{one.memory}, "Request; 0: none.");
  v("image", one.image, "As in the images of a row.");
  v("image_bytes", Amount{one.image_size}, "");
  v("node_selector", one.node_selector, "");
  v("tolerations", one.tolerations, "");
  v("node_name", one.node_name, "Empty: any.");
  v("current", MaybeIndex{one.current}, "Row it is on now.");
  v("fixed", one.fixed, "It stays where it is.");
  v("state_bytes", Amount{one.state}, "What moves with it.");
  v("reads", one.reads, "Data sets.");
  v("allowed", MaybeList{one.allowed}, "By row; null: all.");
}

template <class V>
void fields(const PlacementProblem::Channel& one, V&& v) {
  v("from", one.from, "A component.");
  v("to", one.to, "A component.");
  v("assured", one.assured, "");
  v("bandwidth_bytes_per_s", Amount{one.bandwidth}, "");
  v("max_delay_s", Span{one.max_delay}, "");
}

template <class V>
void fields(const PlacementProblem::Row& one, V&& v) {
  v("id", one.id, "Of the cluster or node in the federation.");
  v("name", one.name, "");
  v("cpu_cores", Amount{one.cpu}, "Allocatable.");
  v("cpu_free_cores", one.cpu_free, "Not requested by pods yet.");
  v("memory_bytes", Amount{one.memory}, "Allocatable.");
  v("memory_free_bytes", one.memory_free, "Not requested by pods yet.");
  v("largest_cpu_free_cores", one.largest_cpu_free, "Of its best single node.");
  v("largest_memory_free_bytes", one.largest_memory_free, "Likewise.");
  v("pods", one.pods, "");
  v("max_pods", one.max_pods, "");
  v("nodes", one.nodes, "");
  v("labels", one.labels, "");
  v("taints", one.taints, "");
  v("images", one.images, "That need no pull.");
  v("components", one.components, "Of this application, one entry a replica that is here.");
  v("decisions", one.decisions, "Of other applications that chose it.");
  v("scores", one.scores, "");
  v("data", one.data, "Data sets of which a copy is here.");
  v("cpu_busy_cores", Amount{one.cpu_busy}, "As last measured.");
  v("cpu_expected_cores", one.cpu_expected, "As forecast; null: nothing forecasts it.");
  v("client_latency_s", Amount{one.client_latency}, "One way, mean over the application's clients.");
  v("monitored", one.monitored, "What CODECO monitors of it; zeros where nothing does.");
  v("age_s", Amount{one.age}, "How old all this is.");
}

}  // namespace codecosim::protocol
