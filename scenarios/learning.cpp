#include "policies/learning/model_file.hpp"
#include "scenarios/parts.hpp"

namespace codecosim {

namespace {
using Rule = ExchangeSpec::Rule;

Seconds read_deadline(Reader& r, const char* prose) {
  return r.get<Seconds>("deadline", Seconds(0), prose, not_negative);
}

void read_quorum(Reader& r, ExchangeSpec& spec) {
  spec.quorum =
      r.get<double>("quorum", spec.quorum, "Share of those below it that an aggregator waits for.", Bounds{0, 1, true});
}

void read_asynchronous(Reader& r, ExchangeSpec& spec) {
  spec.asynchronous =
      r.get<bool>("asynchronous", false,
                  "Whether every learner has a clock of its own, that ticks after exponential times with the mean "
                  "`round`, and nobody waits for others.");
}

std::vector<Form<ExchangeSpec>> exchanges() {
  const auto rule = [](Rule one) {
    ExchangeSpec spec;
    spec.rule = one;
    return spec;
  };
  return {{"", "a rule as it is by default",
           [=](Reader r) { return rule(static_cast<Rule>(r.one_word({"none", "fedavg", "hierarchical", "gossip"}))); }},
          {"fedavg", "the hub averages what its clusters have learnt, by samples",
           [=](Reader r) {
             ExchangeSpec spec = rule(Rule::fedavg);
             read_quorum(r, spec);
             spec.deadline =
                 read_deadline(r, "After which it waits no longer, from the start of the round; 0 s: half the round.");
             read_asynchronous(r, spec);
             spec.mixing =
                 r.get<double>("mixing", spec.mixing,
                               "Asynchronous: weight of an update, divided by 1 + how many averages have been formed "
                               "since the one from which it started.",
                               Bounds{0, 1, true});
             r.close();
             return spec;
           }},
          {"hierarchical", "the first cluster of each provider averages for the provider's, and the hub for these",
           [=](Reader r) {
             ExchangeSpec spec = rule(Rule::hierarchical);
             read_quorum(r, spec);
             spec.deadline = read_deadline(r,
                                           "After which a provider's waits no longer, from the start of the round, and "
                                           "the hub after twice that; 0 s: a "
                                           "quarter of the round.");
             r.close();
             return spec;
           }},
          {"gossip", "each learner takes the mean with a neighbour at random, once a round", [=](Reader r) {
             ExchangeSpec spec = rule(Rule::gossip);
             spec.neighbours =
                 r.get<std::uint32_t>("neighbours", spec.neighbours,
                                      "Of a learner on the ring of all clusters, where no partition policy says "
                                      "which; half of them on each side.",
                                      between(1, 65535));
             read_asynchronous(r, spec);
             r.close();
             return spec;
           }}};
}

void read_exchange(Reader& r, LearningSpec& learning) {
  ExchangeSpec& spec = learning.exchange;
  if (const auto found = r.maybe_one_of<ExchangeSpec>(
          "exchange", "How learners exchange what they have learnt; missing: none.", exchanges()))
    spec = *found;
  spec.round = r.get<Seconds>("round", spec.round, "Between the starts of two trainings.", positive);
  const Seconds waits = spec.deadline * (spec.rule == Rule::hierarchical ? 2 : 1);
  if (!r.describing() && waits > spec.round)
    r.problem_at("exchange", spec.rule == Rule::hierarchical
                                 ? "the hub waits for twice the deadline, which is longer than a round"
                                 : "the deadline is longer than a round");
  spec.operations_per_core_second = r.get<double>(
      "operations_per_core_second", spec.operations_per_core_second,
      "Floating-point operations of training that a reference core does in a second. [I: small models, a few percent "
      "of what its vector units could]",
      positive);
  spec.cores =
      r.get<Cores>("cores", spec.cores, "That a learner may use, and its weight where they are scarce; one thread.",
                   Bounds{0, 1, true});
  spec.large =
      r.get<Bytes>("large", spec.large, "Models of more bytes go as bulk transfers, others as messages.", not_negative);
  auto privacy = r.object("privacy", "The Gaussian mechanism on what leaves a learner; missing: it leaves as it is.");
  if (!privacy) return;
  if (!privacy->describing() && spec.rule == Rule::none)
    r.problem_at("privacy", "nothing leaves a learner without an exchange");
  spec.clip = privacy->need<double>("clip", "L2 norm that the change of a round may have; more is scaled down to it.",
                                    positive);
  spec.noise =
      privacy->get<double>("noise", 0, "Standard deviation of the noise on each parameter, over `clip`.", not_negative);
  learning.delta = privacy->get<double>("delta", learning.delta, "At which epsilon is told.", Bounds{0, 1, true});
  privacy->close();
}
/// What learners of this kind begin with.
template <class Choice>
void read_model_file(Reader& r, const char* key, const Choice& learner, std::vector<float>& begins,
                     const Loading& loading) {
  auto file = r.find(
      key, "File of what such a learner has learnt in another run, with which all begin; `run --models` writes them.");
  if (!file) return;
  const std::string path = file_at(*file, loading);
  if (path.empty() || r.describing()) return;
  if (!learner.make) return file->problem("there is no learner that it could be for");
  guarded(*file, [&] { begins = read_model(path, *learner.make()); });
}
}  // namespace

void read_learning(Reader& root, Loading& loading) {
  auto r = root.object("learning",
                       "CODECO's PDLC-DL: learners in every cluster that runs applications; missing: nothing learns.");
  if (!r) return;
  LearningSpec learning;
  const auto recommender = read_choice(*r, "recommender", loading.policies.recommender, "recommender",
                                       "Learns which target to recommend for a workload; missing: nothing does.");
  const auto forecaster = read_choice(*r, "forecaster", loading.policies.forecaster, "forecaster",
                                      "Learns to tell how busy nodes will be; missing: nothing does.");
  if (recommender) learning.recommender = *recommender;
  if (forecaster) learning.forecaster = *forecaster;
  if (!r->describing() && !r->has("recommender") && !r->has("forecaster"))
    r->problem("there is nothing that learns: \"recommender\", \"forecaster\", or both");
  read_model_file(*r, "recommender_model", learning.recommender, learning.recommender_begins, loading);
  read_model_file(*r, "forecaster_model", learning.forecaster, learning.forecaster_begins, loading);
  learning.level =
      r->choice("level", PlacementProblem::Level::cluster, {"federation", "cluster"},
                "Whose questions recommenders learn from: the hubs', or each cluster's own; missing: cluster.");
  read_exchange(*r, learning);
  learning.sample = r->get<Seconds>("sample", learning.sample,
                                    "Between two samples of what forecasters watch. [S: scrapes, 15 s]", positive);
  learning.horizon =
      r->get<Seconds>("horizon", learning.horizon, "How far ahead they forecast, in whole samples.", positive);
  if (!r->describing() && learning.horizon < learning.sample) r->problem_at("horizon", "must be at least one sample");
  r->close();
  loading.scenario.learning = std::move(learning);
}

}  // namespace codecosim
