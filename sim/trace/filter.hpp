#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/trace/sink.hpp"

namespace codecosim {

/// The conditions on the records of a trace: a record is written if it passes all of them.
struct TraceFilter {
  /// Shell patterns, by key; for each key one pattern must match. A key that is a kind of entity is compared with all
  /// entities of that kind that a record names, in any field, and with those that these belong to. The key `kind` is
  /// compared with the kind of the record, any other key with the field of that name. A record without a value to
  /// compare does not match.
  std::map<std::string, std::vector<std::string>, std::less<>> patterns;
  /// Share of the requests that are written. A hash of client and start time selects them, so that they are the same
  /// under every policy.
  double share = 1;
  static constexpr Seconds always{std::numeric_limits<double>::infinity()};
  Seconds from, until = always;

  /// Adds a pattern, given as KEY=GLOB; throws Error(usage).
  void match(const std::string& text);
  bool passes(const TraceEntry&, const Names&) const;
  bool lets_all_pass() const { return patterns.empty() && share >= 1 && from <= Seconds(0) && until == always; }
};

/// A sink that hands only the records that pass the filter to the next sink.
class FilteredTrace : public TraceSink {
 public:
  FilteredTrace(TraceFilter filter, const Names& names, std::unique_ptr<TraceSink> next)
      : filter_(std::move(filter)), names_(names), next_(std::move(next)) {}
  void write(const TraceEntry& entry) override {
    if (filter_.passes(entry, names_)) next_->write(entry);
  }
  void close(Seconds end) override { next_->close(end); }

 private:
  TraceFilter filter_;
  const Names& names_;
  std::unique_ptr<TraceSink> next_;
};

}  // namespace codecosim
