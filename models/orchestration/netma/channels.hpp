#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/placement/network_view.hpp"
#include "models/orchestration/wire.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/histogram.hpp"
#include "sim/base/observers.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The parameters of channels: admission, set-up and monitoring. CODECO publishes none of these figures except the
/// frame: they are assumptions.
struct ChannelsSpec {
  Seconds setup{1};
  Bytes frame{500};
  std::uint32_t paths = 3;
  std::uint32_t attempts = 10;
  Seconds retry{30};
  Seconds check{30};
  Seconds window{60};
  double late_share = 0.05;
  Bytes request{1000}, overlay{2000}, answer{200};

  template <class V>
  void fields(V&& v) {
    v("setup", setup, "To set up an overlay link at one end, from its definition having arrived.", not_negative);
    v("frame", frame, "Size of a frame, whose transmission counts into a channel's delay.", not_negative);
    v("paths", paths, "Paths that are tried in an explicit topology, by rising latency.", at_least(1));
    v("attempts", attempts, "How often a channel is reviewed before it stays rejected.", at_least(1));
    v("retry", retry, "Before a control message is sent anew whose connection broke.", positive);
    v("check", check, "Period at which channels are held against what NetMA knows.", positive);
    v("window", window, "Period at which a cluster counts the late calls over its channels.", positive);
    v("late_share", late_share, "Share of calls in a window that may be late or lost before a channel is out of QoS.",
      between(0, 1));
    v("request", request, "Size of the request for a channel, and of its deletion.", not_negative);
    v("overlay", overlay, "Size of the definition of an overlay link, to each end.", not_negative);
    v("answer", answer, "Size of an acknowledgement or a report.", not_negative);
  }
};

/// Why a channel was rejected.
enum class Rejection : std::uint8_t { no_path, bandwidth, delay };
constexpr std::string_view name(Rejection reason) {
  constexpr std::string_view names[] = {"no path", "bandwidth", "delay"};
  return names[static_cast<int>(reason)];
}

/// The channels of all applications between the clusters of their components, from REQUESTED to DELETED.
///
/// Claim: a channel is requested from NetMA's controller in the hub's cluster. The controller admits ASSURED channels
/// by the reserved bandwidth and the known delay, has an overlay link set up at both ends, and monitors it by NetMA's
/// measurements, which may be old. Calls do not wait for their channel: until it runs they go BESTEFFORT by the default
/// route. Sources and status: docs/models.md. Checked by: tests/physics/channels_test.cpp.
class Channels {
 public:
  Channels(World&, Applications&, Wire&, NetworkView& of_hub, const ChannelsSpec&);

  /// Sets the clusters of the replicas of an application's components: pairs (component, cluster), in any order.
  /// Requests the channels that this needs and that do not exist, and ends those that it does not need.
  void require(ApplicationId, const std::vector<std::pair<std::uint32_t, ClusterId>>& placement);
  void remove(ApplicationId app) { require(app, {}); }

  /// Called when a channel is out of QoS and has no other path. It may call require().
  Observers<ApplicationId, std::uint32_t> out_of_qos;

  using Key = Vlinks::Key;  ///< A channel of an application between two clusters.
  struct Status {
    ChannelState state;
    std::vector<LinkId> path;         ///< Wide-area links of its path, as long as it is admitted.
    std::optional<Rejection> reason;  ///< Reason of its last rejection.
  };
  /// The status of a channel; nothing where it is not wanted.
  std::optional<Status> status(const Key&) const;

  struct Totals {
    std::array<std::uint64_t, 10> channels{};   ///< Channels now in each state; CANCELED and DELETED: ever.
    std::array<std::uint64_t, 3> rejections{};  ///< Rejections by reason; each review counts.
    std::uint64_t requested = 0, repathed = 0;
    std::uint64_t out_of_qos = 0;  ///< Times that a channel went out of QoS.
    Seconds out_of_qos_time;       ///< Time out of QoS, summed over channels.
    Histogram setup_time;          ///< From the request to running for the first time [s].
    Totals& operator+=(const Totals&);
  };
  Totals totals() const;
  /// Counts events anew; the channels stay.
  void restart();

 private:
  /// The reservation of a channel.
  struct Claim {
    std::vector<LinkId> path;
    std::uint64_t bits = 0;  // bits per second, whole, so that sums are exact
    bool pinned = false;     // whether the path is not the default route
  };
  struct Channel {
    const Key key;
    const Seconds asked_at;
    ChannelState state = ChannelState::requested;
    Claim claim;
    std::optional<Rejection> reason;
    std::uint32_t ends_open = 0;  // ends of its overlay link that are not set up yet
    std::uint64_t run = 0;        // a number for each time it began to run
    bool out = false;             // out of QoS, until it runs again
    bool said_late = false;       // whether its calls are late, as its cluster last reported
    bool late = false;            // the same, as the hub has last received
    Process life;
  };
  Process live(Channel&);
  Process reroute(Channel&);
  Process withdraw(Key, Claim);
  Process observe();
  Process report(Key, std::uint64_t run, bool late);
  Process judge();
  Task<> implement(Channel&);
  Task<> set_up(Channel&, ClusterId end);
  Task<> tell(Plane, ClusterId from, ClusterId to, Bytes);

  void end(Channel&);
  void enter(Channel&, ChannelState);
  void run(Channel&);
  void leave_qos(Channel&);
  bool repath(Channel&);
  /// Chooses a path, other than `other_than`, and reserves it; or returns the reason why there is none.
  std::optional<Rejection> admit(Channel&, const std::vector<LinkId>* other_than = nullptr);
  void reserve(const Claim&);
  void release(const Claim&);
  /// The reason to reject a path by NetMA's knowledge; nothing: there is none.
  std::optional<Rejection> objection(const Channel&, const std::vector<LinkId>& path) const;
  bool known_down(LinkId) const;
  Seconds known_latency(const Channel&, const std::vector<LinkId>& path) const;
  /// The measurement of a single link by probes between its ends.
  std::optional<LinkView> probed(LinkId) const;
  const ChannelSpec& spec(const Channel& channel) const {
    return applications_.spec(channel.key.application).channels[channel.key.channel];
  }
  bool usual(const Channel&, const std::vector<LinkId>& path) const;
  bool moved(Channel&);
  bool assured(const Channel& channel) const { return spec(channel).service_class == ServiceClass::assured; }
  std::uint64_t capacity(LinkId) const;
  void account();

  World& world_;
  Applications& applications_;
  Wire& wire_;
  NetworkView& view_;
  ChannelsSpec spec_;
  ClusterId hub_;
  bool explicit_;
  std::map<Key, Channel> all_;
  WaitQueue room_;  // rejected channels that wait for a change
  Totals totals_;
  std::uint64_t runs_ = 0;
  double out_ = 0;  // number of channels out of QoS
  Seconds accounted_;
};

}  // namespace codecosim
