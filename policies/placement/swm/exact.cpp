#include "policies/placement/swm/exact.hpp"

#include "policies/extension.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {

namespace {
Extension& cbc() {
#ifdef CODECOSIM_CBC
  static Extension extension("libcodecosim-cbc.so", "coinor-libcbc-dev", true);
#else
  static Extension extension("libcodecosim-cbc.so", "coinor-libcbc-dev", false);
#endif
  return extension;
}
}  // namespace

std::string why_not_exact() { return cbc().why_missing(); }
bool exact_is_built() { return why_not_exact().empty(); }

ExactAnswer solve_exactly(SwmModel& model, const SwmSolution* start, Deadline& deadline, double gap) {
  if (!exact_is_built()) return {};
  static SolveExactly* const solve = cbc().function<SolveExactly>("codecosim_solve_exactly");
  ExactAnswer answer;
  solve(model, start, deadline, gap, answer);
  return answer;
}

}  // namespace codecosim
