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

/// A range of consecutive ids, to iterate over.
template <class Tag>
class IdRange {
 public:
  class Iterator {
   public:
    constexpr explicit Iterator(std::uint32_t index) : index_(index) {}
    constexpr Id<Tag> operator*() const { return {index_}; }
    constexpr Iterator& operator++() {
      ++index_;
      return *this;
    }
    constexpr bool operator==(const Iterator&) const = default;

   private:
    std::uint32_t index_;
  };
  constexpr IdRange(std::uint32_t first, std::uint32_t count) : first_(first), count_(count) {}
  constexpr Iterator begin() const { return Iterator(first_); }
  constexpr Iterator end() const { return Iterator(first_ + count_); }

 private:
  std::uint32_t first_, count_;
};

using ProviderId = Id<struct ProviderTag>;
using ClusterId = Id<struct ClusterTag>;
using NodeId = Id<struct NodeTag>;
using EndpointId = Id<struct EndpointTag>;
using LinkId = Id<struct LinkTag>;
using PathId = Id<struct PathTag>;  ///< An explicit path over wide-area links: see Network::pin.
using PodId = Id<struct PodTag>;
using ServiceId = Id<struct ServiceTag>;          ///< One component of one application instance, with its replicas.
using ApplicationId = Id<struct ApplicationTag>;  ///< One instance of an application.
using ClientId = Id<struct ClientTag>;
using DeviceId = Id<struct DeviceTag>;  ///< A mobile entity.
using CellId = Id<struct CellTag>;      ///< A cell of a radio access network.
using BearerId = Id<struct BearerTag>;  ///< The radio connection of an endpoint, or of a whole cluster, to a cell.

using ClusterIds = IdRange<struct ClusterTag>;
using NodeIds = IdRange<struct NodeTag>;
using ClientIds = IdRange<struct ClientTag>;

}  // namespace codecosim
