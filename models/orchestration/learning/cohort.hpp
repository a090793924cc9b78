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
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// How learners of one kind train and exchange what they have learnt. CODECO publishes neither rule nor period [I].
struct ExchangeSpec {
  enum class Rule : std::uint8_t { none, fedavg, hierarchical, gossip };
  Rule rule = Rule::none;
  Seconds round{300};  ///< From the start of one round to the next: CODECO's series of five minutes.
  Seconds deadline;    ///< After which an aggregator waits no longer; zero: half the round, shared by all levels.
  double quorum = 1;   ///< Share of those below it that an aggregator waits for.
  bool asynchronous = false;     ///< Every learner by a clock of its own, and nobody waits.
  double mixing = 0.6;           ///< Weight of a fresh update in an asynchronous average.
  std::uint32_t neighbours = 2;  ///< On the ring, where a learner knows none.
  double clip = 0, noise = 0;    ///< L2 norm that a change may have (zero: any), and deviation of the noise over it.
  double operations_per_core_second = 1e9;
  Cores cores{1};    ///< That a learner may use, and its weight where they are scarce.
  Bytes large{1e6};  ///< Models of more bytes go as bulk transfers.
};

/// Learners of one kind, one a cluster, that train where their data arises and exchange what they have learnt.
///
/// Claim: at the start of a round each learner trains on the first node of its cluster that is up, as a pod of one
/// thread that competes with all others there. What it has learnt counts from the end of the training; when the node
/// goes down before, or no node is up, the round is lost, and it goes on from what it had. Then it sends its
/// parameters, changed by no more than `clip` and with noise if so asked. By `fedavg` they go to the hub, which waits
/// from the start of the round until `quorum` of its learners have answered or `deadline` has passed, and sends all of
/// them the average by samples; what comes later is late, and dropped. Asynchronous, it mixes in each as it comes and
/// answers its sender. By `hierarchical` the first cluster of each provider does so for the provider's, and the hub for
/// the averages of these, with a deadline as long again. By `gossip` a learner sends its parameters to a neighbour at
/// random, which answers with its own, and each takes the mean. Who cannot reach the others goes on alone. Equations:
/// training time = operations / (operations_per_core_second x cores had x speed); message = 4 B a parameter + 200 B;
/// averages, gossip and noise: averaging.hpp. Asynchronous clocks tick after exponential times with mean `round` (Boyd
/// et al. 2006, asynchronous time model). Valid for: training of one thread; clusters whose clocks agree; parameters of
/// which a weighted mean means something. Checked by: tests/physics/learning_test.cpp,
/// tests/property/learning_federation_test.cpp.
class Cohort {
 public:
  struct Member {
    ClusterId cluster;
    Learner* learner;
  };
  /// Who stands above a cluster, and who beside it; no neighbours known of: those on a ring of all members, by number,
  /// `neighbours` / 2 on each side.
  struct Ties {
    std::function<ClusterId(ClusterId)> hub;
    std::function<std::optional<std::vector<ClusterId>>(ClusterId)> neighbours;
  };
  Cohort(World&, Wire&, const ExchangeSpec&, Transport bulk, const std::string& kind, const std::vector<Member>&, Ties);

  void start();
  /// Called before the node's pods are ended.
  void node_down(NodeId);

  /// Since the start.
  struct Totals {
    std::uint64_t rounds = 0;    ///< Trainings that ended.
    std::uint64_t failed = 0;    ///< Rounds lost with the node, or without one.
    std::uint64_t samples = 0;   ///< Learnt from.
    std::uint64_t averages = 0;  ///< Formed by aggregators, or mixed.
    std::uint64_t sent = 0;      ///< Models sent, either way.
    std::uint64_t lost = 0;      ///< Of those, lost on the way, or with their receiver.
    std::uint64_t late = 0;      ///< Of those, after their aggregator had stopped waiting.
    std::uint64_t releases = 0;  ///< Of the member that has released most.
    Bytes bytes;                 ///< Sent, each model once.
    CoreSeconds work;            ///< Of trainings that ended, in reference cores.
    double loss = 0;             ///< Sum of the last of each member that has trained.
    std::uint64_t trained = 0;   ///< Members that have.
    Histogram duration;          ///< Of trainings that ended [s].
  };
  Totals totals() const;
  /// Counts anew; what has been released stays so.
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
    PodId pod;  // that trains
    Rng pace, training, noise;
    std::uint32_t aggregator = none;
    std::uint64_t base = 0;  // version of the average that it took over last
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
  Process hand_in(ClusterId from, std::uint32_t aggregator, Update, std::uint64_t round);
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
  Ties ties_;
  std::vector<Site> sites_;  // by rising cluster
  std::vector<Aggregator> aggregators_;
  Totals totals_;
};

}  // namespace codecosim
