#include "analysis/report/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <vector>

#include "analysis/report/events.hpp"
#include "analysis/report/pack.hpp"
#include "sim/base/error.hpp"
#include "sim/base/json.hpp"

namespace codecosim {

namespace {
/// The two parts of a replay's file (cli/replay.hpp).
struct Recording {
  Json things;
  std::vector<float> frames;
  std::size_t width = 0, count = 0;
  float at(std::size_t frame, std::size_t column) const { return frames[frame * width + column]; }
};

[[noreturn]] void malformed(const std::string& file, const std::string& why) {
  throw Error(Failure::scenario,
              fmt::format("{}: is not a replay that `codecosim run --replay` writes: {}", file, why));
}

std::size_t members(const Recording& recording, const char* list) { return recording.things.at(list).size(); }

std::size_t device_count(const Recording& recording) {
  std::size_t all = 0;
  for (const Json& kind : recording.things.at("devices")) all += kind.at("count").get<std::uint32_t>();
  return all;
}

Recording read(const std::string& file) {
  Recording recording;
  std::string bytes;
  constexpr std::size_t largest = 2'000'000'000;
  read_zstd(file, [&](std::string_view part) {
    if (bytes.size() + part.size() > largest) malformed(file, "it is larger than 2 GB; choose a longer interval");
    bytes += part;
  });
  const std::size_t line = bytes.find('\n');
  if (line == std::string::npos) malformed(file, "its first line has no end");
  recording.things = parse_json(std::string_view(bytes).substr(0, line), file);
  if (!recording.things.is_object() || recording.things.value("format", "") != "codecosim replay 1")
    malformed(file, "its first line does not say \"codecosim replay 1\"");
  try {
    recording.width = recording.things.at("width").get<std::size_t>();
    const std::size_t needed = 1 + 3 * device_count(recording) + 2 * members(recording, "clusters") +
                               members(recording, "links") + 2 * members(recording, "cells");
    if (recording.width != needed)
      malformed(file, fmt::format("frames have {} numbers, not {}", recording.width, needed));
    for (const Json& link : recording.things.at("links")) link.at("bytes_per_s").get<double>();
  } catch (const Json::exception& wrong) {
    malformed(file, wrong.what());
  }
  const std::size_t size = bytes.size() - line - 1;
  if (size == 0 || size % (recording.width * sizeof(float)) != 0) malformed(file, "its last frame is not complete");
  recording.frames.resize(size / sizeof(float));
  std::memcpy(recording.frames.data(), bytes.data() + line + 1, size);
  recording.count = recording.frames.size() / recording.width;
  for (std::size_t frame = 0; frame < recording.count; ++frame)
    if (!std::isfinite(recording.at(frame, 0)) || (frame > 0 && recording.at(frame, 0) <= recording.at(frame - 1, 0)))
      malformed(file, "the times of its frames do not rise");
  return recording;
}

void put(std::string& out, std::uint16_t number) {
  out += static_cast<char>(number & 0xff);
  out += static_cast<char>(number >> 8);
}

double number(double value) { return std::isfinite(value) ? value : 0; }

char share(double value) { return static_cast<char>(std::lround(std::clamp(number(value), 0.0, 1.0) * 255)); }

/// A 16-bit number; 65535 for values below zero.
std::uint16_t whole(double value) {
  constexpr std::uint16_t most = 65534;
  return number(value) < 0 ? most + 1 : static_cast<std::uint16_t>(std::min<double>(number(value), most));
}

/// Positions as steps between frames, which compress well; sets the bounds in `text`.
void put_positions(std::string& out, const Recording& recording, Json& text) {
  const std::size_t devices = device_count(recording);
  std::array<double, 2> low, high;
  low.fill(std::numeric_limits<double>::infinity());
  high.fill(-std::numeric_limits<double>::infinity());
  for (std::size_t frame = 0; frame < recording.count; ++frame)
    for (std::size_t column = 0; column < 2 * devices; ++column)
      if (const double value = recording.at(frame, 1 + column); std::isfinite(value)) {
        low[column % 2] = std::min(low[column % 2], value);
        high[column % 2] = std::max(high[column % 2], value);
      }
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (low[axis] > high[axis]) low[axis] = high[axis] = 0;
  text["low"] = low;
  text["high"] = high;
  constexpr std::uint16_t nowhere = 65535;
  for (std::size_t column = 0; column < 2 * devices; ++column) {
    const double from = low[column % 2], span = std::max(high[column % 2] - from, 1e-9);
    std::uint16_t before = 0;
    for (std::size_t frame = 0; frame < recording.count; ++frame) {
      const double value = recording.at(frame, 1 + column);
      const auto number =
          std::isfinite(value) ? static_cast<std::uint16_t>(std::lround((value - from) / span * 65534)) : nowhere;
      put(out, static_cast<std::uint16_t>(number - before));
      before = number;
    }
  }
}

/// Load of one link by frame. A flow is counted when it ends: bytes beyond the link's capacity since the previous frame
/// were carried during earlier frames, and are assigned to them, the latest first.
std::vector<double> loads(const Recording& recording, std::size_t column, double rate) {
  std::vector<double> all(recording.count);
  for (std::size_t frame = 1; frame < recording.count; ++frame) {
    double bytes = number(recording.at(frame, column));
    for (std::size_t f = frame; f > 0 && bytes > 0; --f) {
      const double room = rate * (recording.at(f, 0) - recording.at(f - 1, 0));
      const double more = std::min(bytes, room * (1 - all[f]));
      if (room > 0) all[f] += more / room;
      bytes -= more;
      if (f == frame && bytes <= 0.01 * room) break;
    }
  }
  return all;
}
}  // namespace

std::string replay_payload(const std::string& folder) {
  const Recording recording = read(folder + "/replay.zst");
  Json text = recording.things;
  const std::size_t clusters = members(recording, "clusters"), links = members(recording, "links"),
                    cells = members(recording, "cells");
  std::string arrays;
  put_positions(arrays, recording, text);
  std::size_t column = 1 + 2 * device_count(recording);
  for (const std::size_t end = column + device_count(recording); column < end; ++column)
    for (std::size_t frame = 0; frame < recording.count; ++frame) put(arrays, whole(recording.at(frame, column)));
  const auto put_shares = [&](std::size_t number) {
    for (const std::size_t end = column + number; column < end; ++column)
      for (std::size_t frame = 0; frame < recording.count; ++frame) arrays += share(recording.at(frame, column));
  };
  // 16-bit arrays come first, so that each one is aligned.
  for (std::size_t c = 0; c < clusters; ++c)
    for (std::size_t frame = 0; frame < recording.count; ++frame)
      put(arrays, whole(recording.at(frame, column + clusters + c)));
  put_shares(clusters);
  column += clusters;
  for (std::size_t l = 0; l < links; ++l, ++column)
    for (const double load : loads(recording, column, recording.things["links"][l]["bytes_per_s"].get<double>()))
      arrays += share(load);
  put_shares(2 * cells);

  Json& times = text["times"] = Json::array();
  for (std::size_t frame = 0; frame < recording.count; ++frame) times.push_back(recording.at(frame, 0));
  const std::string trace = folder + "/trace.jsonl.zst";
  text["happened"] = std::filesystem::exists(trace) ? Events(trace, recording.things).take() : Json();

  std::string out = text.dump(-1, ' ', false, Json::error_handler_t::replace);
  out.append(out.size() % 2, ' ');  // 16-bit arrays begin at an even offset
  const auto length = static_cast<std::uint32_t>(out.size());
  std::string head(4, '\0');
  std::memcpy(head.data(), &length, 4);
  return head + out + arrays;
}

}  // namespace codecosim
