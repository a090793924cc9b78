#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "sim/trace/sink.hpp"

namespace codecosim {

/// A run as a diagram over time: rows in a tree, with states, spans and marks on them. This class decides, for every
/// kind of record, what is drawn and on which row; the format of a viewer decides how. A record of another kind is a
/// mark on a row of that kind.
class Timeline : public TraceSink {
 public:
  void write(const TraceEntry&) final;

 protected:
  using Row = std::uint32_t;
  static constexpr Row top = 0;  ///< The root of the tree, always there.

  explicit Timeline(const Names& names) : names_(names) {}

  /// Adds a row below another one, from now on. Rows are counted from 1. Rows of one `kind` have the same meaning.
  virtual void add(Row, Row parent, std::string_view kind, std::string_view name, Seconds now) = 0;
  /// Sets the state of a row from now on; an empty `state` is none. Only states are drawn on such a row.
  virtual void state(Row, std::string_view state, const TraceEntry&) = 0;
  /// Draws a span from `begin` until now. Spans of one row may overlap, and are handed over in the order of their ends.
  virtual void span(Row, Seconds begin, std::string_view label, const TraceEntry&) = 0;
  /// Draws a mark at the present date.
  virtual void mark(Row, std::string_view label, const TraceEntry&) = 0;

  /// The value of a field as text; empty for none.
  std::string text(const TraceValue&) const;

 private:
  Row row(Row parent, std::string_view kind, std::string_view name);
  Row row(Entity);
  Row row(Entity below, std::string_view kind) { return row(row(below), kind, kind); }
  void draw_pod(const TraceEntry&);

  const Names& names_;
  Seconds now_;
  Row count_ = 0;
  std::map<std::tuple<Row, std::string_view, std::string>, Row, std::less<>> rows_;
  std::map<Entity, Row> row_of_pod_;  // the row on which it was last
};

}  // namespace codecosim
