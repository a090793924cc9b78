#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/base/file.hpp"

namespace codecosim {

/// A file to which a trace is written in parts. Throws Error(output) when it cannot be written.
class TraceFile {
 public:
  enum class Packing : std::uint8_t { plain, zstd };
  TraceFile(const std::string& path, Packing);
  ~TraceFile();
  void append(std::string_view text) {
    pending_ += text;
    if (pending_.size() >= block) flush(false);
  }
  /// Writes the rest. The file is complete only after this.
  void close();

 private:
  static constexpr std::size_t block = 1 << 17;
  void flush(bool last);

  struct Packer;
  std::string path_;
  OutputFile file_;
  std::unique_ptr<Packer> packer_;  // null: plain
  std::string pending_;
};

}  // namespace codecosim
