#pragma once
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "policies/placement/swm/model.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// A placement that changes workload by workload, with its value and the free resources updated incrementally. The cost
/// of a workload on another row is cached for the candidate rows of its component; a change takes time proportional to
/// their number for each channel of it. Changes since the last commit() can be undone.
class SearchState {
 public:
  static constexpr std::uint32_t none = SwmModel::none;

  explicit SearchState(SwmModel& model);

  SwmModel& model() { return model_; }
  double value() const { return value_; }
  std::uint32_t unplaced() const { return unplaced_; }
  std::uint32_t row(std::uint32_t workload) const { return rows_[workload]; }
  const std::vector<std::uint32_t>& rows() const { return rows_; }
  std::vector<Placement::Way> ways() const;
  /// The movable workloads on a row.
  const std::vector<std::uint32_t>& residents(std::uint32_t row) const { return residents_[row]; }

  /// Whether a row has room for a workload that is not on it.
  bool fits(std::uint32_t workload, std::uint32_t row) const { return fits(workload, row, none); }
  /// Whether it has room if the workload `without` were removed from it.
  bool fits(std::uint32_t workload, std::uint32_t row, std::uint32_t without) const;
  /// The price of a workload on a row, with its channels on the cheapest paths; infinite where it is not allowed.
  double price(std::uint32_t workload, std::uint32_t row);

  /// Sets a random stream, with which channels do not always take the first path that has room; null: they do.
  void diversify(Rng* rng) { rng_ = rng; }
  /// Puts an unplaced workload on a row that it fits. Returns false, and changes nothing, where a channel has no path.
  bool place(std::uint32_t workload, std::uint32_t row);
  void unplace(std::uint32_t workload);
  void commit();
  /// Restores the state of the last commit().
  void rollback();

  /// The candidate rows of a component, which a search considers: their price() is cached.
  const std::vector<std::uint32_t>& candidate_rows(std::uint32_t component) const { return fields_[component].rows; }
  void add_candidate(std::uint32_t component, std::uint32_t row);
  void remove_candidate(std::uint32_t component, std::uint32_t row);
  /// Most candidate rows that are added because a neighbour was placed there.
  static constexpr std::size_t most_candidate_rows = 96;

 private:
  /// The channel costs of a replica of a component, by candidate row.
  struct Field {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> slots;  // by row: index into `rows`, plus one; empty: no movable workload
    std::vector<double> pull;
    std::vector<std::uint32_t> cut;  // unreachable ends
  };
  /// A channel on scarce media between two rows.
  struct Active {
    std::int64_t pairs = 0;
    std::uint32_t path = 0;
    double detour = 0;  // extra price over its cheapest path, for a pair of ends
  };
  struct Change {
    std::uint32_t link = 0, from = 0, to = 0;
    std::optional<Active> before;
  };
  /// Other channels are rerouted to make room only up to this many changes since the last commit, to bound the time.
  static constexpr std::size_t most_rerouted = 1000;
  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  static std::pair<std::uint32_t, std::uint32_t> oriented(const SwmModel::Side& side, std::uint32_t own,
                                                          std::uint32_t other) {
    return side.outgoing ? std::pair(own, other) : std::pair(other, own);
  }
  std::uint32_t partner(const SwmModel::Side& side) const {
    const SwmModel::Link& link = model_.links()[side.link];
    return side.outgoing ? link.to : link.from;
  }
  std::pair<double, std::uint32_t> pull(std::uint32_t component, std::uint32_t row);
  void spread(std::uint32_t component, std::uint32_t row, int sign);
  void count(std::uint32_t component, std::uint32_t row, int sign);
  bool route(std::uint32_t component, std::uint32_t row);
  void unroute(std::uint32_t component, std::uint32_t row);
  bool has_room(const Placement::Way& way, std::int64_t bits);
  bool make_room(const Placement::Way& wanted, std::int64_t bits);
  bool join(std::uint32_t link, Pair rows, std::int64_t pairs);
  void assign(std::uint32_t link, Pair rows, std::optional<Active> after);
  void undo_routes(std::size_t mark);
  void put(std::uint32_t workload, std::uint32_t row);
  void remove(std::uint32_t workload);

  SwmModel& model_;
  std::vector<std::uint32_t> rows_, seats_;  // by workload: its row; its index in the residents of that row
  std::vector<SwmModel::Room> rooms_;
  std::vector<std::vector<std::uint32_t>> residents_;
  std::vector<std::vector<SwmModel::Ends>> ends_;  // by component
  std::vector<Field> fields_;
  std::vector<std::int64_t> media_;
  std::vector<std::map<Pair, Active>> active_;  // by link
  std::vector<Change> journal_;                 // changes of `active_` since the last commit
  std::vector<std::uint32_t> touched_, saved_;  // workloads changed since the last commit; rows at that time
  double value_ = 0, saved_value_ = 0;
  std::uint32_t unplaced_ = 0;
  Rng* rng_ = nullptr;
};

}  // namespace codecosim
