#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/base/words.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The rule by which flows share links.
struct FlowSharing {
  enum class Weights : std::uint8_t {
    latency,  ///< 1 / latency, as SimGrid's CM02 has it: TCP Reno favours short round trips.
    equal     ///< 1: max-min fair, as with CUBIC among like flows, or with fair queues.
  };
  Weights weights = Weights::latency;
  /// Bounds a flow to window / (2 * latency), as SimGrid's network/TCP-gamma does; its default.
  Bytes tcp_window{4194304};
};
template <>
inline constexpr auto words_of<FlowSharing::Weights> = std::to_array<std::string_view>({"latency", "equal"});

/// The only interface to SimGrid: links shared among flows (model CM02, no cross-traffic: max-min), driving the
/// calendar. Links are made when first needed. The route of a flow is the list of links that it is started with, so
/// attachments may change at any time. Requests of one date are handed to SimGrid together, at that date. This class
/// works around the difficulties of SimGrid: links that are down, rates that rise under running flows, failures without
/// a notification, callbacks that come twice.
class Platform {
 public:
  using Pipe = std::uint32_t;  ///< A link as flows see it.
  struct Flow;

  explicit Platform(const FlowSharing& = {});
  ~Platform();
  Platform(const Platform&) = delete;

  Pipe add_pipe(BytesPerSecond capacity);
  /// Sets the capacity. Running flows speed up and slow down at once; zero stalls them.
  void set_capacity(Pipe, BytesPerSecond capacity);
  /// Takes the link down: running flows end at once, and so do new ones, with this outcome.
  void set_down(Pipe, Outcome why);
  void set_up(Pipe);
  /// The number of flows that cross the link now, and their total rate.
  std::size_t flows(Pipe) const;
  BytesPerSecond rate(Pipe) const;
  /// The capacity that these flows leave free, as SimGrid has shared the link last. They leave some where other links
  /// limit them, or where they have not begun to move.
  BytesPerSecond left(Pipe) const;

  /// A transfer under way. Destroying it cancels it and leaves nothing behind.
  class Transfer : public Waiter {
   public:
    Transfer(Platform& platform, std::span<const Pipe> route, Seconds latency, Bytes size)
        : platform_(platform), route_(route), latency_(latency), size_(size) {}
    ~Transfer();
    bool await_ready() const { return false; }
    // The transfer starts here and not when it is made: only from here on does its address stay the same.
    void await_suspend(std::coroutine_handle<> caller);
    Outcome await_resume() const { return outcome; }

   private:
    Platform& platform_;
    std::span<const Pipe> route_;
    Seconds latency_;
    Bytes size_;
    Flow* flow_ = nullptr;
  };
  /// `Outcome o = co_await platform.transfer(route, latency, size)`.
  Transfer transfer(std::span<const Pipe> route, Seconds latency, Bytes size) { return {*this, route, latency, size}; }

  /// The same for callers that are no coroutine: `then` is fired when the flow ends. The owner gives the flow back with
  /// release().
  Flow* start(std::span<const Pipe> route, Seconds latency, Bytes size, Activation& then);
  void release(Flow*);
  std::span<const Pipe> route(const Flow*) const;
  /// The bytes that the flow has moved so far, or until it ended.
  Bytes moved(const Flow*) const;
  /// The sum of these over all flows that cross the link now.
  Bytes moved(Pipe) const;

  /// The number of flows that are under way: zero when nothing runs means that nothing has leaked.
  std::size_t running() const;
  static std::string simgrid_version();

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace codecosim
