#include "sweep/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <memory>

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
std::string text_of(const XXH128_hash_t& hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }
}  // namespace

std::string digest(std::string_view text) { return text_of(XXH3_128bits(text.data(), text.size())); }

std::string digest_of_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file) throw Error(Failure::scenario, path + ": cannot be read");
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::array<char, 1 << 16> block{};
  while (const std::size_t got = std::fread(block.data(), 1, block.size(), file.get()))
    XXH3_128bits_update(state.get(), block.data(), got);
  if (std::ferror(file.get())) throw Error(Failure::scenario, path + ": cannot be read");
  return text_of(XXH3_128bits_digest(state.get()));
}

std::string digest_of_program(const std::vector<std::string>& libraries) {
  std::string all = digest_of_file("/proc/self/exe");
  for (const std::string& library : libraries) all += digest_of_file(library);
  return digest(all);
}

}  // namespace codecosim
