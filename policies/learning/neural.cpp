#include "policies/learning/neural.hpp"

#include <memory>

#include "policies/extension.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

Extension& torch() {
  static Extension extension("codecosim-torch", "libtorch-dev");
  return extension;
}

Seconds read_patience(Reader& r) {
  return r.get<Seconds>("patience", Seconds(60),
                        "How long after a decision its outcome counts; only for the preset latency.", positive);
}

std::vector<std::uint32_t> read_hidden(Reader& r, const std::vector<std::uint32_t>& fallback) {
  return r.get("hidden", fallback, "Units of each hidden layer of the network, the first one first.", {1, 4096});
}

std::uint64_t read_weights(Reader& r, std::uint64_t fallback) {
  return r.get("weights", fallback,
               "Seed of the weights that it starts with, whatever the seed of the run: learners that are to be "
               "averaged start alike.",
               not_negative);
}

double read_learning_rate(Reader& r, double fallback) {
  return r.get("learning_rate", fallback, "Step length of the optimiser (Adam).", positive);
}

double read_discount(Reader& r, double fallback) {
  return r.get("discount", fallback, "What a reward is worth a decision later.", between(0, 0.9999));
}

std::uint32_t read_batch(Reader& r, std::uint32_t fallback, const char* prose) {
  return r.get("batch", fallback, prose, between(1, 65'536));
}

ScorerSpec read_scorer(Reader& r) {
  ScorerSpec spec;
  spec.preset = read_preset(r);
  spec.patience = read_patience(r);
  spec.hidden = read_hidden(r, spec.hidden);
  spec.weights = read_weights(r, spec.weights);
  return spec;
}

DqnSpec read_dqn(Reader& r) {
  DqnSpec spec;
  spec.scorer = read_scorer(r);
  spec.learning_rate = read_learning_rate(r, spec.learning_rate);
  spec.discount = read_discount(r, spec.discount);
  spec.target_mix = r.get("target_mix", spec.target_mix,
                          "How far the target network goes towards the network in each round.", {0, 1, true});
  spec.buffer = r.get("buffer", spec.buffer, "Decisions that it remembers.", between(1, 10'000'000));
  spec.batch =
      read_batch(r, spec.batch, "Decisions that a step of the optimiser looks at, drawn from those it remembers.");
  spec.steps =
      r.get("steps", spec.steps, "Steps of the optimiser for each new decision; at least one a round.", positive);
  spec.explore_first =
      r.get("explore_first", spec.explore_first, "Chance to prefer a target at random, at first.", between(0, 1));
  spec.explore_last = r.get("explore_last", spec.explore_last, "That chance in the end.", between(0, 1));
  spec.explore_decisions = r.get("explore_decisions", spec.explore_decisions,
                                 "Recommendations until then; the chance falls by as much with each.", at_least(1));
  spec.mask = r.get(
      "mask", spec.mask,
      "Whether infeasible targets are out of the question; else it learns that they are, each time that it would have "
      "chosen one, by CODECO's penalty of -20.");
  spec.twice = r.get("double", spec.twice,
                     "Double DQN: the network says which action is best next, the target network its worth.");
  return spec;
}

PpoSpec read_ppo(Reader& r) {
  PpoSpec spec;
  spec.scorer = read_scorer(r);
  spec.learning_rate = read_learning_rate(r, spec.learning_rate);
  spec.discount = read_discount(r, spec.discount);
  spec.lambda = r.get("lambda", spec.lambda, "Decay of the generalised advantage estimate.", between(0, 1));
  spec.clip = r.get("clip", spec.clip,
                    "How far a round may move the odds of a decision: from 1 - clip to 1 + clip times.", {0, 1, true});
  spec.entropy = r.get("entropy", spec.entropy, "Weight of the policy's entropy, which keeps it from settling early.",
                       not_negative);
  spec.value_weight =
      r.get("value_weight", spec.value_weight, "Weight of the squared error of its values.", not_negative);
  spec.epochs = r.get("epochs", spec.epochs, "Times that a round goes through what is new.", between(1, 1000));
  spec.batch = read_batch(r, spec.batch, "Decisions that a step of the optimiser looks at.");
  spec.sample =
      r.get("sample", spec.sample, "Whether it prefers a target drawn from its policy; else the most likely one.");
  return spec;
}

GnnSpec read_gnn(Reader& r) {
  GnnSpec spec;
  spec.attention = r.get("attention", spec.attention, "Attention over time: A3T-GCN instead of T-GCN.");
  spec.hidden = r.get("hidden", spec.hidden, "Units of each of its layers.", between(1, 1024));
  spec.window = r.get("window", spec.window, "Samples that a forecast looks back on.", between(1, 1000));
  spec.horizon =
      r.get("horizon", spec.horizon, "Intervals that it forecasts; what is further away is taken to be like the last.",
            between(1, 1000));
  spec.history = r.get("history", spec.history, "Samples that it remembers.", between(2, 1'000'000));
  spec.learning_rate = read_learning_rate(r, spec.learning_rate);
  spec.batch =
      read_batch(r, spec.batch, "Windows that a step of the optimiser looks at, drawn from those it remembers.");
  spec.steps = r.get("steps", spec.steps, "Steps of the optimiser a round.", between(1, 1'000'000));
  spec.weights = read_weights(r, spec.weights);
  return spec;
}

/// Registers a learner whose parameters `read` reads, and which the library's function `name` makes.
template <class Make, class Seam, class Spec>
void add(Registry<Seam>& registry, const char* name, const char* prose, const char* maker, Spec (*read)(Reader&)) {
  const std::string missing = torch().why_missing();
  const auto parameters = [=](Reader& r) -> typename Registry<Seam>::Make {
    if (!r.describing()) torch().provide();
    return [maker, spec = read(r)] { return std::unique_ptr<Seam>(torch().function<Make>(maker)(spec)); };
  };
  if (missing.empty())
    registry.add_with(name, prose, parameters);
  else
    registry.add_missing_with(name, prose, std::string("\"") + name + "\" " + missing, parameters);
}

}  // namespace

void add_neural(Policies& policies) {
  add<MakeDqn>(policies.recommender, "dqn", "Deep Q-learning with replay, as CODECO's agent.", "codecosim_make_dqn",
               read_dqn);
  add<MakePpo>(policies.recommender, "ppo", "Proximal policy optimisation; infeasible targets are masked.",
               "codecosim_make_ppo", read_ppo);
  add<MakeGnn>(policies.forecaster, "gnn",
               "Graph convolutions over the topology and a recurrent unit over time: T-GCN, A3T-GCN.",
               "codecosim_make_gnn", read_gnn);
}

}  // namespace codecosim
