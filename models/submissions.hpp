#pragma once
#include "models/application/applications.hpp"
#include "models/orchestration/control_plane.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The users of a control plane, who submit applications, and changes of these, at the dates of the scenario.
class Submissions {
 public:
  Submissions(Applications& applications, ControlPlane& control) : applications_(applications), control_(control) {}
  void start();

 private:
  Process submit(ApplicationId, Seconds at);
  Process scale(ApplicationId, std::uint32_t component, Scaling);
  Process roll_out(ApplicationId, std::uint32_t component, Rollout);

  Applications& applications_;
  ControlPlane& control_;
};

}  // namespace codecosim
