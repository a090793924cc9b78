#include "sim/trace/sink.hpp"

namespace codecosim {

namespace {
std::string ask(const Names& names, Entity entity) {
  const std::uint32_t index = entity.index;
  switch (entity.kind) {
    case EntityKind::cluster:
      return names.name(ClusterId{index});
    case EntityKind::node:
      return names.name(NodeId{index});
    case EntityKind::link:
      return names.name(LinkId{index});
    case EntityKind::pod:
      return names.name(PodId{index});
    case EntityKind::application:
      return names.name(ApplicationId{index});
    case EntityKind::client:
      return names.name(ClientId{index});
    case EntityKind::device:
      return names.name(DeviceId{index});
    case EntityKind::cell:
      return names.name(CellId{index});
  }
  return {};
}
}  // namespace

const std::string& Names::name_of(Entity entity) const {
  std::vector<std::string>& known = known_[static_cast<std::size_t>(entity.kind)];
  if (entity.index >= known.size()) known.resize(entity.index + 1);
  if (known[entity.index].empty()) known[entity.index] = ask(*this, entity);
  return known[entity.index];
}

Entity Names::owner(Entity entity) const {
  if (!entity) return {};
  if (entity.kind == EntityKind::pod) return application_of(PodId{entity.index});
  if (entity.kind == EntityKind::node) return cluster_of(NodeId{entity.index});
  return {};
}

}  // namespace codecosim
