#include "scenarios/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string_view>

#include "scenarios/library.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
constexpr std::uintmax_t most_bytes = 64'000'000;
constexpr int most_levels = 64;
constexpr std::size_t most_keys = 10'000;  // per object: finding a key takes linear time
constexpr std::size_t most_imports = 1000;
const std::string command_line = "--set";
const std::string elsewhere = "(set)";  // source of values set by Document::with()
constexpr std::string_view shipped = "library:";

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw ScenarioError({{printable(where), printable(what)}});
}

/// The path without links and dots, as far as it exists; unchanged where that cannot be determined.
std::string real_path(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? path : real.string();
}

/// The keys of a JSON pointer; throws Json::exception when the text is not one.
std::vector<std::string> keys_of(const std::string& pointer) {
  std::vector<std::string> keys;
  for (Json::json_pointer rest(pointer); !rest.empty(); rest.pop_back()) keys.insert(keys.begin(), rest.back());
  return keys;
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
    for (const Level& level : levels) path += "/" + (level.array ? std::to_string(level.index) : escaped(level.key));
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
        if (depth >= most_levels)
          fail(file + "#" + pointer(), fmt::format("more than {} levels of nesting", most_levels));
        levels.push_back({event == Event::array_start, 0, {}, {}});
        break;
      case Event::object_end:
      case Event::array_end:
        levels.pop_back();
        ended();
        break;
      case Event::value:
        ended();
        break;
      case Event::key:
        levels.back().key = parsed.get<std::string>();
        if (!levels.back().keys.insert(levels.back().key).second)
          problems.push_back({printable(file + "#" + pointer()),
                              printable(fmt::format("the key \"{}\" occurs twice", levels.back().key))});
        if (levels.back().keys.size() > most_keys) {
          levels.pop_back();
          fail(file + "#" + pointer(), fmt::format("more than {} keys in an object", most_keys));
        }
        break;
    }
    return true;
  }
};
}  // namespace

Document::Document(const std::string& path, const std::vector<std::pair<std::string, std::string>>& settings,
                   bool allow_outside)
    : main_(path),
      folder_(fs::path(real_path(path)).parent_path().string()),
      allow_outside_(allow_outside),
      root_(Json::object()) {
  std::vector<std::string> importing;
  read(path, importing, root_, "");
  for (const auto& [pointer, value] : settings) {
    const std::string shown = fmt::format("--set {}={}", pointer, value);
    Watch watch;
    watch.file = command_line;
    const Json parsed = Json::parse(
        value, [&watch](int depth, Json::parse_event_t event, Json& part) { return watch(depth, event, part); }, false);
    set(pointer, parsed.is_discarded() ? Json(value) : parsed, shown, command_line);
  }
}

Document Document::with(Json root) const {
  Document other = *this;
  other.root_ = std::move(root);
  return other;
}

Document Document::with(const std::vector<std::pair<std::string, Json>>& settings) const {
  Document other = *this;
  for (const auto& [pointer, value] : settings) other.set(pointer, value, pointer, elsewhere);
  return other;
}

namespace {
std::string text_of(const std::string& path) {
  if (path.starts_with(shipped)) {
    const std::string name = path.substr(shipped.size());
    const std::string* text = library_text(name);
    if (!text) fail(path, fmt::format("no scenario \"{}\" is shipped{}", name, suggestion(name, library_names())));
    return *text;
  }
  std::error_code error;
  if (!fs::exists(path, error)) fail(path, "no such file");
  if (!fs::is_regular_file(path, error)) fail(path, "not a regular file");
  if (fs::file_size(path, error) > most_bytes) fail(path, "larger than 64 MB");
  if (fs::file_size(path, error) == 0) fail(path, "empty, expected a scenario: `codecosim init` writes one");
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && !in.eof()) fail(path, "cannot be read");
  return text;
}
}  // namespace

Json Document::parse(const std::string& path) {
  const std::string text = text_of(path);
  auto watch = std::make_shared<Watch>();
  watch->file = path;
  Json parsed;
  try {
    parsed = Json::parse(
        text, [watch](int depth, Json::parse_event_t event, Json& value) { return (*watch)(depth, event, value); },
        true, true);
  } catch (const Json::exception& wrong) {
    // "[json.exception.parse_error.101] parse error at line 2, column 1: ..."
    std::string what = wrong.what();
    for (const std::string start : {"] ", "parse error "})
      if (const std::size_t at = what.find(start); at != std::string::npos) what.erase(0, at + start.size());
    fail(path, fmt::format("not valid JSON: {}", what));
  }
  problems_.insert(problems_.end(), watch->problems.begin(), watch->problems.end());
  if (!parsed.is_object()) fail(path, "expected a JSON object");
  return parsed;
}

bool Document::inside(const std::string& path) const {
  const std::string real = real_path(path);
  return real == folder_ || real.starts_with(folder_ + "/") || folder_ == "/";
}

std::string Document::named_file(const std::string& text, const std::string& path, const std::string& where,
                                 const std::vector<std::string>& importing) {
  const auto refuse = [&](const std::string& what) { fail(where, what); };
  const std::string next = text.starts_with(shipped) ? text
                           : path.starts_with(shipped)
                               ? std::string(shipped) + fs::path(text).stem().string()
                               : (fs::path(path).parent_path() / text).lexically_normal().string();
  const bool in_library = next.starts_with(shipped);
  std::error_code error;
  if (!in_library && !allow_outside_ && !inside(next))
    refuse(fmt::format("\"{}\" lies outside the scenario's folder; --allow-outside permits that", text));
  if (!in_library && !fs::is_regular_file(next, error))
    refuse(fmt::format("\"{}\": no such file, or not a regular one", text));
  if (std::find(importing.begin(), importing.end(), real_path(next)) != importing.end())
    refuse(fmt::format("\"{}\" imports itself, directly or through others", text));
  if (++imports_ > most_imports) refuse(fmt::format("more than {} imports in total", most_imports));
  return next;
}

void Document::read(const std::string& path, std::vector<std::string>& importing, Json& base,
                    const std::string& pointer) {
  importing.push_back(real_path(path));
  Json own = parse(path);
  if (own.contains("import")) {
    const Json list = own["import"].is_array() ? own["import"] : Json::array({own["import"]});
    own.erase("import");
    for (const Json& name : list) {
      if (!name.is_string()) fail(path + "#/import", "expected a file name or a list of file names");
      read(named_file(name.get<std::string>(), path, path + "#/import", importing), importing, base, pointer);
    }
  }
  merge(base, own, path, pointer);
  read_modules(base, pointer, importing);
  importing.pop_back();
}

void Document::read_modules(Json& part, const std::string& pointer, std::vector<std::string>& importing) {
  const auto modules = part.find("modules");
  if (modules == part.end() || !modules->is_object()) return;
  for (auto& [name, module] : modules->items()) {
    const std::string at = pointer + "/modules/" + escaped(name);
    if (module.is_object()) {
      read_modules(module, at, importing);
    } else if (module.is_string()) {
      const std::string file = named_file(module.get<std::string>(), origin(at), place(at), importing);
      module = Json::object();
      mark(file, at);
      modules_.insert(at);
      read(file, importing, module, at);
    }
  }
}

void Document::merge(Json& base, const Json& over, const std::string& file, const std::string& pointer) {
  if (base.is_object() && over.is_object()) {
    for (const auto& [key, value] : over.items()) {
      const std::string at = pointer + "/" + escaped(key);
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
  for (auto it = origin_.lower_bound(pointer + "/"); it != origin_.end() && it->first.starts_with(pointer + "/");)
    it = origin_.erase(it);
  if (origin(pointer) != file) origin_[pointer] = file;
}

const std::string& Document::origin(const std::string& pointer) const {
  for (std::string at = pointer;; at.resize(at.rfind('/'))) {
    const auto found = origin_.find(at);
    if (found != origin_.end()) return found->second;
    if (at.empty() || at.rfind('/') == std::string::npos) return main_;
  }
}

namespace {
/// The index of the array element that a key names, by its index or by the "name" of an object.
std::size_t element_of(const Json& array, const std::string& key, std::vector<std::string>& known) {
  std::size_t index = array.size();
  for (std::size_t i = 0; i < array.size(); ++i) {
    const Json& element = array[i];
    const bool named = element.is_object() && element.contains("name") && element["name"].is_string();
    known.push_back(named ? element["name"].get<std::string>() : std::to_string(i));
    if (std::to_string(i) == key || known.back() == key) index = i;
  }
  return index;
}
}  // namespace

std::string Document::canonical(const std::string& pointer) const {
  std::string all;
  const Json* at = &root_;
  for (const std::string& key : keys_of(pointer)) {
    std::string step = escaped(key);
    if (at && at->is_array()) {
      std::vector<std::string> known;
      const std::size_t index = element_of(*at, key, known);
      if (index < at->size()) step = std::to_string(index);
      at = index < at->size() ? &(*at)[index] : nullptr;
    } else {
      at = at && at->is_object() && at->contains(key) ? &(*at)[key] : nullptr;
    }
    all += "/" + step;
  }
  return all;
}

void Document::set(const std::string& pointer, const Json& value, const std::string& shown, const std::string& from) {
  std::vector<std::string> keys;
  try {
    keys = keys_of(pointer);
  } catch (const Json::exception&) {  // NOLINT(bugprone-empty-catch): no keys are reported below
  }
  if (keys.empty()) fail(shown, "expected /pointer=value, as in --set /clusters/0/count=20");
  Json* at = &root_;
  std::string resolved;
  for (const std::string& key : keys) {
    if (at->is_array()) {
      std::vector<std::string> known;
      const std::size_t index = element_of(*at, key, known);
      if (index == at->size())
        fail(shown, fmt::format("{} has no element \"{}\"{}", resolved, key, suggestion(key, known)));
      at = &(*at)[index];
      resolved += "/" + std::to_string(index);
    } else {
      if (at->is_null()) *at = Json::object();
      if (!at->is_object()) fail(shown, fmt::format("{} is neither an object nor an array", resolved));
      at = &(*at)[key];
      resolved += "/" + escaped(key);
    }
  }
  *at = value;
  mark(from, resolved);
}

namespace {
/// A sort key: the position in the document of the value at a pointer.
std::vector<std::size_t> file_order(const Json& document, const std::string& pointer) {
  std::vector<std::size_t> places;
  const Json* at = &document;
  for (const std::string& key : keys_of(pointer)) {
    if (at->is_array()) {
      places.push_back(parse_whole<std::size_t>(key).value());
      at = &at->at(places.back());
    } else {
      const auto found = at->find(key);
      places.push_back(static_cast<std::size_t>(std::distance(at->begin(), found)));
      if (found == at->end()) break;  // a missing key sorts after all others
      at = &*found;
    }
  }
  return places;
}
}  // namespace

std::vector<Problem> in_file_order(const Reader::Log& log, const Json& document) {
  std::vector<std::pair<std::vector<std::size_t>, std::size_t>> keys;
  for (const std::string& pointer : log.pointers) keys.emplace_back(file_order(document, pointer), keys.size());
  std::sort(keys.begin(), keys.end());
  std::vector<Problem> sorted;
  for (const auto& [order, index] : keys) sorted.push_back(log.problems[index]);
  return sorted;
}

std::string Document::place(const std::string& pointer) const {
  const std::string& file = origin(pointer);
  if (file == command_line) return main_ + " with --set " + pointer;
  if (file == elsewhere) return main_ + " with " + pointer;
  // A file that is a module has pointers of its own.
  if (file != main_)
    for (std::string at = pointer; !at.empty(); at.resize(at.rfind('/')))
      if (modules_.contains(at)) return file + "#" + pointer.substr(at.size());
  return file + "#" + pointer;
}

std::string Document::resolve(const std::string& pointer, const std::string& name, std::string& problem) const {
  const std::string& file = origin(pointer);
  if (name.starts_with(shipped)) return name;
  if (file == command_line) return name;
  std::string path = (fs::path(file == elsewhere ? main_ : file).parent_path() / name).lexically_normal().string();
  if (allow_outside_ || inside(path)) return path;
  problem = fmt::format("\"{}\" lies outside the scenario's folder; --allow-outside permits that", name);
  return "";
}

}  // namespace codecosim
