#pragma once
#include <cstdint>
#include <string_view>

namespace codecosim {

/// A named random stream: 16 bytes, copyable, never shared. The same seed, replication and name give the same draws
/// whatever other streams exist, so adding an entity disturbs no other. The generator is SplitMix64 (Steele, Lea,
/// Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014) with an odd increment of its own per stream.
class Rng {
 public:
  /// The root of all streams of one replication of a run.
  Rng(std::uint64_t seed, std::uint64_t replication);

  /// The stream of this name, independent of every other name.
  Rng stream(std::string_view name) const;
  /// The stream of the `index`-th member of this stream's family: as `stream`, without building a name.
  Rng stream(std::uint64_t index) const;

  std::uint64_t bits() {
    state_ += increment_;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// Uniform in (0, 1): never exactly 0 or 1, so that its logarithm exists.
  double uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// A whole number in [0, n), n > 0, without bias (Lemire, 2019).
  std::uint64_t below(std::uint64_t n);
  /// Exponential with the given mean.
  double exponential(double mean);
  /// Normal (Marsaglia's polar method, one of the pair).
  double normal(double mean, double deviation);
  bool chance(double probability) { return probability > 0 && uniform() < probability; }

 private:
  Rng() = default;
  static Rng seeded(std::uint64_t a, std::uint64_t b);
  std::uint64_t state_ = 0;
  std::uint64_t increment_ = 1;
};

static_assert(sizeof(Rng) <= 64);

}  // namespace codecosim
