#pragma once
#include <memory>

#include "models/mobility/motion.hpp"
#include "scenarios/parts.hpp"

namespace codecosim {

/// Tracks from a CSV file named at this place.
std::shared_ptr<const Motion> read_tracks(Reader, const Loading&);

}  // namespace codecosim
