#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim::test {

/// What a random world may have; what is not said is drawn.
struct WorldOptions {
  std::string control_plane;  ///< The preset; empty: any.
  bool devices = true;        ///< Devices, cells and what is carried.
  bool faults = true;
  bool learning = true;
};

/// A valid scenario, the same for the same seed: it plays 10 to 40 minutes in well under a second, and needs no file,
/// no other program and no optional library. Every value is drawn from the format's own description (scenario_schema),
/// so that a key that is new there comes up here by itself; tests/worlds adds what a schema cannot say: which names
/// exist, and what is of a sensible size.
Json random_world(std::uint64_t seed, const WorldOptions& = {});

/// What is wrong with a scenario, as `codecosim check` would say it.
std::vector<Problem> problems_of(const Json& scenario);

/// A smaller scenario that is valid too and still fails: without elements of lists, keys and, to a half, numbers, as
/// long as one of them can go. `fails` is asked at most `most` times.
Json shrink(Json failing, const std::function<bool(const Json&)>& fails, int most = 300);

/// Every place of the format at which something may stand; `#` stands for an element of a list, `*` for a name.
std::vector<std::string> places_of_format();
/// Whether some world uses it; those that none does need a file, another program or an optional library.
bool comes_up(const std::string& place);
/// Adds the places that a scenario uses.
void note_places(const Json& scenario, std::vector<std::string>& places);

}  // namespace codecosim::test
