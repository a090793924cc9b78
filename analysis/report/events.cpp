#include "analysis/report/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>

#include "analysis/report/pack.hpp"
#include "sim/base/error.hpp"
#include "sim/base/json.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

namespace {
/// The type of a record's field on the map: an index in a list of things, a word's index in a list, or a number.
template <class Value>
constexpr const char* type_of() {
  if constexpr (std::is_same_v<Value, ClusterId>) return "clusters";
  if constexpr (std::is_same_v<Value, NodeId>) return "nodes";
  if constexpr (std::is_same_v<Value, LinkId>) return "links";
  if constexpr (std::is_same_v<Value, PodId>) return "pods";
  if constexpr (std::is_same_v<Value, ApplicationId>) return "applications";
  if constexpr (std::is_same_v<Value, DeviceId>) return "devices";
  if constexpr (std::is_same_v<Value, CellId>) return "cells";
  if constexpr (std::is_enum_v<Value>) return "word";
  return "number";
}

struct Field {
  std::string key, type;
};
struct Kind {
  std::string name;
  std::vector<Field> fields;
};
/// The kinds of records in a trace of decisions, which are those that the map shows.
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> found;
    for_each_record([&](const auto& record) {
      if (record.detail != Detail::decisions) return;
      Kind& kind = found.emplace_back(Kind{std::string(record.kind), {}});
      record.fields([&]<class Value>(std::string_view key, const Value&) {
        kind.fields.push_back({std::string(key), type_of<Value>()});
      });
    });
    return found;
  }();
  return all;
}

/// More events would make the file too large for a browser: then kinds are left out, in this order.
constexpr std::size_t most_events = 300'000;
constexpr std::array expendable{"attachment", "mission", "work", "decision", "channel", "pod"};
constexpr std::size_t longest_line = 1 << 20;
}  // namespace

Events::Events(const std::string& trace, const Json& things) : file_(trace) {
  const auto number = [](const Json& named, Numbers& into) {
    for (const Json& one : named)
      into.emplace(one.at("name").get<std::string>(), static_cast<std::int64_t>(into.size()));
  };
  for (const char* list : {"clusters", "links", "cells", "applications"}) number(things.at(list), known_[list]);
  for (const Json& cluster : things.at("clusters")) number(cluster.at("nodes"), known_["nodes"]);
  Numbers& devices = known_["devices"];
  for (const Json& kind : things.at("devices")) {
    const auto count = kind.at("count").get<std::uint32_t>();
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto name = kind.at("kind").get<std::string>();
      devices.emplace(count == 1 ? name : fmt::format("{}-{}", name, i), static_cast<std::int64_t>(devices.size()));
    }
  }
  std::string line;
  read_zstd(trace, [&](std::string_view text) {
    for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      line += text.substr(0, end);
      add(line);
      line.clear();
    }
    line += text;
    if (line.size() > longest_line)
      throw Error(Failure::scenario, fmt::format("{}: line {} is too long", file_, lines_ + 1));
  });
}

void Events::add(const std::string& line) {
  ++lines_;
  const Json record = parse_json(line, file_);
  const auto text = [&](const char* key) {
    return record.contains(key) && record[key].is_string() ? record[key].get<std::string>() : "";
  };
  if (!record.is_object() || !record.contains("t_s") || !record["t_s"].is_number() || text("kind").empty())
    throw Error(Failure::scenario, fmt::format("{}: line {} is not a record", file_, lines_));
  for (std::size_t k = 0; k < kinds().size(); ++k) {
    const Kind& kind = kinds()[k];
    if (text("kind") != kind.name) continue;
    // Links of nodes and clients are not on the map; their nodes have the same events.
    if (kind.fields.front().type == "links" && known_["links"].count(text("link")) == 0) return;
    if (events_.size() >= most_events) make_room();
    if (const auto left_out = left_out_.find(kind.name); left_out != left_out_.end()) return void(++left_out->second);
    if (events_.size() >= most_events) return void(++left_out_["later"]);
    Json event = {record["t_s"], k};
    for (const Field& one : kind.fields)
      event.push_back(record.contains(one.key) ? field(record[one.key], one.type) : Json(-1));
    events_.push_back(std::move(event));
    return;
  }
}

void Events::make_room() {
  for (const char* kind : expendable) {
    if (left_out_.count(kind) > 0) continue;
    std::size_t number = 0;
    while (kinds()[number].name != kind) ++number;
    auto& all = events_.get_ref<Json::array_t&>();
    const auto gone = std::remove_if(all.begin(), all.end(), [&](const Json& event) { return event[1] == number; });
    left_out_[kind] = static_cast<std::uint64_t>(all.end() - gone);
    all.erase(gone, all.end());
    if (left_out_[kind] > 0) return;
    left_out_.erase(kind);
  }
}

Json Events::field(const Json& value, const std::string& type) {
  if (type == "number")
    return value.is_boolean() ? Json(value.get<bool>() ? 1 : 0) : value.is_number() ? value : Json(-1);
  if (!value.is_string()) return -1;
  const auto text = value.get<std::string>();
  if (type == "word") {
    const auto [at, is_new] = words_.emplace(text, static_cast<std::int64_t>(words_.size()));
    if (is_new) word_list_.push_back(text);
    return at->second;
  }
  Numbers& known = known_[type];
  if (const auto found = known.find(text); found != known.end()) return found->second;
  if (type != "pods") return -1;
  // A pod's name begins with its application: "inspection-3/detect-0".
  pods_.push_back({text, field(text.substr(0, text.rfind('/')), "applications")});
  return known.emplace(text, static_cast<std::int64_t>(known.size())).first->second;
}

Json Events::take() {
  Json all = Json::array();
  for (const Kind& kind : kinds()) {
    Json& one = all.emplace_back(Json{{"name", kind.name}, {"fields", Json::array()}});
    for (const Field& field : kind.fields) one["fields"].push_back({{"key", field.key}, {"type", field.type}});
  }
  return {{"kinds", std::move(all)},
          {"words", std::move(word_list_)},
          {"pods", std::move(pods_)},
          {"events", std::move(events_)},
          {"left_out", left_out_}};
}

}  // namespace codecosim
