#include "models/faults/outages.hpp"

#include <algorithm>

namespace codecosim {

namespace {
class Renewal : public Outages {
 public:
  Renewal(Distribution<Seconds> up, Distribution<Seconds> down) : up_(std::move(up)), down_(std::move(down)) {}
  std::optional<Outage> next(Rng& rng, Seconds from, std::uint64_t&) const override {
    const Seconds start = from + up_.sample(rng);
    return Outage{start, down_.sample(rng)};
  }

 private:
  Distribution<Seconds> up_, down_;
};

class Listed : public Outages {
 public:
  explicit Listed(std::vector<Outage> outages) : outages_(std::move(outages)) {}
  std::optional<Outage> next(Rng&, Seconds from, std::uint64_t& position) const override {
    if (position >= outages_.size()) return std::nullopt;
    Outage outage = outages_[position++];
    // An earlier outage may have ended later by its notice.
    const Seconds end = std::max(from, outage.start + outage.duration);
    outage.start = std::max(outage.start, from);
    outage.duration = end - outage.start;
    return outage;
  }
  Seconds earliest() const override { return outages_.empty() ? forever : outages_.front().start; }

 private:
  std::vector<Outage> outages_;
};
}  // namespace

std::unique_ptr<Outages> renewal_outages(Distribution<Seconds> up, Distribution<Seconds> down) {
  return std::make_unique<Renewal>(std::move(up), std::move(down));
}
std::unique_ptr<Outages> listed_outages(const std::vector<Outage>& outages) {
  std::vector<Outage> all;
  for (const Outage& one : outages) {
    if (all.empty() || one.start > all.back().start + all.back().duration) {
      all.push_back(one);
      continue;
    }
    const Seconds end = std::max(all.back().start + all.back().duration, one.start + one.duration);
    all.back().duration = end - all.back().start;
  }
  return std::make_unique<Listed>(std::move(all));
}

}  // namespace codecosim
