#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/file.hpp"
#include "sim/trace/timeline.hpp"

namespace codecosim {

/// Writes a timeline in the Paje format (Schnorr, "Paje trace file format", version 1.2.5), which SimGrid's tools read.
/// Each row is a container; its type follows from the kind of the row and the type of its parent. States are pushed and
/// popped. Since the format requires events in order of time, a span is an event at its end, with its beginning in the
/// field Begin.
class Paje : public Timeline {
 public:
  Paje(const std::string& path, const Names&);
  void close(Seconds end) override;

 private:
  struct Container {
    std::uint32_t type = 0;
    bool in_state = false;
  };
  /// The Paje types that the file already defines for a container type.
  struct Type {
    bool states = false, events = false;
  };

  void add(Row, Row parent, std::string_view kind, std::string_view name, Seconds now) override;
  void state(Row, std::string_view state, const TraceEntry&) override;
  void span(Row, Seconds begin, std::string_view label, const TraceEntry&) override;
  void mark(Row, std::string_view label, const TraceEntry&) override;
  void event(Row, Seconds begin, std::string_view label, const TraceEntry&);

  TraceFile file_;
  std::vector<Container> rows_{{}};
  std::vector<Type> types_{{}};
  std::map<std::pair<std::uint32_t, std::string_view>, std::uint32_t> type_of_;  // by type of the parent and kind
};

}  // namespace codecosim
