#include "models/submissions.hpp"

#include <algorithm>
#include <vector>

namespace codecosim {

void Submissions::start() {
  for (std::uint32_t a = 0; a < applications_.count(); ++a) spawn(submit({a}, applications_.spec({a}).submit_at));
}

Process Submissions::submit(ApplicationId app, Seconds at) {
  co_await until(at);
  control_.submit(app);
  const std::vector<ComponentSpec>& components = applications_.spec(app).components;
  for (std::uint32_t c = 0; c < components.size(); ++c) {
    for (const Scaling& one : components[c].scaling) spawn(scale(app, c, one));
    for (const Rollout& one : components[c].rollouts) spawn(roll_out(app, c, one));
  }
}

Process Submissions::scale(ApplicationId app, std::uint32_t component, Scaling scaling) {
  co_await until(std::max(now(), scaling.at));
  applications_.want(applications_.service(app, component), scaling.replicas);
  control_.scale(app, component, scaling.replicas);
}

Process Submissions::roll_out(ApplicationId app, std::uint32_t component, Rollout rollout) {
  co_await until(std::max(now(), rollout.at));
  control_.roll_out(app, component);
}

}  // namespace codecosim
