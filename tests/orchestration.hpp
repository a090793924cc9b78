#pragma once
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "models/orchestration/kubernetes/kubernetes.hpp"
#include "models/orchestration/placement/built_network.hpp"
#include "policies/add_policies.hpp"
#include "tests/federation.hpp"

namespace codecosim::test {

/// An application of one component, which starts in no time and whose requests take nothing of the network.
inline ApplicationSpec simple_application(const std::string& name, double cores, std::uint32_t replicas = 1) {
  ApplicationSpec app;
  app.name = name;
  ComponentSpec component;
  component.name = "serve";
  component.cpu_request = Cores(cores);
  component.replicas = replicas;
  component.work = Distribution<CoreSeconds>(Law::constant(0.001));
  app.components.push_back(component);
  return app;
}

/// What parts of control planes stand on: a world without a scenario around it, applications, and Kubernetes in its
/// clusters.
struct Stage : Kubernetes::Listener {
  explicit Stage(const FederationSpec& spec, std::vector<ApplicationSpec> apps = {})
      : land(spec),
        applications(land.applications.emplace(land.world, std::vector<ImageSpec>(1), std::move(apps))),
        requests(
            land.requests.emplace(land.world, applications, std::vector<ClientSpec>{}, Transport::queued, Seconds(0))),
        data(land.world, {}, Transport::flow),
        images(applications.images(), land.world.federation.node_count()),
        truth(land.world, applications, requests, data, images),
        migrations(land.world, applications, Transport::flow),
        plan(land.world.network),
        decisions(land.world, applications, requests, truth, data.specs(), DecisionSpec{}, policies),
        kubelet(land.world, applications, data, migrations, images, ClusterId{0}, Transport::flow, kubernetes_spec),
        kubernetes(land.world, applications, kubelet, truth, data, decisions, kubernetes_spec,
                   Kubernetes::Readings::as_they_are, choose(policies, "kube-default"), *this) {}

  static Registry<PlacementPolicy>::Make choose(Policies& policies, const std::string& name) {
    if (policies.placement.names().empty()) add_policies(policies);
    return policies.placement.choose(name).make;
  }
  Registry<PlacementPolicy>::Make policy(const std::string& name) { return choose(policies, name); }

  void workload_changed(ClusterId cluster, ServiceId service) override {
    if (on_change) on_change(cluster, service);
  }
  void pod_ready(PodId) override {}
  void node_not_ready(NodeId, const std::vector<PodId>&) override {}
  void room_made(ClusterId) override {}

  std::function<void(ClusterId, ServiceId)> on_change;
  Policies policies;
  KubernetesSpec kubernetes_spec = KubernetesSpec::instantaneous();
  Land land;
  Applications& applications;
  Requests& requests;
  Datasets data;
  ImageStore images;
  Truth truth;
  Migrations migrations;
  BuiltNetwork plan;
  Decisions decisions;
  Kubelet kubelet;
  Kubernetes kubernetes;
};

}  // namespace codecosim::test
