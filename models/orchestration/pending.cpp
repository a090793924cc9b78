#include "models/orchestration/pending.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace codecosim {

namespace {
/// The replicas of one component in one cluster, by the placer's state.
struct Group {
  std::uint32_t wanted = 0, served_elsewhere = 0;
  std::string reason;  // why no other cluster was found for unschedulable ones
};
using Groups = std::map<std::pair<std::uint32_t, ClusterId>, Group>;

Groups groups(ApplicationId id, const Applications& applications, const Placer& placer, const Kubernetes& kubernetes) {
  Groups all;
  for (const Replica& one : placer.replicas(id)) {
    if (!one.cluster) continue;
    Group& group = all[{one.component, one.cluster}];
    ++group.wanted;
    const ServiceId service = applications.service(id, one.component);
    group.served_elsewhere += one.leaving && kubernetes.status(one.leaving->from, service).ready > 0;
    if (one.known == Replica::Known::unschedulable) group.reason = one.reason;
  }
  return all;
}

std::string reason_of(PodId pod, const Kubernetes& kubernetes, const std::string& elsewhere) {
  switch (kubernetes.stage(pod)) {
    case Kubernetes::Stage::pending:
      return "waits for the scheduler";
    case Kubernetes::Stage::unschedulable: {
      const std::string& here = kubernetes.reason(pod);
      return elsewhere.empty() || elsewhere == here ? here : here + " Elsewhere: " + elsewhere;
    }
    default:
      return "starting";
  }
}

std::string unheard(ClusterId cluster, const Placer& placer) {
  return placer.obstacle(cluster) ? "its cluster is unreachable and has not heard of it" : "its work is on its way";
}
}  // namespace

bool all_ready(ApplicationId id, const Applications& applications, const Placer& placer, const Kubernetes& kubernetes) {
  std::vector<Pending> pending;
  add_pending(id, applications, placer, kubernetes, pending);
  return pending.empty();
}

void add_pending(ApplicationId id, const Applications& applications, const Placer& placer, const Kubernetes& kubernetes,
                 std::vector<Pending>& all) {
  for (const Replica& one : placer.replicas(id))
    if (!one.cluster)
      all.push_back({applications.service(id, one.component), {}, one.reason.empty() ? "being placed" : one.reason});
  for (const auto& [key, group] : groups(id, applications, placer, kubernetes)) {
    const auto& [component, cluster] = key;
    const ServiceId service = applications.service(id, component);
    std::uint32_t ready = 0;
    std::vector<PodId> others;
    for (const PodId pod : kubernetes.pods(cluster, service)) {
      if (kubernetes.stage(pod) == Kubernetes::Stage::ready)
        ++ready;
      else
        others.push_back(pod);
    }
    const std::uint32_t served = ready + group.served_elsewhere;
    for (std::uint32_t missing = served; missing < group.wanted; ++missing) {
      const std::size_t number = missing - served;
      if (number < others.size())
        all.push_back({service, others[number], reason_of(others[number], kubernetes, group.reason)});
      else
        all.push_back({service, {}, unheard(cluster, placer)});
    }
  }
}

void add_outdated(ApplicationId id, const Applications& applications, const Placer& placer,
                  const Kubernetes& kubernetes, std::vector<Pending>& all) {
  for (const auto& [key, group] : groups(id, applications, placer, kubernetes)) {
    const auto& [component, cluster] = key;
    const ServiceId service = applications.service(id, component);
    const std::vector<PodId>& pods = kubernetes.pods(cluster, service);
    const auto ready = [&](PodId pod) { return kubernetes.stage(pod) == Kubernetes::Stage::ready; };
    const std::uint32_t wanted = placer.revision(id, component);
    const auto is_next = [&](PodId pod) { return kubernetes.revision(pod) == wanted && !ready(pod); };
    const auto next = std::find_if(pods.begin(), pods.end(), is_next);
    std::string reason = unheard(cluster, placer);
    if (kubernetes.revision(cluster, service) == wanted)
      reason = next == pods.end() ? "its rollout goes on" : "the next: " + reason_of(*next, kubernetes, group.reason);
    for (const PodId pod : pods)
      if (ready(pod) && kubernetes.revision(pod) != wanted)
        all.push_back({service, pod, "is of an older revision; " + reason});
  }
}

void add_all_pending(ApplicationId id, const Applications& applications, const std::string& reason,
                     std::vector<Pending>& all) {
  const std::size_t components = applications.spec(id).components.size();
  for (std::uint32_t c = 0; c < components; ++c) {
    const ServiceId service = applications.service(id, c);
    for (std::uint32_t r = 0; r < applications.wanted(service); ++r) all.push_back({service, {}, reason});
  }
}

}  // namespace codecosim
