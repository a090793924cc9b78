// The JSON Schema of the protocol: the messages are written here, and their contents come from the lists of fields.
#include <type_traits>

#include "policies/external/problem_fields.hpp"
#include "policies/external/protocol.hpp"

namespace codecosim::protocol {

namespace {
constexpr const char* messages = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "What codecosim and an external policy say to each other, a line each",
  "oneOf": [
    { "$ref": "#/$defs/hello" },
    { "$ref": "#/$defs/greeting" },
    { "$ref": "#/$defs/problem" },
    { "$ref": "#/$defs/answer" },
    { "$ref": "#/$defs/feedback" },
    { "$ref": "#/$defs/end" }
  ],
  "$defs": {
    "index": { "type": "integer", "minimum": 0, "maximum": 4294967294 },
    "number": { "type": "integer", "minimum": 1 },
    "amount": { "type": "number", "minimum": 0 },
    "span": { "description": "Seconds; null: for ever.", "type": ["number", "null"] },
    "indices": { "type": "array", "items": { "$ref": "#/$defs/index" } },
    "by_workload_and_row": { "type": ["array", "null"], "items": { "type": "array", "items": { "type": ["number", "null"] } } },

    "hello": {
      "description": "codecosim to the policy, once, first.",
      "type": "object",
      "properties": {
        "type": { "const": "hello" },
        "protocol": { "const": 1 },
        "seam": { "enum": ["placement", "scheduler"] },
        "scenario": { "type": "string" },
        "seed": { "type": "integer", "minimum": 0 },
        "replication": { "type": "integer", "minimum": 0 },
        "timeout_s": { "$ref": "#/$defs/span", "description": "Real time for each answer." }
      },
      "required": ["type", "protocol", "seam", "scenario", "seed", "replication", "timeout_s"],
      "additionalProperties": false
    },
    "greeting": {
      "description": "The policy's reply to it.",
      "type": "object",
      "properties": {
        "type": { "const": "hello" },
        "protocol": { "const": 1 },
        "name": { "type": "string" },
        "feedback_after_s": {
          "description": "Simulated time after a decision at which it is told what came of it; null or missing: never.",
          "type": ["number", "null"], "exclusiveMinimum": 0
        }
      },
      "required": ["type", "protocol"],
      "not": { "required": ["seam"] }
    },
    "problem": {
      "description": "codecosim to the policy: where shall these workloads go?",
      "type": "object",
      "properties": {
        "type": { "const": "problem" },
        "number": { "$ref": "#/$defs/number" },
        "asker": { "$ref": "#/$defs/index", "description": "Which of the control planes asks that share this policy." },
        "level": { "description": "Whether rows are clusters of the federation or nodes of one cluster.", "enum": ["federation", "cluster"] },
        "now_s": { "$ref": "#/$defs/amount" },
        "application": { "type": "string" },
        "profile": { "type": "string" },
        "workloads": { "type": "array", "items": { "$ref": "#/$defs/workload" } },
        "channels": { "type": "array", "items": { "$ref": "#/$defs/channel" } },
        "rows": { "type": "array", "items": { "$ref": "#/$defs/row" } },
        "latencies_s": {
          "description": "[from row][to row], one way, of the fastest path; null inside: no path. Null as a whole: see latencies_left_out.",
          "type": ["array", "null"], "items": { "type": "array", "items": { "type": ["number", "null"], "minimum": 0 } }
        },
        "latencies_left_out": { "description": "Why there are none.", "type": "string" },
        "row_costs": { "description": "By row, in [0, 1]; lower is better.", "type": ["array", "null"], "items": { "type": ["number", "null"] } },
        "costs": { "$ref": "#/$defs/by_workload_and_row", "description": "Lower is better." },
        "recommendations": { "$ref": "#/$defs/by_workload_and_row", "description": "In [0, 1]; higher is better." },
        "data_bytes": { "description": "By data set.", "type": "array", "items": { "$ref": "#/$defs/amount" } },
        "time_limit_s": { "$ref": "#/$defs/span" }
      },
      "required": ["type", "number", "asker", "level", "now_s", "application", "profile", "workloads", "channels", "rows", "latencies_s",
                   "row_costs", "costs", "recommendations", "data_bytes", "time_limit_s"],
      "additionalProperties": false
    },
    "answer": {
      "description": "The policy's reply to a problem.",
      "type": "object",
      "properties": {
        "type": { "const": "answer" },
        "number": { "$ref": "#/$defs/number", "description": "That of the problem." },
        "assignments": {
          "description": "Workloads that are missing are not placed.",
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "workload": { "$ref": "#/$defs/index" },
              "target": { "description": "A row; null: nowhere.", "oneOf": [{ "$ref": "#/$defs/index" }, { "type": "null" }] }
            },
            "required": ["workload", "target"]
          }
        },
        "reasons": { "description": "Why what is not placed is not, in that order.", "type": ["array", "null"], "items": { "type": "string" } }
      },
      "required": ["type", "number", "assignments"]
    },
    "feedback": {
      "description": "codecosim to the policy: what came of a decision. No reply.",
      "type": "object",
      "properties": {
        "type": { "const": "feedback" },
        "number": { "$ref": "#/$defs/number", "description": "That of the problem." },
        "span_s": { "$ref": "#/$defs/amount", "description": "Since it was asked." },
        "answers": { "type": "integer", "minimum": 0, "description": "Requests of which it has become known meanwhile whether they are in time: 0 says nothing of the decision." },
        "misses": { "type": "integer", "minimum": 0, "description": "Of those, late or lost." },
        "latency_s": { "description": "Mean of those that were answered; null where none was.", "anyOf": [{ "$ref": "#/$defs/amount" }, { "type": "null" }] },
        "ready": { "type": "number", "minimum": 0, "maximum": 1, "description": "Share of its workloads that are ready now." }
      },
      "required": ["type", "number", "span_s", "answers", "misses", "latency_s", "ready"],
      "additionalProperties": false
    },
    "end": {
      "description": "codecosim to the policy, once, last: manifest.json and summary.json of the run.",
      "type": "object",
      "properties": { "type": { "const": "end" }, "manifest": { "type": "object" }, "summary": { "type": "object" } },
      "required": ["type", "manifest", "summary"],
      "additionalProperties": false
    }
  }
})json";

Json ref(const char* name) { return {{"$ref", std::string("#/$defs/") + name}}; }
Json or_null(Json schema) { return {{"oneOf", {std::move(schema), {{"type", "null"}}}}}; }
Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

template <class T>
Json object_with_fields(const char* prose);

/// The schema of a field's value, by its type.
template <class T>
struct SchemaOf {
  static Json schema() { return object_with_fields<T>(""); }
};
template <class T>
Json schema_of() {
  return SchemaOf<T>::schema();
}
template <>
Json schema_of<bool>() {
  return {{"type", "boolean"}};
}
template <>
Json schema_of<double>() {
  return {{"type", "number"}};
}
template <>
Json schema_of<std::string>() {
  return {{"type", "string"}};
}
template <>
Json schema_of<std::uint32_t>() {
  return ref("index");
}
template <>
Json schema_of<MaybeIndex>() {
  return or_null(ref("index"));
}
template <>
Json schema_of<Span>() {
  return ref("span");
}
template <>
Json schema_of<Taint::Effect>() {
  return {{"enum", words<Taint::Effect>()}};
}
template <>
Json schema_of<MaybeEffect>() {
  return or_null(schema_of<Taint::Effect>());
}
template <>
Json schema_of<Toleration::Operator>() {
  return {{"enum", words<Toleration::Operator>()}};
}
template <>
Json schema_of<Labels>() {
  return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
}
template <>
Json schema_of<Monitored>() {
  return ref("monitored");
}
template <int... D>
struct SchemaOf<Quantity<D...>> {
  static Json schema() { return {{"type", "number"}}; }
};
template <class Q>
struct SchemaOf<Amount<Q>> {
  static Json schema() { return ref("amount"); }
};
template <class T>
struct SchemaOf<std::vector<T>> {
  static Json schema() { return list_of(schema_of<T>()); }
};
template <class T>
struct SchemaOf<MaybeList<T>> {
  static Json schema() { return or_null(list_of(schema_of<T>())); }
};
template <class T>
struct SchemaOf<const T*> {
  static Json schema() { return schema_of<T>(); }
};
template <class T>
struct SchemaOf<std::optional<T>> {
  static Json schema() { return or_null(schema_of<T>()); }
};

template <class T>
Json object_with_fields(const char* prose) {
  Json properties = Json::object(), required = Json::array();
  fields(T{}, [&]<class Value>(const char* key, const Value&, const char* meaning) {
    properties[key] = schema_of<Value>();
    if (*meaning != '\0') properties[key]["description"] = meaning;
    required.push_back(key);
  });
  Json schema = {{"type", "object"},
                 {"properties", std::move(properties)},
                 {"required", std::move(required)},
                 {"additionalProperties", false}};
  if (*prose != '\0') schema["description"] = prose;
  return schema;
}
}  // namespace

Json schema() {
  Json all = Json::parse(messages);
  Json& definitions = all["$defs"];
  definitions["workload"] = object_with_fields<PlacementProblem::Workload>("One replica of a component.");
  definitions["channel"] = object_with_fields<PlacementProblem::Channel>("Between two components of the application.");
  definitions["row"] = object_with_fields<PlacementProblem::Row>("A cluster or a node, as the asker sees it.");
  definitions["monitored"] =
      object_with_fields<Monitored>("What CODECO monitors of a cluster or node; zeros where nothing does.");
  return all;
}

}  // namespace codecosim::protocol
