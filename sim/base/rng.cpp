#include "sim/base/rng.hpp"

#include <cmath>

#include "sim/base/portable_math.hpp"

namespace codecosim {

namespace {
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 33)) * 0xff51afd7ed558ccdULL;
  z = (z ^ (z >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return z ^ (z >> 33);
}
std::uint64_t hash(std::string_view text) {  // FNV-1a
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return h;
}
}  // namespace

Rng Rng::seeded(std::uint64_t a, std::uint64_t b) {
  Rng rng;
  rng.state_ = mix(a ^ mix(b + 0x9e3779b97f4a7c15ULL));
  rng.increment_ = mix(rng.state_ + 0xd1b54a32d192ed03ULL) | 1;
  return rng;
}

Rng::Rng(std::uint64_t seed, std::uint64_t replication) { *this = seeded(seed, replication); }
Rng Rng::stream(std::string_view name) const { return seeded(state_, hash(name)); }
Rng Rng::stream(std::uint64_t index) const { return seeded(state_ ^ increment_, index); }

std::uint64_t Rng::below(std::uint64_t n) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(bits()) * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(bits()) * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Rng::exponential(double mean) { return -mean * portable::log(uniform()); }

double Rng::normal(double mean, double deviation) {
  for (;;) {
    const double u = 2 * uniform() - 1, v = 2 * uniform() - 1, s = u * u + v * v;
    if (s > 0 && s < 1) return mean + deviation * u * std::sqrt(-2 * portable::log(s) / s);
  }
}

}  // namespace codecosim
