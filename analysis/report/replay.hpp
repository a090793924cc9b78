#pragma once
#include <string>

namespace codecosim {

/// The data of the map in a run's report, in compact form, from `replay.zst` and `trace.jsonl.zst` in `folder`: the
/// length of a JSON text [32 bits, little-endian], the text, then arrays, thing by thing with all frames of each. As
/// 16-bit numbers: of each device x, then y, as steps from frame to frame (65535: it is not there); of each device its
/// cell (65535: none); of each cluster its ready pods. As bytes, 255 for the whole: of each cluster the busy share of
/// its cores; of each link its load; of each cell its airtime up, then of each down. The text holds the things, the
/// times of the frames, the bounds of x and y, and the events (Events).
///
/// Throws Error(scenario) naming the file where something is missing or malformed.
std::string replay_payload(const std::string& folder);

}  // namespace codecosim
