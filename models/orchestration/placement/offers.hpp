#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "models/application/catalogue.hpp"
#include "models/data/dataset_spec.hpp"
#include "models/orchestration/placement/knowledge.hpp"

namespace codecosim {

/// Clusters that may be given replicas of an application, and the others by the reason why not.
struct Offer {
  std::vector<ClusterId> clusters;                ///< By rising id.
  std::map<std::string, std::uint32_t> left_out;  ///< Numbers of clusters, by the reason.

  std::size_t considered() const;
  /// The reasons in words: "2 cluster(s) were unreachable, 1 cluster(s) broke the rule on price".
  std::string reasons() const;
};

/// The clusters that applications may be offered: known to the decision maker, without an obstacle, and allowed by the
/// applications' rules. Those for applications of the same rules are found once, and then as knowledge changes.
///
/// Checked by: tests/property/nearest_test.cpp.
class Offers {
 public:
  Offers(const Catalogue&, const Federation&, const std::vector<DatasetSpec>&, const Knowledge&);

  /// Of all clusters.
  const Offer& all(ApplicationId) const;
  /// Of these, by rising id.
  Offer among(ApplicationId, const std::vector<ClusterId>&) const;

 private:
  /// What broken_rule() asks of an application: domains, compliance, security, price, data sets.
  using Rules = std::tuple<std::vector<std::string>, Compliance, Security, double, std::vector<std::uint32_t>>;
  /// An index in reasons_, or one of these.
  using Verdict = std::uint8_t;
  static constexpr Verdict absent = 255, open = 254;
  struct Kept {
    ApplicationId any;  // of those with these rules
    Offer offer;
    std::vector<Verdict> verdicts;  // by cluster
    std::size_t seen = 0;           // changes of knowledge
  };

  Rules rules(ApplicationId) const;
  Verdict verdict(ApplicationId, ClusterId) const;
  void renew(Kept&, ClusterId) const;

  const Catalogue& catalogue_;
  const Federation& federation_;
  const std::vector<DatasetSpec>& datasets_;
  const Knowledge& knowledge_;
  mutable std::map<Rules, Kept> kept_;
  mutable std::vector<Kept*> kept_of_;  // by application
  mutable std::vector<std::string> reasons_;
};

}  // namespace codecosim
