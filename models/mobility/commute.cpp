#include <algorithm>
#include <utility>

#include "models/mobility/motion.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
class Commuting : public Motion {
 public:
  explicit Commuting(Commute commute) : commute_(std::move(commute)) {}

 private:
  // A day is four legs: at home, to work, at work, home.
  std::optional<Leg> move(State& state, std::uint32_t) const override {
    if (state.count == 0) settle(state);
    const Position &home = commute_.sites[state.home], &work = commute_.sites[state.work];
    const std::uint64_t days = state.count / 4;
    const Seconds day = static_cast<double>(days) * commute_.day;
    switch (state.count % 4) {
      case 0:
        return Leg::rest(home, state.when, std::max(state.when, day + commute_.leaves.sample(state.rng)));
      case 1:
        return Leg::between(home, work, state.when, commute_.speed.sample(state.rng));
      case 2:
        return Leg::rest(work, state.when, state.when + commute_.stays.sample(state.rng));
      default:
        return Leg::between(work, home, state.when, commute_.speed.sample(state.rng));
    }
  }
  void settle(State& state) const {
    const std::size_t sites = commute_.sites.size();
    state.home = static_cast<std::uint32_t>(state.rng.below(sites));
    state.work = static_cast<std::uint32_t>((state.home + 1 + state.rng.below(sites - 1)) % sites);
  }
  Commute commute_;
};
}  // namespace

std::unique_ptr<Motion> commute(Commute commute) {
  ensure(commute.sites.size() >= 2, "who commutes needs two sites");
  return std::make_unique<Commuting>(std::move(commute));
}

}  // namespace codecosim
