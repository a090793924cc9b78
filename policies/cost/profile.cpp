#include "policies/cost/policies.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

/// One profile for all applications.
class Fixed final : public CostPolicy {
 public:
  Fixed(const Profile& profile, Normalisation normalisation) : profile_(profile), normalisation_(normalisation) {}
  std::vector<double> costs(const PlacementProblem& problem) override {
    return profile_.costs(problem.rows, normalisation_);
  }

 private:
  const Profile& profile_;
  Normalisation normalisation_;
};

/// The profile that the application asks for, or a default where it asks for none or for an unknown one.
class Requested final : public CostPolicy {
 public:
  Requested(const Profile& otherwise, Normalisation normalisation)
      : otherwise_(otherwise), normalisation_(normalisation) {}
  std::vector<double> costs(const PlacementProblem& problem) override {
    const Profile* asked = find_profile(problem.profile);
    return (asked ? *asked : otherwise_).costs(problem.rows, normalisation_);
  }

 private:
  const Profile& otherwise_;
  Normalisation normalisation_;
};

}  // namespace

Registry<CostPolicy>::Make read_profile(const Profile& profile, Reader& reader) {
  const Normalisation normalisation = read_normalisation(reader);
  return [&profile, normalisation] { return std::make_unique<Fixed>(profile, normalisation); };
}

Registry<CostPolicy>::Make read_requested_profile(Reader& reader) {
  std::vector<std::string> names;
  for (const Profile& each : profiles()) names.push_back(each.name);
  const auto balanced = static_cast<std::size_t>(find_profile("balanced") - profiles().data());
  const auto otherwise = reader.choice<std::size_t>(
      "otherwise", balanced, names, "The profile of an application that asks for none, or for one that there is not.");
  const Normalisation normalisation = read_normalisation(reader);
  return [otherwise, normalisation] { return std::make_unique<Requested>(profiles()[otherwise], normalisation); };
}

}  // namespace codecosim
