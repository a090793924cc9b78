#include "sim/kernel/fork.hpp"

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
bool is_copy = false;
}

bool Copies::here() { return is_copy; }

Copies::Split Copies::split(std::uint32_t copies, const Limits& limits) {
  ensure(!here(), "a copy was copied");
  ensure(limits.jobs > 0, "no copy may run");
  Split split;
  split.answers.resize(copies);
  std::vector<std::pair<std::uint32_t, Child>> running;
  for (std::uint32_t next = 0; next < copies || !running.empty();) {
    while (next < copies && running.size() < limits.jobs) {
      std::optional<Child> child = Child::fork({limits.time, limits.memory});
      if (!child) {
        is_copy = true;
        split.number = next;
        return split;
      }
      running.emplace_back(next++, std::move(*child));
    }
    std::vector<Child*> all;
    for (auto& [number, child] : running) all.push_back(&child);
    Child::listen(all);
    if (limits.stop && limits.stop()) {
      next = copies;
      for (Child* child : all) child->kill();
    }
    std::erase_if(running, [&](auto& one) {
      if (!one.second.ended()) return false;
      split.answers[one.first] = one.second.reap().said;
      return true;
    });
  }
  return split;
}

}  // namespace codecosim
