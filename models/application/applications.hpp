#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/application/catalogue.hpp"
#include "models/application/endpoints.hpp"
#include "models/application/vlinks.hpp"
#include "models/measured.hpp"
#include "models/world.hpp"
#include "sim/base/observers.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The pods (replicas) of all services as they are, and the endpoints to which requests for a service are sent.
///
/// Claim: a pod is created, bound to nodes as its cluster's control plane says, and deleted for good. No other pod ever
/// has its id or its name, which consists of its service's name and the number of pods that the service had before. The
/// phase of a pod says whether it serves; its endpoint says whether requests are sent to it, and proxies hear of a
/// change of that later. Checked by: tests/physics/kubernetes_test.cpp.
class Applications : public Catalogue, public Measured {
 public:
  Applications(World&, std::vector<ImageSpec>, std::vector<ApplicationSpec>);

  Vlinks vlinks;  ///< Used where a control plane runs channels.
  /// Called when a pod has become ready (true), and when it is no longer ready (false) while it is still bound.
  Observers<PodId, bool> on_ready;

  using Catalogue::application;
  using Catalogue::component;
  using Catalogue::component_number;
  using Catalogue::name;
  using Catalogue::service;
  ServiceId service(PodId pod) const { return pods_[pod.index].service; }
  ApplicationId application(PodId pod) const { return application(service(pod)); }
  std::uint32_t component_number(PodId pod) const { return component_number(service(pod)); }
  const ComponentSpec& component(PodId pod) const { return component(service(pod)); }
  std::string name(PodId) const;  ///< "inspection-3/detect-0"

  /// Creates a pod of a service, bound to no node yet.
  PodId create(ServiceId);
  /// Deletes a pod, which must be bound to no node. Deleting a pod twice is a program error that ends the run.
  void retire(PodId);
  /// The pods of a service that exist, and the number of those that are ready.
  std::vector<PodId> pods_of(ServiceId) const;
  std::uint32_t ready(ServiceId service) const { return accounts_[service.index].ready; }
  /// The number of pods that a service shall have. Ready pods beyond it are duplicates.
  std::uint32_t wanted(ServiceId service) const { return accounts_[service.index].wanted; }
  void want(ServiceId, std::uint32_t pods);

  PodPhase phase(PodId pod) const { return pods_[pod.index].phase; }
  /// The node on which a pod runs; none where it runs on none.
  NodeId node(PodId pod) const { return world_.compute.node_of(pod); }
  /// The node to which a pod was bound last, whether it still runs there or not. Requests to the pod are sent there.
  NodeId address(PodId pod) const { return pods_[pod.index].address; }
  /// The pods that run on a node.
  const std::vector<PodId>& pods_on(NodeId node) const { return on_node_[node.index]; }

  /// The endpoints and proxies of all services.
  Endpoints endpoints;
  /// Tells the proxies of the state of a pod, which is none once the pod has been deleted.
  void set_endpoint(PodId, Endpoints::State);
  /// Counts a request that has been sent to a pod, and one that was answered or lost, or that has gone on to another
  /// pod.
  void enter_request(PodId pod) { ++pods_[pod.index].requests; }
  void leave_request(PodId pod) {
    if (--pods_[pod.index].requests == 0 && !idle_.empty()) [[unlikely]]
      wake_idle(pod);
  }
  /// `done` once no request is at the pod or in transit to it.
  Task<Outcome> idle(PodId);

  /// Stops the pod's service for a while: requests that arrive wait.
  void freeze(PodId);
  /// Ends this: the pod serves again, or `successor` does, and the requests that wait go on there.
  void thaw(PodId, PodId successor);
  /// Whether any pod is frozen, or has passed its state on to another.
  bool any_moving() const { return pods_frozen_ > 0 || !successors_.empty(); }
  /// Whether another pod has the state of this pod, and serves in its place.
  bool succeeded(PodId pod) const { return successors_.contains(pod.index); }
  /// The pod that serves a request which has arrived at this one. It is this pod, at once, unless it is frozen or has a
  /// successor.
  Task<PodId> serving(PodId);

  /// The application counts for availability from here on, until it is deleted.
  void submitted(ApplicationId);
  void deleted(ApplicationId);
  void bind(PodId, NodeId);
  void unbind(PodId);
  /// Ends the requests that the pod works on as `gone`.
  void lose_requests(PodId);
  /// Sets the phase of a pod and records it.
  void enter(PodId, PodPhase);

  void reset() override;
  void restart() override;
  void figures(Figures&) override;
  std::uint32_t pods_ready() const { return pods_ready_; }
  /// Time integral of the number of ready pods beyond those wanted, since reset.
  Seconds duplicate_time();

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct Service {
    std::uint32_t first_pod = 0;  // the pods that it has from the start have consecutive ids
    std::uint32_t pods = 0;       // number of these that exist, as long as it has no list
    std::uint32_t list = none;    // once others exist, or some of these do not: index in lists_
  };
  struct Account {
    std::uint32_t contiguous = 0;  // pods that it may have with consecutive ids
    std::uint32_t made = 0;        // ever
    std::uint32_t ready = 0, wanted = 0;
    bool submitted = false;  // and not deleted
  };
  struct Pod {
    ServiceId service;
    NodeId address;
    std::uint32_t requests = 0;
    PodPhase phase = PodPhase::pending;
    bool exists = false;
  };
  void account();
  void count_service(ApplicationId, bool);
  static std::uint32_t surplus(const Account& account) {
    return account.ready > account.wanted ? account.ready - account.wanted : 0;
  }
  void wake_idle(PodId);
  PodId pod_of(const Service& service, std::uint32_t number) const {
    if (service.list == none) [[likely]]
      return {service.first_pod + number};
    return lists_[service.list][number];
  }
  std::uint32_t pod_number(const Service& service) const {
    if (service.list == none) [[likely]]
      return service.pods;
    return static_cast<std::uint32_t>(lists_[service.list].size());
  }
  std::vector<PodId>& list(ServiceId);

  World& world_;
  std::vector<Service> services_;
  std::vector<Account> accounts_;  // by service
  std::vector<Pod> pods_;
  std::vector<std::uint32_t> ordinals_;  // by pod
  std::vector<std::vector<PodId>> lists_;
  std::map<std::uint32_t, std::unique_ptr<WaitQueue>> idle_;    // by pod: the processes that wait for it to be idle
  std::map<std::uint32_t, std::unique_ptr<WaitQueue>> frozen_;  // by pod: the requests that wait
  std::map<std::uint32_t, PodId> successors_;                   // by pod: the pod that has its state
  std::vector<std::vector<PodId>> on_node_;
  std::uint32_t pods_ready_ = 0, pods_frozen_ = 0, duplicates_ = 0;
  double duplicate_seconds_ = 0;
  double services_up_ = 0, services_submitted_ = 0, up_seconds_ = 0, submitted_seconds_ = 0, since_ = 0;
};

}  // namespace codecosim
