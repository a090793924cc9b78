#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/file.hpp"
#include "sim/trace/protobuf.hpp"
#include "sim/trace/timeline.hpp"

namespace codecosim {

/// Writes a timeline in the format of Perfetto (perfetto.dev/docs/reference/trace-packet-proto). Each row is a track,
/// and the rows at the top are processes; states and spans are slices, marks are instants; the fields of a record are
/// the arguments. A state that lasts until the end stays open, as Perfetto expects.
class Perfetto : public Timeline {
 public:
  Perfetto(const std::string& path, const Names& names) : Timeline(names), file_(path, TraceFile::Packing::plain) {}
  void close(Seconds end) override;

 private:
  using Track = std::uint64_t;
  /// Interned texts: each stands in the file once and is a number from then on.
  struct Dictionary {
    int field;  // of InternedData
    std::map<std::string, std::uint64_t, std::less<>> numbers = {};
  };
  /// A row, and the tracks on which its overlapping spans are laid out. Viewers show tracks of one name and parent as
  /// one.
  struct Lanes {
    Track parent = 0;
    std::string name;
    bool in_state = false;
    std::set<std::pair<Seconds, Track>> ends;  // the last span of each track
  };

  void add(Row, Row parent, std::string_view kind, std::string_view name, Seconds now) override;
  void state(Row, std::string_view state, const TraceEntry&) override;
  void span(Row, Seconds begin, std::string_view label, const TraceEntry&) override;
  void mark(Row, std::string_view label, const TraceEntry&) override;

  Track free_track(Row, Seconds begin, Seconds end);
  void describe(Track, Track parent, std::string_view name);
  void event(Track, int type, Seconds, std::string_view label = {}, const TraceEntry* = nullptr);
  void packet(int field, const ProtobufMessage& content, const Seconds* time);
  std::uint64_t intern(Dictionary&, std::string_view text);

  TraceFile file_;
  std::vector<Lanes> rows_{{}};
  Track lanes_ = 0;  // tracks beyond the first of a row
  bool begun_ = false;
  ProtobufMessage event_, annotation_, interned_;
  Dictionary categories_{1}, labels_{2}, keys_{3}, texts_{29};
};

}  // namespace codecosim
