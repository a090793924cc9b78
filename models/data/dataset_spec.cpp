#include "models/data/dataset_spec.hpp"

#include <algorithm>

namespace codecosim {

bool allowed(const DatasetSpec& data, const Federation& federation, ClusterId cluster) {
  const auto& domains = data.allowed_domains;
  return domains.empty() ||
         std::find(domains.begin(), domains.end(), federation.provider(cluster).domain) != domains.end();
}

}  // namespace codecosim
