#pragma once
#include <compare>
#include <cstdint>

namespace codecosim {

/// A dense index into the table of one kind of entity; indices of different kinds do not mix.
template <class Tag>
struct Id {
  static constexpr std::uint32_t none = 0xffffffff;
  std::uint32_t index = none;
  constexpr auto operator<=>(const Id&) const = default;
  constexpr explicit operator bool() const { return index != none; }
};

using ProviderId = Id<struct ProviderTag>;
using ClusterId = Id<struct ClusterTag>;
using NodeId = Id<struct NodeTag>;
using EndpointId = Id<struct EndpointTag>;
using LinkId = Id<struct LinkTag>;
using PathId = Id<struct PathTag>;  ///< A path over wide-area links that somebody chose: see Network::pin.
using PodId = Id<struct PodTag>;
using ServiceId = Id<struct ServiceTag>;          ///< One component of one application instance, with its replicas.
using ApplicationId = Id<struct ApplicationTag>;  ///< One instance of an application.
using ClientId = Id<struct ClientTag>;
using DeviceId = Id<struct DeviceTag>;  ///< Something that moves.
using CellId = Id<struct CellTag>;      ///< What gives radio access in one place.
using BearerId = Id<struct BearerTag>;  ///< What an endpoint, or a whole cluster, has of a cell: its way over the air.

}  // namespace codecosim
