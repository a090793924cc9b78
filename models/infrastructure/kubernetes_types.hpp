#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/base/units.hpp"
#include "sim/base/words.hpp"

namespace codecosim {

/// Kubernetes' labels: keys to values.
using Labels = std::map<std::string, std::string>;

/// Whether labels have all that a node selector asks for.
inline bool selects(const Labels& selector, const Labels& labels) {
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
}

/// A taint of a Kubernetes node, or of an Open Cluster Management cluster.
struct Taint {
  enum class Effect : std::uint8_t {
    no_schedule,
    prefer_no_schedule,
    no_execute,
    no_select,
    prefer_no_select,
    no_select_if_new
  };
  std::string key;
  std::string value;
  Effect effect = Effect::no_schedule;
  Seconds since{};  ///< Date at which it was added.
};

template <>
inline constexpr auto words_of<Taint::Effect> = std::to_array<std::string_view>(
    {"NoSchedule", "PreferNoSchedule", "NoExecute", "NoSelect", "PreferNoSelect", "NoSelectIfNew"});

/// A Kubernetes toleration. An empty key with `exists` tolerates everything.
struct Toleration {
  enum class Operator : std::uint8_t { equal, exists };
  std::string key;
  std::string value;
  Operator op = Operator::equal;
  bool any_effect = true;
  Taint::Effect effect = Taint::Effect::no_schedule;
  Seconds duration = forever;  ///< tolerationSeconds: so long after the taint was added.
  /// Whether it matches a taint, as in Kubernetes: effect, key and (for `equal`) value must match, where given.
  bool tolerates(const Taint& taint) const {
    if (!any_effect && effect != taint.effect) return false;
    if (!key.empty() && key != taint.key) return false;
    return op == Operator::exists || (!key.empty() && value == taint.value);
  }
  /// The same, within tolerationSeconds.
  bool tolerates(const Taint& taint, Seconds now) const {
    return tolerates(taint) && (duration >= forever || now < taint.since + duration);
  }
};

template <>
inline constexpr auto words_of<Toleration::Operator> = std::to_array<std::string_view>({"Equal", "Exists"});

/// Whether a taint of a node repels a pod with these tolerations. kube-scheduler does not consider tolerationSeconds.
inline bool repels(const Taint& taint, const std::vector<Toleration>& tolerations) {
  const bool hard = taint.effect == Taint::Effect::no_schedule || taint.effect == Taint::Effect::no_execute;
  return hard && std::none_of(tolerations.begin(), tolerations.end(),
                              [&](const Toleration& one) { return one.tolerates(taint); });
}

/// The time for which a taint is tolerated: that of the first toleration which matches it, as in Kubernetes
/// (GetMatchingTolerations); `otherwise` where none does.
inline Seconds tolerated(const Taint& taint, const std::vector<Toleration>& tolerations, Seconds otherwise) {
  const auto first =
      std::find_if(tolerations.begin(), tolerations.end(), [&](const Toleration& one) { return one.tolerates(taint); });
  return first == tolerations.end() ? otherwise : first->duration;
}

}  // namespace codecosim
