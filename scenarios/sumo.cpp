// Floating-car data of SUMO: https://sumo.dlr.de/docs/Simulation/Output/FCDOutput.html
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <pugixml.hpp>

#include "scenarios/motion.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace {
constexpr std::size_t most_bytes = 256'000'000;

/// The contents of a file, unpacked if it is gzip's.
std::string unpacked(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw Error(Failure::scenario, fmt::format("{}: no such file, or not a regular one", path));
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  if (!file) throw Error(Failure::scenario, fmt::format("{}: cannot be read", path));
  std::string all;
  for (int got = 1; got > 0;) {
    constexpr unsigned chunk = 1 << 20;
    const std::size_t had = all.size();
    all.resize(had + chunk);
    got = gzread(file.get(), all.data() + had, chunk);
    all.resize(had + static_cast<std::size_t>(std::max(got, 0)));
    if (all.size() > most_bytes)
      throw Error(Failure::scenario,
                  fmt::format("{}: larger than 256 MB unpacked; SUMO writes less with --device.fcd.period or "
                              "--fcd-output.attributes x,y,speed",
                              path));
  }
  int state = Z_OK;
  (void)gzerror(file.get(), &state);
  if (state != Z_OK)
    throw Error(Failure::scenario, fmt::format("{}: not a whole gzip file: damaged, or cut off", path));
  return all;
}

/// The part of a file that is read, and its origin on the plane.
struct Cut {
  Seconds begin;
  std::uint32_t most;
  Position origin;
};

/// One file, read once. It is untrusted: document types and entities are ignored.
class FloatingCars {
 public:
  FloatingCars(const std::string& path, const Cut& cut) : path_(path), cut_(cut), text_(unpacked(path)) {
    const auto parsed = document_.load_buffer(text_.data(), text_.size(), pugi::parse_minimal, pugi::encoding_utf8);
    if (!parsed) fail(static_cast<std::size_t>(parsed.offset), fmt::format("not valid XML: {}", parsed.description()));
    const pugi::xml_node root = document_.document_element();
    if (root.name() != std::string_view("fcd-export"))
      fail(root, fmt::format("<{}> where SUMO's --fcd-output has <fcd-export>", root.name()));
    for (const pugi::xml_node step : root.children("timestep")) read(step);
    if (tracks_.empty())
      throw Error(Failure::scenario, fmt::format("{}: no vehicle or person{}", path_,
                                                 cut_.begin > Seconds(0) ? " from \"begin\" on" : ""));
    if (driven_ > Metres(10) && moved_ < driven_ / 1000)
      throw Error(
          Failure::scenario,
          fmt::format(
              "{}: by their speeds, vehicles are not in metres but in degrees: cells are on a plane, run SUMO without "
              "--fcd-output.geo",
              path_));
  }
  std::vector<Track> tracks() && { return std::move(tracks_); }

 private:
  void read(const pugi::xml_node& step) {
    const Seconds when(number(step, "time"));
    if (step != step.parent().child("timestep") && when <= last_) fail(step, "times must rise");
    last_ = when;
    if (when < cut_.begin) return;
    for (const pugi::xml_node thing : step.children())
      if (const std::string_view kind = thing.name(); kind == "vehicle" || kind == "person")
        read(thing, when - cut_.begin);
  }

  void read(const pugi::xml_node& thing, Seconds when) {
    const std::string id = thing.attribute("id").value();
    if (id.empty()) fail(thing, fmt::format("a {} without \"id\"", thing.name()));
    const Position at{cut_.origin.x + number(thing, "x"), cut_.origin.y + number(thing, "y"), 0};
    const auto known = numbers_.find({thing.name(), id});
    if (known == numbers_.end()) {
      if (tracks_.size() == cut_.most) return;
      numbers_.emplace(std::pair(thing.name(), id), tracks_.size());
      tracks_.push_back({{{when, at}}});
      return;
    }
    std::vector<Track::Point>& points = tracks_[known->second].points;
    const Track::Point before = points.back();
    if (when <= before.when) fail(thing, fmt::format("{} \"{}\" is twice in this time step", thing.name(), id));
    if (thing.attribute("speed")) {
      driven_ += MetresPerSecond(number(thing, "speed")) * (when - before.when);
      moved_ += distance(before.at, at, false);
    }
    points.push_back({when, at});
  }

  double number(const pugi::xml_node& node, const char* name) const {
    const pugi::xml_attribute attribute = node.attribute(name);
    if (!attribute) fail(node, fmt::format("a {} without \"{}\"", node.name(), name));
    const std::string_view text = attribute.value();
    const std::optional<double> value = parse_number(text);
    if (!value) fail(node, fmt::format("\"{}\": \"{}\" is not a number", name, text));
    return *value;
  }
  [[noreturn]] void fail(const pugi::xml_node& node, const std::string& what) const {
    fail(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)), what);
  }
  [[noreturn]] void fail(std::size_t offset, const std::string& what) const {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text_.size()));
    throw Error(Failure::scenario, fmt::format("{}:{}: {}", path_, 1 + std::count(text_.begin(), end, '\n'), what));
  }

  std::string path_;
  Cut cut_;
  std::string text_;
  pugi::xml_document document_;
  Seconds last_;
  std::map<std::pair<std::string, std::string>, std::size_t> numbers_;  // by kind and id
  std::vector<Track> tracks_;
  Metres driven_, moved_;  // distance by speeds, and by positions
};
}  // namespace

std::shared_ptr<const Motion> read_sumo(Reader r, const Loading& loading) {
  Cut cut;
  const auto file =
      r.need_one_of<std::string>("file", "Of --fcd-output, plain or gzip; at most 256 MB unpacked.",
                                 {{"", "a file name", [&](Reader name) { return file_at(name, loading); }}});
  cut.begin = r.get<Seconds>("begin", Seconds(0), "SUMO's time at the start of the run; what was before is left out.",
                             not_negative);
  cut.most = r.get<std::uint32_t>("most", most_devices, "How many vehicles and persons; those that appear first.",
                                  between(1, most_devices));
  cut.origin = read_point(r, "corner", "Where SUMO's [0, 0] lies; missing: [0 m, 0 m].").value_or(Position{});
  r.close();
  std::vector<Track> tracks;
  const bool good = !file.empty() && guarded(*r.find("file"), [&] { tracks = FloatingCars(file, cut).tracks(); });
  return good ? std::shared_ptr<const Motion>(replay(std::move(tracks), Beyond::away)) : nullptr;
}

}  // namespace codecosim
