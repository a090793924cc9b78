#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/infrastructure/kubernetes_types.hpp"
#include "models/learner.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/registry.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// A score that an add-on of a cluster publishes (OCM's AddOnPlacementScore), in [-100, 100].
struct AddOnScore {
  std::string addon, name;
  double value = 0;
  Seconds valid_until = forever;
};

/// What is monitored of a cluster or of a node, in CODECO's terms where it has them: what PDLC-CA scores.
struct Monitored {
  Watts node_energy;             ///< Power that its nodes draw.
  Watts net_energy;              ///< Power of what its links carry.
  JoulesPerByte link_energy;     ///< Mean over its links.
  double node_failures = 0;      ///< Of its nodes, each halved every `failure_half_life`.
  double link_failures = 0;      ///< Of its links, likewise.
  double node_degree = 0;        ///< Links that are up.
  BytesPerSecond ebw, ibw;       ///< Bandwidth out and in that was not in use.
  Seconds latency;               ///< Mean over its links, one way.
  Seconds freshness;             ///< Mean age of its copies of data sets; zero where it has none.
  double security = 0;           ///< Its class, from 0 (none) to 1 (high).
  double compliance = 0;         ///< That of its provider, from 0 (low) to 1 (high).
  GramsPerJoule carbon;          ///< Of its provider's electricity.
  EurosPerCoreSecond cpu_price;  ///< Of its provider.
  std::uint32_t zone = 0;        ///< Its provider's number.
};
inline constexpr Seconds failure_half_life{3600};

class Futures;

/// What a placement policy is asked, all of it values as the asker sees them. The same at both levels: the rows are the
/// clusters of the federation, or the nodes of one cluster. Mirrors the solver protocol of CODECO's scheduler (SWM).
struct PlacementProblem {
  enum class Level : std::uint8_t { federation, cluster };

  /// One replica of a component, to be placed. Its hard constraints have already been applied to `allowed`.
  struct Workload {
    std::uint32_t component = 0;  ///< Replicas of one component share this number.
    Cores cpu;                    ///< Request; zero when none was stated.
    Bytes memory;                 ///< Request; zero when none was stated.
    std::uint32_t image = 0;      ///< As in Row::images.
    Bytes image_size;
    const Labels* node_selector = nullptr;  ///< Never null in a problem that is posed.
    const std::vector<Toleration>* tolerations = nullptr;
    std::string node_name;             ///< Kubernetes' nodeName; empty: any.
    std::uint32_t current = none;      ///< Row it is on now.
    bool fixed = false;                ///< It stays where it is.
    Bytes state;                       ///< What moves with it.
    std::vector<std::uint32_t> reads;  ///< Data sets that must be copied to where it runs, if they are not there.
    std::vector<bool> allowed;         ///< By row; empty: all rows are allowed.
  };
  /// A directed connection between two components that are placed together.
  struct Channel {
    std::uint32_t from = 0, to = 0;  ///< Component numbers.
    bool assured = false;
    BytesPerSecond bandwidth;
    Seconds max_delay = forever;
  };
  /// What several paths share: one direction of a link.
  struct Medium {
    BytesPerSecond free;  ///< Of what it may promise to ASSURED channels, the part that is not promised yet.
  };
  /// One way from a row to another.
  struct Path {
    Seconds latency;                   ///< Propagation, as known.
    std::vector<std::uint32_t> media;  ///< That it crosses, in order: indices into `media`.
  };
  /// A target: a cluster or a node.
  struct Row {
    std::uint32_t id = 0;  ///< Index of the cluster in the federation, or of the node in the federation.
    std::string name;
    Cores cpu, cpu_free;  ///< Allocatable, and what is not requested by pods yet.
    Bytes memory, memory_free;
    Cores largest_cpu_free;     ///< The most that any single node still has, each by itself: a pod that asks
    Bytes largest_memory_free;  ///< for more fits nowhere. As cpu_free and memory_free where the row is a node.
    std::uint32_t pods = 0, max_pods = 110;
    std::uint32_t nodes = 1;
    const Labels* labels = nullptr;  ///< Never null in a problem that is posed.
    const std::vector<Taint>* taints = nullptr;
    std::vector<std::uint32_t> images;      ///< Sorted; what needs no pull.
    std::vector<std::uint32_t> components;  ///< Components of this application with a replica here, one entry a
                                            ///< replica; workloads of this problem that are here now are among them.
    std::uint32_t decisions = 0;     ///< Of other applications that chose it: what OCM's Balance counts. Clusters only.
    std::vector<AddOnScore> scores;  ///< Clusters only.
    std::vector<std::uint32_t> data;    ///< Data sets of which a copy is here, sorted. Clusters only.
    Cores cpu_busy;                     ///< As last measured.
    std::optional<Cores> cpu_expected;  ///< As forecast, where something forecasts it.
    Seconds client_latency;             ///< One way, mean over the clients of this application.
    Monitored monitored;
    Seconds age;  ///< How old what this row says is.
  };

  static constexpr std::uint32_t none = 0xffffffff;
  Level level = Level::cluster;
  Seconds now;
  std::uint64_t number = 0;  ///< Of the question, in this run.
  std::string application;
  std::string profile;  ///< CODECO's performance profile that the application asks for, or nothing.
  std::vector<Workload> workloads;
  std::vector<Channel> channels;
  std::vector<Row> rows;
  std::vector<Medium> media;
  /// The loop-free ways between two rows, by rising latency; within a row one without latency and media; none: they
  /// cannot reach each other. Asked for as needed, while the question is open, since there are as many as pairs. Empty:
  /// the network is no matter.
  std::function<std::vector<Path>(std::uint32_t from, std::uint32_t to)> paths;
  std::vector<double> row_costs;           ///< By row, in [0, 1], or empty. Lower is better: PDLC-CA.
  std::vector<std::vector<double>> costs;  ///< [workload][row], or empty. Lower is better.
  std::vector<std::vector<double>>
      recommendations;            ///< [workload][row], in [0, 1], or empty. Higher is better: PDLC-DL.
  std::vector<Bytes> data_sizes;  ///< By data set.
  Seconds time_limit = forever;   ///< Of real time, for policies that improve what they have.
  Futures* futures = nullptr;     ///< Where alternatives may be played; null: nowhere.
};

/// What a placement policy answers.
struct Placement {
  struct Assignment {
    std::uint32_t workload = 0;                     ///< Index in the problem.
    std::uint32_t target = PlacementProblem::none;  ///< Row index; none: nothing feasible, see `reasons`.
    std::uint32_t old_target = PlacementProblem::none;
    bool indifferent = false;  ///< Several rows fit, and all are alike to the policy by its own measure.
  };
  /// Which of the paths between its ends a channel is to take.
  struct Way {
    std::uint32_t channel = 0;       ///< Index in the problem.
    std::uint32_t from = 0, to = 0;  ///< Rows.
    std::uint32_t path = 0;          ///< Of those that the problem has between them.
  };
  std::vector<Assignment> assignments;
  std::vector<Way> ways;             ///< Empty: as the network sees fit.
  std::vector<std::string> reasons;  ///< Why what was not placed was not: Kubernetes' wording where it has one.
};

/// What came of a decision: what was measured of its application since. The end of a run cuts it off: then none comes.
struct Feedback {
  std::uint64_t number = 0;        ///< Of the question.
  Seconds span;                    ///< Since it was asked.
  std::uint64_t answers = 0;       ///< Requests of which it has become known meanwhile whether they are in time.
  std::uint64_t misses = 0;        ///< Of those, late or lost.
  std::optional<Seconds> latency;  ///< Mean of those that were answered; none where none was.
  double ready = 0;                ///< Share of its workloads that are ready now, wherever they are.
};

/// Decides where the workloads of an application go. Values in, values out: it keeps no pointer into the problem, and
/// never logs, prints or measures. It may keep state of its own. Assignments are obeyed only if they make sense; else
/// they are refused and counted.
class PlacementPolicy : public Named {
 public:
  virtual ~PlacementPolicy() = default;
  virtual Placement place(const PlacementProblem& problem, Rng& rng) = 0;
  /// How long after a decision it wants to learn what came of it; never by default.
  virtual Seconds patience() const { return forever; }
  virtual void learn(const Feedback&) {}
  /// Whether it gives a workload one of the rows that fit with the least client_latency, so that farther ones may be
  /// left out of what it is asked.
  virtual bool takes_nearest() const { return false; }
  /// Whether rows say how things are, and not what is known of them: for bounds that no real policy can reach.
  virtual bool omniscient() const { return false; }
};

/// The same world, played several times from here on: each alternative in a copy of its own, with the same random
/// happenings to come.
class Futures {
 public:
  struct Answer {
    std::optional<std::uint32_t> here;          ///< This is such a copy: answer with this alternative.
    std::vector<std::optional<double>> values;  ///< Else: what each led to, lower is better; none where a copy failed.
  };
  virtual ~Futures() = default;
  /// Plays this many alternatives, each until `horizon` has passed. To be called where the answer is about to be given.
  virtual Answer play(std::uint32_t alternatives, Seconds horizon) = 0;
};

/// How a cost in [0, 1] (beyond it: its nearest end) reads as the value of an AddOnScore: a whole number from 100, the
/// best, to -100. Whether CODECO hands its costs to Open Cluster Management this way is not known; the interface is
/// made for it.
inline double addon_score(double cost) { return std::round(100 - 200 * std::clamp(cost, 0.0, 1.0)); }

/// PDLC-CA: what each candidate would cost, by a performance profile. Values in, values out.
class CostPolicy : public Named {
 public:
  virtual ~CostPolicy() = default;
  /// By row, in [0, 1]; lower is better.
  virtual std::vector<double> costs(const PlacementProblem& problem) = 0;
};

/// What CODECO's scheduler minimises, and the least that can be had of it: by which decisions are judged.
class Yardstick : public Named {
 public:
  virtual ~Yardstick() = default;
  /// The objective of giving each workload this row; lower is better. What is not placed, or breaks a constraint, costs
  /// more than any placement.
  virtual double value(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) = 0;
  /// The best rows, found in the problem's time limit.
  virtual std::vector<std::uint32_t> best(const PlacementProblem& problem) = 0;
};

/// What a partition policy is asked: which of these clusters form the neighbourhood of an application, the group that
/// shares state and takes part in decisions about it. All of it values as the asker sees them.
struct PartitionProblem {
  struct Row {
    std::uint32_t id = 0;  ///< Index of the cluster in the federation.
    std::uint32_t provider = 0;
    double x = 0, y = 0,
           z = 0;  ///< Position [m], in three dimensions, so that distance is a straight line on the Earth too.
    Cores cpu, cpu_free;
    Bytes memory, memory_free;
    Seconds client_latency;  ///< One way, mean over the clients of this application.
    Seconds age;             ///< How old what this row says is.
  };
  std::string application;
  std::vector<Row> rows;  ///< Clusters that the application's rules allow, by rising id; at least one.
};

/// A neighbourhood: row indices, rising, and who speaks for it (one of them).
struct Neighbourhood {
  std::vector<std::uint32_t> members;
  std::uint32_t coordinator = 0;
};

/// Decides which clusters form the neighbourhood of an application. CODECO's papers name the mechanism and not its
/// rule, so it is a seam. Values in, values out, as with PlacementPolicy.
class PartitionPolicy : public Named {
 public:
  virtual ~PartitionPolicy() = default;
  virtual Neighbourhood form(const PartitionProblem& problem, Rng& rng) = 0;
};

/// What a migration policy is asked: whether replicas of an application had better run elsewhere. All of it values as
/// the asker sees them.
struct MigrationProblem {
  enum class Trigger : std::uint8_t {
    location,  ///< A client of it is reached through another cluster than before.
    period,    ///< Time has passed.
    drain      ///< A node on which it runs is to go.
  };
  struct Replica {
    std::uint32_t component = 0;
    std::uint32_t row = 0;      ///< Where it runs.
    Bytes state;                ///< What would move with it.
    bool movable = true;        ///< Not while it is moving, or is not ready.
    bool draining = false;      ///< Its node is to go.
    std::vector<bool> allowed;  ///< By row: what rules, room and pins leave.
  };
  struct Row {
    std::uint32_t id = 0;      ///< Index of the cluster in the federation.
    Seconds client_latency;    ///< One way, mean over the clients of this application, where they are known to be.
    Seconds expected_latency;  ///< The same for where they are expected to be after `horizon`.
  };
  Trigger trigger = Trigger::period;
  Seconds now, horizon;
  std::string application;
  std::uint32_t answers = 0,
                misses = 0;  ///< Requests that ended since it was last asked, and those of them not in time.
  std::vector<Replica> replicas;
  std::vector<Row> rows;  ///< By rising id.
  /// The same as a question of placement: its workloads are the replicas, those that cannot move being fixed, and its
  /// rows these.
  PlacementProblem placement;
};

struct MigrationMove {
  std::uint32_t replica = 0;  ///< Index in the problem.
  std::uint32_t row = 0;      ///< Where it shall run.
};

/// Decides when which replica moves, and where to. Values in, values out, as with PlacementPolicy. Moves that make no
/// sense are refused and counted.
class MigrationPolicy : public Named {
 public:
  virtual ~MigrationPolicy() = default;
  virtual std::vector<MigrationMove> moves(const MigrationProblem& problem, Rng& rng) = 0;
  /// How far ahead it wants to know where clients are expected.
  virtual Seconds horizon() const { return Seconds(0); }
  /// How often it is asked without a cause; never by default.
  virtual Seconds period() const { return forever; }
  /// By how much a cluster must at least be nearer to the clients, one way, for a replica to move there, where it moves
  /// replicas only to the nearest that are allowed; none: it moves them otherwise, too. It is not asked where nothing
  /// can be so much nearer, and what is farther than the nearest that is allowed may be left out.
  virtual std::optional<Seconds> least_gain() const { return std::nullopt; }
  /// Whether it is asked regularly about applications none of whose clients move, too.
  virtual bool looks_after_all() const { return false; }
};

/// Who can decide, by seam.
struct Policies {
  Registry<PlacementPolicy> placement;
  Registry<PartitionPolicy> partition;
  Registry<MigrationPolicy> migration;
  Registry<CostPolicy> cost;
  Registry<Recommender> recommender;
  Registry<Forecaster> forecaster;
  std::function<std::unique_ptr<Yardstick>()> yardstick;
};

}  // namespace codecosim
