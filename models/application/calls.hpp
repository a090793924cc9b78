#pragma once
#include <cstdint>
#include <unordered_map>

#include "models/application/applications.hpp"
#include "models/measured.hpp"
#include "sim/kernel/group.hpp"

namespace codecosim {

/// A call of a component, by a client or over a channel.
struct Call {
  Address from;     ///< The caller.
  NodeId node;      ///< On which the caller runs; none: a client.
  ClientId client;  ///< On whose behalf.
  ApplicationId application;
  std::uint32_t to = 0;            ///< Component.
  std::uint32_t channel = 0;       ///< Its number in the application, unless a client calls.
  std::uint32_t attempt = 0;       ///< Number of the try.
  const CallSpec* spec = nullptr;  ///< It outlives the run.
  Bytes size{};                    ///< Of the request, from the second try on.
  bool by_client() const { return !node; }
};

/// What came of a call, and the node that served it, if one was asked.
struct Served {
  Outcome outcome = Outcome::refused;
  NodeId node;
  bool silent = false;  ///< Nothing tells the caller: a message was lost, or the pod is gone.
};

/// The life of calls between clients and components.
///
/// Claim: a call goes to an endpoint of the called Service, which its caller's proxy chooses, takes its work there,
/// makes the calls that the component makes, and returns. These are made in the order of the file, one after the other;
/// those of parallel channels at once, until all have ended. What is one way is not waited for. Where a call fails, the
/// call that needs it fails with that outcome, and says so to a caller that handles failures, by a message of
/// error_size. Such a caller gives up after its time-out, tries again and hedges as CallHandling says. All tries carry
/// the same request, and each draws its own work. Of a loss the caller hears nothing: it waits for its time-out. A
/// caller without any learns of it at once. Checked by: tests/physics/calls_test.cpp.
class Calls : public Measured {
 public:
  Calls(World&, Applications&, Transport, Seconds warmup);

  /// Makes a call. All that is random in it comes from `rng`.
  Task<Served> make(const Call&, Rng& rng);
  /// The calls that a component makes for a request which has come to this pod.
  Task<Outcome> onward(ClientId, ApplicationId, std::uint32_t component, PodId, Rng&);
  /// A request that has arrived at a pod waits while the pod is frozen, and then follows the pod's state. `pod` becomes
  /// the pod that it has reached.
  Task<Outcome> follow(PodId& pod, Message&);

  void reset() override;
  void figures(Figures&) override;

 private:
  static constexpr Bytes error_size{200};  // of an HTTP response without a body, about
  class Visit;
  /// The calls of one component by the callers in one cluster that are under way, and the retries among them.
  struct Active {
    std::uint32_t calls = 0, retries = 0;
  };
  class Count;
  using Tries = Group<Served>;
  struct Counts {
    std::uint64_t handled = 0, retries = 0, over_budget = 0, hedges = 0, given_up = 0;
  };

  /// One try of a call.
  Task<Served> exchange(const Call&, Rng&);
  /// Takes down how long a call took to its callee.
  void note_delay(const Call&, NodeId callee, Seconds sent, Outcome);
  Vlinks::Way way_of(const Call&, NodeId callee) const;
  /// A try that may outlive its caller.
  Task<Served> attempt(Call, Rng);
  Task<Served> with_handling(const Call&, Rng&);
  /// A try, with others beside it, until one is answered or all have failed, or until the date.
  Task<Served> one_try(Call&, const Rng& content, Seconds until);
  /// The number of calls over a channel for one request. Throws Error(model) where the law gives too many.
  std::uint32_t number_of_calls(const ChannelSpec&, ApplicationId, Rng&) const;
  /// Waits until all have been answered, or one has failed.
  static Task<Outcome> join(Group<Served>&);
  /// A call whose caller may end before it.
  Task<Served> alone(Call, Rng);
  static Process forget(Task<Served>);
  Vlinks::Key vlink(const Call& call, NodeId callee) const {
    return {call.application, call.channel, call.from.cluster, address_of(callee).cluster};
  }
  /// The outcome of a message of a call. A node at its end goes down with its links, and then the node is the cause,
  /// not the links.
  Outcome attribute_loss(const Call&, NodeId callee, Outcome) const;
  Address address_of(NodeId node) const { return world_.network.address(Network::endpoint(node)); }

  World& world_;
  Applications& applications_;
  Transport transport_;
  Seconds measured_from_;
  std::unordered_map<std::uint64_t, Active> active_;  // by service and cluster of the callers
  Counts counts_;
};

}  // namespace codecosim
