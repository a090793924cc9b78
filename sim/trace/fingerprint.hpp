#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// A digest of the trajectory of a run, in three numbers: the order of its records; their order and times; and all
/// their values. A change of the first is a change of behaviour, a change of the second alone is a change of timing,
/// and a change of the third alone is a change of values.
class Fingerprint {
 public:
  template <class Record>
  void add(Seconds now, const Record& record) {
    constexpr std::uint64_t tag = hash(Record::kind);
    const std::uint64_t time = std::bit_cast<std::uint64_t>(now.value);
    order_ = mix(order_ ^ tag);
    times_ = mix(times_ ^ tag ^ time);
    std::uint64_t h = values_ ^ time;
    record.fields([&](std::string_view, const auto& value) { h = mix(h ^ word(value)); });
    values_ = mix(h ^ tag);
    ++records_;
  }

  std::uint64_t records() const { return records_; }
  /// Three times 16 hexadecimal digits: order-times-values.
  std::string text() const;

  static constexpr std::uint64_t hash(std::string_view text) {
    std::uint64_t h = 0xcbf29ce484222325ULL;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return h;
  }

 private:
  static constexpr std::uint64_t mix(std::uint64_t h) {
    h *= 0x9e3779b97f4a7c15ULL;
    return h ^ (h >> 32);
  }
  template <class T>
  static std::uint64_t word(const T& value) {
    if constexpr (requires { value.index; })
      return value.index;
    else if constexpr (requires { value.value; })
      return std::bit_cast<std::uint64_t>(static_cast<double>(value.value));
    else
      return static_cast<std::uint64_t>(value);
  }
  std::uint64_t order_ = 1, times_ = 2, values_ = 3, records_ = 0;
};

}  // namespace codecosim
