#include "sweep/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>

#include "sim/base/error.hpp"
#include "sim/base/file.hpp"
#include "sweep/digest.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
[[noreturn]] void fail(const std::string& what) { throw Error(Failure::output, what); }

/// The digest of a value of a scenario, and of the existing files that texts in it name.
std::string digest_of(const Document& scenario, const Json& value) {
  std::string all = value.dump();
  const std::function<void(const Json&)> follow = [&](const Json& one) {
    constexpr std::size_t longest = 4096;  // of a path
    if (one.is_structured())
      for (const Json& member : one) follow(member);
    else if (std::string why; one.is_string() && !one.get_ref<const std::string&>().empty() &&
                              one.get_ref<const std::string&>().size() < longest)
      if (const std::string path = scenario.resolve("", one, why); !path.empty())
        if (std::error_code error; fs::is_regular_file(path, error)) all += "\n" + path + " " + digest_of_file(path);
  };
  follow(value);
  return digest(all);
}

/// Whether the directory has contents, and is neither a sweep nor one that another process is just creating.
bool is_others(const std::string& directory) {
  std::error_code error;
  const fs::directory_iterator entries(directory, error);
  const auto is_mark = [](const fs::directory_entry& one) {
    return one.path().filename().string().starts_with("sweep.json");
  };
  return !error && !std::all_of(begin(entries), end(entries), is_mark) && !fs::exists(directory + "/sweep.json", error);
}
}  // namespace

Experiment::Experiment(Plan plan, std::vector<Measure> metrics, Provenance provenance)
    : plan_(std::move(plan)),
      metrics_(std::move(metrics)),
      provenance_(std::move(provenance)),
      scenario_digest_(digest_of(plan_.scenario, plan_.scenario.root())) {
  for (const Axis& axis : plan_.axes) {
    auto& levels = level_digests_.emplace_back();
    for (std::size_t level = 0; level < axis.size; ++level) {
      Json settings = Json::object();
      for (const Factor& factor : axis.factors)
        for (const auto& [pointer, value] : factor.levels[level]) settings[pointer] = value;
      levels.push_back(digest_of(plan_.scenario, settings));
    }
  }
}

Experiment::Experiment(Plan plan, std::vector<Measure> metrics, Provenance provenance, const std::string& directory,
                       Existing existing)
    : Experiment(std::move(plan), std::move(metrics), std::move(provenance)) {
  directory_ = directory;
  const std::string mark = file("sweep.json");
  std::error_code error;
  if (is_others(directory_))
    fail(fmt::format("{} exists already and holds no sweep; name another directory with --out", directory_));
  const auto make_directory = [&](const std::string& path) {
    fs::create_directories(path, error);
    if (error) fail(fmt::format("cannot make the directory {}: {}", path, error.message()));
  };
  make_directory(directory_);
  // Of several processes that begin at once, one creates the mark, and the others find it. All other files come after
  // it.
  const bool made = write_new(mark, about().dump(2) + "\n");
  make_directory(file("journal"));
  if (made) {
    write_whole(file("plan.json"), plan_.written.dump(2) + "\n");
    return;
  }
  if (existing == Existing::refuse)
    fail(fmt::format("{} exists already; --resume goes on with it, or name another directory with --out", directory_));
  std::ifstream in(mark, std::ios::binary);
  const Json found = Json::parse(in, nullptr, false);
  if (!found.is_object()) throw Error(Failure::scenario, fmt::format("{}: is not what a sweep wrote", mark));
  check(found, existing);
  if (existing == Existing::extend) {
    write_whole(mark, about().dump(2) + "\n");
    write_whole(file("plan.json"), plan_.written.dump(2) + "\n");
  }
}

Json Experiment::about() const {
  std::string levels;
  for (const auto& axis : level_digests_)
    for (const std::string& level : axis) levels += level;
  return {{"name", plan_.name},
          {"points", plan_.points()},
          {"runs", runs()},
          {"plan", digest(plan_.written.dump())},
          {"scenario", scenario_digest_},
          {"levels", digest(levels)},
          {"program", provenance_.program},
          {"programs", provenance_.programs},
          {"versions", provenance_.versions}};
}

void Experiment::check(const Json& found, Existing existing) const {
  const Json own = about();
  std::vector<std::string> changed;
  const auto differs = [&](const char* what) { return !found.contains(what) || found[what] != own[what]; };
  if (differs("plan")) changed.emplace_back("plan");
  // With an unchanged plan, a file that a level names has changed.
  if (differs("scenario") || (changed.empty() && differs("levels"))) changed.emplace_back("scenario");
  if (differs("program")) changed.emplace_back("program");
  if (differs("programs")) changed.emplace_back("program of --program");
  if (changed.empty() || existing == Existing::extend) return;
  const std::string is = changed.size() == 1 ? "is another one" : "are others";
  throw Error(
      Failure::scenario,
      fmt::format(
          "{}: the {} {} than when the sweep began; --extend keeps the runs that are the same all the same, or name "
          "another directory with --out",
          directory_, fmt::join(changed, " and the "), is));
}

Run Experiment::run(std::size_t number) const {
  const std::size_t replications = plan_.replications.at_most, point = number / replications;
  return {number, point, plan_.common ? number % replications : number};
}

std::uint64_t Experiment::seed(const Run& run) const {
  for (const auto& [pointer, value] : plan_.settings(run.point))
    if (pointer == "/seed" && value.is_number()) return value.get<std::uint64_t>();
  return plan_.scenario.root().value("seed", std::uint64_t{1});
}

std::string Experiment::key(const Run& run) const {
  std::string all = scenario_digest_ + provenance_.programs;
  const std::vector<std::size_t> levels = plan_.levels(run.point);
  for (std::size_t axis = 0; axis < levels.size(); ++axis) all += level_digests_[axis][levels[axis]];
  return digest(all + fmt::format("\n{}", run.replication)).substr(0, 16);
}

}  // namespace codecosim
