#include "policies/external/protocol.hpp"

#include "policies/external/problem_fields.hpp"
#include "sim/base/reader.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <type_traits>

namespace codecosim::protocol {

namespace {
constexpr std::uint32_t none = PlacementProblem::none;

Json or_null(Seconds span) { return span >= forever ? Json() : Json(span.value); }
template <class T>
Json list_or_null(const std::vector<T>& list) {
  return list.empty() ? Json() : Json(list);
}
// The JSON form of a value, by its type.
template <class T>
Json json_of(const T&);
template <int... D>
Json json_of(const Quantity<D...>& quantity) {
  return quantity.value;
}
template <class Q>
Json json_of(const Amount<Q>& amount) {
  return amount.quantity.value;
}
Json json_of(const Span& one) { return or_null(one.span); }
Json json_of(const MaybeIndex& one) { return one.index == none ? Json() : Json(one.index); }
Json json_of(const Taint::Effect& effect) { return name(effect); }
Json json_of(const MaybeEffect& one) { return one.any ? Json() : json_of(one.effect); }
Json json_of(const Toleration::Operator& one) { return name(one); }
Json json_of(const Labels* labels) { return labels ? Json(*labels) : Json::object(); }
template <class T>
Json json_of(const std::vector<T>& list) {
  Json all = Json::array();
  for (const T& one : list) all.push_back(json_of(one));
  return all;
}
Json json_of(const std::vector<bool>& list) { return list; }
template <class T>
Json json_of(const MaybeList<T>& one) {
  return one.list.empty() ? Json() : json_of(one.list);
}
template <class T>
Json json_of(const std::vector<T>* list) {
  return list ? json_of(*list) : Json::array();
}
template <class T>
Json json_of(const std::optional<T>& one) {
  return one ? json_of(*one) : Json();
}
template <class T>
Json json_of(const T& one) {
  if constexpr (std::is_constructible_v<Json, T>) {
    return one;
  } else {
    Json object = Json::object();
    fields(one, [&](const char* key, const auto& value, const char*) { object[key] = json_of(value); });
    return object;
  }
}

/// The latency of the shortest path between each pair of rows; null where there is none.
Json latencies(const PlacementProblem& problem) {
  Json matrix = Json::array();
  const auto rows = static_cast<std::uint32_t>(problem.rows.size());
  for (std::uint32_t from = 0; from < rows; ++from) {
    Json line = Json::array();
    for (std::uint32_t to = 0; to < rows; ++to) {
      const auto ways = problem.paths(from, to);
      line.push_back(ways.empty() ? Json() : Json(ways.front().latency.value));
    }
    matrix.push_back(std::move(line));
  }
  return matrix;
}

/// An untrusted text, in a form that a message may show.
std::string shown(const std::string& line) {
  constexpr std::size_t most = 60;
  return '"' + printable(line.substr(0, most)) + (line.size() > most ? "...\"" : "\"");
}

/// The message of this type in a line; null, and the reason, where the line is not one.
Json object_in(const std::string& line, const char* type, std::string& wrong) {
  constexpr int most_levels = 64;
  bool deep = false;
  const auto watch = [&deep](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > most_levels;
    return !deep;
  };
  const Json json = Json::parse(line, watch, false);
  if (deep)
    wrong = fmt::format("more than {} levels of nesting", most_levels);
  else if (json.is_discarded())
    wrong = fmt::format("not JSON: {}", shown(line));
  else if (!json.is_object() || !json.contains("type") || json["type"] != type)
    wrong = fmt::format("expected an object with \"type\": \"{}\": {}", type, shown(line));
  return wrong.empty() ? json : Json();
}

/// A whole number in [0, most].
std::optional<std::uint64_t> whole(const Json& object, const char* key, std::uint64_t most) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  if (found->is_number_unsigned())
    return found->get<std::uint64_t>() <= most ? std::optional(found->get<std::uint64_t>()) : std::nullopt;
  // Some languages send every number as floating point.
  const auto number = found->get<double>();
  if (!(number >= 0 && number <= 9007199254740992.0) || number != std::floor(number)) return std::nullopt;
  const auto value = static_cast<std::uint64_t>(number);
  return value <= most ? std::optional(value) : std::nullopt;
}
}  // namespace

Json hello(const Run& run, Seconds timeout) {
  return {{"type", "hello"},
          {"protocol", version},
          {"seam", run.seam},
          {"scenario", run.scenario},
          {"seed", run.seed},
          {"replication", run.replication},
          {"timeout_s", or_null(timeout)}};
}

Json problem(const PlacementProblem& problem, const Question& question, std::uint32_t path_rows) {
  Json json = {{"type", "problem"},
               {"number", question.number},
               {"asker", question.asker},
               {"level", problem.level == PlacementProblem::Level::federation ? "federation" : "cluster"},
               {"now_s", problem.now.value},
               {"application", problem.application},
               {"profile", problem.profile},
               {"workloads", json_of(problem.workloads)},
               {"channels", json_of(problem.channels)},
               {"rows", json_of(problem.rows)},
               {"latencies_s", nullptr},
               {"row_costs", list_or_null(problem.row_costs)},
               {"costs", list_or_null(problem.costs)},
               {"recommendations", list_or_null(problem.recommendations)},
               {"data_bytes", json_of(problem.data_sizes)},
               {"time_limit_s", or_null(problem.time_limit)}};
  if (!problem.paths)
    json["latencies_left_out"] = "the network is no matter";
  else if (problem.rows.size() > path_rows)
    json["latencies_left_out"] = fmt::format("more than {} rows", path_rows);
  else
    json["latencies_s"] = latencies(problem);
  return json;
}

Json feedback(const Feedback& one, std::uint64_t number) {
  return {{"type", "feedback"},       {"number", number},
          {"span_s", one.span.value}, {"answers", one.answers},
          {"misses", one.misses},     {"latency_s", one.latency ? Json(one.latency->value) : Json()},
          {"ready", one.ready}};
}

Json end(const Json& manifest, const Json& summary) {
  return {{"type", "end"}, {"manifest", manifest}, {"summary", summary}};
}

std::string text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::variant<Greeting, ParseError> parse_hello(const std::string& line) {
  std::string wrong;
  const Json json = object_in(line, "hello", wrong);
  if (!wrong.empty()) return ParseError{wrong};
  if (!json.contains("protocol") || json["protocol"] != version)
    return ParseError{fmt::format("expected \"protocol\": {}: {}", version, shown(line))};
  Greeting greeting;
  if (const auto name = json.find("name"); name != json.end()) {
    if (!name->is_string()) return ParseError{fmt::format("\"name\" is no text: {}", shown(line))};
    greeting.name = printable(name->get<std::string>());
  }
  if (const auto after = json.find("feedback_after_s"); after != json.end() && !after->is_null()) {
    if (!after->is_number() || !(after->get<double>() > 0))
      return ParseError{fmt::format("\"feedback_after_s\" is no number above zero: {}", shown(line))};
    greeting.feedback_after = Seconds(after->get<double>());
  }
  return greeting;
}

std::variant<Answer, ParseError> parse_answer(const std::string& line, const PlacementProblem& problem) {
  std::string wrong;
  const Json json = object_in(line, "answer", wrong);
  if (!wrong.empty()) return ParseError{wrong};
  const auto number = whole(json, "number", UINT64_MAX);
  if (!number) return ParseError{fmt::format("expected \"number\" to be a whole number: {}", shown(line))};
  Answer answer{*number, {}};
  const auto assignments = json.find("assignments");
  if (assignments == json.end() || !assignments->is_array())
    return ParseError{fmt::format("expected \"assignments\" to be a list: {}", shown(line))};
  for (const Json& one : *assignments) {
    const auto workload = one.is_object() ? whole(one, "workload", none) : std::nullopt;
    const bool nowhere = one.is_object() && one.contains("target") && one["target"].is_null();
    const auto target = nowhere ? none : one.is_object() ? whole(one, "target", none - 1) : std::nullopt;
    if (!workload || !target)
      return ParseError{fmt::format("expected an assignment to be a \"workload\" and a \"target\", both from 0: {}",
                                    shown(one.dump()))};
    const auto on_offer = [&](const char* what, std::uint64_t given, std::size_t count) {
      return ParseError{
          fmt::format("there is no {} {}: {}", what, given,
                      count == 0 ? "none was on offer" : fmt::format("0 to {} were on offer", count - 1))};
    };
    if (*workload >= problem.workloads.size()) return on_offer("workload", *workload, problem.workloads.size());
    if (!nowhere && *target >= problem.rows.size()) return on_offer("row", *target, problem.rows.size());
    const auto w = static_cast<std::uint32_t>(*workload);
    answer.placement.assignments.push_back({w, static_cast<std::uint32_t>(*target), problem.workloads[w].current});
  }
  if (const auto reasons = json.find("reasons"); reasons != json.end() && !reasons->is_null()) {
    if (!reasons->is_array()) return ParseError{fmt::format("expected \"reasons\" to be a list: {}", shown(line))};
    for (const Json& reason : *reasons) {
      if (!reason.is_string())
        return ParseError{fmt::format("expected a reason to be a text: {}", shown(reason.dump()))};
      answer.placement.reasons.push_back(printable(reason.get<std::string>()));
    }
  }
  return answer;
}

}  // namespace codecosim::protocol
