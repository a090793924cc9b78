#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/base/units.hpp"

namespace codecosim {

/// A unit as written in files, and its size in base units.
struct Unit {
  std::string_view name;
  double factor;
};

/// The notation of one dimension: its name, an example, its units. `bare` allows a number without a unit.
struct Notation {
  std::string_view noun;
  std::string_view example;
  std::span<const Unit> units;
  bool bare = false;
};

template <class Q>
const Notation& notation();
template <>
const Notation& notation<Seconds>();
template <>
const Notation& notation<Bytes>();
template <>
const Notation& notation<BytesPerSecond>();
template <>
const Notation& notation<Cores>();  ///< Kubernetes CPU quantities: "500m", "2", 2.
template <>
const Notation& notation<CoreSeconds>();  ///< Time on one reference core: "40 ms".
template <>
const Notation& notation<Watts>();
template <>
const Notation& notation<Metres>();
template <>
const Notation& notation<Hertz>();
template <>
const Notation& notation<MetresPerSecond>();
template <>
const Notation& notation<MetresPerSecondSquared>();
template <>
const Notation& notation<Decibels>();
template <>
const Notation& notation<DecibelMilliwatts>();
template <>
const Notation& notation<Joules>();
template <>
const Notation& notation<JoulesPerByte>();
template <>
const Notation& notation<GramsPerJoule>();
template <>
const Notation& notation<EurosPerByte>();
template <>
const Notation& notation<EurosPerCoreSecond>();
template <>
const Notation& notation<EurosPerJoule>();

/// A number and its unit in base units, or nothing and the reason in `problem` ("needs a unit: one of ms, s").
std::optional<double> parse_quantity(std::string_view text, const Notation& notation, std::string& problem);

/// A quantity in the notation of files, to the last digit; in base units where they have a name.
std::string exact(double value, const Notation& notation);
template <class Q>
std::string exact(Q quantity) {
  return exact(quantity.value, notation<Q>());
}

/// A duration for people: three significant digits and the unit that suits ("1.25 ms", "12 min 3 s").
std::string readable(Seconds);
/// A size for people: "1.2 GB".
std::string readable(Bytes);

}  // namespace codecosim
