#include "sim/trace/file.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <vector>

#include "sim/base/error.hpp"

namespace codecosim {

struct TraceFile::Packer {
  Packer() { ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 3); }
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context{ZSTD_createCCtx(), ZSTD_freeCCtx};
  std::vector<char> out = std::vector<char>(ZSTD_CStreamOutSize());
};

TraceFile::TraceFile(const std::string& path, Packing packing) : path_(path), file_(path) {
  if (packing == Packing::zstd) packer_ = std::make_unique<Packer>();
}

TraceFile::~TraceFile() = default;

void TraceFile::flush(bool last) {
  if (!packer_) {
    file_.append(pending_);
  } else {
    ZSTD_inBuffer in{pending_.data(), pending_.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size || (last && left != 0)) {
      ZSTD_outBuffer out{packer_->out.data(), packer_->out.size(), 0};
      left = ZSTD_compressStream2(packer_->context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) throw Error(Failure::output, fmt::format("cannot compress {}", path_));
      file_.append({packer_->out.data(), out.pos});
    }
  }
  pending_.clear();
}

void TraceFile::close() {
  flush(true);
  file_.close();
}

}  // namespace codecosim
