#pragma once
#include <string>
#include <vector>

#include "models/simulation.hpp"
#include "sim/trace/file.hpp"

namespace codecosim {

/// The recording that a report's map replays: the positions of things and, at regular intervals, the positions of
/// devices and the load of everything. Recording has no side effects: a run with a replay has the fingerprint and the
/// figures of one without.
///
/// The file is compressed with zstd. Its first line is a JSON object with the constant data; then come frames of
/// little-endian 32-bit floats, `width` numbers each: time [s]; x and y of each device [m], NaN while it is absent; the
/// number of each device's serving cell, -1: none; the share of each cluster's cores that is busy now; each cluster's
/// ready pods; the bytes that each wide-area link has carried since the previous frame, where a flow counts at its end;
/// the share of each cell's uplink airtime used since then, and then each cell's downlink share.
class Replay {
 public:
  /// Must be constructed before the simulation runs; throws Error(output) where the file cannot be written.
  Replay(const std::string& path, Simulation& simulation, Seconds interval);
  /// Records the last frame; the file is complete only after this.
  void close();

 private:
  Process watch();
  void take_frame();

  Simulation& simulation_;
  const Seconds interval_;
  TraceFile file_;
  std::vector<LinkId> links_;
  std::vector<double> carried_, airtime_;
  std::vector<float> frame_;
  double last_ = -1;
};

}  // namespace codecosim
