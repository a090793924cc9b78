#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "sim/trace/sink.hpp"

namespace codecosim {

/// A run as a picture over time: rows in a tree, with states, spans and marks on them. What is drawn where is said
/// here, for every kind of record; a format for a viewer says how. What it does not know it draws as marks on a row of
/// the record's kind.
class Timeline : public TraceSink {
 public:
  void write(const TraceEntry&) final;

 protected:
  using Row = std::uint32_t;
  static constexpr Row top = 0;  ///< The root of the tree, always there.

  explicit Timeline(const Names& names) : names_(names) {}

  /// There is a new row from now on, below another. Rows are counted from 1. Of one `sort` are rows that mean the same.
  virtual void add(Row, Row parent, std::string_view sort, std::string_view name, Seconds now) = 0;
  /// A row is in this state from now on; in none where it is empty. Nothing but states is drawn on such a row.
  virtual void state(Row, std::string_view state, const TraceEntry&) = 0;
  /// Something has lasted from `begin` until now. Spans of one row may overlap, and are handed over in the order of
  /// their ends.
  virtual void span(Row, Seconds begin, std::string_view label, const TraceEntry&) = 0;
  /// Something has happened now.
  virtual void mark(Row, std::string_view label, const TraceEntry&) = 0;

  /// The value of a field as text; empty for none.
  std::string text(const TraceValue&) const;

 private:
  Row row(Row parent, std::string_view sort, std::string_view name);
  Row row(Thing);
  Row row(Thing below, std::string_view sort) { return row(row(below), sort, sort); }
  void draw_pod(const TraceEntry&);

  const Names& names_;
  Seconds now_;
  Row count_ = 0;
  std::map<std::tuple<Row, std::string_view, std::string>, Row, std::less<>> rows_;
  std::map<Thing, Row> row_of_pod_;  // where it was last
};

}  // namespace codecosim
