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

/// An assignment of the workloads of a problem to rows, and its objective value.
struct SwmSolution {
  std::vector<std::uint32_t> rows;  ///< By workload; none: not placed.
  std::vector<Placement::Way> ways;
  double value = 0;  ///< Objective, plus SwmModel::price() for each unplaced workload and each broken constraint.
  std::uint32_t unplaced = 0;
  std::uint32_t broken = 0;  ///< Number of broken constraints.
};

/// A placement problem in the form of SWM's solver [S: its protocol]: the cost of each workload on each allowed row,
/// the cost of channels between two rows, and the constraints on both. Identical workloads form one kind. Paths are
/// computed once, when needed. Must not outlive the problem.
///
/// Constraints, hard: those of Feasible; a fixed workload stays; the latency of a channel's path is within the
/// channel's bound; and each medium has the bandwidth of the ASSURED channels that cross it. As the hub admits
/// channels, a channel between two rows is reserved once, for all replicas that use it; an existing one keeps its
/// reservation, and moving away frees nothing.
class SwmModel {
 public:
  static constexpr std::uint32_t none = PlacementProblem::none;
  static constexpr double out_of_reach = std::numeric_limits<double>::infinity();

  struct Kind {
    std::uint32_t component = 0;  ///< Index, not its number.
    Feasible::Demand demand;
    std::uint32_t current = none;
    bool fixed = false;
    std::vector<double> prices;      ///< By row, without channels.
    std::vector<std::uint8_t> open;  ///< By row: whether it fits there alone.
  };
  /// The free resources of a row for workloads that are not there yet.
  struct Room {
    std::int64_t millicores = 0, bytes = 0, pods = 0;
  };
  /// Replicas of a component on a row.
  struct Ends {
    std::uint32_t row = 0, count = 0;
  };
  /// A channel whose cost depends on the placement.
  struct Link {
    std::uint32_t channel = 0;       ///< Index in the problem.
    std::uint32_t from = 0, to = 0;  ///< Components, by index.
    std::int64_t bits = 0;           ///< Per second, of each medium; zero where it reserves none.
    Seconds max_delay = forever;
    double price = 0;  ///< Price of a second of latency, for one pair of ends.
    double worst = 0;  ///< Highest price for one pair of ends.
  };
  struct Side {
    std::uint32_t link = 0;
    bool outgoing = false;
  };
  /// A path of a link between two rows; `price` is out_of_reach where there is none.
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
  /// Free bandwidth of the media [bit/s].
  const std::vector<std::int64_t>& media() const { return media_; }

  /// The cheapest path of a link between two rows, if it were the only link.
  Way nearest(const Link& link, std::uint32_t from, std::uint32_t to);
  /// All paths of a link between two rows, by rising price, up to the first that is not scarce.
  std::vector<Way> ways(const Link& link, std::uint32_t from, std::uint32_t to);
  const std::vector<std::uint32_t>& media_of(std::uint32_t from, std::uint32_t to, std::uint32_t path) {
    return paths(from, to)[path].media;
  }
  /// Number of pairs of rows whose paths have been computed.
  std::uint64_t asked() const { return paths_.size(); }

  /// The penalty of an unplaced workload: more than any placement of all workloads costs.
  double price() const { return price_; }
  /// Evaluates an assignment to rows, with the cheapest paths for it; `ways` are tried first. Where there are too many
  /// combinations of paths to try all, with good ones.
  SwmSolution evaluate(std::vector<std::uint32_t> rows, const std::vector<Placement::Way>& ways = {});
  /// The assignment in which only fixed workloads are placed.
  std::vector<std::uint32_t> nowhere() const;

 private:
  bool is(std::uint32_t relaxed) const { return (relaxed_ & relaxed) != 0; }
  void number_components();
  void sort_into_kinds();
  void prepare();
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
  std::vector<std::uint32_t> numbers_;  // component numbers, sorted
  std::vector<Kind> kinds_;
  std::vector<std::uint32_t> kind_of_, example_;  // by workload; by kind, a workload
  std::vector<Room> rooms_;
  std::vector<Link> links_;
  std::vector<std::vector<Side>> sides_;
  std::vector<std::vector<Ends>> settled_;
  std::vector<std::vector<bool>> there_;  // by component and row: whether a replica is there at first; empty: nowhere
  std::vector<bool> entry_;               // by component: whether clients are taken to call it
  std::vector<std::int64_t> media_;
  std::vector<bool> scarce_;
  double price_ = 1;
  std::vector<std::vector<std::uint32_t>> known_;  // by row and row: index of its paths, and one
  std::deque<std::vector<PlacementProblem::Path>> paths_;
};

}  // namespace codecosim
