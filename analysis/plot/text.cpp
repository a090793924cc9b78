#include "analysis/plot/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "sim/base/csv.hpp"

namespace codecosim {

namespace {
/// The length in bytes of the UTF-8 character that starts here; 0 where none does.
std::size_t character(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(at);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  for (std::size_t i = 1; i < length; ++i)
    if (byte(at + i) >> 6 != 2) return 0;
  const unsigned second = byte(at + 1);  // overlong forms, surrogates, and what is beyond the last character
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) || (first == 0xF0 && second < 0x90) ||
      (first == 0xF4 && second >= 0x90))
    return 0;
  return length;
}
}  // namespace

std::string plain(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool control =
        byte < 0x20 || byte == 0x7F || (byte == 0xC2 && length == 2 && static_cast<unsigned char>(text[at + 1]) < 0xA0);
    out += length == 0 ? "?" : control ? " " : text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string label(const std::string& text) {
  constexpr std::size_t most = 40;
  const std::string whole = plain(text);
  std::size_t characters = 0, at = 0;
  while (at < whole.size() && characters < most) {
    at += character(whole, at);
    ++characters;
  }
  return at < whole.size() ? whole.substr(0, at) + "…" : whole;
}

std::string literal(const std::string& text) {
  std::string out = "'";
  for (const char c : plain(text)) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

std::string tics(const std::vector<std::string>& labels) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::string shown;  // a format to gnuplot
    for (const char c : label(labels[i])) shown += c == '%' ? "%%" : std::string(1, c);
    all.push_back(fmt::format("{} {}", literal(shown), i));
  }
  return fmt::format("({})", fmt::join(all, ", "));
}

std::string tics_across(const std::vector<std::string>& labels, double length) {
  std::size_t longest = 0;
  for (const std::string& one : labels) longest = std::max(longest, label(one).size());
  constexpr double character_width = 0.15;  // [cm], about
  const bool slanted = static_cast<double>(longest + 1) * character_width > length / static_cast<double>(labels.size());
  return tics(labels) + (slanted ? " rotate by 20 right" : "");
}

Scale scale_for(const std::string& unit, double size) {
  struct Step {
    const char* unit;
    double from;  ///< Smallest size that is written in this unit.
    double factor;
    const char* name;
  };
  static constexpr std::array steps{
      Step{"s", 10800, 3600, "h"},    Step{"s", 300, 60, "min"}, Step{"s", 1, 1, "s"},
      Step{"s", 1e-3, 1e-3, "ms"},    Step{"s", 0, 1e-6, "µs"},  Step{"B", 1e12, 1e12, "TB"},
      Step{"B", 1e9, 1e9, "GB"},      Step{"B", 1e6, 1e6, "MB"}, Step{"B", 1e3, 1e3, "kB"},
      Step{"J", 3.6e5, 3.6e6, "kWh"}, Step{"J", 1e3, 1e3, "kJ"}, Step{"g", 1e6, 1e6, "t"},
      Step{"g", 1e3, 1e3, "kg"},      Step{"W", 1e6, 1e6, "MW"}, Step{"W", 1e3, 1e3, "kW"},
      Step{"m", 1e3, 1e3, "km"},
  };
  if (size <= 0 || unit == "1") return {1, unit == "1" ? "" : unit};
  const auto step =
      std::find_if(steps.begin(), steps.end(), [&](const Step& one) { return one.unit == unit && size >= one.from; });
  return step == steps.end() ? Scale{1, unit} : Scale{step->factor, step->name};
}

double largest(std::span<const double> values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

std::string title_of(const std::string& metric) {
  const std::size_t client = metric.find('['), end = std::min(client, metric.size());
  std::string title = metric.substr(0, end), part;
  for (const char* one : {".p50", ".p90", ".p99", ".p999", ".max"})
    if (title.ends_with(one)) {
      part = std::string(", ") + (one + 1);
      title.erase(title.size() - std::string(one).size());
    }
  std::replace_if(title.begin(), title.end(), [](char c) { return c == '.' || c == '_'; }, ' ');
  if (!title.empty()) title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  if (client != std::string::npos && metric.ends_with(']'))
    part += " of " + metric.substr(client + 1, metric.size() - client - 2);
  return title + part;
}

std::string axis(const std::string& title, const std::string& unit) {
  return unit.empty() ? title : fmt::format("{} ({})", title, unit);
}

std::string column_name(const std::string& name, const std::string& unit) {
  if (unit.empty()) return name;
  std::string suffix;
  for (std::size_t at = 0; at < unit.size(); ++at) {
    if (unit.compare(at, 2, "µ") == 0) {
      suffix += 'u';
      ++at;
    } else if (unit.compare(at, 2, "1/") == 0) {
      suffix += "per_";
      ++at;
    } else
      suffix += std::isalnum(static_cast<unsigned char>(unit[at])) ? unit[at] : '_';
  }
  return name + "_" + suffix;
}

void DataFile::add(const std::vector<std::string>& cells) {
  std::vector<std::string> written;
  for (const std::string& one : cells) written.push_back(csv_cell(plain(one)));
  text_ += fmt::format("{}\n", fmt::join(written, ","));
}

std::string cell(double value) { return std::isfinite(value) ? fmt::format("{:.10g}", value) : ""; }

}  // namespace codecosim
