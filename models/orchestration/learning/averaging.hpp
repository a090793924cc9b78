#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "sim/base/rng.hpp"

namespace codecosim {

/// The result of a learner, or of a group of them, in a round.
struct Update {
  std::vector<float> parameters;  ///< Empty where there were no samples.
  double samples = 0;             ///< Number of samples that it learnt from.
  std::uint64_t base = 0;         ///< Version of the average from which it started.
};

/// Federated averaging: w = sum over k of (n_k / n) w_k, with n_k the samples of update k and n their sum, in the order
/// of the keys, in double precision. Empty where no update has samples. Source: McMahan, Moore, Ramage, Hampson, Aguera
/// y Arcas, "Communication-efficient learning of deep networks from decentralized data", AISTATS 2017, Algorithm 1.
Update average(const std::map<std::uint32_t, Update>& updates);

/// Asynchronous federated optimisation: w <- (1 - a) w + a w_k. Source: Xie, Koyejo, Gupta, "Asynchronous federated
/// optimization", arXiv:1903.03934 (2019), Algorithm 1.
void mix(std::vector<float>& model, const std::vector<float>& update, double a);
/// The weight of an update whose base is so many versions old: mixing / (1 + staleness). Source: the same, section 5.2:
/// their polynomial with exponent 1.
double mixing_weight(double mixing, std::uint64_t staleness);

/// One half of a pairwise average: own <- own + (theirs - mine) / 2, where `mine` was sent to the other. Both halves
/// together keep the sum of the two, whatever has happened to either meanwhile. Source: Boyd, Ghosh, Prabhakar, Shah,
/// "Randomized gossip algorithms", IEEE Transactions on Information Theory 52(6), 2006.
void meet(std::vector<float>& own, const std::vector<float>& mine, const std::vector<float>& theirs);

/// The Gaussian mechanism on the change of a round: after <- before + c min(1, clip / |c|) + N(0, (noise clip)^2 I)
/// with c = after - before and |c| its L2 norm. `clip` zero: nothing is done. Source: McMahan, Ramage, Talwar, Zhang,
/// "Learning differentially private recurrent language models", ICLR 2018.
void protect(std::vector<float>& after, const std::vector<float>& before, double clip, double noise, Rng& rng);

/// The epsilon, at this delta, of so many releases of a Gaussian mechanism with noise multiplier z: its Renyi
/// divergence of order alpha is alpha / (2 z^2) (Mironov, "Renyi differential privacy", CSF 2017, Corollary 3);
/// releases add up (Proposition 1); and epsilon = min over alpha > 1 of T alpha / (2 z^2) + ln(1 / delta) / (alpha - 1)
/// (Proposition 3)
///         = T / (2 z^2) + sqrt(2 T ln(1 / delta)) / z,
/// which is also Proposition 1.3 of Bun, Steinke, "Concentrated differential privacy", TCC 2016, with rho = T / (2
/// z^2). Neighbours differ in whether a learner's change of one round is there or not; nothing is gained from sampling.
double epsilon(std::uint64_t releases, double noise, double delta);

}  // namespace codecosim
