#pragma once
#include <cstdint>
#include <map>

#include "models/network/network.hpp"
#include "sim/base/ids.hpp"

namespace codecosim {

/// The paths of calls over channels, where a control plane runs channels (L2S-M's vlinks), and counts of these calls.
/// Empty where no control plane does: calls then take the default route, in the class of their channel.
class Vlinks {
 public:
  struct Key {
    ApplicationId application;
    std::uint32_t channel = 0;  ///< Number in the application.
    ClusterId from, to;
    auto operator<=>(const Key&) const = default;
  };
  struct Way {
    ServiceClass service_class;
    PathId there, back;  ///< None: the default route.
  };
  struct Vlink {
    bool running = false;  ///< Until it runs, its calls go BESTEFFORT.
    PathId there, back;
    std::uint32_t calls = 0, late = 0;  ///< Since its observer last counted; `late`: late or lost.
  };

  Way way(const Key& key, ServiceClass asked) const {
    if (all_.empty()) [[likely]]
      return {asked, {}, {}};
    const auto found = all_.find(key);
    if (found == all_.end()) return {asked, {}, {}};
    const Vlink& vlink = found->second;
    return {vlink.running ? asked : ServiceClass::best_effort, vlink.there, vlink.back};
  }
  void called(const Key& key, bool late) {
    if (all_.empty()) [[likely]]
      return;
    if (const auto found = all_.find(key); found != all_.end()) {
      ++found->second.calls;
      found->second.late += late;
    }
  }
  /// The vlink of a key, created at the first call.
  Vlink& at(const Key& key) { return all_[key]; }
  void remove(const Key& key) { all_.erase(key); }

 private:
  std::map<Key, Vlink> all_;
};

}  // namespace codecosim
