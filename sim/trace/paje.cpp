#include "sim/trace/paje.hpp"

#include <fmt/format.h>

namespace codecosim {

namespace {
constexpr std::string_view header =
    R"(%EventDef PajeDefineContainerType 0
% Alias string
% Type string
% Name string
%EndEventDef
%EventDef PajeDefineStateType 1
% Alias string
% Type string
% Name string
%EndEventDef
%EventDef PajeDefineEventType 2
% Alias string
% Type string
% Name string
%EndEventDef
%EventDef PajeCreateContainer 3
% Time date
% Alias string
% Type string
% Container string
% Name string
%EndEventDef
%EventDef PajeDestroyContainer 4
% Time date
% Type string
% Name string
%EndEventDef
%EventDef PajePushState 5
% Time date
% Type string
% Container string
% Value string
%EndEventDef
%EventDef PajePopState 6
% Time date
% Type string
% Container string
%EndEventDef
%EventDef PajeNewEvent 7
% Time date
% Type string
% Container string
% Value string
% Begin double
% Fields string
%EndEventDef
)";
enum { define_container, define_state, define_event, create, destroy, push, pop, happen };

/// The text in quotation marks. The format has no escape for a quotation mark inside.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? '\'' : static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return out + '"';
}
}  // namespace

// Types are t1, t2, ...; the states and events of t1 are s1 and e1; containers are c1, c2, ...; the root is 0 both as a
// type and as a container.

Paje::Paje(const std::string& path, const Names& names) : Timeline(names), file_(path, TraceFile::Packing::plain) {
  file_.append(header);
  file_.append(fmt::format("{} t0 0 federation\n{} 0 c0 t0 0 federation\n", int{define_container}, int{create}));
}

void Paje::add(Row row, Row parent, std::string_view kind, std::string_view name, Seconds now) {
  const std::uint32_t above = rows_[parent].type;
  const auto [type, is_new] = type_of_.try_emplace({above, kind}, static_cast<std::uint32_t>(types_.size()));
  if (is_new) {
    types_.push_back({});
    file_.append(fmt::format("{} t{} t{} {}\n", int{define_container}, type->second, above, quoted(kind)));
  }
  rows_.push_back({type->second, false});
  file_.append(fmt::format("{} {} c{} t{} c{} {}\n", int{create}, now.value, row, type->second, parent, quoted(name)));
}

void Paje::state(Row row, std::string_view state, const TraceEntry& entry) {
  Container& container = rows_[row];
  bool& defined = types_[container.type].states;
  if (!defined)
    file_.append(fmt::format("{} s{} t{} {}\n", int{define_state}, container.type, container.type, quoted(entry.kind)));
  defined = true;
  if (container.in_state) file_.append(fmt::format("{} {} s{} c{}\n", int{pop}, entry.time.value, container.type, row));
  container.in_state = !state.empty();
  if (container.in_state)
    file_.append(fmt::format("{} {} s{} c{} {}\n", int{push}, entry.time.value, container.type, row, quoted(state)));
}

void Paje::span(Row row, Seconds begin, std::string_view label, const TraceEntry& entry) {
  event(row, begin, label, entry);
}

void Paje::mark(Row row, std::string_view label, const TraceEntry& entry) { event(row, entry.time, label, entry); }

void Paje::event(Row row, Seconds begin, std::string_view label, const TraceEntry& entry) {
  const std::uint32_t type = rows_[row].type;
  bool& defined = types_[type].events;
  if (!defined) file_.append(fmt::format("{} e{} t{} {}\n", int{define_event}, type, type, quoted(entry.kind)));
  defined = true;
  std::string fields;
  for (const auto& [key, value] : entry.fields)
    fields += fmt::format("{}{}={}", fields.empty() ? "" : " ", key, text(value));
  file_.append(fmt::format("{} {} e{} c{} {} {} {}\n", int{happen}, entry.time.value, type, row, quoted(label),
                           begin.value, quoted(fields)));
}

void Paje::close(Seconds end) {
  for (std::size_t row = rows_.size(); row-- > 0;)
    file_.append(fmt::format("{} {} t{} c{}\n", int{destroy}, end.value, rows_[row].type, row));
  file_.close();
}

}  // namespace codecosim
