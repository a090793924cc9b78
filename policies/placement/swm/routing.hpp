#pragma once
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "policies/placement/swm/model.hpp"

namespace codecosim {

/// Which paths a set of channels takes, so that no medium carries more than it has and the price is the least: first
/// fit, and where that is not the cheapest of all, depth first with what is left at its cheapest as the bound, for a
/// stated number of steps.
class Routing {
 public:
  struct Channel {
    Placement::Way way;
    std::int64_t bits = 0;
    double pairs = 1;  ///< Of ends, which pay alike.
    std::vector<SwmModel::Way> choices;
  };
  using Media = std::function<const std::vector<std::uint32_t>&(const Placement::Way&)>;

  explicit Routing(std::vector<std::int64_t> free) : free_(std::move(free)) {}
  void add(Channel channel) { channels_.push_back(std::move(channel)); }
  /// The least price that was found; zero where there is no way to have all. Ways that are `suggested` are where it
  /// starts.
  double solve(const std::vector<Placement::Way>& suggested, const Media& media);
  const std::vector<Placement::Way>& ways() const { return ways_; }
  /// Channels that find no way, by first fit.
  std::uint32_t unrouted() const { return unrouted_; }

 private:
  static constexpr std::uint32_t most_steps = 200000;
  static constexpr std::size_t most_channels = 1000;  // that are tried otherwise than by first fit
  using Choices = std::vector<const SwmModel::Way*>;  // by channel; null: none
  bool take(const Channel& channel, std::uint32_t path, std::int64_t sign);
  void keep(const Choices& choices, double paid);
  void first_fit();
  void descend(std::size_t at, double paid);
  void start(const std::vector<Placement::Way>& suggested);

  std::vector<std::int64_t> free_;
  std::vector<Channel> channels_;
  Choices chosen_;
  std::vector<double> bound_;  // of the channels from here on
  std::vector<Placement::Way> ways_;
  Media media_;
  double best_ = SwmModel::out_of_reach;
  std::uint32_t steps_ = 0, unrouted_ = 0;
};

}  // namespace codecosim
