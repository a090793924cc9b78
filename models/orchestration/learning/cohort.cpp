#include "models/orchestration/learning/cohort.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/call_plugin.hpp"

namespace codecosim {

namespace {
constexpr Bytes header{200}, parameter{4};
}

Cohort::Cohort(World& world, Wire& wire, const ExchangeSpec& spec, Transport bulk, const std::string& kind,
               const std::vector<Member>& members, Links ties)
    : world_(world), wire_(wire), spec_(spec), bulk_(bulk), ties_(std::move(ties)) {
  const Rng family = world.rng.stream("learning/" + kind);
  for (const Member& one : members)
    sites_.emplace_back(one, world.compute.add_pod({spec.cores, spec.cores, 1}), family.stream(one.cluster.index));
}

void Cohort::start() {
  arrange();
  if (!spec_.asynchronous)
    for (Aggregator& one : aggregators_) spawn(collect(one));
  for (Site& one : sites_) spawn(live(one));
}

// Sets the aggregator of each learner: the hub, or the first of the provider's clusters, whose aggregator is the hub.
void Cohort::arrange() {
  if (spec_.rule != ExchangeSpec::Rule::fedavg && spec_.rule != ExchangeSpec::Rule::hierarchical) return;
  const bool by_provider = spec_.rule == ExchangeSpec::Rule::hierarchical;
  const double levels = by_provider ? 2 : 1;
  const Seconds deadline = spec_.deadline > Seconds(0) ? spec_.deadline : spec_.round / (2 * levels);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> made;  // by hub, then by provider
  const auto aggregator = [&](ClusterId hub, std::uint32_t provider, ClusterId cluster, Seconds patience) {
    const auto [found, fresh] =
        made.try_emplace({hub.index, provider}, static_cast<std::uint32_t>(aggregators_.size()));
    if (fresh) aggregators_.emplace_back(cluster, patience);
    return found->second;
  };
  for (std::uint32_t s = 0; s < sites_.size(); ++s) {
    Site& site = sites_[s];
    const ClusterId hub = ties_.hub(site.cluster);
    site.aggregator = aggregator(hub, none, hub, deadline * levels);
    if (by_provider) {
      const std::uint32_t top =
          std::exchange(site.aggregator,
                        aggregator(hub, world_.federation.cluster_spec(site.cluster).provider, site.cluster, deadline));
      if (std::exchange(aggregators_[site.aggregator].above, top) == none)
        aggregators_[top].below.push_back(site.aggregator);
    }
    Aggregator& its = aggregators_[site.aggregator];
    its.sites.push_back(s);
    if (its.model.empty()) its.model = site.learner->parameters();
  }
}

Process Cohort::live(Site& site) {
  for (std::uint64_t round = 1;; ++round) {
    if (spec_.asynchronous) {
      co_await delay(Seconds(site.pace.exponential(spec_.round.value)));
    } else {
      round = std::max(round,
                       static_cast<std::uint64_t>(std::ceil(now() / spec_.round)));  // it may have trained for longer
      co_await until(spec_.round * static_cast<double>(round));
    }
    std::optional<Update> update = co_await train(site);
    // Some forecasters have no parameters, so there is nothing to exchange.
    if (!update || site.learner->parameters().empty()) continue;
    if (spec_.rule == ExchangeSpec::Rule::gossip)
      spawn(gossip(site));
    else if (site.aggregator != none)
      spawn(upload(site.cluster, site.aggregator, std::move(*update), round));
  }
}

// Training, on a node of the cluster.

Task<std::optional<Update>> Cohort::train(Site& site) {
  const NodeId node = home(site.cluster);
  if (!node) {
    ++totals_.failed;
    co_return std::nullopt;
  }
  Update update;
  update.base = site.base;
  if (site.learner->waiting() == 0) co_return update;
  const std::vector<float> before = site.learner->parameters();
  const Learner::Training training = call_plugin(*site.learner, [&] { return site.learner->train(site.training); });
  std::vector<float> after = site.learner->parameters();
  site.learner->set_parameters(before);  // until it has trained
  const CoreSeconds work(training.operations / spec_.operations_per_core_second);
  const Seconds begun = now();
  const Outcome outcome = co_await this->work(site, node, work);
  if (outcome != Outcome::done) {
    ++totals_.failed;
    co_return std::nullopt;
  }
  ++totals_.rounds;
  totals_.samples += training.samples;
  totals_.work += work;
  totals_.duration.add((now() - begun).value);
  site.loss = training.loss;
  if (spec_.rule != ExchangeSpec::Rule::none) {
    protect(after, before, spec_.clip, spec_.noise, site.noise);
    ++site.releases;
  }
  // Parameters that it received meanwhile stay, and the change by the training is added.
  std::vector<float> own = site.learner->parameters();
  for (std::size_t i = 0; i < own.size(); ++i)
    own[i] = own[i] == before[i] ? after[i] : own[i] + (after[i] - before[i]);
  site.learner->set_parameters(own);
  update.parameters = std::move(after);
  update.samples = static_cast<double>(training.samples);
  co_return update;
}

Task<Outcome> Cohort::work(Site& site, NodeId node, CoreSeconds work) {
  world_.compute.bind(site.pod, node);
  const Outcome outcome = co_await world_.compute.run(site.pod, work);
  if (world_.compute.bound(site.pod)) world_.compute.unbind(site.pod);
  co_return outcome;
}

NodeId Cohort::home(ClusterId cluster) const {
  for (const NodeId n : world_.federation.nodes(cluster))
    if (world_.up(n)) return n;
  return {};
}

void Cohort::node_down(NodeId node) {
  for (const Site& one : sites_)
    if (world_.compute.bound(one.pod) && world_.compute.node_of(one.pod) == node) world_.compute.unbind(one.pod);
}

// Exchange with an aggregator.

Process Cohort::upload(ClusterId from, std::uint32_t to, Update update, std::uint64_t round) {
  const bool sent = co_await send(from, aggregators_[to].cluster, update.parameters.size());
  if (sent) receive(aggregators_[to], from, std::move(update), round);
}

void Cohort::receive(Aggregator& at, ClusterId from, Update update, std::uint64_t round) {
  if (spec_.asynchronous) {
    if (update.samples <= 0) return;
    mix(at.model, update.parameters, mixing_weight(spec_.mixing, at.version - update.base));
    ++at.version;
    ++totals_.averages;
    for (const std::uint32_t s : at.sites)
      if (sites_[s].cluster == from) spawn(give(at.cluster, sites_[s], at.model, at.version));
    return;
  }
  if (round < at.round || (round == at.round && !at.open)) {
    ++totals_.late;
    return;
  }
  at.answers[round][from.index] = std::move(update);
  if (round == at.round && satisfied(at, spec_.quorum)) at.enough->wake();
}

bool Cohort::satisfied(const Aggregator& at, double quorum) {
  const auto found = at.answers.find(at.round);
  const double had = found == at.answers.end() ? 0 : static_cast<double>(found->second.size());
  return had >= std::ceil(quorum * static_cast<double>(at.sites.size() + at.below.size()) * (1 - 1e-12));
}

Process Cohort::collect(Aggregator& at) {
  for (;;) {
    co_await until(spec_.round * static_cast<double>(++at.round));
    at.open = true;
    if (!satisfied(at, spec_.quorum)) co_await within(at.patience, enough(at));
    at.open = false;
    conclude(at);
  }
}

Task<Outcome> Cohort::enough(Aggregator& at) {
  const Outcome outcome = co_await at.enough->wait();
  co_return outcome;
}

void Cohort::conclude(Aggregator& at) {
  const std::map<std::uint32_t, Update> answers = std::move(at.answers[at.round]);
  at.answers.erase(at.answers.begin(), at.answers.upper_bound(at.round));
  if (answers.empty() || !world_.alive(at.cluster)) return;
  Update all = average(answers);
  totals_.averages += all.samples > 0;
  if (at.above != none) {
    spawn(upload(at.cluster, at.above, std::move(all), at.round));
  } else if (all.samples > 0) {
    at.model = std::move(all.parameters);
    pass_down(at, at.model, ++at.version);
  }
}

void Cohort::pass_down(const Aggregator& at, const std::vector<float>& model, std::uint64_t version) {
  for (const std::uint32_t s : at.sites) spawn(give(at.cluster, sites_[s], model, version));
  for (const std::uint32_t b : at.below) spawn(pass_down(at, b, model, version));
}

Process Cohort::pass_down(const Aggregator& at, std::uint32_t below, std::vector<float> model, std::uint64_t version) {
  const bool sent = co_await send(at.cluster, aggregators_[below].cluster, model.size());
  if (sent) pass_down(aggregators_[below], model, version);
}

Process Cohort::give(ClusterId from, Site& site, std::vector<float> model, std::uint64_t version) {
  const bool sent = co_await send(from, site.cluster, model.size());
  if (!sent || version < site.base) co_return;  // a newer one has overtaken it
  site.base = version;
  site.learner->set_parameters(model);
}

// Exchange by gossip.

Process Cohort::gossip(Site& site) {
  const std::vector<std::uint32_t> others = beside(site);
  if (others.empty()) co_return;
  Site& other = sites_[others[site.pace.below(others.size())]];
  const std::vector<float> mine = site.learner->parameters();
  const bool pushed = co_await send(site.cluster, other.cluster, mine.size());
  if (!pushed) co_return;
  const std::vector<float> theirs = other.learner->parameters();
  std::vector<float> own = theirs;
  meet(own, theirs, mine);
  other.learner->set_parameters(own);
  const bool pulled = co_await send(other.cluster, site.cluster, theirs.size());
  if (!pulled) co_return;
  own = site.learner->parameters();
  meet(own, mine, theirs);
  site.learner->set_parameters(own);
  ++totals_.averages;
}

std::vector<std::uint32_t> Cohort::beside(const Site& site) const {
  std::vector<std::uint32_t> all;
  const auto known = ties_.neighbours(site.cluster);
  const std::size_t n = sites_.size(), own = static_cast<std::size_t>(&site - sites_.data());
  for (std::size_t s = 0; s < n; ++s) {
    if (s == own) continue;
    const std::size_t apart = s > own ? s - own : own - s;
    const std::size_t way = std::min(apart, n - apart);
    const bool near =
        known ? std::ranges::find(*known, sites_[s].cluster) != known->end() : way <= (spec_.neighbours + 1) / 2;
    if (near) all.push_back(static_cast<std::uint32_t>(s));
  }
  return all;
}

Task<bool> Cohort::send(ClusterId from, ClusterId to, std::size_t parameters) {
  if (from == to) co_return true;
  const Bytes size = header + parameter * static_cast<double>(parameters);
  ++totals_.sent;
  totals_.bytes += size;
  Outcome outcome = Outcome::done;
  if (size > spec_.large) {
    Message message(world_.network, ServiceClass::best_effort, bulk_);
    const MovedBytes::Counting counting(world_.metrics.control(Plane::learning), message);
    outcome = co_await message.carry(Network::gateway(from), Network::gateway(to), size);
  } else {
    outcome = co_await wire_.send(Plane::learning, from, to, size);
  }
  const bool arrived = outcome == Outcome::done && world_.alive(to);
  totals_.lost += !arrived;
  co_return arrived;
}

Cohort::Totals Cohort::totals() const {
  Totals all = totals_;
  for (const Site& one : sites_) {
    all.releases = std::max(all.releases, one.releases);
    if (one.loss) {
      all.loss += *one.loss;
      ++all.trained;
    }
  }
  return all;
}

}  // namespace codecosim
