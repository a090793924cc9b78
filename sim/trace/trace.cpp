#include "sim/trace/trace.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"

namespace codecosim {

std::string Fingerprint::text() const { return fmt::format("{:016x}-{:016x}-{:016x}", order_, times_, values_); }

struct JsonLines::Stream {
  std::string path;
  std::FILE* file = nullptr;
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::string pending;
  std::vector<char> out = std::vector<char>(ZSTD_CStreamOutSize());

  ~Stream() {
    ZSTD_freeCCtx(context);
    if (file) std::fclose(file);
  }
  [[noreturn]] void fail() const { throw Error(Failure::output, fmt::format("cannot write {}: {}", path, std::strerror(errno))); }
  void compress(ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{pending.data(), pending.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size || (directive == ZSTD_e_end && left != 0)) {
      ZSTD_outBuffer block{out.data(), out.size(), 0};
      left = ZSTD_compressStream2(context, &block, &in, directive);
      if (ZSTD_isError(left)) throw Error(Failure::output, fmt::format("cannot compress {}", path));
      if (std::fwrite(out.data(), 1, block.pos, file) != block.pos) fail();
    }
    pending.clear();
  }
};

JsonLines::JsonLines(const std::string& path, const Names& names) : names_(names), stream_(std::make_unique<Stream>()) {
  stream_->path = path;
  stream_->file = std::fopen(path.c_str(), "wb");
  if (!stream_->file) stream_->fail();
  ZSTD_CCtx_setParameter(stream_->context, ZSTD_c_compressionLevel, 3);
}

JsonLines::~JsonLines() = default;

void JsonLines::close() {
  stream_->compress(ZSTD_e_end);
  std::FILE* file = std::exchange(stream_->file, nullptr);
  if (std::fclose(file) != 0) stream_->fail();
}

void JsonLines::begin(Seconds now, std::string_view kind) {
  line_.clear();
  fmt::format_to(std::back_inserter(line_), "{{\"t_s\":{},\"kind\":\"{}\"", now.value, kind);
}
void JsonLines::end() {
  line_ += "}\n";
  stream_->pending += line_;
  constexpr std::size_t block = 1 << 17;
  if (stream_->pending.size() >= block) stream_->compress(ZSTD_e_continue);
}
void JsonLines::key(std::string_view k) { fmt::format_to(std::back_inserter(line_), ",\"{}\":", k); }
void JsonLines::field(std::string_view k, double value) { key(k), fmt::format_to(std::back_inserter(line_), "{}", value); }
void JsonLines::field(std::string_view k, bool value) { key(k), line_ += value ? "true" : "false"; }
void JsonLines::field(std::string_view k, std::uint32_t value) { key(k), fmt::format_to(std::back_inserter(line_), "{}", value); }
void JsonLines::null(std::string_view k) { key(k), line_ += "null"; }
void JsonLines::field(std::string_view k, std::string_view value) {
  key(k);
  line_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\')
      line_ += '\\', line_ += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      fmt::format_to(std::back_inserter(line_), "\\u{:04x}", c);
    else
      line_ += c;
  }
  line_ += '"';
}

}  // namespace codecosim
