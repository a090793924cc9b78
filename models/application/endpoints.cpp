#include "models/application/endpoints.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "models/call_plugin.hpp"

namespace codecosim {

/// A question about one request, which looks up what the policy asks for.
class Endpoints::Question final : public RoutingProblem {
 public:
  Question(const Endpoints& endpoints, ServiceId service, const Set& set, std::uint32_t last, ClusterId from,
           std::uint64_t caller, const Rng& request, bool omniscient = false)
      : endpoints_(endpoints),
        service_(service),
        set_(set),
        last_(last),
        from_(from),
        caller_(caller),
        request_(request),
        omniscient_(omniscient) {}

  std::uint32_t size() const override { return set_.size; }
  std::uint32_t known() const override {
    const Set* unhealthy = this->unhealthy();
    return set_.size + (unhealthy ? unhealthy->size : 0);
  }
  std::uint32_t next() const override { return last_ == nobody ? 0 : endpoints_.after(set_, last_); }
  std::uint32_t id(std::uint32_t endpoint) const override {
    return endpoint < set_.size ? endpoints_.pod(set_, endpoint) : endpoints_.pod(*unhealthy(), endpoint - set_.size);
  }
  std::string cluster(std::uint32_t endpoint) const override { return federation().name(where(endpoint)); }
  Seconds latency(std::uint32_t endpoint) const override {
    return endpoints_.world_.network.latency(from_, where(endpoint));
  }
  std::uint32_t locality(std::uint32_t endpoint) const override {
    const ClusterId there = where(endpoint);
    if (there == from_) return 0;
    return federation().cluster_spec(there).provider == federation().cluster_spec(from_).provider ? 1 : 2;
  }
  std::uint32_t load(std::uint32_t endpoint) const override {
    ensure(omniscient_, "a routing policy asks for the truth, and does not say that it does");
    return static_cast<std::uint32_t>(endpoints_.world_.compute.load({id(endpoint)}));
  }
  std::uint64_t caller() const override { return caller_; }
  Rng rng() const override { return request_.stream(service_.index); }
  Seconds now() const override { return codecosim::now(); }

 private:
  const Federation& federation() const { return endpoints_.world_.federation; }
  ClusterId where(std::uint32_t endpoint) const { return endpoints_.pods_[id(endpoint)].cluster; }
  const Set* unhealthy() const {
    const std::uint32_t others = endpoints_.services_[service_.index].others;
    return others == nobody ? nullptr : &endpoints_.others_[others].unhealthy;
  }

  const Endpoints& endpoints_;
  ServiceId service_;
  const Set& set_;
  std::uint32_t last_;
  ClusterId from_;
  std::uint64_t caller_;
  const Rng& request_;
  bool omniscient_;
};

Endpoints::Endpoints(const World& world, const Catalogue& catalogue)
    : world_(world), catalogue_(catalogue), services_(catalogue.service_count()) {
  std::map<const ComponentSpec*, std::uint32_t> numbers;
  for (std::uint32_t s = 0; s < services_.size(); ++s) {
    const ComponentSpec& component = catalogue.component(ServiceId{s});
    if (!component.routing.make) continue;
    const auto [number, is_new] = numbers.try_emplace(&component, static_cast<std::uint32_t>(policies_.size()));
    services_[s].policy = number->second;
    if (!is_new) continue;
    Policy& policy = policies_.emplace_back();
    policy.make = component.routing.make;
    policy.shared = policy.make();
    policy.in_front = policy.shared->in_front();
    policy.omniscient = policy.shared->omniscient();
    if (policy.shared->observes()) policy.shared.reset();
  }
}

void Endpoints::set(ServiceId id, PodId pod, ClusterId cluster, State state) {
  if (pods_.size() <= pod.index) pods_.resize(pod.index + 1);
  Pod& one = pods_[pod.index];
  one.cluster = cluster;
  if (one.state == state) return;
  Service& service = services_[id.index];
  if (one.state != State::none) remove(set_of(service, one.state), pod);
  one.state = state;
  if (state != State::none) add(set_of(service, state), pod);
}

Endpoints::Set& Endpoints::set_of(Service& service, State state) {
  if (state == State::ready) return service.ready;
  if (service.others == nobody) {
    service.others = static_cast<std::uint32_t>(others_.size());
    others_.emplace_back();
  }
  Others& others = others_[service.others];
  return state == State::serving ? others.serving : others.unhealthy;
}

void Endpoints::add(Set& set, PodId pod) {
  if (set.list == nobody) {
    if (set.size == 0) set.first = pod.index;
    if (pod.index == set.first + set.size) {
      ++set.size;
      return;
    }
    set.list = static_cast<std::uint32_t>(lists_.size());
    std::vector<std::uint32_t>& list = lists_.emplace_back(set.size);
    std::iota(list.begin(), list.end(), set.first);
  }
  std::vector<std::uint32_t>& list = lists_[set.list];
  list.insert(std::ranges::lower_bound(list, pod.index), pod.index);
  ++set.size;
}

void Endpoints::remove(Set& set, PodId pod) {
  --set.size;
  if (set.list == nobody && pod.index == set.first + set.size) return;  // it was the last
  if (set.list == nobody && pod.index == set.first) {
    ++set.first;
    return;
  }
  if (set.list == nobody) {
    set.list = static_cast<std::uint32_t>(lists_.size());
    std::vector<std::uint32_t>& list = lists_.emplace_back(set.size + 1);
    std::iota(list.begin(), list.end(), set.first);
  }
  std::erase(lists_[set.list], pod.index);
}

std::uint32_t Endpoints::after(const Set& set, std::uint32_t pod) const {
  if (set.list == nobody) return pod < set.first || pod + 1 >= set.first + set.size ? 0 : pod + 1 - set.first;
  const std::vector<std::uint32_t>& list = lists_[set.list];
  const auto next = std::ranges::upper_bound(list, pod);
  return next == list.end() ? 0 : static_cast<std::uint32_t>(next - list.begin());
}

Endpoints::Way Endpoints::route(ServiceId id, ClusterId from, std::uint64_t caller, const Rng& request) {
  const Service& service = services_[id.index];
  const Set* set = &service.ready;
  if (set->size == 0) [[unlikely]] {
    if (service.others == nobody) return {};
    set = &others_[service.others].serving;
    if (set->size == 0) return {};
  }
  if (service.policy != nobody) return ask(id, *set, from, caller, request);
  const Question question(*this, id, *set, nobody, from, caller, request);
  return {{question.id(any_endpoint(question))}, nobody};
}

Endpoints::Way Endpoints::ask(ServiceId id, const Set& set, ClusterId from, std::uint64_t caller, const Rng& request) {
  Service& service = services_[id.index];
  Policy& policy = policies_[service.policy];
  std::uint32_t* last = &service.last;
  std::uint32_t observer = nobody;
  RoutingPolicy* asked = policy.shared.get();
  if (!asked || !policy.in_front) {
    const std::uint32_t number = proxy_of(id, policy.in_front ? ClusterId{} : from, policy);
    last = &proxies_[number].last;
    if (!asked) {
      asked = proxies_[number].own.get();
      observer = number;
    }
  }
  const Question question(*this, id, set, *last, from, caller, request, policy.omniscient);
  const std::uint32_t endpoint = call_plugin(*asked, [&] { return asked->choose(question); });
  if (endpoint >= set.size && endpoint >= question.known()) [[unlikely]]
    throw Error(Failure::model, asked->called + " chose an endpoint that does not exist");
  *last = question.id(endpoint);
  return {{*last}, observer};
}

std::uint32_t Endpoints::proxy_of(ServiceId id, ClusterId callers, const Policy& policy) {
  const auto [found, is_new] =
      numbers_.try_emplace(std::uint64_t{id.index} << 32 | callers.index, static_cast<std::uint32_t>(proxies_.size()));
  if (is_new) proxies_.push_back({nobody, policy.shared ? nullptr : policy.make()});
  return found->second;
}

void Endpoints::tell(const Way& way, Seconds since, bool answered) {
  RoutingPolicy& policy = *proxies_[way.proxy].own;
  const Seconds now = codecosim::now();
  call_plugin(policy, [&] { policy.ended(way.pod.index, now - since, answered, now); });
}

}  // namespace codecosim
