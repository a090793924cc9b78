#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

/// The kinds of entities that a record can name.
enum class EntityKind : std::uint8_t { cluster, node, link, pod, application, client, device, cell };
template <>
inline constexpr auto words_of<EntityKind> =
    std::to_array<std::string_view>({"cluster", "node", "link", "pod", "application", "client", "device", "cell"});

/// One entity of the run, whatever its kind; or none.
struct Entity {
  EntityKind kind = {};
  std::uint32_t index = NodeId::none;
  constexpr Entity() = default;
  constexpr Entity(ClusterId id) : kind(EntityKind::cluster), index(id.index) {}
  constexpr Entity(NodeId id) : kind(EntityKind::node), index(id.index) {}
  constexpr Entity(LinkId id) : kind(EntityKind::link), index(id.index) {}
  constexpr Entity(PodId id) : kind(EntityKind::pod), index(id.index) {}
  constexpr Entity(ApplicationId id) : kind(EntityKind::application), index(id.index) {}
  constexpr Entity(ClientId id) : kind(EntityKind::client), index(id.index) {}
  constexpr Entity(DeviceId id) : kind(EntityKind::device), index(id.index) {}
  constexpr Entity(CellId id) : kind(EntityKind::cell), index(id.index) {}
  constexpr auto operator<=>(const Entity&) const = default;
  constexpr explicit operator bool() const { return index != NodeId::none; }
};

/// The names of the entities of a run and their owners, for the writers of a trace.
class Names {
 public:
  virtual ~Names() = default;
  virtual std::string name(ClusterId) const = 0;
  virtual std::string name(NodeId) const = 0;
  virtual std::string name(LinkId) const = 0;
  virtual std::string name(PodId) const = 0;
  virtual std::string name(ApplicationId) const = 0;
  virtual std::string name(ClientId) const = 0;
  virtual std::string name(DeviceId) const = 0;
  virtual std::string name(CellId) const = 0;
  virtual ApplicationId application_of(PodId) const = 0;
  virtual ClusterId cluster_of(NodeId) const = 0;

  /// The name of an entity of any kind, which is not none. Names are cached, because a trace asks for the same few
  /// again and again. The reference is valid until the next call.
  const std::string& name_of(Entity) const;
  /// The owner of a pod (its application) or of a node (its cluster); none for all others.
  Entity owner(Entity) const;

 private:
  mutable std::array<std::vector<std::string>, words_of<EntityKind>.size()> known_;
};

/// The value of a field; a text is one of `words_of`.
using TraceValue = std::variant<double, std::uint32_t, bool, std::string_view, Entity>;

struct TraceField {
  std::string_view key;
  TraceValue value;
};

/// A record in the form from which all formats are written.
struct TraceEntry {
  Seconds time;
  std::string_view kind;
  std::span<const TraceField> fields;

  /// The value of a field; null where the record has no such field.
  const TraceValue* find(std::string_view key) const {
    for (const TraceField& field : fields)
      if (field.key == key) return &field.value;
    return nullptr;
  }
};

/// Receives the records of a run, in order of time. A format is a sink, and so is a filter before another sink.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  /// Throws Error(output) where it cannot write.
  virtual void write(const TraceEntry&) = 0;
  /// The run has ended, at this date. A file is complete only after this.
  virtual void close(Seconds end) = 0;
};

/// A member of a record as the value of a field.
template <class Member>
TraceValue value_of(const Member& member) {
  if constexpr (requires { member.index; })
    return Entity(member);
  else if constexpr (requires { member.value; })
    return static_cast<double>(member.value);
  else if constexpr (std::is_enum_v<Member>)
    return name(member);
  else
    return member;
}

}  // namespace codecosim
