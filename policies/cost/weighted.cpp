#include <algorithm>

#include "policies/cost/policies.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

/// The weighted mean of metrics that the user chooses.
class Weighted final : public CostPolicy {
 public:
  Weighted(Profile profile, Normalisation normalisation)
      : profile_(std::move(profile)), normalisation_(normalisation) {}
  std::vector<double> costs(const PlacementProblem& problem) override {
    return profile_.costs(problem.rows, normalisation_);
  }

 private:
  Profile profile_;
  Normalisation normalisation_;
};

std::string described(const Metric& metric) {
  const std::string unit = *metric.unit ? std::string(" [") + metric.unit + "]" : "";
  return metric.prose + unit + (metric.better == Metric::Better::lower ? ": lower is better." : ": higher is better.");
}

}  // namespace

Registry<CostPolicy>::Make read_weighted(Reader& reader) {
  Profile profile;
  const std::size_t problems = reader.problems();
  if (auto r = reader.object("weights",
                             "Of each metric. Missing: all weigh the same; in it, what is left out weighs nothing.")) {
    for (const Metric& metric : metrics())
      if (const auto weight = r->maybe<double>(metric.name, described(metric).c_str(), not_negative))
        profile.terms.push_back({*weight, metric.better, metric.value});
    r->close();
    const bool weighs = std::ranges::any_of(profile.terms, [](const Profile::Term& term) { return term.weight > 0; });
    if (!weighs && !r->describing() && reader.problems() == problems)
      reader.problem_at("weights", "expected a weight above zero");
  } else {
    for (const Metric& metric : metrics()) profile.terms.push_back({1, metric.better, metric.value});
  }
  const Normalisation normalisation = read_normalisation(reader);
  return [profile, normalisation] { return std::make_unique<Weighted>(profile, normalisation); };
}

}  // namespace codecosim
