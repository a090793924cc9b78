#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "sim/trace/fingerprint.hpp"
#include "sim/trace/record.hpp"
#include "sim/trace/sink.hpp"

namespace codecosim {

/// Receives the records that the model emits. The fingerprint covers every record; a sink gets only those up to the
/// level that was asked for.
class Trace {
 public:
  template <class Record>
  void emit(Seconds now, const Record& record) {
    fingerprint_.add(now, record);
    if (level_ >= Record::detail) [[unlikely]]
      write(now, record);
  }
  /// Writes records up to this level to `sink` from now on.
  void write_to(Detail level, std::unique_ptr<TraceSink> sink) {
    level_ = sink ? level : Detail::none;
    sink_ = std::move(sink);
  }
  /// The run has ended, at this date: nothing more is written.
  void close(Seconds end) {
    if (sink_) sink_->close(end);
    write_to(Detail::none, nullptr);
  }
  const Fingerprint& fingerprint() const { return fingerprint_; }

 private:
  template <class Record>
  [[gnu::noinline]] void write(Seconds now, const Record& record) {
    fields_.clear();
    record.fields([this](std::string_view key, const auto& value) { fields_.push_back({key, value_of(value)}); });
    sink_->write({now, Record::kind, fields_});
  }

  Fingerprint fingerprint_;
  Detail level_ = Detail::none;
  std::unique_ptr<TraceSink> sink_;
  std::vector<TraceField> fields_;  // of one record; kept for its memory
};

}  // namespace codecosim
