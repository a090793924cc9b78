#include "sim/trace/perfetto.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace codecosim {

namespace {
// Numbers of fields, as Perfetto's protos/perfetto/trace/ gives them, for what is written here.
namespace trace {
enum { packet = 1 };
}
namespace trace_packet {
enum {
  timestamp = 8,
  trusted_packet_sequence_id = 10,
  track_event = 11,
  interned_data = 12,
  sequence_flags = 13,
  track_descriptor = 60
};
enum Flags : std::uint64_t { incremental_state_cleared = 1, needs_incremental_state = 2 };
}  // namespace trace_packet
namespace track_descriptor {
enum { uuid = 1, name = 2, process = 3, parent_uuid = 5, child_ordering = 11 };
enum Ordering : std::uint64_t { lexicographic = 1 };
}  // namespace track_descriptor
namespace process_descriptor {
enum { pid = 1, process_name = 6 };
}
namespace track_event {
enum { category_iids = 3, debug_annotations = 4, type = 9, name_iid = 10, track_uuid = 11 };
enum Type { slice_begin = 1, slice_end = 2, instant = 3 };
}  // namespace track_event
namespace debug_annotation {
enum { name_iid = 1, bool_value = 2, uint_value = 3, double_value = 5, string_value_iid = 17 };
}
namespace interned {
enum { iid = 1, text = 2 };
}

constexpr std::uint64_t first_lane = std::uint64_t{1} << 32;  // beyond all rows

std::uint64_t nanoseconds(Seconds time) {
  return static_cast<std::uint64_t>(std::llround(std::max(time.value, 0.0) * 1e9));
}
}  // namespace

void Perfetto::add(Row row, Row parent, std::string_view kind, std::string_view name, Seconds) {
  const std::string full = parent == top && kind != name ? fmt::format("{} {}", kind, name) : std::string(name);
  rows_.push_back({parent, full, false, {{Seconds(-std::numeric_limits<double>::infinity()), row}}});
  describe(row, parent, full);
}

void Perfetto::describe(Track track, Track parent, std::string_view name) {
  ProtobufMessage descriptor;
  descriptor.add(track_descriptor::uuid, track);
  descriptor.add(track_descriptor::child_ordering, track_descriptor::lexicographic);
  if (parent == top) {
    ProtobufMessage process;
    process.add(process_descriptor::pid, track);
    process.add(process_descriptor::process_name, name);
    descriptor.add(track_descriptor::process, process);
  } else {
    descriptor.add(track_descriptor::parent_uuid, parent);
    descriptor.add(track_descriptor::name, name);
  }
  packet(trace_packet::track_descriptor, descriptor, nullptr);
}

void Perfetto::state(Row row, std::string_view state, const TraceEntry& entry) {
  if (rows_[row].in_state) event(row, track_event::slice_end, entry.time);
  rows_[row].in_state = !state.empty();
  if (rows_[row].in_state) event(row, track_event::slice_begin, entry.time, state, &entry);
}

void Perfetto::span(Row row, Seconds begin, std::string_view label, const TraceEntry& entry) {
  const Track track = free_track(row, begin, entry.time);
  event(track, track_event::slice_begin, begin, label, &entry);
  event(track, track_event::slice_end, entry.time);
}

void Perfetto::mark(Row row, std::string_view label, const TraceEntry& entry) {
  event(row, track_event::instant, entry.time, label, &entry);
}

/// The track that has been free for the shortest time, so that there are only as many tracks as spans overlap.
Perfetto::Track Perfetto::free_track(Row row, Seconds begin, Seconds end) {
  Lanes& lanes = rows_[row];
  auto after = lanes.ends.upper_bound({begin, std::numeric_limits<Track>::max()});
  Track track = first_lane + lanes_;
  if (after == lanes.ends.begin()) {
    ++lanes_;
    describe(track, lanes.parent, lanes.name);
  } else {
    track = lanes.ends.extract(--after).value().second;
  }
  lanes.ends.emplace(end, track);
  return track;
}

void Perfetto::event(Track track, int type, Seconds time, std::string_view label, const TraceEntry* entry) {
  event_.clear();
  event_.add(track_event::type, static_cast<std::uint64_t>(type));
  event_.add(track_event::track_uuid, track);
  if (!label.empty()) event_.add(track_event::name_iid, intern(labels_, label));
  if (entry) {
    event_.add(track_event::category_iids, intern(categories_, entry->kind));
    for (const auto& [key, value] : entry->fields) {
      const Entity* entity = std::get_if<Entity>(&value);
      if (entity && !*entity) continue;
      annotation_.clear();
      annotation_.add(debug_annotation::name_iid, intern(keys_, key));
      if (const double* number = std::get_if<double>(&value))
        annotation_.add(debug_annotation::double_value, *number);
      else if (const std::uint32_t* count = std::get_if<std::uint32_t>(&value))
        annotation_.add(debug_annotation::uint_value, std::uint64_t{*count});
      else if (const bool* truth = std::get_if<bool>(&value))
        annotation_.add(debug_annotation::bool_value, std::uint64_t{*truth});
      else
        annotation_.add(debug_annotation::string_value_iid, intern(texts_, text(value)));
      event_.add(track_event::debug_annotations, annotation_);
    }
  }
  packet(trace_packet::track_event, event_, &time);
}

void Perfetto::packet(int field, const ProtobufMessage& content, const Seconds* time) {
  ProtobufMessage packet;
  if (time) packet.add(trace_packet::timestamp, nanoseconds(*time));
  packet.add(trace_packet::trusted_packet_sequence_id, std::uint64_t{1});
  packet.add(trace_packet::sequence_flags,
             begun_ ? trace_packet::needs_incremental_state : trace_packet::incremental_state_cleared);
  begun_ = true;
  if (!interned_.empty()) packet.add(trace_packet::interned_data, interned_);
  interned_.clear();
  packet.add(field, content);
  ProtobufMessage framed;
  framed.add(trace::packet, packet);
  file_.append(framed.bytes());
}

std::uint64_t Perfetto::intern(Dictionary& dictionary, std::string_view text) {
  const auto found = dictionary.numbers.find(text);
  if (found != dictionary.numbers.end()) return found->second;
  const std::uint64_t number = dictionary.numbers.size() + 1;
  dictionary.numbers.emplace(text, number);
  ProtobufMessage entry;
  entry.add(interned::iid, number);
  entry.add(interned::text, text);
  interned_.add(dictionary.field, entry);
  return number;
}

void Perfetto::close(Seconds end) {
  event(top, track_event::instant, end, "end of the run");  // so that the viewer shows all of it
  file_.close();
}

}  // namespace codecosim
