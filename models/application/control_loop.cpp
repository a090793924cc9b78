#include "models/application/control_loop.hpp"

namespace codecosim {

ControlLoops::Loop::Loop(ControlLoops& owner, ClientId id, const ClientSpec& its)
    : Activation(&Loop::fire), loops(owner), client(id), spec(its) {
  calendar().name_kind(&Loop::fire, "ControlLoops");
}

void ControlLoops::Loop::fire(Activation& self) { static_cast<Loop&>(self).loops.due(static_cast<Loop&>(self)); }

ControlLoops::ControlLoops(Requests& requests) {
  std::uint32_t client = 0;
  for (const ClientSpec& spec : requests.specs())
    for (std::uint32_t i = 0; i < spec.count; ++i, ++client)
      if (spec.control) loops_[client] = std::make_unique<Loop>(*this, ClientId{client}, spec);
  if (loops_.empty()) return;
  requests.on_sent.add([this](ClientId id) {
    const auto found = loops_.find(id.index);
    if (found == loops_.end()) return;
    Loop& loop = *found->second;
    loop.sent.push_back({now()});
    if (!loop.scheduled()) calendar().at(now() + loop.spec.deadline, loop);
  });
  requests.on_answer.add([this](ClientId id, Seconds start) {
    const auto found = loops_.find(id.index);
    if (found == loops_.end()) return;
    for (Loop::Sent& one : found->second->sent)
      if (one.start == start) one.answered = true;
  });
}

void ControlLoops::due(Loop& loop) {
  const bool answered = loop.sent.front().answered;
  loop.sent.pop_front();
  loop.missed = answered ? 0 : loop.missed + 1;
  loop.good = answered ? loop.good + 1 : 0;
  if (!loop.stopped && loop.missed > loop.spec.control->tolerated) {
    loop.stopped = true;
    on_stop(loop.client);
  } else if (loop.stopped && loop.good >= loop.spec.control->resumes_after) {
    loop.stopped = false;
    on_resume(loop.client);
  }
  if (!loop.sent.empty()) calendar().at(loop.sent.front().start + loop.spec.deadline, loop);
}

}  // namespace codecosim
