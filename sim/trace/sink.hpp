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

/// The sorts of things that a record can name.
enum class Sort : std::uint8_t { cluster, node, link, pod, application, client, device, cell };
template <>
inline constexpr auto words_of<Sort> =
    std::to_array<std::string_view>({"cluster", "node", "link", "pod", "application", "client", "device", "cell"});

/// One thing of the run, whatever its sort; or none.
struct Thing {
  Sort sort = {};
  std::uint32_t index = NodeId::none;
  constexpr Thing() = default;
  constexpr Thing(ClusterId id) : sort(Sort::cluster), index(id.index) {}
  constexpr Thing(NodeId id) : sort(Sort::node), index(id.index) {}
  constexpr Thing(LinkId id) : sort(Sort::link), index(id.index) {}
  constexpr Thing(PodId id) : sort(Sort::pod), index(id.index) {}
  constexpr Thing(ApplicationId id) : sort(Sort::application), index(id.index) {}
  constexpr Thing(ClientId id) : sort(Sort::client), index(id.index) {}
  constexpr Thing(DeviceId id) : sort(Sort::device), index(id.index) {}
  constexpr Thing(CellId id) : sort(Sort::cell), index(id.index) {}
  constexpr auto operator<=>(const Thing&) const = default;
  constexpr explicit operator bool() const { return index != NodeId::none; }
};

/// What the things of a run are called, and what they belong to, for whoever writes a trace.
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

  /// The same of a thing of any sort, which is not none. Remembered, because a trace asks for the same few again and
  /// again; what is returned holds until the next call.
  const std::string& called(Thing) const;
  /// What a pod (its application) or a node (its cluster) belongs to; none for all others.
  Thing owner(Thing) const;

 private:
  mutable std::array<std::vector<std::string>, words_of<Sort>.size()> known_;
};

/// What a field holds; a text is one of `words_of`.
using TraceValue = std::variant<double, std::uint32_t, bool, std::string_view, Thing>;

struct TraceField {
  std::string_view key;
  TraceValue value;
};

/// A record on its way to a file: what all formats are made of.
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

/// Takes the records of a run, in order of time. A format is one of these, and so is a filter before another.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  /// Throws Error(output) where it cannot.
  virtual void write(const TraceEntry&) = 0;
  /// The run has ended, at this date. A file is complete only after this.
  virtual void close(Seconds end) = 0;
};

/// A member of a record as the value of a field.
template <class Member>
TraceValue value_of(const Member& member) {
  if constexpr (requires { member.index; })
    return Thing(member);
  else if constexpr (requires { member.value; })
    return static_cast<double>(member.value);
  else if constexpr (std::is_enum_v<Member>)
    return name(member);
  else
    return member;
}

}  // namespace codecosim
