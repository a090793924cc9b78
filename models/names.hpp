#pragma once
#include "models/application/requests.hpp"
#include "models/world.hpp"
#include "sim/trace/sink.hpp"

namespace codecosim {

/// The names of all entities of a world.
class WorldNames : public Names {
 public:
  WorldNames(const World& world, const Applications& applications, const Requests& requests,
             const MobilitySpec& mobility)
      : world_(world), applications_(applications), requests_(requests), mobility_(mobility) {}
  std::string name(ClusterId id) const override { return world_.federation.name(id); }
  std::string name(NodeId id) const override { return world_.federation.name(id); }
  std::string name(LinkId id) const override { return world_.network.name(id); }
  std::string name(PodId id) const override { return applications_.name(id); }
  std::string name(ApplicationId id) const override { return applications_.name(id); }
  std::string name(ClientId id) const override { return requests_.name(id); }
  std::string name(DeviceId id) const override { return mobility_.name(id); }
  std::string name(CellId id) const override { return world_.radio.name(id); }
  std::string name(ServiceId id) const { return applications_.name(id); }
  ApplicationId application_of(PodId id) const override { return applications_.application(id); }
  ClusterId cluster_of(NodeId id) const override { return world_.federation.cluster_of(id); }

 private:
  const World& world_;
  const Applications& applications_;
  const Requests& requests_;
  const MobilitySpec& mobility_;
};

}  // namespace codecosim
