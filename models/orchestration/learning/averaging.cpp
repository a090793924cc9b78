#include "models/orchestration/learning/averaging.hpp"

#include <cmath>

namespace codecosim {

Update average(const std::map<std::uint32_t, Update>& updates) {
  Update all;
  for (const auto& [from, update] : updates) all.samples += update.samples;
  std::vector<double> sum;
  for (const auto& [from, update] : updates) {
    if (update.samples <= 0) continue;
    const double share = update.samples / all.samples;
    sum.resize(update.parameters.size());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share * static_cast<double>(update.parameters[i]);
  }
  all.parameters.assign(sum.begin(), sum.end());
  return all;
}

void mix(std::vector<float>& model, const std::vector<float>& update, double a) {
  for (std::size_t i = 0; i < model.size(); ++i)
    model[i] = static_cast<float>((1 - a) * static_cast<double>(model[i]) + a * static_cast<double>(update[i]));
}

double mixing_weight(double mixing, std::uint64_t staleness) { return mixing / (1 + static_cast<double>(staleness)); }

void meet(std::vector<float>& own, const std::vector<float>& mine, const std::vector<float>& theirs) {
  for (std::size_t i = 0; i < own.size(); ++i) {
    const double half = (static_cast<double>(theirs[i]) - static_cast<double>(mine[i])) / 2;
    own[i] = static_cast<float>(static_cast<double>(own[i]) + half);
  }
}

void protect(std::vector<float>& after, const std::vector<float>& before, double clip, double noise, Rng& rng) {
  if (clip <= 0) return;
  double square = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const double change = static_cast<double>(after[i]) - static_cast<double>(before[i]);
    square += change * change;
  }
  const double scale = square > clip * clip ? clip / std::sqrt(square) : 1;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const double change = scale * (static_cast<double>(after[i]) - static_cast<double>(before[i]));
    after[i] =
        static_cast<float>(static_cast<double>(before[i]) + change + (noise > 0 ? rng.normal(0, noise * clip) : 0));
  }
}

double epsilon(std::uint64_t releases, double noise, double delta) {
  const double t = static_cast<double>(releases);
  return t / (2 * noise * noise) + std::sqrt(2 * t * std::log(1 / delta)) / noise;
}

}  // namespace codecosim
