#pragma once
#include <deque>
#include <map>
#include <memory>

#include "models/application/requests.hpp"
#include "sim/base/observers.hpp"

namespace codecosim {

/// Control loops that are closed over the network: the device of such a client must not move without timely answers.
///
/// Claim: a request whose answer is not there by its deadline is a miss. After more misses in a row than tolerated the
/// device stops safely; it goes on after so many answers in a row that are in time. While it stands the loop goes on.
/// Misses count at their deadline, not when a late answer comes. Checked by: tests/physics/control_loop_test.cpp.
class ControlLoops {
 public:
  explicit ControlLoops(Requests&);

  Observers<ClientId> on_stop, on_resume;

 private:
  struct Loop : Activation {
    Loop(ControlLoops&, ClientId, const ClientSpec&);
    static void fire(Activation&);
    struct Sent {
      Seconds start;
      bool answered = false;
    };
    ControlLoops& loops;
    ClientId client;
    const ClientSpec& spec;
    std::deque<Sent> sent;  // requests whose deadline is still to come
    std::uint32_t missed = 0, good = 0;
    bool stopped = false;
  };
  void due(Loop&);
  std::map<std::uint32_t, std::unique_ptr<Loop>> loops_;  // by client
};

}  // namespace codecosim
