#pragma once
#include <string>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// Data that components need: where it comes from, how large it is, how fresh it must be, where it may be.
struct DatasetSpec {
  std::string name;
  Bytes size;
  ClusterId source;
  std::vector<ClusterId> copies;             ///< From the start, besides the source.
  std::vector<std::string> allowed_domains;  ///< Of providers; empty: all.
  Seconds update_period = forever;           ///< Between two new versions.
  Bytes update_size;                         ///< What of it has to be sent to a copy then.
  Seconds freshness = forever;               ///< A copy is stale when its version is older than that.
};

/// Whether a data set may be in a cluster.
bool allowed(const DatasetSpec&, const Federation&, ClusterId);

}  // namespace codecosim
