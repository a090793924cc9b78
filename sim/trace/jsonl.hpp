#pragma once
#include <string>

#include "sim/trace/file.hpp"
#include "sim/trace/sink.hpp"

namespace codecosim {

/// Writes records as JSON Lines, compressed with zstd: {"t_s":1.5,"kind":"request",...}.
class JsonLines : public TraceSink {
 public:
  JsonLines(const std::string& path, const Names& names) : names_(names), file_(path, TraceFile::Packing::zstd) {}
  void write(const TraceEntry&) override;
  void close(Seconds) override { file_.close(); }

 private:
  const Names& names_;
  TraceFile file_;
  std::string line_;  // kept for its memory
};

}  // namespace codecosim
