#pragma once
#include <string>
#include <vector>

#include "findings/findings.hpp"
#include "models/simulation.hpp"
#include "policies/external/external.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// The directory of one run's results. Everything is written into `DIR.partial`, which is renamed at the end: a
/// directory with its final name is complete. Throws Error(output) where something cannot be written; existing files
/// are never touched.
class OutputDirectory {
 public:
  /// `path` must not exist. Empty: the first free of out/NAME, out/NAME-2, ...
  OutputDirectory(const std::string& path, const std::string& name);

  void write(const std::string& file, const std::string& content) const;
  std::string file(const std::string& name) const { return partial_ + "/" + name; }
  /// Gives the directory its final name.
  void finish();
  const std::string& path() const { return path_; }

 private:
  std::string path_, partial_;
};

Json summary_json(Simulation&);
/// The parameters of a control plane, in the form of a scenario.
Json parameters(const Scenario::Plane&);
/// The replicas that are not ready at the end, or of an outdated revision, each with its reason.
Json pending_json(const Simulation&);
/// The number of such replicas by reason, for people; empty when there are none.
std::string pending_table(const Simulation&);
Json external_json(const ExternalTotals&);
/// The failures of an external policy of this seam, as a line for people; empty when there were none.
std::string external_line(const std::string& seam, const External&);
Json profile_json(const Profile&);
/// A profile, as profile_json() writes it, as a table for people.
std::string profile_table(const Json& profile);
std::string series_csv(const Simulation&);
/// The distribution functions of the summary's distributions; those of each kind of client are named `NAME[CLIENT]`.
std::string distributions_csv(Simulation&);
Json findings_json(const std::vector<Finding>&);
/// A finding for people.
std::string finding_text(const Finding&);
/// The findings of a run for people; empty where there are none.
std::string findings_text(const std::vector<Finding>&);
/// The summary as a table for people.
std::string summary_table(const std::vector<Figure>&,
                          const std::vector<std::pair<std::string, std::vector<Figure>>>& by_client);

}  // namespace codecosim
