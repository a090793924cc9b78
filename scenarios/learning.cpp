#include "policies/learning/model_file.hpp"
#include "scenarios/fields.hpp"

namespace codecosim {

namespace {
using Rule = ExchangeSpec::Rule;

ExchangeSpec exchange_by(Rule rule) {
  ExchangeSpec spec;
  spec.rule = rule;
  return spec;
}

std::vector<Form<ExchangeSpec>> exchanges() {
  std::vector<Form<ExchangeSpec>> forms{{"", "a rule as it is by default", [](Reader r) {
                                           return exchange_by(static_cast<Rule>(r.one_word(words<Rule>())));
                                         }}};
  const auto add = [&](Rule rule, const char* prose) {
    forms.push_back({std::string(name(rule)), prose, [rule](Reader r) {
                       ExchangeSpec spec = exchange_by(rule);
                       FieldReader fields(r);
                       spec.rule_fields(fields);
                       r.close();
                       return spec;
                     }});
  };
  add(Rule::fedavg, "the hub averages what its clusters have learnt, by samples");
  add(Rule::hierarchical, "the first cluster of each provider averages for the provider's, and the hub for these");
  add(Rule::gossip, "each learner takes the mean with a neighbour at random, once a round");
  return forms;
}

void read_exchange(Reader& r, LearningSpec& learning) {
  ExchangeSpec& spec = learning.exchange;
  if (const auto found = r.maybe_one_of<ExchangeSpec>(
          "exchange", "How learners exchange what they have learnt; missing: none.", exchanges()))
    spec = *found;
  read_fields(r, spec);
  const Seconds waits = spec.deadline * (spec.rule == Rule::hierarchical ? 2 : 1);
  if (!r.describing() && waits > spec.round)
    r.problem_at("exchange", spec.rule == Rule::hierarchical
                                 ? "the hub waits for twice the deadline, which is longer than a round"
                                 : "the deadline is longer than a round");
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
/// Reads the model file with which learners of this kind begin.
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
  read_fields(*r, learning);
  read_exchange(*r, learning);
  if (!r->describing() && learning.horizon < learning.sample) r->problem_at("horizon", "must be at least one sample");
  r->close();
  loading.scenario.learning = std::move(learning);
}

}  // namespace codecosim
