#include "scenarios/motion.hpp"

namespace codecosim {

std::shared_ptr<const Motion> read_tracks(Reader r, const Loading& loading) {
  std::vector<Track> tracks;
  const auto csv = csv_at(r, loading);
  if (!csv) return nullptr;
  const bool good = guarded(r, [&] {
    const std::size_t time = csv->column("time_s"), x = csv->column("x"), y = csv->column("y");
    const bool several = csv->has("device");
    for (std::size_t row = 0; row < csv->rows(); ++row) {
      const double who = several ? csv->number(row, csv->column("device")) : 0;
      if (who < 0 || who >= static_cast<double>(most_devices) ||
          who != static_cast<double>(static_cast<std::uint32_t>(who)))
        csv->fail(row, "\"device\" must be a whole number from 0");
      const auto device = static_cast<std::size_t>(who);
      if (tracks.size() <= device) tracks.resize(device + 1);
      auto& points = tracks[device].points;
      const Seconds when(csv->number(row, time));
      if (when < Seconds(0)) csv->fail(row, "a time must not be negative");
      if (!points.empty() && when <= points.back().when) csv->fail(row, "the times of a device must rise");
      points.push_back({when, {csv->number(row, x), csv->number(row, y), 0}});
    }
    if (tracks.empty()) throw Error(Failure::scenario, "the file has no rows");
    for (std::size_t i = 0; i < tracks.size(); ++i)
      if (tracks[i].points.empty()) throw Error(Failure::scenario, "device " + std::to_string(i) + " has no rows");
  });
  return good ? std::shared_ptr<const Motion>(replay(std::move(tracks), Beyond::rests)) : nullptr;
}

}  // namespace codecosim
