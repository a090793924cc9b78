#include "scenarios/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

namespace codecosim {

namespace fs = std::filesystem;

namespace {
constexpr std::uintmax_t most_bytes = 64'000'000;
constexpr int most_levels = 64;
const std::string command_line = "--set";

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw ScenarioError({{where, what}});
}

/// Follows the parser to report keys that occur twice, and to stop at too many levels.
struct Watch {
  struct Level {
    bool array;
    std::size_t index = 0;
    std::string key;
    std::set<std::string> keys;
  };
  std::string file;
  std::vector<Level> levels;
  std::vector<Problem> problems;

  std::string pointer() const {
    std::string path;
    for (const Level& level : levels) path += "/" + (level.array ? std::to_string(level.index) : level.key);
    return path;
  }
  void ended() {
    if (!levels.empty() && levels.back().array) ++levels.back().index;
  }
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        if (depth >= most_levels) fail(file + "#" + pointer(), fmt::format("more than {} levels of nesting", most_levels));
        levels.push_back({event == Event::array_start, 0, {}, {}});
        break;
      case Event::object_end:
      case Event::array_end: levels.pop_back(), ended(); break;
      case Event::value: ended(); break;
      case Event::key:
        levels.back().key = parsed.get<std::string>();
        if (!levels.back().keys.insert(levels.back().key).second)
          problems.push_back({file + "#" + pointer(), fmt::format("the key \"{}\" occurs twice", levels.back().key)});
        break;
    }
    return true;
  }
};
}  // namespace

Document::Document(const std::string& path, const std::vector<std::pair<std::string, std::string>>& settings, bool allow_outside)
    : main_(path), folder_(fs::weakly_canonical(fs::absolute(path)).parent_path().string()), allow_outside_(allow_outside) {
  std::vector<std::string> importing;
  root_ = Json::object();
  read(path, importing);
  for (const auto& [pointer, value] : settings) set(pointer, value);
}

Json Document::parse(const std::string& path) const {
  std::error_code error;
  if (!fs::exists(path, error)) fail(path, "no such file");
  if (!fs::is_regular_file(path, error)) fail(path, "not a regular file");
  if (fs::file_size(path, error) > most_bytes) fail(path, "larger than 64 MB");
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && !in.eof()) fail(path, "cannot be read");
  auto watch = std::make_shared<Watch>();
  watch->file = path;
  Json parsed;
  try {
    parsed = Json::parse(text, [watch](int depth, Json::parse_event_t event, Json& value) { return (*watch)(depth, event, value); },
                         true, true);
  } catch (const Json::exception& wrong) {
    std::string what = wrong.what();
    const std::size_t at = what.find("parse error");
    what = at == std::string::npos ? what : what.substr(at + std::string("parse error ").size());
    fail(path, fmt::format("not valid JSON: {}", what));
  }
  if (!watch->problems.empty()) throw ScenarioError(watch->problems);
  if (!parsed.is_object()) fail(path, "a scenario is a JSON object");
  return parsed;
}

bool Document::inside(const std::string& path) const {
  const std::string real = fs::weakly_canonical(fs::absolute(path)).string();
  return real.starts_with(folder_ + "/") || folder_ == "/";
}

void Document::read(const std::string& path, std::vector<std::string>& importing) {
  const std::string real = fs::weakly_canonical(fs::absolute(path)).string();
  if (std::find(importing.begin(), importing.end(), real) != importing.end()) fail(path, "imports itself, directly or through others");
  importing.push_back(real);
  Json own = parse(path);
  if (own.contains("import")) {
    const Json list = own["import"].is_array() ? own["import"] : Json::array({own["import"]});
    own.erase("import");
    for (const Json& name : list) {
      if (!name.is_string()) fail(path + "#/import", "expected a file name or a list of file names");
      const std::string next = (fs::path(path).parent_path() / name.get<std::string>()).lexically_normal().string();
      if (!allow_outside_ && !inside(next))
        fail(path + "#/import", fmt::format("\"{}\" lies outside the scenario's folder; --allow-outside permits that", name.get<std::string>()));
      read(next, importing);
    }
  }
  importing.pop_back();
  merge(root_, own, path, "");
}

void Document::merge(Json& base, const Json& over, const std::string& file, const std::string& pointer) {
  if (base.is_object() && over.is_object()) {
    for (const auto& [key, value] : over.items()) {
      const std::string at = pointer + "/" + key;
      if (base.contains(key)) {
        merge(base[key], value, file, at);
      } else {
        base[key] = value;
        mark(file, at);
      }
    }
    return;
  }
  base = over;
  mark(file, pointer);
}

void Document::mark(const std::string& file, const std::string& pointer) {
  origin_.erase(pointer);
  for (auto it = origin_.lower_bound(pointer + "/"); it != origin_.end() && it->first.starts_with(pointer + "/");) it = origin_.erase(it);
  if (origin(pointer) != file) origin_[pointer] = file;
}

const std::string& Document::origin(const std::string& pointer) const {
  for (std::string at = pointer;; at.resize(at.rfind('/'))) {
    const auto found = origin_.find(at);
    if (found != origin_.end()) return found->second;
    if (at.empty() || at.rfind('/') == std::string::npos) return main_;
  }
}

void Document::set(const std::string& pointer, const std::string& value) {
  const std::string shown = fmt::format("--set {}={}", pointer, value);
  if (pointer.empty() || pointer[0] != '/') fail(shown, "expected /pointer=value, as in --set /clusters/0/count=20");
  Json* at = &root_;
  std::string resolved;
  std::size_t from = 1;
  while (from <= pointer.size()) {
    const std::size_t end = std::min(pointer.find('/', from), pointer.size());
    const std::string key = pointer.substr(from, end - from);
    from = end + 1;
    if (at->is_array()) {
      std::size_t index = at->size();
      for (std::size_t i = 0; i < at->size(); ++i)
        if (std::to_string(i) == key || ((*at)[i].is_object() && (*at)[i].value("name", Json()) == Json(key))) index = i;
      if (index == at->size()) fail(shown, fmt::format("{} has no element \"{}\"", resolved.empty() ? "/" : resolved, key));
      at = &(*at)[index];
      resolved += "/" + std::to_string(index);
    } else {
      if (at->is_null()) *at = Json::object();
      if (!at->is_object()) fail(shown, fmt::format("{} is no object and no array", resolved));
      at = &(*at)[key];
      resolved += "/" + key;
    }
  }
  Json parsed = Json::parse(value, nullptr, false);
  *at = parsed.is_discarded() ? Json(value) : parsed;
  mark(command_line, resolved);
}

std::string Document::place(const std::string& pointer) const {
  const std::string& file = origin(pointer);
  return (file == command_line ? main_ + " with --set " : file + "#") + pointer;
}

std::string Document::resolve(const std::string& pointer, const std::string& name, std::string& problem) const {
  const std::string& file = origin(pointer);
  if (file == command_line) return name;
  const std::string path = (fs::path(file).parent_path() / name).lexically_normal().string();
  if (allow_outside_ || inside(path)) return path;
  problem = fmt::format("\"{}\" lies outside the scenario's folder; --allow-outside permits that", name);
  return "";
}

}  // namespace codecosim
