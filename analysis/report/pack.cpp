#include "analysis/report/pack.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <memory>
#include <vector>

#include "sim/base/error.hpp"

namespace codecosim {

void read_zstd(const std::string& file, const std::function<void(std::string_view)>& take) {
  const auto fail = [&](const char* what) { throw Error(Failure::scenario, fmt::format("{}: {}", file, what)); };
  std::ifstream in(file, std::ios::binary);
  if (!in) fail("cannot be read");
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  std::vector<char> from(ZSTD_DStreamInSize()), to(ZSTD_DStreamOutSize());
  std::size_t left = 1;  // bytes left of the frame; 0 at its end
  for (;;) {
    in.read(from.data(), static_cast<std::streamsize>(from.size()));
    if (in.gcount() == 0) break;
    ZSTD_inBuffer part{from.data(), static_cast<std::size_t>(in.gcount()), 0};
    while (part.pos < part.size) {
      ZSTD_outBuffer out{to.data(), to.size(), 0};
      left = ZSTD_decompressStream(context.get(), &out, &part);
      if (ZSTD_isError(left)) fail("is not compressed with zstd, or broken");
      take({to.data(), out.pos});
    }
  }
  if (left != 0) fail("ends too early");
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int with_gzip_header = 16 + MAX_WBITS;
  ensure(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, with_gzip_header, 9, Z_DEFAULT_STRATEGY) == Z_OK,
         "zlib has memory");
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  ensure(done == Z_STREAM_END, "the bound of zlib holds");
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : digits[group >> (18 - 6 * k) & 63];
  }
  return out;
}

}  // namespace codecosim
