#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/simulation.hpp"

namespace codecosim {

/// What the map of a report replays: where things are, and, at regular intervals, where devices have got to and how
/// busy everything is. Looking changes nothing: a run with a replay has the fingerprint and the figures of one without.
///
/// The file is compressed with zstd. Its first line is a JSON object with the things that do not change; then come
/// frames of little-endian 32-bit floats, `width` numbers each: time [s]; x and y of each device [m], NaN while it is
/// not there; of each device the number of the cell that serves it, -1: none; of each cluster the share of its cores
/// that is busy now; of each its ready pods; of each wide-area link the bytes that it has carried since the frame
/// before, a flow's at its end; of each cell the share of its airtime used since then, up, and then of each down.
class Replay {
 public:
  /// To be made before the simulation runs; throws Error(output) where the file cannot be written.
  Replay(const std::string& path, Simulation& simulation, Seconds interval);
  ~Replay();
  /// Takes the last frame; the file is complete only after this.
  void close();

 private:
  Process watch();
  void take_frame();
  struct File;

  Simulation& simulation_;
  const Seconds interval_;
  std::unique_ptr<File> file_;
  std::vector<LinkId> links_;
  std::vector<double> carried_, airtime_;
  std::vector<float> frame_;
  double last_ = -1;
};

}  // namespace codecosim
