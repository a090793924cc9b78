#pragma once
#include <string>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// A data set that components need: its source, its size, the freshness that it must have, the domains in which it may
/// be.
struct DatasetSpec {
  std::string name;
  Bytes size;
  ClusterId source;
  std::vector<ClusterId> copies;             ///< Clusters that have a copy from the start, besides the source.
  std::vector<std::string> allowed_domains;  ///< Domains of the providers that may hold it; empty: all.
  Seconds update_period = forever;           ///< Between two new versions.
  Bytes update_size;                         ///< Size of an update, which is sent to each copy.
  Seconds freshness = forever;               ///< A copy is stale when its version is older than that.
  template <class V>
  void fields(V&& v) {
    v.need("size", size, "What a new copy transfers.", positive);
    v("freshness", freshness, "A version that reaches a copy later is counted as stale.", positive);
  }
};

/// Whether a data set may be in a cluster.
bool allowed(const DatasetSpec&, const Federation&, ClusterId);

}  // namespace codecosim
