#include "policies/placement/swm/search.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "policies/placement/swm/search_state.hpp"
#include "sim/base/distinct.hpp"

namespace codecosim {
namespace {

constexpr std::uint32_t none = SwmModel::none;
constexpr double out_of_reach = SwmModel::out_of_reach;
constexpr double least_gain = 1e-9;           // less than this is rounding
constexpr std::size_t always_all = 64;        // with up to this many rows, all are candidates
constexpr std::uint32_t at_first = 32;        // candidate rows per kind, with more rows than that
constexpr std::size_t extension = 8;          // candidate rows added where none fits
constexpr std::size_t most_evictions = 16;    // residents tried for eviction
constexpr std::uint64_t most_taken_out = 12;  // workloads removed at once
constexpr std::uint64_t most_left_over = 4;   // unplaced workloads inserted with these
constexpr double most_slack = 0.02;           // relative loss to the best that is accepted, falling to 0
constexpr std::uint64_t skip_one_in = 12;     // one row in this many is skipped in reinsertion

/// The allowed rows of a kind by rising price, without channels. Rows of equal price are in an order of the kind's own,
/// so that not all kinds prefer the same rows. Sorted lazily.
class Ranking {
 public:
  Ranking(const SwmModel::Kind& kind, std::uint64_t salt) : kind_(&kind), salt_(salt) {
    for (std::uint32_t row = 0; row < kind.open.size(); ++row)
      if (kind.open[row]) rows_.push_back(row);
  }
  std::size_t size() const { return rows_.size(); }
  std::uint32_t operator[](std::size_t i) {
    if (i >= sorted_) {
      const std::size_t end = std::min(rows_.size(), sorted_ + 64);
      const auto key = [this](std::uint32_t row) { return std::pair(kind_->prices[row], (row + 1) * salt_); };
      std::ranges::partial_sort(rows_.begin() + static_cast<std::ptrdiff_t>(sorted_),
                                rows_.begin() + static_cast<std::ptrdiff_t>(end), rows_.end(), {}, key);
      sorted_ = end;
    }
    return rows_[i];
  }

 private:
  const SwmModel::Kind* kind_;
  std::uint64_t salt_;
  std::vector<std::uint32_t> rows_;
  std::size_t sorted_ = 0;
};

class Search {
 public:
  Search(SwmModel& model, Rng& rng, Deadline& deadline) : model_(model), rng_(rng), deadline_(deadline), state_(model) {
    rankings_.reserve(model.kinds().size());
    for (const SwmModel::Kind& kind : model.kinds()) rankings_.emplace_back(kind, rng.bits() | 1);
    next_.resize(model.kinds().size());
    near_.resize(model.components());
    members_.resize(model.components());
    for (const SwmModel::Room& room : model.rooms())
      largest_ = {std::max(largest_.millicores, room.millicores), std::max(largest_.bytes, room.bytes)};
    for (std::uint32_t w = 0; w < model.workloads(); ++w)
      if (!model.kind(w).fixed) {
        movable_.push_back(w);
        members_[model.kind(w).component].push_back(w);
      }
  }

  SwmSolution run(std::uint32_t patience) {
    seed_candidates();
    insert(movable_, false);
    if (state_.unplaced() > 0 && !deadline_.passed(0)) insert_large_first();
    state_.commit();
    seed_candidates();
    improve(patience);
    return kept_ ? model_.evaluate(best_rows_, best_ways_) : model_.evaluate(state_.rows(), state_.ways());
  }

 private:
  /// Workloads of one kind to insert.
  struct Entry {
    std::uint32_t kind = 0;
    std::vector<std::uint32_t> workloads;
    std::uint32_t best = none, second = none;
    double regret = 0, size = 0;
    bool stale = true;
    std::vector<std::uint32_t> refused;  // rows where its channels have no path
  };

  /// Whether the time limit has passed. `work` counts the steps since the last call; each pair of rows whose paths were
  /// computed since then counts four more.
  bool out_of_time(std::uint64_t work) {
    const std::uint64_t asked = model_.asked();
    return deadline_.passed(work + 4 * (asked - std::exchange(asked_, asked)));
  }

  /// Adds the cheapest rows of each kind to the candidates of its component, or all rows where there are few.
  void seed_candidates() {
    for (std::uint32_t k = 0; k < rankings_.size() && !out_of_time(8); ++k) {
      if (model_.kinds()[k].fixed) continue;
      const std::size_t count =
          model_.rows() <= always_all ? rankings_[k].size() : std::min<std::size_t>(at_first, rankings_[k].size());
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t component = model_.kinds()[k].component;
        if (model_.rows() <= always_all || state_.candidate_rows(component).size() < SearchState::most_candidate_rows)
          state_.add_candidate(component, rankings_[k][i]);
      }
      next_[k] = std::max(next_[k], count);
    }
  }

  /// Replaces candidate rows that do not fit by the next rows that do.
  void extend_candidates(const Entry& entry) {
    const std::uint32_t w = entry.workloads.back(), component = model_.kinds()[entry.kind].component;
    if (state_.candidate_rows(component).size() >= SearchState::most_candidate_rows) {
      const std::vector<std::uint32_t> rows = state_.candidate_rows(component);
      for (const std::uint32_t row : rows)
        if (!state_.fits(w, row)) state_.remove_candidate(component, row);
    }
    Ranking& ranking = rankings_[entry.kind];
    std::size_t found = 0;
    for (std::size_t& i = next_[entry.kind]; i < ranking.size() && found < extension; ++i)
      if (state_.fits(w, ranking[i]) && !std::ranges::count(entry.refused, ranking[i])) {
        state_.add_candidate(component, ranking[i]);
        ++found;
      }
  }

  void weigh(Entry& entry) {
    const std::uint32_t w = entry.workloads.back();
    const SwmModel::Kind& kind = model_.kinds()[entry.kind];
    for (;;) {
      double least = out_of_reach, next = out_of_reach;
      entry.best = entry.second = none;
      const auto consider = [&](std::uint32_t row) {
        const double price = state_.price(w, row);
        if (price == out_of_reach || price >= next || !state_.fits(w, row) || std::ranges::count(entry.refused, row))
          return;
        if (diverse_ && rng_.below(skip_one_in) == 0) return;
        if (price < least) {
          next = least;
          entry.second = entry.best;
          least = price;
          entry.best = row;
        } else {
          next = price;
          entry.second = row;
        }
      };
      for (const std::uint32_t row : state_.candidate_rows(kind.component)) consider(row);
      if (kind.current != none && entry.best != kind.current && entry.second != kind.current) consider(kind.current);
      entry.regret = entry.second == none ? out_of_reach : next - least;
      entry.stale = false;
      if (entry.second != none || diverse_ || next_[entry.kind] >= rankings_[entry.kind].size()) return;
      extend_candidates(entry);
    }
  }

  std::vector<Entry> entries(const std::vector<std::uint32_t>& workloads) const {
    std::map<std::uint32_t, std::size_t> index;
    std::vector<Entry> all;
    for (const std::uint32_t w : workloads) {
      const std::uint32_t k = model_.kind_of(w);
      const auto [it, fresh] = index.emplace(k, all.size());
      if (fresh) {
        Entry entry;
        entry.kind = k;
        entry.size = size_of(w);
        all.push_back(std::move(entry));
      }
      all[it->second].workloads.push_back(w);
    }
    return all;
  }
  /// The larger share of the largest row that a workload takes, of cpu or of memory.
  double size_of(std::uint32_t workload) const {
    const Feasible::Demand& demand = model_.kind(workload).demand;
    return std::max(static_cast<double>(demand.millicores) / static_cast<double>(largest_.millicores),
                    static_cast<double>(demand.bytes) / static_cast<double>(largest_.bytes));
  }

  /// Inserts workloads by falling regret, or with `large_first` by falling size; the other one breaks ties.
  void insert(const std::vector<std::uint32_t>& workloads, bool large_first) {
    std::vector<Entry> left = entries(workloads);
    const auto order = [&](const Entry& e) {
      return large_first ? std::pair(e.size, e.regret) : std::pair(e.regret, e.size);
    };
    while (!left.empty()) {
      for (Entry& entry : left) {
        if (out_of_time(1)) return insert_quickly(left);
        if (entry.stale) weigh(entry);
      }
      const auto chosen = std::ranges::max_element(left, {}, order);
      if (chosen->best == none) {  // later placements free no resources
        if (&*chosen != &left.back()) *chosen = std::move(left.back());
        left.pop_back();
        continue;
      }
      const std::uint32_t row = chosen->best, component = model_.kinds()[chosen->kind].component;
      chosen->stale = true;
      if (!state_.place(chosen->workloads.back(), row)) {
        chosen->refused.push_back(row);
        continue;
      }
      chosen->workloads.pop_back();
      if (chosen->workloads.empty()) {
        if (&*chosen != &left.back()) *chosen = std::move(left.back());
        left.pop_back();
      }
      mark_neighbours(component, true);
      for (Entry& entry : left)
        if (entry.best == row || entry.second == row || near_[model_.kinds()[entry.kind].component]) entry.stale = true;
      mark_neighbours(component, false);
    }
  }
  void mark_neighbours(std::uint32_t component, bool near) {
    for (const SwmModel::Side& side : model_.sides(component)) {
      const SwmModel::Link& link = model_.links()[side.link];
      near_[side.outgoing ? link.to : link.from] = near;
    }
  }
  /// Inserts workloads on the first row that fits, once the time limit has passed.
  void insert_quickly(std::vector<Entry>& left) {
    for (Entry& entry : left) {
      Ranking& ranking = rankings_[entry.kind];
      std::size_t from = 0;  // full rows stay full
      for (const std::uint32_t w : entry.workloads) {
        while (from < ranking.size() && !state_.fits(w, ranking[from])) ++from;
        for (std::size_t i = from; i < ranking.size(); ++i)
          if (state_.fits(w, ranking[i]) && state_.place(w, ranking[i])) break;
      }
    }
  }
  void insert_large_first() {
    state_.commit();
    const double before = state_.value();
    for (const std::uint32_t w : movable_)
      if (state_.row(w) != none) state_.unplace(w);
    insert(movable_, true);
    if (state_.value() > before) state_.rollback();
  }

  struct Move {
    std::uint32_t workload = 0, to = none;
  };
  /// Makes these moves together; returns whether the objective improved.
  bool attempt(std::span<const Move> moves) {
    const double before = state_.value();
    for (const Move& each : moves)
      if (state_.row(each.workload) != none) state_.unplace(each.workload);
    bool done = true;
    for (const Move& each : moves)
      done = done && state_.fits(each.workload, each.to) && state_.place(each.workload, each.to);
    return done && state_.value() < before - least_gain;
  }

  /// Moves one workload to the row of the largest gain, or exchanges it with another one that moves elsewhere. A gain
  /// is committed.
  bool relocate(std::uint32_t w) {
    const std::uint32_t from = state_.row(w);
    const double paid = from == none ? model_.price() : state_.price(w, from);
    double least = paid - least_gain, wished = paid - least_gain;
    std::uint32_t best = none, wish = none;
    for (const std::uint32_t row : state_.candidate_rows(model_.kind(w).component)) {
      const double price = row == from ? out_of_reach : state_.price(w, row);
      if (price < wished && !state_.fits(w, row)) {
        wished = price;
        wish = row;
      }
      if (price < least && state_.fits(w, row)) {
        least = price;
        best = row;
      }
    }
    if (best != none && commit_or_rollback(attempt(std::array{Move{w, best}}))) return true;
    return wish != none && wished < least && commit_or_rollback(evict(w, wish, paid - wished));
  }
  bool commit_or_rollback(bool gained) {
    gained ? state_.commit() : state_.rollback();
    return gained;
  }
  /// Moves a workload to a full row, and a resident of it elsewhere; `gain` is the workload's own gain there.
  bool evict(std::uint32_t w, std::uint32_t row, double gain) {
    const std::vector<std::uint32_t>& here = state_.residents(row);
    if (here.empty()) return false;
    const std::size_t first = rng_.below(here.size()), tries = std::min(here.size(), most_evictions);
    double most = least_gain;
    Move out;
    for (std::size_t i = 0; i < tries; ++i) {
      const std::uint32_t v = here[(first + i) % here.size()];
      if (model_.kind_of(v) == model_.kind_of(w) || !state_.fits(w, row, v)) continue;
      const double saved = state_.price(v, row);
      const auto consider = [&](std::uint32_t to, bool fits) {
        const double total = fits ? gain + saved - state_.price(v, to) : 0;
        if (total > most) {
          most = total;
          out = {v, to};
        }
      };
      for (const std::uint32_t to : state_.candidate_rows(model_.kind(v).component))
        if (to != row && to != state_.row(w)) consider(to, state_.fits(v, to));
      if (state_.row(w) != none) consider(state_.row(w), state_.fits(v, state_.row(w), w));
    }
    return out.to != none && attempt(std::array{out, Move{w, row}});
  }

  /// Adds all workloads of a component, if they are not too many.
  void add_members(std::uint32_t component, std::vector<std::uint32_t>& to) const {
    const std::vector<std::uint32_t>& all = members_[component];
    if (all.size() <= most_taken_out) to.insert(to.end(), all.begin(), all.end());
  }
  /// The neighbourhood of a step: a few related workloads, of neighbouring components, of one or two rows, or any; and
  /// some unplaced ones.
  std::vector<std::uint32_t> pick() {
    const std::uint64_t most = std::min<std::uint64_t>(most_taken_out, movable_.size());
    const std::uint64_t count = 1 + rng_.below(most);
    const std::uint32_t seed = movable_[rng_.below(movable_.size())];
    std::vector<std::uint32_t> pool, chosen{seed};
    const std::uint64_t way = rng_.below(4);
    if (way == 3) {
      add_members(model_.kind(seed).component, chosen);
      for (const SwmModel::Side& side : model_.sides(model_.kind(seed).component)) {
        const SwmModel::Link& link = model_.links()[side.link];
        if (chosen.size() < most && rng_.below(2) == 0) add_members(side.outgoing ? link.to : link.from, chosen);
      }
    } else if (way == 0) {
      const std::vector<SwmModel::Side>& sides = model_.sides(model_.kind(seed).component);
      for (const SwmModel::Side& side : sides) {
        const SwmModel::Link& link = model_.links()[side.link];
        const std::vector<std::uint32_t>& some = members_[side.outgoing ? link.to : link.from];
        pool.insert(pool.end(), some.begin(), some.end());
      }
      const std::vector<std::uint32_t>& own = members_[model_.kind(seed).component];
      pool.insert(pool.end(), own.begin(), own.end());
    } else if (way == 1 && state_.row(seed) != none) {
      pool = state_.residents(state_.row(seed));
      if (const std::uint32_t other = state_.row(movable_[rng_.below(movable_.size())]); other != none)
        pool.insert(pool.end(), state_.residents(other).begin(), state_.residents(other).end());
    }
    while (chosen.size() < count && way < 3) {
      const std::vector<std::uint32_t>& from = pool.empty() || rng_.below(4) == 0 ? movable_ : pool;
      chosen.push_back(from[rng_.below(from.size())]);
    }
    if (state_.unplaced() > 0) {
      pool.clear();
      for (const std::uint32_t w : movable_)
        if (state_.row(w) == none) pool.push_back(w);
      for (std::uint64_t i = 1 + rng_.below(most_left_over); i > 0; --i)
        chosen.push_back(pool[rng_.below(pool.size())]);
    }
    make_distinct(chosen);
    return chosen;
  }
  /// Makes insertion skip rows and paths at random, so that it does not repeat the same result.
  void diversify(bool diverse) {
    diverse_ = diverse;
    state_.diversify(diverse ? &rng_ : nullptr);
  }

  /// A step of large neighbourhood search. It accepts a result that is not worse than before, or worse than the best by
  /// at most the share `slack` of its value.
  void take_out_and_insert(double slack) {
    const double before = state_.value();
    const std::vector<std::uint32_t> some = pick();
    for (const std::uint32_t w : some)
      if (state_.row(w) != none) state_.unplace(w);
    diversify(true);
    insert(some, rng_.below(4) == 0);
    diversify(false);
    const double worth = best_value_ - model_.price() * best_unplaced_;
    const double bar =
        state_.unplaced() > best_unplaced_ ? before : std::max(before, best_value_ + slack * std::abs(worth));
    commit_or_rollback(state_.value() <= bar);
  }
  /// Whether the committed state is a new best.
  bool improved() {
    const bool better = state_.value() < best_value_ - least_gain;
    if (better) {
      best_value_ = state_.value();
      best_unplaced_ = state_.unplaced();
      kept_ = false;
    }
    return better;
  }
  /// Saves the best state, before a worse one is accepted.
  void keep() {
    if (kept_ || state_.value() > best_value_ + least_gain) return;
    best_rows_ = state_.rows();
    best_ways_ = state_.ways();
    kept_ = true;
  }

  void improve(std::uint32_t patience) {
    if (movable_.empty()) return;
    std::vector<std::uint32_t> order = movable_;
    const std::uint64_t most = std::uint64_t{patience} * movable_.size();
    improved();
    for (std::uint64_t idle = 0; idle < most;) {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng_.below(i)]);
      bool gained = false;
      for (const std::uint32_t w : order) {
        if (out_of_time(2)) return keep();
        gained = relocate(w) || gained;
        idle = improved() ? 0 : idle + 1;
      }
      if (gained) continue;
      keep();
      for (std::size_t i = 0; i < order.size() && idle < most; ++i) {
        if (out_of_time(16)) return keep();
        take_out_and_insert(most_slack * (1 - static_cast<double>(idle) / static_cast<double>(most)));
        if (improved()) {
          idle = 0;
          keep();
        } else
          ++idle;
      }
    }
  }

  SwmModel& model_;
  Rng& rng_;
  Deadline& deadline_;
  SearchState state_;
  std::vector<Ranking> rankings_;  // by kind
  std::vector<std::size_t> next_;  // by kind: end of its ranking's part that was candidate
  std::vector<std::uint32_t> movable_;
  std::vector<std::vector<std::uint32_t>> members_;  // by component
  std::vector<std::uint8_t> near_;                   // by component: whether it is a neighbour of the one placed last
  Feasible::Demand largest_{1, 1};
  std::uint64_t asked_ = 0;
  bool diverse_ = false;
  double best_value_ = out_of_reach;
  std::uint32_t best_unplaced_ = 0;
  bool kept_ = false;  // whether the best state is in the two below
  std::vector<std::uint32_t> best_rows_;
  std::vector<Placement::Way> best_ways_;
};

}  // namespace

SwmSolution search(SwmModel& model, Rng& rng, Deadline& deadline, std::uint32_t patience) {
  return Search(model, rng, deadline).run(patience);
}

}  // namespace codecosim
