#pragma once
#include <memory>

#include "models/mobility/motion.hpp"
#include "scenarios/parts.hpp"

namespace codecosim {

using MotionForm = Form<std::shared_ptr<const Motion>>;
/// The ways of writing how the devices of one kind move; `count`: how many they are, as far as that is said.
std::vector<MotionForm> motion_forms(const Loading&, std::uint32_t count);

/// Tracks from a CSV file named at this place.
std::shared_ptr<const Motion> read_tracks(Reader, const Loading&);
/// Tracks that SUMO has written, from the description at this place.
std::shared_ptr<const Motion> read_sumo(Reader, const Loading&);

}  // namespace codecosim
