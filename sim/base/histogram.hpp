#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace codecosim {

/// The distribution of many non-negative values in bounded memory: exact count, mean and maximum, quantiles to within
/// 0.8 %. Buckets are the leading bits of the number itself (a power of two cut into 64 equal parts), so adding one is
/// a shift and a sum.
class Histogram {
 public:
  void add(double value) {
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
    const std::uint64_t key = std::bit_cast<std::uint64_t>(value) >> shift;
    const std::uint64_t bucket = key <= lowest ? 0 : std::min<std::uint64_t>(key - lowest, buckets - 1);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
  }
  void merge(const Histogram& other) {
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
    if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size());
    for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  }

  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  double mean() const { return count_ ? sum_ / static_cast<double>(count_) : 0; }
  double max() const { return max_; }
  /// The middle of the bucket in which the q-quantile lies, 0 < q <= 1; never above max().
  double quantile(double q) const {
    const double rank = q * static_cast<double>(count_);
    double seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += static_cast<double>(counts_[i]);
      if (seen >= rank && counts_[i] > 0) return i == 0 ? 0 : std::min(max_, (edge(i) + edge(i + 1)) / 2);
    }
    return max_;
  }
  /// The distribution function at the upper edges of the buckets that hold anything: value, share of all at or below
  /// it.
  std::vector<std::pair<double, double>> steps() const {
    std::vector<std::pair<double, double>> all;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0) continue;
      seen += counts_[i];
      all.emplace_back(i == 0 ? 0 : std::min(max_, edge(i + 1)),
                       static_cast<double>(seen) / static_cast<double>(count_));
    }
    return all;
  }

 private:
  static constexpr int shift = 46;                              // sign and exponent, then 6 bits of mantissa
  static constexpr std::uint64_t lowest = (1023ULL - 40) << 6;  // 2^-40: below it all counts as zero
  static constexpr std::uint64_t buckets = 100ULL << 6;         // up to 2^60
  static double edge(std::size_t bucket) { return std::bit_cast<double>((lowest + bucket) << shift); }

  std::uint64_t count_ = 0;
  double sum_ = 0;
  double max_ = 0;
  std::vector<std::uint64_t> counts_;
};

}  // namespace codecosim
