#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "policies/learning/policies.hpp"
#include "policies/learning/reward.hpp"
#include "policies/learning/ridge.hpp"
#include "sim/base/lowest.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

struct Settings {
  enum class Rule : std::uint8_t { optimism, sampling };
  Preset preset = Preset::latency;
  Rule rule = Rule::optimism;
  double exploration = 1;  ///< Standard deviations of optimism, or that of the draw.
  double ridge = 1;
  Seconds patience{60};
  std::uint32_t agents = 1;
};

/// A contextual bandit whose reward is linear in the features of a candidate, with one model for all candidates. A
/// candidate's score is either x'w + alpha sqrt(x'A^-1 x) (LinUCB: Li, Chu, Langford, Schapire, "A contextual-bandit
/// approach to personalized news article recommendation", WWW 2010; with shared weights: Chu, Li, Reyzin, Schapire,
/// AISTATS 2011), or x'u with u drawn from the normal law of mean w and covariance v^2 A^-1 (Agrawal, Goyal, "Thompson
/// sampling for contextual bandits with linear payoffs", ICML 2013), drawn anew for each workload.
///
/// With several agents it is CODECO's auction: each agent represents candidates of its own (those whose id is its
/// number modulo the number of agents), bids the expected reward of the best of them, and learns only from decisions
/// for its own candidates. The highest bidder gets the workload [S]; the assignment of candidates to agents is ours
/// [I].
class LinearBandit final : public Recommender {
 public:
  explicit LinearBandit(const Settings& settings)
      : settings_(settings),
        features_(is_codeco(settings.preset) ? std::tuple_size_v<CodecoRow> : std::tuple_size_v<RowFeatures>),
        models_(settings.agents, Ridge(features_, settings.ridge)) {}

  std::vector<std::vector<double>> recommend(const PlacementProblem& problem, Rng& rng) override {
    std::vector<std::vector<double>> all;
    Feasible so_far(problem);
    for (std::uint32_t workload = 0; workload < problem.workloads.size(); ++workload) {
      const std::uint32_t best = score(problem, workload, so_far, rng, all.emplace_back(problem.rows.size()));
      if (best != PlacementProblem::none) so_far.put(workload, best);
    }
    return all;
  }

  void decided(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) override {
    ensure(rows.size() == problem.workloads.size(), "a decision on other workloads");
    std::vector<Sample> samples;
    Feasible so_far(problem);
    for (std::uint32_t workload = 0; workload < rows.size(); ++workload) {
      const std::uint32_t row = rows[workload];
      if (row == PlacementProblem::none) continue;
      Sample& sample = samples.emplace_back(agent_of(problem, row), std::vector<double>(features_));
      see(problem, workload, row, so_far, sample.seen);
      if (is_immediate(settings_.preset))
        sample.reward = immediate_reward(settings_.preset, problem, workload, row, so_far);
      so_far.put(workload, row);
    }
    if (is_immediate(settings_.preset)) return take(std::move(samples));
    pending_[problem.number] = std::move(samples);
    // The oldest pending entry belongs to an application that is gone.
    if (pending_.size() > most_pending) pending_.erase(pending_.begin());
  }

  Seconds patience() const override { return is_immediate(settings_.preset) ? forever : settings_.patience; }

  void learn(const Feedback& feedback) override {
    auto found = pending_.extract(feedback.number);
    const auto reward = latency_reward(feedback);
    if (found.empty() || !reward) return;
    for (Sample& sample : found.mapped()) sample.reward = *reward;
    take(std::move(found.mapped()));
  }

  Training train(Rng&) override {
    Training training{ready_.size(), 0, 0};
    for (const Sample& sample : ready_) {
      const double error = sample.reward - models_[sample.agent].mean(sample.seen);
      training.loss += error * error / static_cast<double>(ready_.size());
    }
    for (const Sample& sample : ready_) {
      models_[sample.agent].add(sample.seen, sample.reward);
      training.operations += models_[sample.agent].add_operations() + 2 * static_cast<double>(features_);
    }
    if (!ready_.empty())
      for (Ridge& model : models_) {
        model.fit();
        training.operations += model.fit_operations();
      }
    ready_.clear();
    return training;
  }

  std::uint64_t waiting() const override { return ready_.size(); }

  std::vector<float> parameters() const override {
    std::vector<float> numbers;
    for (const Ridge& model : models_) model.append_sums(numbers);
    return numbers;
  }

  void set_parameters(const std::vector<float>& numbers) override {
    const std::size_t count = models_.front().sum_count();
    ensure(numbers.size() == count * models_.size(), "parameters of another shape");
    for (std::size_t i = 0; i < models_.size(); ++i) models_[i].set_sums(std::span(numbers).subspan(i * count, count));
  }

  std::string shape() const override {
    return fmt::format("linear bandit, preset {}, {} features, {} agent{}", name_of(settings_.preset), features_,
                       models_.size(), models_.size() == 1 ? "" : "s");
  }

 private:
  struct Sample {
    Sample(std::uint32_t agent_number, std::vector<double> features) : agent(agent_number), seen(std::move(features)) {}
    std::uint32_t agent;
    std::vector<double> seen;
    double reward = 0;
  };
  static constexpr std::size_t most_pending = 4096;

  void take(std::vector<Sample> samples) { std::ranges::move(samples, std::back_inserter(ready_)); }

  std::uint32_t agent_of(const PlacementProblem& problem, std::uint32_t row) const {
    return problem.rows[row].id % static_cast<std::uint32_t>(models_.size());
  }

  void see(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row, const Feasible& so_far,
           std::span<double> seen) const {
    if (is_codeco(settings_.preset))
      std::ranges::copy(codeco_row(problem, workload, row, so_far), seen.begin());
    else
      std::ranges::copy(row_features(problem, workload, row, so_far), seen.begin());
  }

  /// The scores of the rows that fit, mapped to [0, 1], into `scores`; the others keep their 0. Returns the best row,
  /// any among equals.
  std::uint32_t score(const PlacementProblem& problem, std::uint32_t workload, const Feasible& so_far, Rng& rng,
                      std::vector<double>& scores) {
    std::vector<std::uint32_t> fitting;
    std::vector<double> seen(features_), drawn(features_ * models_.size());
    if (settings_.rule == Settings::Rule::sampling)
      for (std::size_t i = 0; i < models_.size(); ++i)
        models_[i].draw(settings_.exploration, rng, std::span(drawn).subspan(i * features_, features_));
    for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
      if (!so_far.fits(workload, row)) continue;
      fitting.push_back(row);
      see(problem, workload, row, so_far, seen);
      const std::uint32_t agent = agent_of(problem, row);
      const Ridge& model = models_[agent];
      scores[row] = settings_.rule == Settings::Rule::optimism
                        ? model.mean(seen) + settings_.exploration * model.deviation(seen)
                        : std::inner_product(seen.begin(), seen.end(), drawn.begin() + agent * features_, 0.0);
    }
    if (fitting.empty()) return PlacementProblem::none;
    const auto score_of = [&](std::uint32_t row) { return scores[row]; };
    Lowest<double> highest_score(rng);
    for (const std::uint32_t row : fitting) highest_score.offer(row, -scores[row], problem.rows[row].id);
    const std::uint32_t best = *highest_score.index();
    const double highest = scores[best], lowest = scores[*std::ranges::min_element(fitting, {}, score_of)];
    for (const std::uint32_t row : fitting)
      scores[row] = highest > lowest ? (scores[row] - lowest) / (highest - lowest) : 1;
    return best;
  }

  Settings settings_;
  std::size_t features_;
  std::vector<Ridge> models_;                             // by agent
  std::map<std::uint64_t, std::vector<Sample>> pending_;  // by question: no feedback yet
  std::vector<Sample> ready_;
};

// Both defaults are about the expected noise of rewards on their scale of 1; docs/policies.md compares them.
double read_alpha(Reader& reader) {
  return reader.get<double>("alpha", 0.3, "lin-ucb: how many standard deviations above its mean a score is.",
                            not_negative);
}

double read_deviation(Reader& reader) {
  return reader.get<double>(
      "deviation", 0.1, "thompson: v, the standard deviation of rewards that weights are drawn with.", not_negative);
}

Settings read_settings(Reader& reader) {
  Settings settings;
  settings.preset = read_preset(reader);
  settings.ridge =
      reader.get<double>("ridge", settings.ridge, "Samples' worth of belief that weights are zero.", positive);
  settings.patience =
      reader.get<Seconds>("patience", settings.patience,
                          "How long after a decision its outcome counts; only for the preset latency.", positive);
  return settings;
}

Registry<Recommender>::Make make(const Settings& settings) {
  return [settings] { return std::make_unique<LinearBandit>(settings); };
}

}  // namespace

Registry<Recommender>::Make read_lin_ucb(Reader& reader) {
  Settings settings = read_settings(reader);
  settings.exploration = read_alpha(reader);
  return make(settings);
}

Registry<Recommender>::Make read_thompson(Reader& reader) {
  Settings settings = read_settings(reader);
  settings.rule = Settings::Rule::sampling;
  settings.exploration = read_deviation(reader);
  return make(settings);
}

Registry<Recommender>::Make read_auction(Reader& reader) {
  Settings settings = read_settings(reader);
  settings.agents = reader.get<std::uint32_t>("agents", 4, "That bid on each workload.", between(4, 10));
  settings.rule = reader.choice("bidder", settings.rule, {"lin-ucb", "thompson"}, "What each agent is.");
  const double alpha = read_alpha(reader), deviation = read_deviation(reader);
  settings.exploration = settings.rule == Settings::Rule::optimism ? alpha : deviation;
  return make(settings);
}

}  // namespace codecosim
