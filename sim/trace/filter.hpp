#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/trace/sink.hpp"

namespace codecosim {

/// Which records of a trace are written: those that pass all of this.
struct TraceFilter {
  /// By key, shell patterns of which one must match. A key that is a sort of thing looks at all things of that sort
  /// that a record names, whatever the field, and at what these belong to; `kind` at its kind; any other at the field
  /// of that name. A record that has nothing to look at does not match.
  std::map<std::string, std::vector<std::string>, std::less<>> patterns;
  /// Of the requests, this share; which, a hash of client and start says, so that it is the same under every policy.
  double share = 1;
  static constexpr Seconds always{std::numeric_limits<double>::infinity()};
  Seconds from, until = always;

  /// Adds a pattern, given as KEY=GLOB; throws Error(usage).
  void match(const std::string& text);
  bool passes(const TraceEntry&, const Names&) const;
  bool lets_all_pass() const { return patterns.empty() && share >= 1 && from <= Seconds(0) && until == always; }
};

/// Keeps from another sink what does not pass.
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
