#pragma once
#include "sim/base/ids.hpp"

namespace codecosim {

/// What watches the federation and brings applications to run: told what happens, it acts in its own time.
class ControlPlane {
 public:
  virtual ~ControlPlane() = default;
  /// A user submits an application.
  virtual void submit(ApplicationId) = 0;
  /// A node went down, with its pods still bound to it; or came back, empty.
  virtual void node_down(NodeId) = 0;
  virtual void node_up(NodeId) = 0;
};

}  // namespace codecosim
