#include "policies/placement/swm/exact.hpp"

#include "policies/extension.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {

namespace {
Extension& cbc() {
  static Extension extension("codecosim-cbc", "coinor-libcbc-dev");
  return extension;
}
}  // namespace

std::string why_not_exact() { return cbc().why_missing(); }
bool exact_is_built() { return why_not_exact().empty(); }
void provide_exact() { cbc().provide(); }

ExactAnswer solve_exactly(SwmModel& model, const SwmSolution* start, Deadline& deadline, double gap) {
  if (!exact_is_built()) return {};
  static SolveExactly* const solve = cbc().function<SolveExactly>("codecosim_solve_exactly");
  ExactAnswer answer;
  solve(model, start, deadline, gap, answer);
  return answer;
}

}  // namespace codecosim
