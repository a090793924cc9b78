#pragma once
#include <array>
#include <cstddef>

namespace codecosim {

/// Squared distance [m^2] from a fixed point to a point that moves along a line, as a function of the arc length s [m]:
/// q(s) = s^2 + 2 b s + c.
struct Squared {
  double b = 0, c = 0;
  double at(double s) const { return (s + 2 * b) * s + c; }
};

/// The level of a signal along a line: level(s) = gain - slope ln q(s) [dB]. A path loss of 10 n log10 d has the slope
/// 5 n / ln 10.
struct Level {
  Squared way;
  double gain = 0, slope = 0;
  double at(double s) const;
};

/// The sign changes of a function, by rising s; at most four.
struct SignChanges {
  struct Place {
    double s;
    bool rises;  ///< Whether it changes from below zero to above.
  };
  std::array<Place, 4> places;
  std::size_t count = 0;
  void add(double s, bool rises) { places[count++] = {s, rises}; }
  /// The first sign change in this direction beyond s; infinity: none.
  double next(double s, bool rising) const;
};

/// Sign changes of level(s) - threshold. Closed form: a line meets a circle at most twice.
SignChanges crossings(const Level&, double threshold);
/// Sign changes in [from, to] of a(s) - b(s) - margin. Closed form where the slopes are equal: the places where two
/// distances have a given ratio lie on a circle (Apollonius). Else the difference is monotone between the roots of a
/// cubic, and each piece that changes its sign is bracketed and solved to the last digits.
SignChanges crossings(const Level& a, const Level& b, double margin, double from, double to);

}  // namespace codecosim
