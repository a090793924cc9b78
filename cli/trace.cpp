#include "cli/trace.hpp"

#include "cli/commands.hpp"
#include "sim/trace/jsonl.hpp"
#include "sim/trace/paje.hpp"
#include "sim/trace/perfetto.hpp"

namespace codecosim {

namespace {
Detail level_of(const std::string& name) {
  return name == "decisions"  ? Detail::decisions
         : name == "requests" ? Detail::requests
         : name == "all"      ? Detail::all
                              : Detail::none;
}

std::unique_ptr<TraceSink> make_sink(const std::string& format, const OutputDirectory& output, const Names& names) {
  if (format == "perfetto") return std::make_unique<Perfetto>(output.file("trace.perfetto-trace"), names);
  if (format == "paje") return std::make_unique<Paje>(output.file("trace.paje"), names);
  return std::make_unique<JsonLines>(output.file("trace.jsonl.zst"), names);
}

template <class Member>
Json schema_of(const Member&) {
  if constexpr (requires(Member member) { member.index; })
    return {{"type", {"string", "null"}}};
  else if constexpr (requires(Member member) { member.value; })
    return {{"type", "number"}};
  else if constexpr (std::is_enum_v<Member>)
    return {{"enum", words_of<Member>}};
  else if constexpr (std::is_same_v<Member, bool>)
    return {{"type", "boolean"}};
  else
    return {{"type", "integer"}, {"minimum", 0}};
}
}  // namespace

TraceFilter trace_filter(const TraceOptions& options) {
  TraceFilter filter;
  for (const std::string& match : options.match) filter.match(match);
  filter.share = options.sample.value_or(1);
  if (!options.from.empty()) filter.from = parse_option<Seconds>("--trace-from", options.from);
  if (!options.until.empty()) filter.until = parse_option<Seconds>("--trace-until", options.until);
  if (options.level == "none" && !filter.lets_all_pass())
    throw Error(Failure::usage,
                "nothing is traced that could be filtered: --trace says what, such as --trace requests");
  return filter;
}

void open_trace(Simulation& simulation, const TraceOptions& options, const TraceFilter& filter,
                const OutputDirectory& output) {
  if (options.level == "none") return;
  auto sink = make_sink(options.format, output, simulation.names());
  if (!filter.lets_all_pass()) sink = std::make_unique<FilteredTrace>(filter, simulation.names(), std::move(sink));
  simulation.trace().write_to(level_of(options.level), std::move(sink));
}

Json record_schema() {
  Json kinds = Json::array();
  for_each_record([&](const auto& record) {
    Json properties = {{"t_s", {{"type", "number"}, {"minimum", 0}}}, {"kind", {{"const", record.kind}}}};
    Json required = {"t_s", "kind"};
    record.fields([&](std::string_view key, const auto& member) {
      properties[std::string(key)] = schema_of(member);
      required.push_back(key);
    });
    kinds.push_back({{"title", record.kind},
                     {"description", record.prose},
                     {"type", "object"},
                     {"properties", properties},
                     {"required", required},
                     {"additionalProperties", false}});
  });
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "A line of trace.jsonl"},
          {"oneOf", kinds}};
}

}  // namespace codecosim
