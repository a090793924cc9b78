#include "models/network/radio/crossing.hpp"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/base/portable_math.hpp"

namespace codecosim {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Real roots of a s^2 + 2 h s + c, the lower one first, without cancellation; false: none, or they coincide.
bool roots(double a, double h, double c, double& low, double& high) {
  const double discriminant = h * h - a * c;
  if (!(discriminant > 0)) return false;
  const double q = -(h + std::copysign(std::sqrt(discriminant), h));
  const double first = q / a, second = q == 0 ? -first : c / q;
  low = std::min(first, second);
  high = std::max(first, second);
  return true;
}

template <class F>
double bracketed(const F& f, double low, double high, double at_low, double at_high) {
  std::uintmax_t most = 100;
  const auto [a, b] = boost::math::tools::toms748_solve(f, low, high, at_low, at_high,
                                                        boost::math::tools::eps_tolerance<double>(52), most);
  return 0.5 * (a + b);
}

/// Roots of a cubic in [from, to], rising: each lies in a piece between two roots of its derivative.
std::vector<double> cubic_roots(const std::array<double, 4>& k, double from, double to) {
  const auto f = [&](double s) { return ((k[3] * s + k[2]) * s + k[1]) * s + k[0]; };
  std::vector<double> ends{from};
  double low = 0, high = 0;
  if (k[3] != 0 && roots(3 * k[3], k[2], k[1], low, high)) {
    for (const double one : {low, high})
      if (one > from && one < to) ends.push_back(one);
  }
  ends.push_back(to);
  std::vector<double> found;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const double a = f(ends[i]), b = f(ends[i + 1]);
    if ((a < 0) != (b < 0))
      found.push_back(a == 0 ? ends[i] : b == 0 ? ends[i + 1] : bracketed(f, ends[i], ends[i + 1], a, b));
  }
  return found;
}
}  // namespace

double Level::at(double s) const { return gain - slope * portable::log(way.at(s)); }

double SignChanges::next(double s, bool rising) const {
  for (std::size_t i = 0; i < count; ++i)
    if (places[i].rises == rising && places[i].s > s) return places[i].s;
  return infinity;
}

SignChanges crossings(const Level& level, double threshold) {
  SignChanges changes;
  const double reach = portable::exp((level.gain - threshold) / level.slope);  // squared distance at the threshold
  double low = 0, high = 0;
  if (!roots(1, level.way.b, level.way.c - reach, low, high)) return changes;
  changes.add(low, true);
  changes.add(high, false);
  return changes;
}

SignChanges crossings(const Level& a, const Level& b, double margin, double from, double to) {
  SignChanges changes;
  if (a.slope == b.slope) {
    // The difference is positive where q_b > ratio q_a.
    const double ratio = portable::exp((margin + b.gain - a.gain) / a.slope);
    const double square = 1 - ratio, half = b.way.b - ratio * a.way.b, rest = b.way.c - ratio * a.way.c;
    double low = 0, high = 0;
    if (std::abs(square) < 1e-15) {
      if (half != 0) changes.add(-rest / (2 * half), half > 0);
    } else if (roots(square, half, rest, low, high)) {
      changes.add(low, square < 0);
      changes.add(high, square > 0);
    }
    return changes;
  }
  const auto ahead = [&](double s) { return a.at(s) - b.at(s) - margin; };
  const double ka = a.slope, kb = b.slope, ba = a.way.b, bb = b.way.b, ca = a.way.c, cb = b.way.c;
  // Half the numerator of -(ka ln q_a - kb ln q_b)'.
  const std::array<double, 4> slope{ka * ba * cb - kb * bb * ca, ka * (cb + 2 * ba * bb) - kb * (ca + 2 * ba * bb),
                                    ka * (2 * bb + ba) - kb * (2 * ba + bb), ka - kb};
  std::vector<double> ends = cubic_roots(slope, from, to);
  ends.insert(ends.begin(), from);
  ends.push_back(to);
  for (std::size_t i = 0; i + 1 < ends.size() && changes.count < changes.places.size(); ++i) {
    const double low = ahead(ends[i]), high = ahead(ends[i + 1]);
    if ((low < 0) != (high < 0)) changes.add(bracketed(ahead, ends[i], ends[i + 1], low, high), low < 0);
  }
  return changes;
}

}  // namespace codecosim
