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
#include "sim/base/words.hpp"

namespace codecosim {

/// A score that an add-on of a cluster publishes (OCM's AddOnPlacementScore), in [-100, 100].
struct AddOnScore {
  std::string addon, name;
  double value = 0;
  Seconds valid_until = forever;
};

/// The monitored values of a cluster or of a node, in CODECO's terms where it has them. PDLC-CA scores them.
struct Monitored {
  Watts node_energy;             ///< Power that its nodes draw.
  Watts net_energy;              ///< Power of the traffic on its links.
  JoulesPerByte link_energy;     ///< Mean over its links.
  double node_failures = 0;      ///< Failures of its nodes, each halved every `failure_half_life`.
  double link_failures = 0;      ///< Failures of its links, each halved every `failure_half_life`.
  double node_degree = 0;        ///< Number of its links that are up.
  BytesPerSecond ebw, ibw;       ///< Unused bandwidth, out and in.
  Seconds latency;               ///< Mean over its links, one way.
  Seconds freshness;             ///< Mean age of its copies of data sets; zero where it has none.
  double security = 0;           ///< Its class, from 0 (none) to 1 (high).
  double compliance = 0;         ///< Class of its provider, from 0 (low) to 1 (high).
  GramsPerJoule carbon;          ///< Carbon intensity of its provider's electricity.
  EurosPerCoreSecond cpu_price;  ///< CPU price of its provider.
  std::uint32_t zone = 0;        ///< Its provider's number.
};
inline constexpr Seconds failure_half_life{3600};

class Futures;

/// The question that a placement policy is asked. All of it is values as the asker sees them. It is the same at both
/// levels: the rows are the clusters of the federation, or the nodes of one cluster. It mirrors the solver protocol of
/// CODECO's scheduler (SWM).
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
    std::uint32_t current = none;      ///< Row on which it is now.
    bool fixed = false;                ///< Whether it must stay on its row.
    Bytes state;                       ///< Size of the state that moves with it.
    std::vector<std::uint32_t> reads;  ///< Data sets that must be copied to its row, if they are not there.
    std::vector<bool> allowed;         ///< Whether each row is allowed; empty: all are.
  };
  /// A directed connection between two components that are placed together.
  struct Channel {
    std::uint32_t from = 0, to = 0;  ///< Component numbers.
    bool assured = false;
    BytesPerSecond bandwidth;
    Seconds max_delay = forever;
  };
  /// One direction of a link, which several paths may share.
  struct Medium {
    BytesPerSecond free;  ///< Bandwidth for ASSURED channels that is not reserved yet.
  };
  /// One path from a row to another.
  struct Path {
    Seconds latency;                   ///< Propagation, as known.
    std::vector<std::uint32_t> media;  ///< Media that it crosses, in order: indices into `media`.
  };
  /// A target: a cluster or a node.
  struct Row {
    std::uint32_t id = 0;  ///< Index of the cluster in the federation, or of the node in the federation.
    std::string name;
    Cores cpu, cpu_free;  ///< Allocatable, and the part that pods do not request yet.
    Bytes memory, memory_free;
    Cores largest_cpu_free;     ///< The most that any single node still has, each by itself: a pod that asks
    Bytes largest_memory_free;  ///< for more fits nowhere. As cpu_free and memory_free where the row is a node.
    std::uint32_t pods = 0, max_pods = 110;
    std::uint32_t nodes = 1;
    const Labels* labels = nullptr;  ///< Never null in a problem that is posed.
    const std::vector<Taint>* taints = nullptr;
    std::vector<std::uint32_t> images;      ///< Images that need no pull, sorted.
    std::vector<std::uint32_t> components;  ///< Components of this application with a replica here, one entry a
                                            ///< replica; workloads of this problem that are here now are among them.
    std::uint32_t decisions = 0;      ///< Other applications' decisions for it, as OCM's Balance counts. Clusters only.
    std::vector<AddOnScore> scores;   ///< Clusters only.
    std::vector<std::uint32_t> data;  ///< Data sets of which a copy is here, sorted. Clusters only.
    Cores cpu_busy;                   ///< Busy cores, as last measured.
    std::optional<Cores> cpu_expected;  ///< Busy cores, as forecast, where there is a forecast.
    Seconds client_latency;             ///< One way, mean over the clients of this application.
    Monitored monitored;
    Seconds age;  ///< Age of the information in this row.
  };

  static constexpr std::uint32_t none = 0xffffffff;
  Level level = Level::cluster;
  Seconds now;
  std::uint64_t number = 0;  ///< Number of the question in this run.
  std::string application;
  std::string profile;  ///< CODECO's performance profile that the application asks for, or nothing.
  std::vector<Workload> workloads;
  std::vector<Channel> channels;
  std::vector<Row> rows;
  std::vector<Medium> media;
  /// The loop-free paths between two rows, by rising latency; within a row, one path without latency and media; none:
  /// they cannot reach each other. A policy calls it as needed, while the question is open, since there are as many
  /// results as pairs. An empty function: the network does not matter.
  std::function<std::vector<Path>(std::uint32_t from, std::uint32_t to)> paths;
  std::vector<double> row_costs;           ///< Cost of each row by PDLC-CA, in [0, 1], or empty. Lower is better.
  std::vector<std::vector<double>> costs;  ///< Costs [workload][row], or empty. Lower is better.
  std::vector<std::vector<double>>
      recommendations;            ///< By PDLC-DL: [workload][row], in [0, 1], or empty. Higher is better.
  std::vector<Bytes> data_sizes;  ///< Size of each data set.
  Seconds time_limit = forever;   ///< Real time, for policies that improve an answer iteratively.
  Futures* futures = nullptr;     ///< For simulating alternatives; null: not available.
};

template <>
inline constexpr auto words_of<PlacementProblem::Level> = std::to_array<std::string_view>({"federation", "cluster"});

/// The answer of a placement policy.
struct Placement {
  struct Assignment {
    std::uint32_t workload = 0;                     ///< Index in the problem.
    std::uint32_t target = PlacementProblem::none;  ///< Row index; none: nothing feasible, see `reasons`.
    std::uint32_t old_target = PlacementProblem::none;
    bool indifferent = false;  ///< Whether several rows fit, all equal by the policy's own measure.
  };
  /// The choice of a path for a channel.
  struct Way {
    std::uint32_t channel = 0;       ///< Index in the problem.
    std::uint32_t from = 0, to = 0;  ///< Rows.
    std::uint32_t path = 0;          ///< Index among the paths of the problem between these rows.
  };
  std::vector<Assignment> assignments;
  std::vector<Way> ways;             ///< Empty: the network chooses the paths.
  std::vector<std::string> reasons;  ///< Why workloads were not placed, in Kubernetes' wording where it has one.
};

/// Feedback on a decision: measurements of its application since. There is none for a decision whose time is not over
/// at the end of a run.
struct Feedback {
  std::uint64_t number = 0;        ///< Number of the question.
  Seconds span;                    ///< Time since the question was asked.
  std::uint64_t answers = 0;       ///< Requests that in this time ended or passed their deadline.
  std::uint64_t misses = 0;        ///< Of these, late or lost.
  std::optional<Seconds> latency;  ///< Mean over the answered requests; none where there are none.
  double ready = 0;                ///< Share of its workloads that are ready now, on any row.
};

/// Decides the targets of the workloads of an application. Values in, values out: it keeps no pointer into the problem,
/// and never logs, prints or measures. It may keep state of its own. Only valid assignments are carried out; others are
/// refused and counted.
class PlacementPolicy : public Named {
 public:
  virtual ~PlacementPolicy() = default;
  virtual Placement place(const PlacementProblem& problem, Rng& rng) = 0;
  /// The time after a decision at which it gets feedback; never by default.
  virtual Seconds patience() const { return forever; }
  virtual void learn(const Feedback&) {}
  /// Whether it gives a workload one of the feasible rows with the least client_latency, so that farther rows may be
  /// left out of its problem.
  virtual bool takes_nearest() const { return false; }
  /// Whether rows have the true state instead of what is known, for bounds that no real policy can reach.
  virtual bool omniscient() const { return false; }
};

/// Simulations of the same world from here on, one for each alternative, in a copy of its own, with the same future
/// random draws.
class Futures {
 public:
  struct Answer {
    std::optional<std::uint32_t> here;          ///< In a copy: the alternative with which to answer.
    std::vector<std::optional<double>> values;  ///< Else: each one's cost, lower is better; none where a copy failed.
  };
  virtual ~Futures() = default;
  /// Simulates this many alternatives, each until `horizon` has passed. It must be called immediately before the answer
  /// is given.
  virtual Answer play(std::uint32_t alternatives, Seconds horizon) = 0;
};

/// The value of an AddOnScore for a cost in [0, 1] (clamped to it): a whole number from 100, the best, to -100. It is
/// not known whether CODECO gives its costs to Open Cluster Management in this form; the interface is made for it.
inline double addon_score(double cost) { return std::round(100 - 200 * std::clamp(cost, 0.0, 1.0)); }

/// PDLC-CA: the cost of each candidate, by a performance profile. Values in, values out.
class CostPolicy : public Named {
 public:
  virtual ~CostPolicy() = default;
  /// The cost of each row, in [0, 1]; lower is better.
  virtual std::vector<double> costs(const PlacementProblem& problem) = 0;
};

/// The objective that CODECO's scheduler minimises, and its minimum, by which decisions are judged.
class Yardstick : public Named {
 public:
  virtual ~Yardstick() = default;
  /// The objective of giving each workload this row; lower is better. A workload that is not placed, or breaks a
  /// constraint, costs more than any placement.
  virtual double value(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) = 0;
  /// The best rows found within the problem's time limit.
  virtual std::vector<std::uint32_t> best(const PlacementProblem& problem) = 0;
};

/// The question that a partition policy is asked: which of these clusters form the neighbourhood of an application, the
/// group that shares state and takes part in decisions about it. All of it is values as the asker sees them.
struct PartitionProblem {
  struct Row {
    std::uint32_t id = 0;  ///< Index of the cluster in the federation.
    std::uint32_t provider = 0;
    double x = 0, y = 0,
           z = 0;  ///< Position [m], in three dimensions, so that distance is a straight line on the Earth too.
    Cores cpu, cpu_free;
    Bytes memory, memory_free;
    Seconds client_latency;  ///< One way, mean over the clients of this application.
    Seconds age;             ///< Age of the information in this row.
  };
  std::string application;
  std::vector<Row> rows;  ///< Clusters that the application's rules allow, by rising id; at least one.
};

/// A neighbourhood: row indices, rising, and its coordinator (one of them).
struct Neighbourhood {
  std::vector<std::uint32_t> members;
  std::uint32_t coordinator = 0;
};

/// Decides which clusters form the neighbourhood of an application. CODECO's papers name the mechanism and not its
/// rule, so it is a plug-in interface. Values in, values out, as with PlacementPolicy.
class PartitionPolicy : public Named {
 public:
  virtual ~PartitionPolicy() = default;
  /// The number of clusters to which it looks, where these are the nearest to the clients, by latency and then by
  /// distance. Clusters that are farther need not be offered then.
  virtual std::optional<std::uint32_t> takes_nearest() const { return std::nullopt; }
  virtual Neighbourhood form(const PartitionProblem& problem, Rng& rng) = 0;
};

/// The question that a migration policy is asked: whether replicas of an application should move to other clusters. All
/// of it is values as the asker sees them.
struct MigrationProblem {
  enum class Trigger : std::uint8_t {
    location,  ///< A client of it is reached through another cluster than before.
    period,    ///< The policy's period has passed.
    drain      ///< A node on which it runs is to go.
  };
  struct Replica {
    std::uint32_t component = 0;
    std::uint32_t row = 0;      ///< Row on which it runs.
    Bytes state;                ///< Size of the state that would move with it.
    bool movable = true;        ///< False while it is moving, or is not ready.
    bool draining = false;      ///< Its node is to go.
    std::vector<bool> allowed;  ///< Whether rules, room and pins allow each row.
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
                misses = 0;  ///< Requests that ended since the policy was last asked, and those of them not in time.
  std::vector<Replica> replicas;
  std::vector<Row> rows;  ///< By rising id.
  /// The same as a placement problem: its workloads are the replicas, of which those that cannot move are fixed, and
  /// its rows are these.
  PlacementProblem placement;
};

struct MigrationMove {
  std::uint32_t replica = 0;  ///< Index in the problem.
  std::uint32_t row = 0;      ///< Row on which it shall run.
};

/// Decides which replicas move, when, and to which row. Values in, values out, as with PlacementPolicy. Invalid moves
/// are refused and counted.
class MigrationPolicy : public Named {
 public:
  virtual ~MigrationPolicy() = default;
  virtual std::vector<MigrationMove> moves(const MigrationProblem& problem, Rng& rng) = 0;
  /// The time ahead for which it gets the expected locations of clients.
  virtual Seconds horizon() const { return Seconds(0); }
  /// The period at which it is asked without another trigger; never by default.
  virtual Seconds period() const { return forever; }
  /// The least reduction of the one-way latency to the clients for which it moves a replica, if it moves replicas only
  /// to the nearest allowed clusters; none: it moves them otherwise, too. It is not asked where no cluster can be so
  /// much nearer, and clusters farther than the nearest allowed one may be left out.
  virtual std::optional<Seconds> least_gain() const { return std::nullopt; }
  /// Whether it is also asked regularly about applications without moving clients.
  virtual bool looks_after_all() const { return false; }
};

/// The question to which endpoint of a Service a request or a call goes, as the proxy sees it by which it leaves its
/// caller. Endpoints are numbered from 0: first those that take requests, then those that are unhealthy, each by rising
/// identity. A policy asks for what it needs, while the question is open.
class RoutingProblem {
 public:
  virtual ~RoutingProblem() = default;
  /// The number of endpoints that take requests, at least one.
  virtual std::uint32_t size() const = 0;
  /// The number of these and of those that have been ready, are so no longer, and whose pods still exist.
  virtual std::uint32_t known() const = 0;
  /// Of those that take requests, the one that follows the one which this proxy chose last; the first after the last.
  virtual std::uint32_t next() const = 0;
  /// The identity of an endpoint, which no other ever has.
  virtual std::uint32_t id(std::uint32_t endpoint) const = 0;
  /// The name of the cluster in which an endpoint is.
  virtual std::string cluster(std::uint32_t endpoint) const = 0;
  /// One-way latency between the gateways of the caller's cluster and of the endpoint's.
  virtual Seconds latency(std::uint32_t endpoint) const = 0;
  /// 0: in the cluster of the caller; 1: in another one of the same provider; 2: elsewhere.
  virtual std::uint32_t locality(std::uint32_t endpoint) const = 0;
  static constexpr std::uint32_t localities = 3;
  /// The number of requests that are at an endpoint, from whatever callers: the truth, which only an omniscient policy
  /// may ask for.
  virtual std::uint32_t load(std::uint32_t endpoint) const = 0;
  /// A number of the caller's own: the same for all its requests.
  virtual std::uint64_t caller() const = 0;
  /// A random stream of this request and Service.
  virtual Rng rng() const = 0;
  virtual Seconds now() const = 0;
};

/// Any endpoint, each with the same chance, as kube-proxy's rules for iptables and nftables draw.
inline std::uint32_t any_endpoint(const RoutingProblem& problem) {
  return problem.size() > 1 ? static_cast<std::uint32_t>(problem.rng().below(problem.size())) : 0;
}

/// Decides to which endpoint of a Service each request goes. A proxy has an object of its own where the policy observes
/// the requests; else one object may serve many proxies.
class RoutingPolicy : public Named {
 public:
  virtual ~RoutingPolicy() = default;
  /// An endpoint of the problem, unhealthy or not.
  virtual std::uint32_t choose(const RoutingProblem&) = 0;
  /// Whether it is told how the requests end that it has routed.
  virtual bool observes() const { return false; }
  /// A request that went to this endpoint has ended at its caller, so long after it was routed. An endpoint is told of
  /// as often as it was chosen.
  virtual void ended(std::uint32_t id, Seconds latency, bool answered, Seconds now) {
    (void)id, (void)latency, (void)answered, (void)now;
  }
  /// Whether there is one proxy for all callers, as a load balancer in front of the Service; else there is one for the
  /// callers of each cluster.
  virtual bool in_front() const { return false; }
  /// Whether it asks for the truth, which no proxy knows.
  virtual bool omniscient() const { return false; }
};

/// The available policies, by plug-in interface.
struct Policies {
  Registry<PlacementPolicy> placement;
  Registry<PartitionPolicy> partition;
  Registry<MigrationPolicy> migration;
  Registry<RoutingPolicy> routing;
  Registry<CostPolicy> cost;
  Registry<Recommender> recommender;
  Registry<Forecaster> forecaster;
  std::function<std::unique_ptr<Yardstick>()> yardstick;
};

}  // namespace codecosim
