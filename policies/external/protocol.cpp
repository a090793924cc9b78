#include "policies/external/protocol.hpp"

#include "sim/base/reader.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

namespace codecosim::protocol {

namespace {
constexpr std::uint32_t none = PlacementProblem::none;

Json or_null(Seconds span) { return span >= forever ? Json() : Json(span.value); }
Json index_or_null(std::uint32_t index) { return index == none ? Json() : Json(index); }
template <class T>
Json list_or_null(const std::vector<T>& list) {
  return list.empty() ? Json() : Json(list);
}
template <class T, class F>
Json each(const std::vector<T>& all, const F& one) {
  Json list = Json::array();
  for (const T& element : all) list.push_back(one(element));
  return list;
}

const char* effect(Taint::Effect effect) {
  constexpr std::array names{"NoSchedule", "PreferNoSchedule", "NoExecute",
                             "NoSelect",   "PreferNoSelect",   "NoSelectIfNew"};
  return names[static_cast<std::size_t>(effect)];
}

Json taint(const Taint& one) {
  return {{"key", one.key}, {"value", one.value}, {"effect", effect(one.effect)}, {"since_s", one.since.value}};
}

Json toleration(const Toleration& one) {
  return {{"key", one.key},
          {"value", one.value},
          {"operator", one.op == Toleration::Operator::exists ? "Exists" : "Equal"},
          {"effect", one.any_effect ? Json() : Json(effect(one.effect))},
          {"duration_s", or_null(one.duration)}};
}

Json workload(const PlacementProblem::Workload& one) {
  return {{"component", one.component},
          {"cpu_cores", one.cpu.value},
          {"memory_bytes", one.memory.value},
          {"image", one.image},
          {"image_bytes", one.image_size.value},
          {"node_selector", one.node_selector ? Json(*one.node_selector) : Json::object()},
          {"tolerations", one.tolerations ? each(*one.tolerations, toleration) : Json::array()},
          {"node_name", one.node_name},
          {"current", index_or_null(one.current)},
          {"fixed", one.fixed},
          {"state_bytes", one.state.value},
          {"reads", one.reads},
          {"allowed", list_or_null(one.allowed)}};
}

Json channel(const PlacementProblem::Channel& one) {
  return {{"from", one.from},
          {"to", one.to},
          {"assured", one.assured},
          {"bandwidth_bytes_per_s", one.bandwidth.value},
          {"max_delay_s", or_null(one.max_delay)}};
}

Json score(const AddOnScore& one) {
  return {{"addon", one.addon}, {"name", one.name}, {"value", one.value}, {"valid_until_s", or_null(one.valid_until)}};
}

Json monitored(const Monitored& one) {
  return {{"node_energy_w", one.node_energy.value},
          {"net_energy_w", one.net_energy.value},
          {"link_energy_j_per_byte", one.link_energy.value},
          {"node_failures", one.node_failures},
          {"link_failures", one.link_failures},
          {"node_degree", one.node_degree},
          {"ebw_bytes_per_s", one.ebw.value},
          {"ibw_bytes_per_s", one.ibw.value},
          {"latency_s", one.latency.value},
          {"freshness_s", one.freshness.value},
          {"security", one.security},
          {"compliance", one.compliance},
          {"carbon_g_per_j", one.carbon.value},
          {"cpu_price_eur_per_core_s", one.cpu_price.value},
          {"zone", one.zone}};
}

Json row(const PlacementProblem::Row& one) {
  return {{"id", one.id},
          {"name", one.name},
          {"cpu_cores", one.cpu.value},
          {"cpu_free_cores", one.cpu_free.value},
          {"memory_bytes", one.memory.value},
          {"memory_free_bytes", one.memory_free.value},
          {"largest_cpu_free_cores", one.largest_cpu_free.value},
          {"largest_memory_free_bytes", one.largest_memory_free.value},
          {"pods", one.pods},
          {"max_pods", one.max_pods},
          {"nodes", one.nodes},
          {"labels", one.labels ? Json(*one.labels) : Json::object()},
          {"taints", one.taints ? each(*one.taints, taint) : Json::array()},
          {"images", one.images},
          {"components", one.components},
          {"decisions", one.decisions},
          {"scores", each(one.scores, score)},
          {"data", one.data},
          {"cpu_busy_cores", one.cpu_busy.value},
          {"cpu_expected_cores", one.cpu_expected ? Json(one.cpu_expected->value) : Json()},
          {"client_latency_s", one.client_latency.value},
          {"monitored", monitored(one.monitored)},
          {"age_s", one.age.value}};
}

/// Of the fastest way between each two rows; null where there is none.
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

/// A text of somebody else as a message may show it.
std::string shown(const std::string& line) {
  constexpr std::size_t most = 60;
  return '"' + printable(line.substr(0, most)) + (line.size() > most ? "...\"" : "\"");
}

/// The object in a line, of this type; null, and the reason, where it is none.
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
  // Some languages have no other numbers.
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
               {"workloads", each(problem.workloads, workload)},
               {"channels", each(problem.channels, channel)},
               {"rows", each(problem.rows, row)},
               {"latencies_s", nullptr},
               {"row_costs", list_or_null(problem.row_costs)},
               {"costs", list_or_null(problem.costs)},
               {"recommendations", list_or_null(problem.recommendations)},
               {"data_bytes", each(problem.data_sizes, [](Bytes size) { return size.value; })},
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

std::variant<Greeting, Garbage> parse_hello(const std::string& line) {
  std::string wrong;
  const Json json = object_in(line, "hello", wrong);
  if (!wrong.empty()) return Garbage{wrong};
  if (!json.contains("protocol") || json["protocol"] != version)
    return Garbage{fmt::format("expected \"protocol\": {}: {}", version, shown(line))};
  Greeting greeting;
  if (const auto name = json.find("name"); name != json.end()) {
    if (!name->is_string()) return Garbage{fmt::format("\"name\" is no text: {}", shown(line))};
    greeting.name = printable(name->get<std::string>());
  }
  if (const auto after = json.find("feedback_after_s"); after != json.end() && !after->is_null()) {
    if (!after->is_number() || !(after->get<double>() > 0))
      return Garbage{fmt::format("\"feedback_after_s\" is no number above zero: {}", shown(line))};
    greeting.feedback_after = Seconds(after->get<double>());
  }
  return greeting;
}

std::variant<Answer, Garbage> parse_answer(const std::string& line, const PlacementProblem& problem) {
  std::string wrong;
  const Json json = object_in(line, "answer", wrong);
  if (!wrong.empty()) return Garbage{wrong};
  const auto number = whole(json, "number", UINT64_MAX);
  if (!number) return Garbage{fmt::format("expected \"number\" to be a whole number: {}", shown(line))};
  Answer answer{*number, {}};
  const auto assignments = json.find("assignments");
  if (assignments == json.end() || !assignments->is_array())
    return Garbage{fmt::format("expected \"assignments\" to be a list: {}", shown(line))};
  for (const Json& one : *assignments) {
    const auto workload = one.is_object() ? whole(one, "workload", none) : std::nullopt;
    const bool nowhere = one.is_object() && one.contains("target") && one["target"].is_null();
    const auto target = nowhere ? none : one.is_object() ? whole(one, "target", none - 1) : std::nullopt;
    if (!workload || !target)
      return Garbage{fmt::format("expected an assignment to be a \"workload\" and a \"target\", both from 0: {}",
                                 shown(one.dump()))};
    const auto on_offer = [&](const char* what, std::uint64_t given, std::size_t count) {
      return Garbage{fmt::format("there is no {} {}: {}", what, given,
                                 count == 0 ? "none was on offer" : fmt::format("0 to {} were on offer", count - 1))};
    };
    if (*workload >= problem.workloads.size()) return on_offer("workload", *workload, problem.workloads.size());
    if (!nowhere && *target >= problem.rows.size()) return on_offer("row", *target, problem.rows.size());
    const auto w = static_cast<std::uint32_t>(*workload);
    answer.placement.assignments.push_back({w, static_cast<std::uint32_t>(*target), problem.workloads[w].current});
  }
  if (const auto reasons = json.find("reasons"); reasons != json.end() && !reasons->is_null()) {
    if (!reasons->is_array()) return Garbage{fmt::format("expected \"reasons\" to be a list: {}", shown(line))};
    for (const Json& reason : *reasons) {
      if (!reason.is_string()) return Garbage{fmt::format("expected a reason to be a text: {}", shown(reason.dump()))};
      answer.placement.reasons.push_back(printable(reason.get<std::string>()));
    }
  }
  return answer;
}

}  // namespace codecosim::protocol
