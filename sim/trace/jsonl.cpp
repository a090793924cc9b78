#include "sim/trace/jsonl.hpp"

#include <fmt/format.h>

#include <iterator>

namespace codecosim {

namespace {
/// Appends values to a line.
struct Append {
  std::string& line;
  const Names& names;

  void operator()(double value) const { fmt::format_to(std::back_inserter(line), "{}", value); }
  void operator()(std::uint32_t value) const { fmt::format_to(std::back_inserter(line), "{}", value); }
  void operator()(bool value) const { line += value ? "true" : "false"; }
  void operator()(std::string_view text) const {
    line += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        line += '\\';
        line += c;
      } else if (static_cast<unsigned char>(c) < 0x20)
        fmt::format_to(std::back_inserter(line), "\\u{:04x}", c);
      else
        line += c;
    }
    line += '"';
  }
  void operator()(Entity entity) const {
    if (entity)
      (*this)(std::string_view(names.name_of(entity)));
    else
      line += "null";
  }
};
}  // namespace

void JsonLines::write(const TraceEntry& entry) {
  line_.clear();
  const Append append{line_, names_};
  line_ += "{\"t_s\":";
  append(entry.time.value);
  line_ += ",\"kind\":";
  append(entry.kind);
  for (const TraceField& field : entry.fields) {
    line_ += ',';
    append(field.key);
    line_ += ':';
    std::visit(append, field.value);
  }
  line_ += "}\n";
  file_.append(line_);
}

}  // namespace codecosim
