#include "sim/trace/sink.hpp"

namespace codecosim {

namespace {
std::string ask(const Names& names, Thing thing) {
  const std::uint32_t index = thing.index;
  switch (thing.sort) {
    case Sort::cluster:
      return names.name(ClusterId{index});
    case Sort::node:
      return names.name(NodeId{index});
    case Sort::link:
      return names.name(LinkId{index});
    case Sort::pod:
      return names.name(PodId{index});
    case Sort::application:
      return names.name(ApplicationId{index});
    case Sort::client:
      return names.name(ClientId{index});
    case Sort::device:
      return names.name(DeviceId{index});
    case Sort::cell:
      return names.name(CellId{index});
  }
  return {};
}
}  // namespace

const std::string& Names::called(Thing thing) const {
  std::vector<std::string>& known = known_[static_cast<std::size_t>(thing.sort)];
  if (thing.index >= known.size()) known.resize(thing.index + 1);
  if (known[thing.index].empty()) known[thing.index] = ask(*this, thing);
  return known[thing.index];
}

Thing Names::owner(Thing thing) const {
  if (!thing) return {};
  if (thing.sort == Sort::pod) return application_of(PodId{thing.index});
  if (thing.sort == Sort::node) return cluster_of(NodeId{thing.index});
  return {};
}

}  // namespace codecosim
