#pragma once
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "policies/placement/swm/model.hpp"

namespace codecosim {

/// The choice of a path for each of a set of channels, at the least price that respects the capacity of every medium:
/// first fit, then depth-first branch and bound, bounded by the cheapest paths of the remaining channels, for at most
/// `most_steps` steps.
class Routing {
 public:
  struct Channel {
    Placement::Way way;
    std::int64_t bits = 0;
    double pairs = 1;  ///< Pairs of ends; each pays the same price.
    std::vector<SwmModel::Way> choices;
  };
  using Media = std::function<const std::vector<std::uint32_t>&(const Placement::Way&)>;

  explicit Routing(std::vector<std::int64_t> free) : free_(std::move(free)) {}
  void add(Channel channel) { channels_.push_back(std::move(channel)); }
  /// Solves for the least price, and returns it; zero where not all channels can be routed. `suggested` paths are the
  /// initial solution.
  double solve(const std::vector<Placement::Way>& suggested, const Media& media);
  const std::vector<Placement::Way>& ways() const { return ways_; }
  /// Channels without a path, by first fit.
  std::uint32_t unrouted() const { return unrouted_; }

 private:
  static constexpr std::uint32_t most_steps = 200000;
  static constexpr std::size_t most_channels = 1000;  // more are routed by first fit only
  using Choices = std::vector<const SwmModel::Way*>;  // by channel; null: none
  bool take(const Channel& channel, std::uint32_t path, std::int64_t sign);
  void keep(const Choices& choices, double paid);
  void first_fit();
  void descend(std::size_t at, double paid);
  void start(const std::vector<Placement::Way>& suggested);

  std::vector<std::int64_t> free_;
  std::vector<Channel> channels_;
  Choices chosen_;
  std::vector<double> bound_;  // lower bound of the price of the channels from here on
  std::vector<Placement::Way> ways_;
  Media media_;
  double best_ = SwmModel::out_of_reach;
  std::uint32_t steps_ = 0, unrouted_ = 0;
};

}  // namespace codecosim
