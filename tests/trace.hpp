#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/shell.hpp"

// Traces, as programs that others have written read them.

namespace codecosim::test {

inline bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null").c_str()) == 0;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

/// What Debian's pj_dump says of a Paje trace, sorted; its complaints among it.
inline std::vector<std::string> pj_dump(const std::string& path) {
  const Scratch scratch;
  const int status = std::system(("pj_dump " + path + " >" + (scratch / "out") + " 2>&1").c_str());
  std::vector<std::string> all = lines_of(contents(scratch / "out"));
  if (status != 0) all.push_back("pj_dump has failed");
  std::sort(all.begin(), all.end());
  return all;
}

/// A slice (begin < end or equal) or an instant (no end) of a Perfetto trace, in nanoseconds. One that is open at the
/// end ends at -1.
struct Slice {
  std::string track;  ///< Names from the top, joined by " / ".
  std::string name, category;
  std::int64_t begin = 0, end = 0;
  bool instant = false;
  std::map<std::string, std::string> arguments;
};

/// A Perfetto trace, decoded by protoc with the numbers of its public definition and read as its trace processor does:
/// texts by their numbers in the order of the file, events in order of time. What is wrong with it goes into
/// `problems`.
class PerfettoTrace {
 public:
  explicit PerfettoTrace(const std::string& path) {
    const Scratch scratch;
    const std::string folder = std::string(CODECOSIM_SOURCE) + "/tests/data/trace";
    const int status = std::system(("protoc --decode=perfetto.protos.Trace -I " + folder + " perfetto.proto <" + path +
                                    " >" + (scratch / "out") + " 2>" + (scratch / "err"))
                                       .c_str());
    if (status != 0) problems.push_back("protoc: " + contents(scratch / "err"));
    std::ifstream in(scratch / "out");
    const Node trace = parse(in);
    read(trace);
  }

  std::vector<Slice> slices;
  std::vector<std::string> problems;

 private:
  /// A message of protoc's text: fields by name, each with its values.
  struct Node {
    std::string text;
    std::map<std::string, std::vector<Node>> fields;
    std::string value(const std::string& key) const {
      const auto found = fields.find(key);
      return found == fields.end() ? "" : found->second.front().text;
    }
    const std::vector<Node>& all(const std::string& key) const {
      static const std::vector<Node> none;
      const auto found = fields.find(key);
      return found == fields.end() ? none : found->second;
    }
  };
  struct Event {
    std::int64_t time;
    std::string track, type;
    Slice slice;
  };

  Node parse(std::istream& in) {
    Node node;
    for (std::string line; std::getline(in, line);) {
      line.erase(0, line.find_first_not_of(' '));
      if (line == "}") break;
      const std::size_t end = line.find_first_of(": ");
      const std::string key = line.substr(0, end);
      if (key.find_first_not_of("0123456789") == std::string::npos)
        problems.push_back("a field that is not known: " + line);
      if (line.ends_with(" {")) {
        node.fields[key].push_back(parse(in));
      } else {
        std::string text = line.substr(end + 2);
        if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
        node.fields[key].push_back({text, {}});
      }
    }
    return node;
  }

  std::string look_up(const std::string& dictionary, const std::string& iid) {
    const auto found = texts_.find(dictionary + iid);
    if (found != texts_.end()) return found->second;
    problems.push_back("a number that stands for no text: " + dictionary + " " + iid);
    return "";
  }

  void describe(const Node& track) {
    const std::string uuid = track.value("uuid"), parent = track.value("parent_uuid");
    if (names_.contains(uuid)) problems.push_back("described twice: " + uuid);
    if (!parent.empty() && !names_.contains(parent)) problems.push_back("a parent that is not there: " + parent);
    const auto& process = track.all("process");
    names_[uuid] =
        process.empty() ? names_[parent] + " / " + track.value("name") : process.front().value("process_name");
    if (!process.empty() && !pids_.insert(process.front().value("pid")).second)
      problems.push_back("two processes of one number");
  }

  void read(const Node& trace) {
    std::vector<Event> events;
    bool first = true;
    for (const Node& packet : trace.all("packet")) {
      // SEQ_INCREMENTAL_STATE_CLEARED, then SEQ_NEEDS_INCREMENTAL_STATE.
      if (packet.value("sequence_flags") != (first ? "1" : "2")) problems.push_back("wrong flags of a packet");
      if (packet.value("trusted_packet_sequence_id") != "1") problems.push_back("a packet of no sequence");
      first = false;
      for (const Node& interned : packet.all("interned_data"))
        for (const auto& [dictionary, entries] : interned.fields)
          for (const Node& entry : entries)
            texts_[dictionary + entry.value("iid")] =
                entry.value(dictionary == "debug_annotation_string_values" ? "str" : "name");
      for (const Node& track : packet.all("track_descriptor")) describe(track);
      for (const Node& event : packet.all("track_event")) {
        Event one{std::stoll(packet.value("timestamp")), event.value("track_uuid"), event.value("type"), {}};
        if (one.track != "0" && !names_.contains(one.track)) problems.push_back("an event on no track: " + one.track);
        one.slice.track = names_[one.track];
        one.slice.begin = one.time;
        if (const std::string iid = event.value("name_iid"); !iid.empty()) one.slice.name = look_up("event_names", iid);
        if (const std::string iid = event.value("category_iids"); !iid.empty())
          one.slice.category = look_up("event_categories", iid);
        for (const Node& argument : event.all("debug_annotations")) {
          std::string& value = one.slice.arguments[look_up("debug_annotation_names", argument.value("name_iid"))];
          for (const char* type : {"bool_value", "uint_value", "double_value"}) value += argument.value(type);
          if (const std::string iid = argument.value("string_value_iid"); !iid.empty())
            value = look_up("debug_annotation_string_values", iid);
        }
        events.push_back(one);
      }
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
    std::map<std::string, std::size_t> open;  // by track
    for (const Event& event : events) {
      if (event.type == "TYPE_SLICE_END") {
        if (!open.contains(event.track))
          problems.push_back("an end without a beginning on " + event.slice.track);
        else {
          slices[open[event.track]].end = event.time;
          open.erase(event.track);
        }
        continue;
      }
      slices.push_back(event.slice);
      slices.back().end = -1;
      slices.back().instant = event.type == "TYPE_INSTANT";
      if (slices.back().instant) continue;
      if (event.type != "TYPE_SLICE_BEGIN") problems.push_back("an event of type " + event.type);
      if (open.contains(event.track)) problems.push_back("slices overlap on " + event.slice.track);
      open[event.track] = slices.size() - 1;
    }
  }

  std::map<std::string, std::string> names_, texts_;
  std::set<std::string> pids_;
};

}  // namespace codecosim::test
