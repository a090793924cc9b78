#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/learner.hpp"
#include "models/orchestration/learning/averaging.hpp"
#include "models/orchestration/wire.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/words.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The training of learners of one kind, and the exchange of their parameters. CODECO publishes neither rule nor period
/// [I].
struct ExchangeSpec {
  enum class Rule : std::uint8_t { none, fedavg, hierarchical, gossip };
  Rule rule = Rule::none;
  Seconds round{300};  ///< From the start of one round to the next: CODECO's series of five minutes.
  Seconds deadline;    ///< Time after which an aggregator waits no longer; zero: half the round, shared by all levels.
  double quorum = 1;   ///< Share of its members for which an aggregator waits.
  bool asynchronous = false;     ///< Whether every learner has a clock of its own, and none waits for others.
  double mixing = 0.6;           ///< Weight of a fresh update in an asynchronous average.
  std::uint32_t neighbours = 2;  ///< Neighbours on a ring, where a learner knows none.
  double clip = 0, noise = 0;    ///< Largest L2 norm of a change (zero: any), and deviation of the noise divided by it.
  double operations_per_core_second = 1e9;
  Cores cores{1};    ///< Cores that a learner may use, and its weight under contention.
  Bytes large{1e6};  ///< Models of more bytes go as bulk transfers.
  /// The fields for every rule.
  template <class V>
  void fields(V&& v) {
    v("round", round, "Between the starts of two trainings.", positive);
    v("operations_per_core_second", operations_per_core_second,
      "Floating-point operations of training that a reference core does in a second. [I: small models, a few percent "
      "of what its vector units could]",
      positive);
    v("cores", cores, "That a learner may use, and its weight where they are scarce; one thread.", Bounds{0, 1, true});
    v("large", large, "Models of more bytes go as bulk transfers, others as messages.", not_negative);
  }
  /// The fields of its rule.
  template <class V>
  void rule_fields(V&& v) {
    if (rule == Rule::fedavg || rule == Rule::hierarchical)
      v("quorum", quorum, "Share of those below it that an aggregator waits for.", Bounds{0, 1, true});
    if (rule == Rule::fedavg)
      v("deadline", deadline, "After which it waits no longer, from the start of the round; 0 s: half the round.",
        not_negative);
    if (rule == Rule::hierarchical)
      v("deadline", deadline,
        "After which a provider's waits no longer, from the start of the round, and the hub after twice that; 0 s: a "
        "quarter of the round.",
        not_negative);
    if (rule == Rule::gossip)
      v("neighbours", neighbours,
        "Of a learner on the ring of all clusters, where no partition policy says which; half of them on each side.",
        between(1, 65535));
    if (rule == Rule::fedavg || rule == Rule::gossip)
      v("asynchronous", asynchronous,
        "Whether every learner has a clock of its own, that ticks after exponential times with the mean `round`, and "
        "nobody waits for others.");
    if (rule == Rule::fedavg)
      v("mixing", mixing,
        "Asynchronous: weight of an update, divided by 1 + how many averages have been formed since the one from which "
        "it started.",
        Bounds{0, 1, true});
  }
};
template <>
inline constexpr auto words_of<ExchangeSpec::Rule> =
    std::to_array<std::string_view>({"none", "fedavg", "hierarchical", "gossip"});

/// Learners of one kind, one a cluster, that train where their data arises and exchange their parameters.
///
/// Claim: at the start of a round each learner trains on the first node of its cluster that is up, as a pod of one
/// thread that competes with all others there. The new parameters are valid from the end of the training. When the node
/// goes down before, or no node is up, the round is lost, and the learner goes on with its old parameters. Then it
/// sends its parameters, changed by no more than `clip` and with noise if this is set. With `fedavg` they go to the
/// hub, which waits from the start of the round until `quorum` of its learners have answered or `deadline` has passed,
/// and sends all of them the average by samples; later updates are late, and dropped. When asynchronous, the hub mixes
/// in each update as it comes and answers its sender. With `hierarchical` the first cluster of each provider does so
/// for the provider's clusters, and the hub for the averages of these, with a deadline as long again. With `gossip` a
/// learner sends its parameters to a neighbour at random, which answers with its own, and each takes the mean. A
/// learner that cannot reach the others goes on alone. Equations: training time = operations /
/// (operations_per_core_second x cores had x speed); message = 4 B a parameter + 200 B; averages, gossip and noise:
/// averaging.hpp. Asynchronous clocks tick after exponential times with mean `round` (Boyd et al. 2006, asynchronous
/// time model). Valid for: training of one thread; clusters whose clocks agree; parameters of which a weighted mean
/// means something. Checked by: tests/physics/learning_test.cpp, tests/property/learning_federation_test.cpp.
class Cohort {
 public:
  struct Member {
    ClusterId cluster;
    Learner* learner;
  };
  /// The hub of a cluster, and its neighbours. Where no neighbours are known, they are those on a ring of all members,
  /// by number, `neighbours` / 2 on each side.
  struct Links {
    std::function<ClusterId(ClusterId)> hub;
    std::function<std::optional<std::vector<ClusterId>>(ClusterId)> neighbours;
  };
  Cohort(World&, Wire&, const ExchangeSpec&, Transport bulk, const std::string& kind, const std::vector<Member>&,
         Links);

  void start();
  /// Called before the node's pods are ended.
  void node_down(NodeId);

  /// The totals since the start.
  struct Totals {
    std::uint64_t rounds = 0;    ///< Trainings that ended.
    std::uint64_t failed = 0;    ///< Rounds lost because the node went down, or none was up.
    std::uint64_t samples = 0;   ///< Samples learnt from.
    std::uint64_t averages = 0;  ///< Averages formed by aggregators, or mixed.
    std::uint64_t sent = 0;      ///< Models sent, in both directions.
    std::uint64_t lost = 0;      ///< Sent models lost in transit, or with their receiver.
    std::uint64_t late = 0;      ///< Sent models that came after their aggregator had stopped waiting.
    std::uint64_t releases = 0;  ///< Releases of the member that has released most.
    Bytes bytes;                 ///< Bytes sent, each model once.
    CoreSeconds work;            ///< Work of trainings that ended, on reference cores.
    double loss = 0;             ///< Sum of the last loss of each member that has trained.
    std::uint64_t trained = 0;   ///< Number of members that have trained.
    Histogram duration;          ///< Duration of trainings that ended [s].
  };
  Totals totals() const;
  /// Counts anew; the count of releases stays.
  void restart() { totals_ = {}; }

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct Site {
    Site(const Member& member, PodId its, const Rng& rng)
        : cluster(member.cluster),
          learner(member.learner),
          pod(its),
          pace(rng.stream("pace")),
          training(rng.stream("training")),
          noise(rng.stream("noise")) {}
    ClusterId cluster;
    Learner* learner;
    PodId pod;  // the pod that trains
    Rng pace, training, noise;
    std::uint32_t aggregator = none;
    std::uint64_t base = 0;  // version of the last average that it took over
    std::uint64_t releases = 0;
    std::optional<double> loss;
  };
  struct Aggregator {
    Aggregator(ClusterId where, Seconds waits) : cluster(where), patience(waits) {}
    ClusterId cluster;
    Seconds patience;  // from the start of a round
    std::uint32_t above = none;
    std::vector<std::uint32_t> sites, below;
    std::uint64_t round = 0, version = 0;
    bool open = false;
    std::map<std::uint64_t, std::map<std::uint32_t, Update>> answers;  // by round, then by cluster
    std::vector<float> model;
    std::unique_ptr<WaitQueue> enough = std::make_unique<WaitQueue>();
  };
  void arrange();
  Process live(Site&);
  Task<std::optional<Update>> train(Site&);
  Task<Outcome> work(Site&, NodeId, CoreSeconds);
  NodeId home(ClusterId) const;
  Process upload(ClusterId from, std::uint32_t aggregator, Update, std::uint64_t round);
  void receive(Aggregator&, ClusterId from, Update, std::uint64_t round);
  Process collect(Aggregator&);
  Task<Outcome> enough(Aggregator&);
  static bool satisfied(const Aggregator&, double quorum);
  void conclude(Aggregator&);
  Process pass_down(const Aggregator&, std::uint32_t below, std::vector<float>, std::uint64_t version);
  void pass_down(const Aggregator&, const std::vector<float>&, std::uint64_t version);
  Process give(ClusterId from, Site&, std::vector<float>, std::uint64_t version);
  Process gossip(Site&);
  std::vector<std::uint32_t> beside(const Site&) const;
  Task<bool> send(ClusterId from, ClusterId to, std::size_t parameters);

  World& world_;
  Wire& wire_;
  const ExchangeSpec& spec_;
  Transport bulk_;
  Links ties_;
  std::vector<Site> sites_;  // by rising cluster
  std::vector<Aggregator> aggregators_;
  Totals totals_;
};

}  // namespace codecosim
