#include "policies/placement/swm/routing.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace codecosim {

/// Reserves the bits of a channel on the media of a path, or releases them. Returns false, and reserves nothing, where
/// a medium has not enough.
bool Routing::take(const Channel& channel, std::uint32_t path, std::int64_t sign) {
  if (channel.way.from == channel.way.to) return true;
  const std::vector<std::uint32_t>& media = media_({channel.way.channel, channel.way.from, channel.way.to, path});
  if (sign > 0 && std::ranges::any_of(media, [&](std::uint32_t m) { return free_[m] < channel.bits; })) return false;
  for (const std::uint32_t m : media) free_[m] -= sign * channel.bits;
  return true;
}

void Routing::keep(const Choices& choices, double paid) {
  best_ = paid;
  ways_.clear();
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    ways_.push_back(channels_[i].way);
    ways_.back().path = choices[i]->path;
  }
}

void Routing::first_fit() {
  double paid = 0;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const Channel& channel = channels_[i];
    const auto choice =
        std::ranges::find_if(channel.choices, [&](const SwmModel::Way& one) { return take(channel, one.path, 1); });
    chosen_[i] = choice == channel.choices.end() ? nullptr : &*choice;
    if (chosen_[i])
      paid += choice->price * channel.pairs;
    else
      ++unrouted_;
  }
  for (std::size_t i = 0; i < channels_.size(); ++i)
    if (chosen_[i]) take(channels_[i], chosen_[i]->path, -1);
  if (unrouted_ == 0 && paid < best_) keep(chosen_, paid);
}

/// Takes the suggested paths as the initial solution, if they are feasible.
void Routing::start(const std::vector<Placement::Way>& suggested) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint32_t> paths;
  for (const Placement::Way& way : suggested) paths[{way.channel, way.from, way.to}] = way.path;
  double paid = 0;
  std::size_t at = 0;
  for (; at < channels_.size(); ++at) {
    const Channel& channel = channels_[at];
    const auto found = paths.find({channel.way.channel, channel.way.from, channel.way.to});
    if (found == paths.end()) break;
    const auto choice = std::ranges::find(channel.choices, found->second, &SwmModel::Way::path);
    if (choice == channel.choices.end() || !take(channel, choice->path, 1)) break;
    paid += choice->price * channel.pairs;
    chosen_[at] = &*choice;
  }
  for (std::size_t i = 0; i < at; ++i) take(channels_[i], chosen_[i]->path, -1);
  if (at == channels_.size()) keep(chosen_, paid);
}

void Routing::descend(std::size_t at, double paid) {
  if (paid + bound_[at] >= best_ || ++steps_ > most_steps) return;
  if (at == channels_.size()) return keep(chosen_, paid);
  for (const SwmModel::Way& choice : channels_[at].choices) {
    if (!take(channels_[at], choice.path, 1)) continue;
    chosen_[at] = &choice;
    descend(at + 1, paid + choice.price * channels_[at].pairs);
    take(channels_[at], choice.path, -1);
  }
}

double Routing::solve(const std::vector<Placement::Way>& suggested, const Media& media) {
  media_ = media;
  chosen_.assign(channels_.size(), nullptr);
  bound_.assign(channels_.size() + 1, 0);
  for (std::size_t i = channels_.size(); i-- > 0;)
    bound_[i] = bound_[i + 1] + channels_[i].choices.front().price * channels_[i].pairs;
  if (!suggested.empty()) start(suggested);
  first_fit();
  if (channels_.size() <= most_channels) descend(0, 0);
  if (best_ == SwmModel::out_of_reach) return 0;
  unrouted_ = 0;
  return best_;
}

}  // namespace codecosim
