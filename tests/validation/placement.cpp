// swm-search against swm-exact on problems of 30 to 60 workloads, drawn at random: one line of CSV a problem, on
// standard output, which is tests/validation/placement.csv. codecosim-placement DATE [PROBLEMS]
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "policies/placement/policies.hpp"
#include "policies/placement/swm/exact.hpp"
#include "policies/placement/swm/search.hpp"
#include "tests/swm.hpp"

using namespace codecosim;

namespace {
constexpr Seconds limit{5};  // for a proof
constexpr std::uint32_t patience = 200;

double without_price(const SwmModel& model, const SwmSolution& solution) {
  return solution.value - model.price() * solution.unplaced;
}
}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || !exact_is_built())
    return fmt::print(stderr, "usage: codecosim-placement DATE [PROBLEMS], built with CBC\n"), 2;
  const int problems = argc > 2 ? std::atoi(argv[2]) : 100;
  fmt::print(
      "date,problem,workloads,rows,channels,left_search,value_search,search_s,left_exact,value_exact,exact_s,proven\n");
  Rng rng(21, 0);
  for (int i = 0; i < problems; ++i) {
    test::Question q;
    test::Size size;
    size.workloads = 30 + static_cast<std::uint32_t>(rng.below(31));
    size.rows = 4 + static_cast<std::uint32_t>(rng.below(5));
    size.components = size.channels = size.workloads / (1 + static_cast<std::uint32_t>(rng.below(3)));
    size.tightness = rng.uniform(0.5, 0.9);
    test::make_question(q, size, rng);
    SwmModel model(q.problem, Objective());
    Rng of_search(1, 0);
    Deadline unlimited(Seconds(1e6));
    const SwmSolution found = search(model, of_search, unlimited, patience);
    const double search_time = 1e6 - unlimited.left().value;
    Deadline until(limit);
    const ExactAnswer exact = solve_exactly(model, &found, until, 0);
    const double exact_time = (limit - until.left()).value;
    const SwmSolution& best = exact.best ? *exact.best : found;
    fmt::print("{},{},{},{},{},{},{:.6f},{:.3f},{},{:.6f},{:.3f},{}\n", argv[1], i, size.workloads, size.rows,
               q.problem.channels.size(), found.unplaced, without_price(model, found), search_time, best.unplaced,
               without_price(model, best), exact_time, exact.proven ? 1 : 0);
    std::fflush(stdout);
  }
}
