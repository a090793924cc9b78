#pragma once
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace codecosim {

/// A file that a trace is written to, bit by bit. Throws Error(output) when it cannot.
class TraceFile {
 public:
  enum class Packing { plain, zstd };
  TraceFile(const std::string& path, Packing);
  ~TraceFile();
  void append(std::string_view text) {
    pending_ += text;
    if (pending_.size() >= block) flush(false);
  }
  /// What was appended is complete only after this.
  void close();

 private:
  static constexpr std::size_t block = 1 << 17;
  [[noreturn]] void fail() const;
  void flush(bool last);
  void put(const char* data, std::size_t size);

  struct Packer;
  std::string path_;
  std::FILE* file_;
  std::unique_ptr<Packer> packer_;  // null: plain
  std::string pending_;
};

}  // namespace codecosim
