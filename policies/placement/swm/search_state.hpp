#pragma once
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "policies/placement/swm/model.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// A placement that changes workload by workload, with what it costs and what is left kept up to date: what a workload
/// would cost elsewhere is known at once for the rows of interest to its component, and a change costs their number for
/// each channel of it. Changes since the last commit() can be taken back.
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
  /// Workloads that are not fixed, on a row.
  const std::vector<std::uint32_t>& residents(std::uint32_t row) const { return residents_[row]; }

  /// Whether a row has room for a workload, which is not on it.
  bool fits(std::uint32_t workload, std::uint32_t row) const { return fits(workload, row, none); }
  /// The same if another workload, which is there, were not.
  bool fits(std::uint32_t workload, std::uint32_t row, std::uint32_t without) const;
  /// What it costs on a row, its channels on the cheapest paths; infinite where it may not be.
  double price(std::uint32_t workload, std::uint32_t row);

  /// With a random stream, channels do not always take the first path that has room; null: they do.
  void diversify(Rng* rng) { rng_ = rng; }
  /// Puts a workload that is nowhere on a row that it fits; false, and nothing is changed, where its channels find no
  /// path.
  bool place(std::uint32_t workload, std::uint32_t row);
  void lift(std::uint32_t workload);
  void commit();
  /// Everything as it was at the last commit().
  void take_back();

  /// Rows of which price() is quick for the workloads of a component: what a search looks at.
  const std::vector<std::uint32_t>& interest(std::uint32_t component) const { return fields_[component].rows; }
  void add_interest(std::uint32_t component, std::uint32_t row);
  void drop_interest(std::uint32_t component, std::uint32_t row);
  /// The most rows that become of interest because a neighbour was placed there.
  static constexpr std::size_t most_interest = 96;

 private:
  /// What the channels of a component cost one of its replicas, by row of interest.
  struct Field {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> slots;  // by row: index into `rows`, and one; empty: no workload of it is here
    std::vector<double> pull;
    std::vector<std::uint32_t> cut;  // ends that cannot be reached
  };
  /// A channel on scarce media between two rows.
  struct Active {
    std::int64_t pairs = 0;
    std::uint32_t path = 0;
    double detour = 0;  // more than its cheapest path, for a pair of ends
  };
  struct Change {
    std::uint32_t link = 0, from = 0, to = 0;
    std::optional<Active> before;
  };
  /// Changes since the last commit up to which channels are rerouted for others: beyond, there are too many to look at.
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
  std::vector<std::uint32_t> rows_, seats_;  // by workload; its index among the residents of its row
  std::vector<SwmModel::Room> rooms_;
  std::vector<std::vector<std::uint32_t>> residents_;
  std::vector<std::vector<SwmModel::Ends>> ends_;  // by component
  std::vector<Field> fields_;
  std::vector<std::int64_t> media_;
  std::vector<std::map<Pair, Active>> active_;  // by link
  std::vector<Change> journal_;                 // of `active_`, since the last commit
  std::vector<std::uint32_t> touched_, saved_;  // workloads changed since then; rows as they were
  double value_ = 0, saved_value_ = 0;
  std::uint32_t unplaced_ = 0;
  Rng* rng_ = nullptr;
};

}  // namespace codecosim
