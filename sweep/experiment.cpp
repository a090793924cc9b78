#include "sweep/experiment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "sim/base/error.hpp"
#include "sweep/digest.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
[[noreturn]] void fail(const std::string& what) { throw Error(Failure::output, what); }

/// The scenario, and the contents of the files that it names.
std::string digest_of(const Document& scenario) {
  std::string all = scenario.root().dump();
  for (const std::string& file : scenario.files())
    if (std::error_code error; fs::is_regular_file(file, error)) all += digest_of_file(file);
  return digest(all);
}

/// Whether there is something in the directory, and it is no sweep, nor one that another process is about to begin.
bool is_others(const std::string& directory) {
  std::error_code error;
  const fs::directory_iterator entries(directory, error);
  const auto is_mark = [](const fs::directory_entry& one) { return one.path().filename().string().starts_with("sweep.json"); };
  return !error && !std::all_of(begin(entries), end(entries), is_mark) && !fs::exists(directory + "/sweep.json", error);
}
}  // namespace

std::string unique_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return fmt::format("{}-{}-{}", host.data(), getpid(), std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

void write_whole(const std::string& path, const std::string& text) {
  const std::string partial = path + "." + unique_name();
  std::FILE* out = std::fopen(partial.c_str(), "wbxe");
  if (!out) fail(fmt::format("cannot write {}: {}", partial, std::strerror(errno)));
  const bool written =
      std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0 && fsync(fileno(out)) == 0;
  const int why = errno;
  std::error_code error;
  if (std::fclose(out) != 0 || !written) {
    fs::remove(partial, error);
    fail(fmt::format("cannot write {}: {}", path, std::strerror(why)));
  }
  fs::rename(partial, path, error);
  if (error) fail(fmt::format("cannot rename {} to {}: {}", partial, path, error.message()));
}

Experiment::Experiment(Plan plan, std::vector<Metric> metrics, Provenance provenance)
    : plan_(std::move(plan)),
      metrics_(std::move(metrics)),
      provenance_(std::move(provenance)),
      scenario_digest_(digest_of(plan_.scenario)) {}

Experiment::Experiment(Plan plan, std::vector<Metric> metrics, Provenance provenance, const std::string& directory,
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
  // Of several processes that begin at once, one makes the mark, and the others find it. All else comes after it.
  const std::string own = mark + "." + unique_name();
  write_whole(own, about().dump(2) + "\n");
  const bool made = link(own.c_str(), mark.c_str()) == 0;
  const int why = errno;
  fs::remove(own, error);
  if (made || why == EEXIST) make_directory(file("journal"));
  if (made) {
    write_whole(file("plan.json"), plan_.written.dump(2) + "\n");
    return;
  }
  if (why != EEXIST) fail(fmt::format("cannot write {}: {}", mark, std::strerror(why)));
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
  Json metrics = Json::array();
  for (const Metric& one : metrics_) metrics.push_back({one.name, one.unit, one.meaning});
  return {{"name", plan_.name},
          {"plan", digest(plan_.written.dump())},
          {"scenario", scenario_digest_},
          {"program", provenance_.program},
          {"versions", provenance_.versions},
          {"points", plan_.points()},
          {"runs", runs()},
          {"metrics", metrics}};
}

void Experiment::check(const Json& found, Existing existing) const {
  const Json own = about();
  std::vector<std::string> changed;
  for (const char* what : {"plan", "scenario", "program"})
    if (found.value(what, "") != own[what]) changed.emplace_back(what);
  if (changed.empty() || existing == Existing::extend) return;
  const std::string is = changed.size() == 1 ? "is another one" : "are others";
  throw Error(
      Failure::scenario,
      fmt::format("{}: the {} {} than when the sweep began; --extend keeps the runs that are the same all the same, or name "
                  "another directory with --out",
                  directory_, fmt::join(changed, " and the "), is));
}

Run Experiment::run(std::size_t number) const {
  const std::size_t replications = plan_.replications.at_most, point = number / replications;
  return {number, point, plan_.common ? number % replications : number};
}

std::uint64_t Experiment::seed(const Run& run) const {
  for (const auto& [pointer, value] : plan_.settings(run.point))
    if (pointer == "/seed" && value.is_number_unsigned()) return value.get<std::uint64_t>();
  return plan_.scenario.root().value("seed", std::uint64_t{1});
}

std::string Experiment::key(const Run& run) const {
  std::string all = scenario_digest_;
  for (const auto& [pointer, value] : plan_.settings(run.point)) all += "\n" + pointer + "=" + value.dump();
  return digest(all + fmt::format("\n{}", run.replication)).substr(0, 16);
}

}  // namespace codecosim
