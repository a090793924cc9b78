#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/application/cam.hpp"
#include "models/application/vlinks.hpp"
#include "models/world.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The instances of all applications, their services (components) and pods (replicas), and which of these are ready.
class Applications {
 public:
  Applications(World&, std::vector<ImageSpec>, std::vector<ApplicationSpec>);

  Vlinks vlinks;  ///< Where a control plane runs channels.
  /// Told when a pod has become ready, and when it is so no more, while it is still bound.
  std::function<void(PodId, bool ready)> on_ready;

  const std::vector<ImageSpec>& images() const { return images_; }
  const std::vector<ApplicationSpec>& specs() const { return specs_; }
  std::uint32_t count() const { return static_cast<std::uint32_t>(instances_.size()); }
  std::uint32_t pod_count() const { return static_cast<std::uint32_t>(pods_.size()); }
  ApplicationId instance(std::uint32_t spec, std::uint32_t index) const { return {first_instance_[spec] + index}; }
  const ApplicationSpec& spec(ApplicationId app) const { return specs_[instances_[app.index].spec]; }
  std::uint32_t number(ApplicationId app) const { return instances_[app.index].index; }
  ServiceId service(ApplicationId app, std::uint32_t component) const { return {instances_[app.index].first_service + component}; }
  /// All pods of an application, replica by replica of each component.
  std::vector<PodId> pods_of(ApplicationId) const;
  ServiceId service(PodId pod) const { return {pods_[pod.index].service}; }
  /// All pods of a service, those added later too, whether they run or not.
  std::vector<PodId> replicas_of(ServiceId) const;
  /// Ready pods of a service.
  std::uint32_t ready(ServiceId service) const { return services_[service.index].ready; }
  std::uint32_t replicas(ServiceId service) const { return services_[service.index].replicas; }

  ApplicationId application(PodId pod) const { return {services_[pods_[pod.index].service].application}; }
  std::uint32_t component_number(PodId pod) const { return services_[pods_[pod.index].service].component; }
  const ComponentSpec& component(PodId pod) const { return spec(application(pod)).components[component_number(pod)]; }
  PodPhase phase(PodId pod) const { return pods_[pod.index].phase; }
  NodeId node(PodId pod) const { return world_.compute.node_of(pod); }
  /// The pods bound to a node.
  const std::vector<PodId>& pods_on(NodeId node) const { return on_node_[node.index]; }

  /// A further pod of a service: one of those given back, or a new one. For who replaces a pod that may still run somewhere.
  PodId spare(ServiceId);
  /// Gives back a spare pod, or one of the first ones, that is bound nowhere.
  void retire(PodId);

  /// A ready pod of a service as its routing chooses for a caller in `from`; none when none is ready.
  PodId route(ServiceId, ClusterId from);

  /// It serves no more for a while: requests that come wait.
  void freeze(PodId);
  /// It serves again; or `successor` does, where those that wait go on.
  void thaw(PodId, PodId successor);
  bool any_frozen() const { return pods_frozen_ > 0; }
  /// Where a request goes on that has come to this pod: here, at once, unless it is frozen.
  Task<PodId> serving(PodId);

  /// From here on it counts for availability, until it is deleted.
  void submitted(ApplicationId);
  void deleted(ApplicationId);
  void bind(PodId, NodeId);
  void unbind(PodId);
  /// Those that it is working on end as `lost`.
  void lose_requests(PodId);
  /// Enters a phase and records it.
  void enter(PodId, PodPhase);

  /// Share of time, since reset, during which submitted services had a ready pod: mean over services. 1 when there is none.
  double availability();
  void reset_availability();
  std::uint32_t pods_ready() const { return pods_ready_; }
  /// Ready pods beyond what services asked for, now, and their integral over time since reset.
  std::uint32_t duplicates() const { return duplicates_; }
  Seconds duplicate_time();

  std::string name(ApplicationId) const;  ///< "inspection-3"
  std::string name(PodId) const;          ///< "inspection-3/detect-0"

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct Instance {
    std::uint32_t spec, index, first_service;
  };
  struct Service {
    std::uint32_t application, component, first_pod;
    std::uint16_t replicas, ready;
    std::uint32_t cursor;
    std::uint32_t more = none;  // pods beyond the first ones: place in more_
    bool wanted = false;        // submitted and not deleted
  };
  struct Pod {
    std::uint32_t service;
    PodPhase phase;
  };
  /// Pods of a service that were added later, and those of all that wait to be used again.
  struct More {
    std::vector<PodId> pods, free;
  };
  void account();
  void want(ApplicationId, bool);
  More& more(Service&);
  PodId pod_of(const Service&, std::uint32_t number) const;
  std::uint32_t pod_number(const Service& service) const {
    return service.replicas + (service.more == none ? 0 : static_cast<std::uint32_t>(more_[service.more].pods.size()));
  }

  World& world_;
  std::vector<ImageSpec> images_;
  std::vector<ApplicationSpec> specs_;
  std::vector<std::uint32_t> first_instance_;
  std::vector<Instance> instances_;
  std::vector<Service> services_;
  std::vector<Pod> pods_;
  std::vector<More> more_;
  std::map<std::uint32_t, std::unique_ptr<WaitQueue>> frozen_;  // by pod: the requests that wait
  std::map<std::uint32_t, PodId> successors_;                   // by pod: where its last waiting requests went on
  std::vector<std::vector<PodId>> on_node_;
  std::uint32_t pods_ready_ = 0, pods_frozen_ = 0, duplicates_ = 0;
  double duplicate_seconds_ = 0;
  double services_up_ = 0, services_submitted_ = 0, up_seconds_ = 0, submitted_seconds_ = 0, since_ = 0;
};

/// `text` with every `{i}` replaced by the number.
std::string numbered(const std::string& text, std::uint32_t number);

}  // namespace codecosim
