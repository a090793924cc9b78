#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/data/dataset_spec.hpp"
#include "models/measured.hpp"
#include "models/network/moved_bytes.hpp"
#include "models/world.hpp"
#include "sim/base/observers.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The data sets and their copies.
///
/// Claim: each new version appears at the source, or is first sent there by the cluster that writes it, and is then
/// sent to every copy as a bulk transfer. A cluster without a copy gets one from the holder with the least latency,
/// once for all pods that wait for it; when that fails it is tried again after 10 s. Checked by:
/// tests/physics/data_test.cpp.
class Datasets : public Measured {
 public:
  Datasets(World&, std::vector<DatasetSpec>, Transport bulk);
  /// Starts the updates.
  void start();

  const std::vector<DatasetSpec>& specs() const { return specs_; }
  bool has(std::uint32_t data, ClusterId cluster) const { return sets_[data].copies.contains(cluster.index); }
  /// Mean age of the versions of a cluster's copies, now; zero where it has none.
  Seconds age_of_copies(ClusterId) const;
  /// Suspends until the cluster has a copy.
  Task<> fetch(std::uint32_t data, ClusterId to);
  /// A ready pod in this cluster writes the data set from now on, or no longer. Among several writers, the first one
  /// does.
  void writer(std::uint32_t data, ClusterId, bool writes);

  struct Totals {
    std::uint64_t replications = 0, updates = 0, failed = 0;
    Histogram lag;            ///< From a new version at the source to its arrival at a copy [s].
    std::uint64_t stale = 0;  ///< Arrivals later than the data set's freshness allows.
  };
  const Totals& totals() const { return totals_; }
  void reset() override;
  void restart() override { totals_ = {}; }
  void figures(Figures&) override;
  /// Called when a copy has been made: data set, cluster.
  Observers<std::uint32_t, ClusterId> on_copy;

 private:
  struct Copy {
    std::uint64_t version = 0;
    bool updating = false;
  };
  struct Set {
    std::map<std::uint32_t, Copy> copies;  // by cluster
    std::map<std::uint32_t, std::unique_ptr<WaitQueue>> waiting;
    std::vector<Seconds> versions{Seconds(0)};  // date of each version
    std::vector<ClusterId> writers;
  };
  Process update(std::uint32_t data);
  Process refresh(std::uint32_t data, ClusterId to);
  Process replicate(std::uint32_t data, ClusterId to, WaitQueue&);
  Task<Outcome> transfer(ClusterId from, ClusterId to, Bytes);
  ClusterId nearest_holder(std::uint32_t data, ClusterId to) const;

  World& world_;
  std::vector<DatasetSpec> specs_;
  std::vector<Set> sets_;
  Transport bulk_;
  MovedBytes moved_;
  Totals totals_;
};

}  // namespace codecosim
