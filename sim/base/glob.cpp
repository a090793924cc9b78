#include "sim/base/glob.hpp"

namespace codecosim {

namespace {
/// A wildcard that could stand for more: where the pattern and the name go on when it does.
struct Retry {
  std::size_t pattern = std::string_view::npos, name = 0;
  bool possible() const { return pattern != std::string_view::npos; }
};

/// `slashes`: whether `*` and `?` stand for slashes too.
bool matches(std::string_view pattern, std::string_view name, bool slashes) {
  std::size_t p = 0, n = 0;
  Retry star, any;  // the last `*`, and the last `**`
  while (n < name.size()) {
    const bool here = p < pattern.size();
    if (here && pattern[p] == '*') {
      const bool wide = slashes || pattern.substr(p, 2) == "**";
      p += !slashes && wide ? 2 : 1;
      (wide ? any : star) = {p, n};
      if (wide) star = {};
    } else if (here && (pattern[p] == name[n] || (pattern[p] == '?' && (slashes || name[n] != '/')))) {
      ++p;
      ++n;
    } else if (star.possible() && name[star.name] != '/') {
      p = star.pattern;
      n = ++star.name;
    } else if (any.possible()) {
      star = {};
      p = any.pattern;
      n = ++any.name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}
}  // namespace

bool matches(std::string_view pattern, std::string_view name) { return matches(pattern, name, true); }

bool matches_path(std::string_view pattern, std::string_view name) { return matches(pattern, name, false); }

}  // namespace codecosim
