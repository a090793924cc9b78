#pragma once
#include <memory>

#include "models/mobility/motion.hpp"
#include "scenarios/parts.hpp"

namespace codecosim {

using MotionForm = Form<std::shared_ptr<const Motion>>;
/// The forms of the mobility model of one kind of devices; `count`: their number, as far as it is known.
std::vector<MotionForm> motion_forms(const Loading&, std::uint32_t count);

/// Reads tracks from the CSV file named at this place.
std::shared_ptr<const Motion> read_tracks(Reader, const Loading&);
/// Reads SUMO's floating-car data, as described at this place.
std::shared_ptr<const Motion> read_sumo(Reader, const Loading&);

}  // namespace codecosim
