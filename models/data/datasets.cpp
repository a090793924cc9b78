#include "models/data/datasets.hpp"

#include <algorithm>

namespace codecosim {

namespace {
constexpr Seconds retry{10};
}

Datasets::Datasets(World& world, std::vector<DatasetSpec> specs, Transport bulk)
    : world_(world), specs_(std::move(specs)), sets_(specs_.size()), bulk_(bulk) {
  for (std::size_t d = 0; d < specs_.size(); ++d) {
    sets_[d].copies[specs_[d].source.index];
    for (const ClusterId cluster : specs_[d].copies) sets_[d].copies[cluster.index];
  }
}

void Datasets::start() {
  for (std::uint32_t d = 0; d < specs_.size(); ++d)
    if (specs_[d].update_period < forever) spawn(update(d));
}

Seconds Datasets::age_of_copies(ClusterId cluster) const {
  Seconds sum;
  double copies = 0;
  for (const Set& set : sets_)
    if (const auto found = set.copies.find(cluster.index); found != set.copies.end()) {
      sum += now() - set.versions[found->second.version];
      ++copies;
    }
  return copies > 0 ? sum / copies : Seconds(0);
}

Process Datasets::update(std::uint32_t data) {
  const DatasetSpec& spec = specs_[data];
  Set& set = sets_[data];
  for (;;) {
    co_await delay(spec.update_period);
    if (!set.writers.empty() && set.writers.front() != spec.source) {
      const Outcome outcome = co_await transfer(set.writers.front(), spec.source, spec.update_size);
      if (outcome != Outcome::done) continue;  // the next version includes this one's changes
    }
    set.versions.push_back(now());
    set.copies[spec.source.index].version = set.versions.size() - 1;
    for (const auto& [cluster, copy] : set.copies)
      if (cluster != spec.source.index && !copy.updating) spawn(refresh(data, {cluster}));
  }
}

Process Datasets::refresh(std::uint32_t data, ClusterId to) {
  const DatasetSpec& spec = specs_[data];
  Set& set = sets_[data];
  Copy& copy = set.copies[to.index];
  copy.updating = true;
  while (copy.version + 1 < set.versions.size()) {
    const std::uint64_t newest = set.versions.size() - 1;
    const Outcome outcome =
        co_await transfer(spec.source, to, spec.update_size * static_cast<double>(newest - copy.version));
    if (outcome != Outcome::done) {
      co_await delay(retry);
      continue;
    }
    for (std::uint64_t version = copy.version + 1; version <= newest; ++version) {
      const Seconds lag = now() - set.versions[version];
      totals_.lag.add(lag.value);
      totals_.stale += lag > spec.freshness;
      ++totals_.updates;
    }
    copy.version = newest;
  }
  copy.updating = false;
}

Task<> Datasets::fetch(std::uint32_t data, ClusterId to) {
  while (!has(data, to)) {
    auto& waiting = sets_[data].waiting[to.index];
    if (!waiting) {
      waiting = std::make_unique<WaitQueue>();
      spawn(replicate(data, to, *waiting));
    }
    co_await waiting->wait();
  }
}

Process Datasets::replicate(std::uint32_t data, ClusterId to, WaitQueue& waiting) {
  Set& set = sets_[data];
  for (;;) {
    const std::uint64_t version = set.versions.size() - 1;
    const Outcome outcome = co_await transfer(nearest_holder(data, to), to, specs_[data].size);
    if (outcome == Outcome::done) {
      ++totals_.replications;
      set.copies[to.index].version = version;
      break;
    }
    co_await delay(retry);
  }
  on_copy(data, to);
  waiting.wake_all();
  if (!set.copies[to.index].updating) spawn(refresh(data, to));
}

Task<Outcome> Datasets::transfer(ClusterId from, ClusterId to, Bytes size) {
  Message message(world_.network, ServiceClass::best_effort, bulk_);
  const MovedBytes::Counting counting(moved_, message);
  const Outcome outcome = co_await message.carry(Network::gateway(from), Network::gateway(to), size);
  totals_.failed += outcome != Outcome::done;
  co_return outcome;
}

ClusterId Datasets::nearest_holder(std::uint32_t data, ClusterId to) const {
  ClusterId best = specs_[data].source;
  for (const auto& [cluster, copy] : sets_[data].copies)
    if (world_.network.latency({cluster}, to) < world_.network.latency(best, to)) best = {cluster};
  return best;
}

void Datasets::writer(std::uint32_t data, ClusterId cluster, bool writes) {
  auto& writers = sets_[data].writers;
  if (writes)
    writers.push_back(cluster);
  else if (const auto found = std::find(writers.begin(), writers.end(), cluster); found != writers.end())
    writers.erase(found);
}

// The first copies belong to deployment.
void Datasets::reset() {
  const std::uint64_t replications = totals_.replications;
  totals_ = {};
  totals_.replications = replications;
  moved_.reset();
}

void Datasets::figures(Figures& figures) {
  figures.count("data.replications", Better::neither, totals_.replications,
                "Copies of data sets made for components that read them.");
  figures.count("data.updates", Better::neither, totals_.updates, "New versions that reached a copy.");
  figures.count("data.stale", Better::lower, totals_.stale, "Of those, later than the data set's freshness allows.");
  figures.count("data.failed", Better::lower, totals_.failed, "Transfers of data that failed, and were tried again.");
  figures.spread("data.lag", "s", Better::lower, totals_.lag,
                 "From a new version at the source to its arrival at a copy.");
  figures.add("bytes.data", "B", Better::lower, moved_.total().value, "Bytes of data sets that were sent.");
}

}  // namespace codecosim
