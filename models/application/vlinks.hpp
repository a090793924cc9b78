#pragma once
#include <cstdint>
#include <map>

#include "models/network/network.hpp"
#include "sim/base/ids.hpp"

namespace codecosim {

/// How calls over channels cross the network where a control plane runs channels (L2S-M's vlinks), and how that went.
/// Empty where none does: calls then go by the default route, in the class of their channel.
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
    bool running = false;  ///< Until then its calls go BESTEFFORT.
    PathId there, back;
    std::uint32_t calls = 0, late = 0;  ///< Since whoever watches it last counted; late, or lost.
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
  /// Made when first asked for.
  Vlink& at(const Key& key) { return all_[key]; }
  void remove(const Key& key) { all_.erase(key); }

 private:
  std::map<Key, Vlink> all_;
};

}  // namespace codecosim
