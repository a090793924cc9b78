#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/process.hpp"

namespace codecosim {

/// How flows share links.
struct FlowSharing {
  enum class Weights : std::uint8_t {
    latency,  ///< 1 / latency, as SimGrid's CM02 has it: TCP Reno favours short round trips.
    equal     ///< 1: max-min fair, as with CUBIC among like flows, or with fair queues.
  };
  Weights weights = Weights::latency;
  /// Bounds a flow to window / (2 * latency), as SimGrid's network/TCP-gamma does; its default.
  Bytes tcp_window{4194304};
};

/// SimGrid behind one door: links shared among flows (model CM02, no cross-traffic: max-min), driving the calendar.
/// Links are made when first needed; the route of a flow is the list of links it is started with, so attachments may
/// change at any time. Requests of one date are handed to SimGrid together, at that date. What bites in SimGrid ends
/// here: links that are down, rates that rise under running flows, failures that make no sound, callbacks that come
/// twice.
class Platform {
 public:
  using Pipe = std::uint32_t;  ///< A link as flows see it.
  struct Flow;

  explicit Platform(const FlowSharing& = {});
  ~Platform();
  Platform(const Platform&) = delete;

  Pipe add_pipe(BytesPerSecond capacity);
  /// Running flows speed up and slow down at once. Zero stalls them.
  void set_capacity(Pipe, BytesPerSecond capacity);
  /// Down: running flows end at once, and so do new ones, with this outcome.
  void set_down(Pipe, Outcome why);
  void set_up(Pipe);
  /// Flows that cross it now, and what they have of it together.
  std::size_t flows(Pipe) const;
  BytesPerSecond rate(Pipe) const;
  /// What they leave of it, as SimGrid has shared it last: other links hold them back, or they have not begun to move.
  BytesPerSecond left(Pipe) const;

  /// A transfer under way. Destroying it cancels it and leaves nothing behind.
  class Transfer : public Waiter {
   public:
    Transfer(Platform& platform, std::span<const Pipe> route, Seconds latency, Bytes size)
        : platform_(platform), route_(route), latency_(latency), size_(size) {}
    ~Transfer();
    bool await_ready() const { return false; }
    // It starts here and not when it is made: only now does it stay where it is.
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

  /// The same for who is no coroutine: `then` is fired when it ends. The owner gives the flow back with release().
  Flow* start(std::span<const Pipe> route, Seconds latency, Bytes size, Activation& then);
  void release(Flow*);
  std::span<const Pipe> route(const Flow*) const;
  /// What it has moved so far, or had when it ended.
  Bytes moved(const Flow*) const;
  /// The same of all that cross it now.
  Bytes moved(Pipe) const;

  /// Flows under way, and flow records kept for reuse: equal when nothing runs means nothing has leaked.
  std::size_t running() const;
  static std::string simgrid_version();

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace codecosim
