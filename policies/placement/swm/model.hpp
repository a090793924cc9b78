#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "models/policy.hpp"
#include "policies/placement/feasible.hpp"
#include "policies/placement/swm/objective.hpp"

namespace codecosim {

/// Kinds of constraints, as bits.
namespace constraint {
inline constexpr std::uint32_t labels = 1, cpu = 2, memory = 4, pods = 8, delay = 16, bandwidth = 32, fixed = 64;
}

/// Rows for the workloads of a problem, and what they cost.
struct SwmSolution {
  std::vector<std::uint32_t> rows;  ///< By workload; none: not placed.
  std::vector<Placement::Way> ways;
  double value =
      0;  ///< Of the objective; each workload that is not placed and each broken constraint at SwmModel::price().
  std::uint32_t unplaced = 0;
  std::uint32_t broken = 0;  ///< Constraints.
};

/// A placement problem as SWM's solver has it [S: its protocol]: what each workload costs where it may be, what
/// channels cost between two rows, and what limits both. Workloads that cannot be told apart are of one kind. Paths are
/// asked for once, as needed. Lives no longer than the problem.
///
/// Constraints, hard: those of Feasible; a fixed workload stays; the latency of a channel's path is within the
/// channel's bound; and the ASSURED channels that cross a medium find there what they ask for. As the hub admits
/// channels, one between two rows is there once, however many replicas use it; one that is there already keeps what it
/// has, and moving away frees nothing.
class SwmModel {
 public:
  static constexpr std::uint32_t none = PlacementProblem::none;
  static constexpr double out_of_reach = std::numeric_limits<double>::infinity();

  struct Kind {
    std::uint32_t component = 0;  ///< Index, not its number.
    Feasible::Demand demand;
    std::uint32_t current = none;
    bool fixed = false;
    std::vector<double> prices;      ///< By row, channels left out.
    std::vector<std::uint8_t> open;  ///< By row: whether it may be there, all others left out.
  };
  /// What a row has left for workloads that are not there yet.
  struct Room {
    std::int64_t millicores = 0, bytes = 0, pods = 0;
  };
  /// Replicas of a component on a row.
  struct Ends {
    std::uint32_t row = 0, count = 0;
  };
  /// A channel that the problem has a say in.
  struct Link {
    std::uint32_t channel = 0;       ///< Index in the problem.
    std::uint32_t from = 0, to = 0;  ///< Components, by index.
    std::int64_t bits = 0;           ///< A second, of each medium; zero where it takes none or where there is enough.
    Seconds max_delay = forever;
    double price = 0;  ///< Of a second, for one pair of ends.
    double worst = 0;  ///< Price for one pair of ends at most.
  };
  struct Side {
    std::uint32_t link = 0;
    bool outgoing = false;
  };
  /// A path that a link may take between two rows; without a price where there is none.
  struct Way {
    std::uint32_t path = 0;
    double price = out_of_reach;
    bool scarce = false;  ///< It crosses a medium that may not have enough for all.
  };

  SwmModel(const PlacementProblem& problem, const Objective& objective, std::uint32_t relaxed = 0);

  std::uint32_t workloads() const { return static_cast<std::uint32_t>(kind_of_.size()); }
  std::uint32_t rows() const { return static_cast<std::uint32_t>(rooms_.size()); }
  std::uint32_t components() const { return static_cast<std::uint32_t>(sides_.size()); }
  const std::vector<Kind>& kinds() const { return kinds_; }
  std::uint32_t kind_of(std::uint32_t workload) const { return kind_of_[workload]; }
  const Kind& kind(std::uint32_t workload) const { return kinds_[kind_of_[workload]]; }
  const std::vector<Room>& rooms() const { return rooms_; }
  const std::vector<Link>& links() const { return links_; }
  const std::vector<Side>& sides(std::uint32_t component) const { return sides_[component]; }
  /// Replicas that stay where they are: peers that run, and fixed workloads.
  const std::vector<Ends>& settled(std::uint32_t component) const { return settled_[component]; }
  /// What the media have for links, in bits a second.
  const std::vector<std::int64_t>& media() const { return media_; }

  /// The cheapest way of a link between two rows, all others left out.
  Way nearest(const Link& link, std::uint32_t from, std::uint32_t to);
  /// All its ways, by rising price, up to the first that is not scarce.
  std::vector<Way> ways(const Link& link, std::uint32_t from, std::uint32_t to);
  const std::vector<std::uint32_t>& media_of(std::uint32_t from, std::uint32_t to, std::uint32_t path) {
    return paths(from, to)[path].media;
  }
  /// How many pairs of rows have been asked for.
  std::uint64_t asked() const { return paths_.size(); }

  /// More than any placement of all workloads costs.
  double price() const { return price_; }
  /// What it costs to have the workloads on these rows, with the best paths for it; `ways` are tried first. Where there
  /// are too many choices of paths to try all, good ones.
  SwmSolution evaluate(std::vector<std::uint32_t> rows, const std::vector<Placement::Way>& ways = {});
  /// That nothing is placed, but what is fixed.
  std::vector<std::uint32_t> nowhere() const;

 private:
  bool is(std::uint32_t relaxed) const { return (relaxed_ & relaxed) != 0; }
  void number_components();
  void sort_into_kinds();
  void settle();
  void make_rooms();
  void open_rows(std::uint32_t kind);
  void connect();
  void find_scarce_media();
  double price_of(std::uint32_t workload, std::uint32_t row) const;
  std::uint32_t component(std::uint32_t number) const;
  bool holds(const Link& link, std::uint32_t from, std::uint32_t to) const;
  const std::vector<PlacementProblem::Path>& paths(std::uint32_t from, std::uint32_t to);
  std::uint32_t misplaced(const std::vector<std::uint32_t>& rows) const;

  static constexpr std::uint32_t unknown = 0;

  const PlacementProblem& problem_;
  Objective objective_;
  std::uint32_t relaxed_;
  Feasible feasible_;
  std::vector<std::uint32_t> numbers_;  // of components, sorted
  std::vector<Kind> kinds_;
  std::vector<std::uint32_t> kind_of_, example_;  // by workload; by kind, a workload
  std::vector<Room> rooms_;
  std::vector<Link> links_;
  std::vector<std::vector<Side>> sides_;
  std::vector<std::vector<Ends>> settled_;
  std::vector<std::vector<bool>> there_;  // by component and row, before; empty: nowhere
  std::vector<bool> entry_;               // by component: whether clients are taken to call it
  std::vector<std::int64_t> media_;
  std::vector<bool> scarce_;
  double price_ = 1;
  std::vector<std::vector<std::uint32_t>> known_;  // by row and row: index of its paths, and one
  std::deque<std::vector<PlacementProblem::Path>> paths_;
};

}  // namespace codecosim
