#pragma once
#include <compare>

namespace codecosim {

/// A number with a dimension: the exponents of time, data, cores, energy, length, money and carbon. Arithmetic that
/// mixes dimensions does not compile; equal dimensions divide to a plain double. Values are in the base units named
/// below.
template <int T, int B, int C, int J, int M, int E, int G>
struct Quantity {
  double value = 0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(double in_base_units) : value(in_base_units) {}

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity(-value); }
  constexpr Quantity operator+(Quantity other) const { return Quantity(value + other.value); }
  constexpr Quantity operator-(Quantity other) const { return Quantity(value - other.value); }
  constexpr Quantity operator*(double factor) const { return Quantity(value * factor); }
  constexpr Quantity operator/(double divisor) const { return Quantity(value / divisor); }
  constexpr double operator/(Quantity other) const { return value / other.value; }
  constexpr Quantity& operator+=(Quantity other) { return value += other.value, *this; }
  constexpr Quantity& operator-=(Quantity other) { return value -= other.value, *this; }
  friend constexpr Quantity operator*(double factor, Quantity quantity) { return quantity * factor; }
};

namespace detail {
template <int T, int B, int C, int J, int M, int E, int G>
struct Reduce {
  using type = Quantity<T, B, C, J, M, E, G>;
};
template <>
struct Reduce<0, 0, 0, 0, 0, 0, 0> {
  using type = double;
};
}  // namespace detail

template <int T, int B, int C, int J, int M, int E, int G, int T2, int B2, int C2, int J2, int M2, int E2, int G2>
constexpr auto operator*(Quantity<T, B, C, J, M, E, G> a, Quantity<T2, B2, C2, J2, M2, E2, G2> b) {
  return typename detail::Reduce<T + T2, B + B2, C + C2, J + J2, M + M2, E + E2, G + G2>::type(a.value * b.value);
}
template <int T, int B, int C, int J, int M, int E, int G, int T2, int B2, int C2, int J2, int M2, int E2, int G2>
  requires(T != T2 || B != B2 || C != C2 || J != J2 || M != M2 || E != E2 || G != G2)
constexpr auto operator/(Quantity<T, B, C, J, M, E, G> a, Quantity<T2, B2, C2, J2, M2, E2, G2> b) {
  return Quantity<T - T2, B - B2, C - C2, J - J2, M - M2, E - E2, G - G2>(a.value / b.value);
}
template <int T, int B, int C, int J, int M, int E, int G>
constexpr auto operator/(double a, Quantity<T, B, C, J, M, E, G> b) {
  return Quantity<-T, -B, -C, -J, -M, -E, -G>(a / b.value);
}

using Seconds = Quantity<1, 0, 0, 0, 0, 0, 0>;
using Bytes = Quantity<0, 1, 0, 0, 0, 0, 0>;
using Cores =
    Quantity<0, 0, 1, 0, 0, 0, 0>;  ///< Processor capacity, in reference cores (`speed` 1.0) where work is meant.
using Joules = Quantity<0, 0, 0, 1, 0, 0, 0>;
using Metres = Quantity<0, 0, 0, 0, 1, 0, 0>;
using Euros = Quantity<0, 0, 0, 0, 0, 1, 0>;
using Grams = Quantity<0, 0, 0, 0, 0, 0, 1>;  ///< Mass of CO2 equivalent.

using Hertz = decltype(1.0 / Seconds{1});
using BytesPerSecond = decltype(Bytes{1} / Seconds{1});
using CoreSeconds = decltype(Cores{1} * Seconds{1});
using Watts = decltype(Joules{1} / Seconds{1});
using JoulesPerByte = decltype(Joules{1} / Bytes{1});
using MetresPerSecond = decltype(Metres{1} / Seconds{1});
using MetresPerSecondSquared = decltype(MetresPerSecond{1} / Seconds{1});
using GramsPerJoule = decltype(Grams{1} / Joules{1});
using EurosPerByte = decltype(Euros{1} / Bytes{1});
using EurosPerCoreSecond = decltype(Euros{1} / CoreSeconds{1});
using EurosPerJoule = decltype(Euros{1} / Joules{1});

/// A ratio, and a power relative to one milliwatt, on a logarithmic scale: a sum of these stands for a product.
struct Decibels {
  double value = 0;
  constexpr Decibels() = default;
  constexpr explicit Decibels(double db) : value(db) {}
  constexpr auto operator<=>(const Decibels&) const = default;
};
struct DecibelMilliwatts {
  double value = 0;
  constexpr DecibelMilliwatts() = default;
  constexpr explicit DecibelMilliwatts(double dbm) : value(dbm) {}
  constexpr auto operator<=>(const DecibelMilliwatts&) const = default;
};

inline constexpr Seconds forever{1e300};

namespace literals {
constexpr Seconds operator""_s(long double v) { return Seconds(static_cast<double>(v)); }
constexpr Seconds operator""_s(unsigned long long v) { return Seconds(static_cast<double>(v)); }
constexpr Seconds operator""_ms(long double v) { return Seconds(static_cast<double>(v) * 1e-3); }
constexpr Seconds operator""_ms(unsigned long long v) { return Seconds(static_cast<double>(v) * 1e-3); }
constexpr Bytes operator""_B(unsigned long long v) { return Bytes(static_cast<double>(v)); }
constexpr Bytes operator""_kB(unsigned long long v) { return Bytes(static_cast<double>(v) * 1e3); }
constexpr Bytes operator""_MB(unsigned long long v) { return Bytes(static_cast<double>(v) * 1e6); }
constexpr BytesPerSecond operator""_Mbps(unsigned long long v) {
  return BytesPerSecond(static_cast<double>(v) * 1e6 / 8);
}
}  // namespace literals

}  // namespace codecosim
