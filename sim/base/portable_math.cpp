#include "sim/base/portable_math.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace codecosim::portable {

namespace {
// ln 2 and pi/2 in two parts, so that multiples of the first are exact.
constexpr double ln2_high = 6.93147180369123816490e-01;
constexpr double ln2_low = 1.90821492927058770002e-10;
constexpr double half_pi_high = 1.57079632673412561417e+00;
constexpr double half_pi_low = 6.07710050650619224932e-11;

double sin_series(double x) {
  const double z = x * x;
  double term = x, sum = x;
  for (int n = 2; n <= 18; n += 2) sum += term *= -z / (n * (n + 1));
  return sum;
}
double cos_series(double x) {
  const double z = x * x;
  double term = 1, sum = 1;
  for (int n = 1; n <= 17; n += 2) sum += term *= -z / (n * (n + 1));
  return sum;
}
/// As std::nearbyint where |x| < 2^51, which is a call on processors without SSE 4.1: the sum has no bits for a
/// fraction.
double nearest_whole(double x) {
  constexpr double no_fraction = 0x1.8p52;
  return std::abs(x) < 0x1p51 ? (x + no_fraction) - no_fraction : x;
}
double circular(double x, int quarter) {
  const double turns = nearest_whole(x / (half_pi_high + half_pi_low));
  const double rest = (x - turns * half_pi_high) - turns * half_pi_low;
  switch ((static_cast<std::int64_t>(turns) + quarter) & 3) {
    case 0:
      return sin_series(rest);
    case 1:
      return cos_series(rest);
    case 2:
      return -sin_series(rest);
    default:
      return -cos_series(rest);
  }
}
}  // namespace

double log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  // x = 2^exponent * m with m in [sqrt(1/2), sqrt(2)); then log m = 2 atanh((m - 1) / (m + 1)).
  const auto exponent = static_cast<std::int64_t>((bits - 0x3fe6a09e667f3bcdULL)) >> 52;
  const double m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(exponent) << 52));
  const double s = (m - 1) / (m + 1), z = s * s;
  double series = 1.0 / 23;
  for (int n = 21; n >= 3; n -= 2) series = series * z + 1.0 / n;
  const double k = static_cast<double>(exponent);
  return k * ln2_high + (2 * s + (2 * s * z * series + k * ln2_low));
}

double exp(double x) {
  const double k = nearest_whole(x / (ln2_high + ln2_low));
  const double r = (x - k * ln2_high) - k * ln2_low;
  // Taylor's series: the reciprocals of the factorials are exact enough, and one division per term would take three
  // times as long.
  constexpr double reciprocals[] = {1.0 / 87178291200.0,
                                    1.0 / 6227020800.0,
                                    1.0 / 479001600.0,
                                    1.0 / 39916800.0,
                                    1.0 / 3628800.0,
                                    1.0 / 362880.0,
                                    1.0 / 40320.0,
                                    1.0 / 5040.0,
                                    1.0 / 720.0,
                                    1.0 / 120.0,
                                    1.0 / 24.0,
                                    1.0 / 6.0,
                                    1.0 / 2.0,
                                    1.0,
                                    1.0};
  double sum = 0;
  for (const double one : reciprocals) sum = sum * r + one;
  // Where 2^k and the result are normal numbers, the product is exact.
  if (std::abs(k) > 1000) return std::ldexp(sum, static_cast<int>(std::clamp(k, -5000.0, 5000.0)));
  return sum * std::bit_cast<double>((static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023)) << 52);
}

double pow(double x, double y) { return exp(y * log(x)); }
double sin(double x) { return circular(x, 0); }
double cos(double x) { return circular(x, 1); }

double asin(double x) {
  if (x < 0) return -asin(-x);
  if (x > 0.7071067811865476) return half_pi_high + half_pi_low - asin(std::sqrt((1 - x) * (1 + x)));
  double y = x;
  for (int step = 0; step < 6; ++step) y -= (sin(y) - x) / cos(y);
  return y;
}

}  // namespace codecosim::portable
