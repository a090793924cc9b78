// The least of several, and who it is among equals.
#include <array>
#include <cstdint>
#include <vector>

#include "sim/base/lowest.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

TEST_CASE("The least is taken, and of equals each as often") {
  constexpr int draws = 30'000;
  std::array<int, 5> taken{};
  Rng rng(1, 0);
  for (int n = 0; n < draws; ++n) {
    Lowest<double> lowest(rng);
    for (const std::uint32_t index : {0U, 1U, 2U, 3U, 4U}) lowest.offer(index, index % 2 == 0 ? 1 : 2, 100 + index);
    ++taken[*lowest.index()];
    CHECK_FALSE(lowest.indifferent());
  }
  for (const std::size_t odd : {1, 3}) CHECK(taken[odd] == 0);
  // Four standard deviations of a share of a third.
  for (const std::size_t even : {0, 2, 4}) CHECK(std::abs(taken[even] - draws / 3) < 330);
}

TEST_CASE("Who is taken among equals depends neither on the order nor on what else is offered") {
  Rng rng(2, 0);
  for (int n = 0; n < 200; ++n) {
    Rng same = rng, other = rng, third = rng;
    Lowest<double> forwards(same), backwards(other), among(third);
    for (std::uint32_t id = 0; id < 20; ++id) forwards.offer(id, 1, id);
    for (std::uint32_t id = 20; id-- > 0;) backwards.offer(id, 1, id);
    for (std::uint32_t id = 0; id < 40; ++id) among.offer(id, id < 20 ? 1 : 2, id);
    for (std::uint32_t id = 40; id < 60; ++id) among.offer(id, 0.5 + id, id);
    CHECK(forwards.index() == backwards.index());
    CHECK(forwards.index() == among.index());
    CHECK(forwards.indifferent());
    CHECK_FALSE(among.indifferent());
    (void)rng.bits();
  }
}

TEST_CASE("One alone is no choice, and none is none") {
  Rng rng(3, 0);
  Lowest<int> lowest(rng);
  CHECK_FALSE(lowest.index());
  CHECK(lowest.could_change(5));
  lowest.offer(7, 5, 0);
  CHECK(lowest.index() == 7U);
  CHECK_FALSE(lowest.indifferent());
  CHECK(lowest.could_change(6));  // that all are alike
  lowest.offer(8, 6, 1);
  CHECK_FALSE(lowest.could_change(6));
  CHECK(lowest.index() == 7U);
}
