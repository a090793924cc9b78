#include "sim/trace/timeline.hpp"

#include <fmt/format.h>

namespace codecosim {

namespace {
template <class Type>
Type get(const TraceEntry& entry, std::string_view key) {
  return std::get<Type>(*entry.find(key));
}
}  // namespace

void Timeline::write(const TraceEntry& entry) {
  now_ = entry.time;
  const auto entity = [&](std::string_view key) { return get<Entity>(entry, key); };
  const auto word = [&](std::string_view key) { return get<std::string_view>(entry, key); };
  const auto number = [&](std::string_view key) { return get<std::uint32_t>(entry, key); };
  const auto date = [&](std::string_view key) { return Seconds(get<double>(entry, key)); };
  const auto holds = [&](std::string_view key) { return get<bool>(entry, key); };
  const auto called = [&](std::string_view key) { return text(entity(key)); };

  if (entry.kind == RequestDone::kind) {
    const bool late = word("outcome") == name(Outcome::done) && !holds("in_time");
    span(row(entity("application"), "requests"), date("start_s"), late ? "late" : word("outcome"), entry);
  } else if (entry.kind == Decided::kind) {
    mark(row(entity("application"), "decisions"), word("outcome"), entry);
  } else if (entry.kind == PodEntered::kind) {
    draw_pod(entry);
  } else if (entry.kind == NodeChanged::kind) {
    state(row(entity("node")), holds("up") ? "" : "down", entry);
  } else if (entry.kind == LinkChanged::kind) {
    state(row(entity("link")), holds("up") ? "" : "down", entry);
  } else if (entry.kind == ClusterChanged::kind) {
    state(row(row(entity("hub"), "managed clusters"), "managed cluster", called("cluster")),
          holds("available") ? "" : "Unknown", entry);
  } else if (entry.kind == WorkApplied::kind) {
    span(row(entity("cluster"), "works"), date("issued_s"), called("application"), entry);
  } else if (entry.kind == AttachmentChanged::kind) {
    state(row(entity("device"), "attachment"), called("after"), entry);
  } else if (entry.kind == Migrated::kind) {
    span(row(names_.owner(entity("from")), "migrations"), date("start_s"), called("from"), entry);
  } else if (entry.kind == MissionDone::kind) {
    span(row(entity("device"), "missions"), date("start_s"), "mission", entry);
  } else if (entry.kind == SafetyStop::kind) {
    state(row(entity("device"), "stops"), holds("stopped") ? "stopped" : "", entry);
  } else if (entry.kind == Violated::kind) {
    mark(row(names_.owner(entity("pod")), "violations"), word("rule"), entry);
  } else if (entry.kind == ChannelEntered::kind) {
    const bool over = word("state") == name(ChannelState::deleted) || word("state") == name(ChannelState::canceled);
    state(row(row(entity("application"), "channels"), "channel", fmt::format("channel {}", number("channel"))),
          over ? "" : word("state"), entry);
  } else if (entry.kind == ImagePulled::kind) {
    span(row(entity("node") ? entity("node") : entity("cluster"), "images"), date("start_s"),
         fmt::format("image {}", number("image")), entry);
  } else {
    mark(row(top, entry.kind, entry.kind), entry.kind, entry);
  }
}

/// A pod has a row below every node that it was ever on, and below its application for the time before.
void Timeline::draw_pod(const TraceEntry& entry) {
  const Entity pod = get<Entity>(entry, "pod"), node = get<Entity>(entry, "node");
  const std::string_view phase = get<std::string_view>(entry, "phase");
  const auto [before, first] = row_of_pod_.try_emplace(pod, top);
  const bool gone = phase == name(PodPhase::gone);
  if (gone && first) return;
  const Row here = gone ? before->second : row(row(node ? node : names_.owner(pod)), "pod", names_.name_of(pod));
  if (before->second != top && before->second != here) state(before->second, "", entry);
  state(here, gone ? "" : phase, entry);
  before->second = here;
}

Timeline::Row Timeline::row(Row parent, std::string_view kind, std::string_view name) {
  const auto found = rows_.find(std::tuple(parent, kind, name));
  if (found != rows_.end()) return found->second;
  rows_.emplace(std::tuple(parent, kind, std::string(name)), ++count_);
  add(count_, parent, kind, name, now_);
  return count_;
}

Timeline::Row Timeline::row(Entity entity) {
  if (!entity) return top;
  const Row parent = entity.kind == EntityKind::node     ? row(names_.owner(entity))
                     : entity.kind == EntityKind::link   ? row(top, "links", "links")
                     : entity.kind == EntityKind::device ? row(top, "devices", "devices")
                                                         : top;
  return row(parent, name(entity.kind), names_.name_of(entity));
}

std::string Timeline::text(const TraceValue& value) const {
  struct Text {
    const Names& names;
    std::string operator()(double number) const { return fmt::to_string(number); }
    std::string operator()(std::uint32_t number) const { return fmt::to_string(number); }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(std::string_view word) const { return std::string(word); }
    std::string operator()(Entity entity) const { return entity ? names.name_of(entity) : std::string(); }
  };
  return std::visit(Text{names_}, value);
}

}  // namespace codecosim
