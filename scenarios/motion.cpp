#include "scenarios/motion.hpp"

#include <fmt/format.h>

namespace codecosim {

namespace {
Distribution<MetresPerSecond> read_speed(Reader& r, const char* prose) {
  return r.need_one_of<Distribution<MetresPerSecond>>("speed", prose, laws<MetresPerSecond>(positive));
}
Distribution<Seconds> read_pause(Reader& r, const char* prose) {
  return r.maybe_one_of<Distribution<Seconds>>("pause", prose, laws<Seconds>(not_negative))
      .value_or(Distribution<Seconds>());
}

std::vector<Position> points_at(Reader& parent, const char* key, const char* prose, std::size_t least) {
  return parent.need_one_of<std::vector<Position>>(key, prose,
                                                   {{"", "a list of [x, y]", [=](Reader r) {
                                                       std::vector<Position> all;
                                                       for (Reader& one : r.elements()) all.push_back(point_at(one));
                                                       if (!r.describing() && all.size() < least)
                                                         r.problem(fmt::format("expected at least {} points", least));
                                                       return all;
                                                     }}});
}

MotionForm stationary_form() {
  return {"stationary", "each stays at one of these places, dealt out in turn", [](Reader r) {
            std::vector<Position> all;
            for (Reader& one : r.elements(0, "expected at least one place")) all.push_back(point_at(one));
            return all.empty() ? nullptr : stationary(std::move(all));
          }};
}

MotionForm random_waypoint_form() {
  return {"random_waypoint", "straight to a random place, a pause, and on to the next", [](Reader r) {
            const Area area = read_area(r);
            const auto speed = read_speed(r, "Drawn for each way.");
            const auto pause = read_pause(r, "At each place.");
            r.close();
            return random_waypoint(area, speed, pause);
          }};
}

MotionForm manhattan_form() {
  return {"manhattan", "on a grid of streets; at each crossing straight on with probability 0.5, left 0.25, right 0.25",
          [](Reader r) {
            Streets streets;
            streets.columns = r.need<std::uint32_t>("columns", "Blocks from west to east.", between(1, 1e6));
            streets.rows = r.need<std::uint32_t>("rows", "Blocks from south to north.", between(1, 1e6));
            streets.width = r.need<Metres>("width", "Of a block, west to east, between the middles of two streets.",
                                           between(1, 1e5));
            streets.height = r.need<Metres>("height", "Of a block, south to north.", between(1, 1e5));
            streets.corner = read_point(r, "corner", "South-west crossing; missing: [0 m, 0 m].").value_or(Position{});
            const auto speed = read_speed(r, "Drawn for each block.");
            const auto pause = read_pause(r, "At each crossing.");
            r.close();
            return manhattan(streets, speed, pause);
          }};
}

MotionForm commute_form() {
  return {
      "commute", "every day from home to work and back, straight; home and work are two of the sites, drawn for each",
      [](Reader r) {
        Commute commute;
        commute.sites = points_at(r, "sites", "Where homes and work are.", 2);
        commute.leaves = r.need_one_of<Distribution<Seconds>>(
            "leaves", "When it leaves home, after the beginning of the day; if it is not yet back by then, when it is.",
            laws<Seconds>(not_negative));
        commute.stays =
            r.need_one_of<Distribution<Seconds>>("stays", "How long it is at work.", laws<Seconds>(not_negative));
        commute.speed = read_speed(r, "Drawn for each way.");
        commute.day =
            r.get<Seconds>("day", commute.day, "Length of a day; the first begins with the run.", at_least(1));
        r.close();
        return commute.sites.size() < 2 ? nullptr : codecosim::commute(std::move(commute));
      }};
}

MotionForm path_form(std::uint32_t count) {
  return {"path", "one after the other along a path, from point to point: convoys, shuttles", [=](Reader r) {
            Route route;
            route.points = points_at(r, "points", "That it leads through, straight from one to the next.", 2);
            route.loop = r.get<bool>(
                "loop", true, "Whether it leads from the last point to the first and on; else the last is its end.");
            const auto speed = read_speed(r, "Drawn for each stretch between two points.");
            const auto spread = r.maybe<Metres>("spread",
                                                "How much further along each begins than the one before it, beyond the "
                                                "end of a loop round it again; missing: evenly.",
                                                not_negative);
            r.close();
            if (r.describing() || route.points.size() < 2) return std::unique_ptr<Motion>();
            const Metres length = route.length();
            if (length < Metres(1)) r.problem_at("points", "a path must be at least 1 m long");
            if (!route.loop && spread && (count - 1) * *spread > length)
              r.problem_at("spread", fmt::format("the path is {:.6g} m long, too short for {} devices so far apart",
                                                 length.value, count));
            return length < Metres(1) ? nullptr : follow(std::move(route), speed, spread.value_or(length / count));
          }};
}
}  // namespace

std::vector<MotionForm> motion_forms(const Loading& loading, std::uint32_t count) {
  return {
      stationary_form(),
      random_waypoint_form(),
      manhattan_form(),
      commute_form(),
      path_form(count),
      {"csv", "replay: a file with the columns time_s, x, y in metres and, for several devices, device (0, 1, ...)",
       [&loading](Reader r) { return read_tracks(r, loading); }},
      {"sumo",
       "replay: the vehicles and persons of a run of SUMO, in the order in which they appear, from its floating-car "
       "data",
       [&loading](Reader r) { return read_sumo(r, loading); }},
  };
}

}  // namespace codecosim
