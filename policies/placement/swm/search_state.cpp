#include "policies/placement/swm/search_state.hpp"

#include <algorithm>

namespace codecosim {

SearchState::SearchState(SwmModel& model)
    : model_(model),
      rows_(model.nowhere()),
      seats_(model.workloads()),
      rooms_(model.rooms()),
      residents_(model.rows()),
      ends_(model.components()),
      fields_(model.components()),
      media_(model.media()),
      active_(model.links().size()) {
  for (std::uint32_t c = 0; c < model.components(); ++c) ends_[c] = model.settled(c);
  for (std::uint32_t w = 0; w < model.workloads(); ++w) {
    if (model.kind(w).fixed)
      value_ += model.kind(w).prices[rows_[w]];
    else {
      value_ += model.price();
      ++unplaced_;
      fields_[model.kind(w).component].slots.resize(model.rows());
    }
  }
  saved_ = rows_;
  saved_value_ = value_;
}

std::vector<Placement::Way> SearchState::ways() const {
  std::vector<Placement::Way> all;
  for (std::uint32_t l = 0; l < active_.size(); ++l)
    for (const auto& [rows, active] : active_[l])
      all.push_back({model_.links()[l].channel, rows.first, rows.second, active.path});
  return all;
}

bool SearchState::fits(std::uint32_t workload, std::uint32_t row, std::uint32_t without) const {
  const SwmModel::Kind& kind = model_.kind(workload);
  if (kind.current == row) return true;
  SwmModel::Room room = rooms_[row];
  if (without != none && model_.kind(without).current != row) {
    const Feasible::Demand& demand = model_.kind(without).demand;
    room.millicores += demand.millicores;
    room.bytes += demand.bytes;
    ++room.pods;
  }
  return kind.demand.millicores <= room.millicores && kind.demand.bytes <= room.bytes && room.pods > 0;
}

/// The sum of channel prices to the present ends of the component's channels, and the number of unreachable ends.
std::pair<double, std::uint32_t> SearchState::pull(std::uint32_t component, std::uint32_t row) {
  double sum = 0;
  std::uint32_t cut = 0;
  for (const SwmModel::Side& side : model_.sides(component)) {
    for (const SwmModel::Ends& other : ends_[partner(side)]) {
      const auto [from, to] = oriented(side, row, other.row);
      const double price = model_.nearest(model_.links()[side.link], from, to).price;
      if (price == SwmModel::out_of_reach)
        cut += other.count;
      else
        sum += price * other.count;
    }
  }
  return {sum, cut};
}

double SearchState::price(std::uint32_t workload, std::uint32_t row) {
  const SwmModel::Kind& kind = model_.kind(workload);
  if (!kind.open[row]) return SwmModel::out_of_reach;
  const Field& field = fields_[kind.component];
  if (const std::uint32_t slot = field.slots[row])
    return field.cut[slot - 1] ? SwmModel::out_of_reach : kind.prices[row] + field.pull[slot - 1];
  const auto [sum, cut] = pull(kind.component, row);
  return cut ? SwmModel::out_of_reach : kind.prices[row] + sum;
}

void SearchState::add_candidate(std::uint32_t component, std::uint32_t row) {
  Field& field = fields_[component];
  if (field.slots.empty() || field.slots[row]) return;
  const auto [sum, cut] = pull(component, row);
  field.rows.push_back(row);
  field.pull.push_back(sum);
  field.cut.push_back(cut);
  field.slots[row] = static_cast<std::uint32_t>(field.rows.size());
}

void SearchState::remove_candidate(std::uint32_t component, std::uint32_t row) {
  Field& field = fields_[component];
  if (field.slots.empty() || !field.slots[row]) return;
  const std::uint32_t slot = field.slots[row] - 1;
  field.rows[slot] = field.rows.back();
  field.rows.pop_back();
  field.pull[slot] = field.pull.back();
  field.pull.pop_back();
  field.cut[slot] = field.cut.back();
  field.cut.pop_back();
  if (slot < field.rows.size()) field.slots[field.rows[slot]] = slot + 1;
  field.slots[row] = 0;
}

/// Updates the cached channel costs of a component's neighbours for one more replica of it on a row, or one fewer.
void SearchState::spread(std::uint32_t component, std::uint32_t row, int sign) {
  for (const SwmModel::Side& side : model_.sides(component)) {
    const SwmModel::Link& link = model_.links()[side.link];
    Field& field = fields_[partner(side)];
    for (std::size_t slot = 0; slot < field.rows.size(); ++slot) {
      const auto [from, to] = oriented(side, row, field.rows[slot]);
      const double price = model_.nearest(link, from, to).price;
      if (price == SwmModel::out_of_reach)
        field.cut[slot] += static_cast<std::uint32_t>(sign);
      else
        field.pull[slot] += sign * price;
    }
  }
}

void SearchState::count(std::uint32_t component, std::uint32_t row, int sign) {
  std::vector<SwmModel::Ends>& all = ends_[component];
  auto found = std::ranges::find(all, row, &SwmModel::Ends::row);
  if (found == all.end()) {
    all.push_back({row, 0});
    found = all.end() - 1;
  }
  found->count += static_cast<std::uint32_t>(sign);
  if (found->count == 0) {
    *found = all.back();
    all.pop_back();
  }
}

void SearchState::assign(std::uint32_t link, Pair rows, std::optional<Active> after) {
  const auto weigh = [&](const Active& active, int sign) {
    value_ += sign * active.detour * static_cast<double>(active.pairs);
    for (const std::uint32_t m : model_.media_of(rows.first, rows.second, active.path))
      media_[m] -= sign * model_.links()[link].bits;
  };
  const auto it = active_[link].find(rows);
  Change change{link, rows.first, rows.second, {}};
  if (it != active_[link].end()) {
    weigh(it->second, -1);
    change.before = it->second;
  }
  if (after) {
    weigh(*after, 1);
    active_[link][rows] = *after;
  }
  if (!after && it != active_[link].end()) active_[link].erase(it);
  journal_.push_back(change);
}

void SearchState::undo_routes(std::size_t mark) {
  while (journal_.size() > mark) {
    const Change change = journal_.back();
    assign(change.link, {change.from, change.to}, change.before);
    journal_.resize(journal_.size() - 2);
  }
}

bool SearchState::has_room(const Placement::Way& way, std::int64_t bits) {
  const std::vector<std::uint32_t>& media = model_.media_of(way.from, way.to, way.path);
  return std::ranges::none_of(media, [&](std::uint32_t m) { return media_[m] < bits; });
}

/// Reroutes channels that cross the media of a path, until the path has room; if it never has, all reroutes are undone.
bool SearchState::make_room(const Placement::Way& wanted, std::int64_t bits) {
  const std::size_t mark = journal_.size();
  for (const std::uint32_t m : model_.media_of(wanted.from, wanted.to, wanted.path)) {
    for (std::uint32_t l = 0; l < active_.size() && media_[m] < bits; ++l) {
      const SwmModel::Link& link = model_.links()[l];
      for (auto& [rows, active] : active_[l]) {
        if (!std::ranges::count(model_.media_of(rows.first, rows.second, active.path), m)) continue;
        const std::vector<SwmModel::Way> ways = model_.ways(link, rows.first, rows.second);
        for (const SwmModel::Way& way : ways) {
          const std::vector<std::uint32_t>& media = model_.media_of(rows.first, rows.second, way.path);
          if (std::ranges::count(media, m) || !has_room({0, rows.first, rows.second, way.path}, link.bits)) continue;
          assign(l, rows, Active{active.pairs, way.path, way.price - ways.front().price});
          break;
        }
        if (media_[m] >= bits) break;
      }
    }
  }
  if (has_room(wanted, bits)) return true;
  undo_routes(mark);
  return false;
}

/// Adds or removes pairs of ends of a channel between two rows; the first pair reserves a path, and the last one
/// releases it.
bool SearchState::join(std::uint32_t link, Pair rows, std::int64_t pairs) {
  const SwmModel::Link& asked = model_.links()[link];
  const auto it = active_[link].find(rows);
  if (it != active_[link].end()) {
    Active active = it->second;
    active.pairs += pairs;
    assign(link, rows, active.pairs > 0 ? std::optional(active) : std::nullopt);
    return true;
  }
  const std::vector<SwmModel::Way> ways = model_.ways(asked, rows.first, rows.second);
  if (!ways.empty() && !ways.front().scarce) return true;
  const SwmModel::Way* taken = nullptr;
  for (const SwmModel::Way& way : ways) {
    if (!has_room({0, rows.first, rows.second, way.path}, asked.bits)) continue;
    taken = &way;
    if (!rng_ || rng_->below(8) > 0) break;
  }
  for (std::size_t i = 0; i < ways.size() && !taken && journal_.size() < most_rerouted; ++i)
    if (make_room({0, rows.first, rows.second, ways[i].path}, asked.bits)) taken = &ways[i];
  if (taken) assign(link, rows, Active{pairs, taken->path, taken->price - ways.front().price});
  return taken != nullptr;
}

bool SearchState::route(std::uint32_t component, std::uint32_t row) {
  const std::size_t mark = journal_.size();
  for (const SwmModel::Side& side : model_.sides(component)) {
    if (model_.links()[side.link].bits == 0) continue;
    for (const SwmModel::Ends& other : ends_[partner(side)]) {
      if (other.row == row || join(side.link, oriented(side, row, other.row), other.count)) continue;
      undo_routes(mark);
      return false;
    }
  }
  return true;
}

void SearchState::unroute(std::uint32_t component, std::uint32_t row) {
  for (const SwmModel::Side& side : model_.sides(component)) {
    if (model_.links()[side.link].bits == 0) continue;
    for (const SwmModel::Ends& other : ends_[partner(side)]) {
      const Pair rows = oriented(side, row, other.row);
      if (active_[side.link].contains(rows)) join(side.link, rows, -static_cast<std::int64_t>(other.count));
    }
  }
}

/// Puts a workload on a row, without routing its channels.
void SearchState::put(std::uint32_t workload, std::uint32_t row) {
  const SwmModel::Kind& kind = model_.kind(workload);
  value_ += price(workload, row) - model_.price();
  --unplaced_;
  if (kind.current != row) {
    SwmModel::Room& room = rooms_[row];
    room.millicores -= kind.demand.millicores;
    room.bytes -= kind.demand.bytes;
    --room.pods;
  }
  rows_[workload] = row;
  seats_[workload] = static_cast<std::uint32_t>(residents_[row].size());
  residents_[row].push_back(workload);
  count(kind.component, row, 1);
  spread(kind.component, row, 1);
}

/// The inverse of put().
void SearchState::remove(std::uint32_t workload) {
  const SwmModel::Kind& kind = model_.kind(workload);
  const std::uint32_t row = rows_[workload];
  value_ -= price(workload, row) - model_.price();
  ++unplaced_;
  count(kind.component, row, -1);
  spread(kind.component, row, -1);
  rows_[workload] = none;
  std::vector<std::uint32_t>& here = residents_[row];
  here[seats_[workload]] = here.back();
  seats_[here.back()] = seats_[workload];
  here.pop_back();
  if (kind.current == row) return;
  SwmModel::Room& room = rooms_[row];
  room.millicores += kind.demand.millicores;
  room.bytes += kind.demand.bytes;
  ++room.pods;
}

bool SearchState::place(std::uint32_t workload, std::uint32_t row) {
  const std::uint32_t component = model_.kind(workload).component;
  if (price(workload, row) == SwmModel::out_of_reach || !route(component, row)) return false;
  put(workload, row);
  touched_.push_back(workload);
  for (const SwmModel::Side& side : model_.sides(component))
    if (fields_[partner(side)].rows.size() < most_candidate_rows) add_candidate(partner(side), row);
  return true;
}

void SearchState::unplace(std::uint32_t workload) {
  unroute(model_.kind(workload).component, rows_[workload]);
  remove(workload);
  touched_.push_back(workload);
}

void SearchState::commit() {
  for (const std::uint32_t w : touched_) saved_[w] = rows_[w];
  touched_.clear();
  journal_.clear();
  saved_value_ = value_;
}

void SearchState::rollback() {
  undo_routes(0);
  for (const std::uint32_t w : touched_)
    if (rows_[w] != none) remove(w);
  for (const std::uint32_t w : touched_)
    if (rows_[w] == none && saved_[w] != none) put(w, saved_[w]);
  touched_.clear();
  value_ = saved_value_;
}

}  // namespace codecosim
