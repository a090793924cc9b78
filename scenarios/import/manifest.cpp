#include "scenarios/import/manifest.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

namespace codecosim {

namespace {
constexpr std::size_t most_bytes = 64'000'000;
constexpr std::size_t most_levels = 64;
constexpr std::size_t most_keys = 10'000;  // per object: finding a key takes linear time
constexpr std::size_t most_values = 4'000'000;

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw ScenarioError({{printable(where), printable(what)}});
}

/// Builds a value from the events of either parser, within the limits.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(std::string file) : file_(std::move(file)) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return start(Json::object()); }
  bool start_array(std::size_t) override { return start(Json::array()); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(string_t& key) override {
    Level& level = levels_.back();
    if (!level.seen.insert(key).second) twice_.emplace_back(pointer() + "/" + escaped(key), key);
    if (level.seen.size() > most_keys)
      fail(file_ + "#" + pointer(), fmt::format("more than {} keys in an object", most_keys));
    level.key = key;
    level.keyed = true;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& wrong) override {
    // "[json.exception.parse_error.101] parse error at line 2, column 1: ..."
    std::string what = wrong.what();
    for (const std::string start : {"] ", "parse error "})
      if (const std::size_t at = what.find(start); at != std::string::npos) what.erase(0, at + start.size());
    fail(file_, fmt::format("not valid JSON: {}", what));
  }

  bool wants_key() const { return !levels_.empty() && levels_.back().value.is_object() && !levels_.back().keyed; }
  /// The value built since the last call; take_twice(): the keys that occurred twice in it, as pointer and key.
  Json take() { return std::exchange(root_, nullptr); }
  std::vector<std::pair<std::string, std::string>> take_twice() { return std::exchange(twice_, {}); }

 private:
  struct Level {
    Json value;
    std::string key;
    bool keyed = false;
    std::set<std::string> seen;
  };
  std::string pointer() const {
    std::string path;
    for (std::size_t i = 0; i + 1 < levels_.size(); ++i)
      path += "/" + (levels_[i].value.is_array() ? std::to_string(levels_[i].value.size()) : escaped(levels_[i].key));
    return path;
  }
  bool start(Json empty) {
    if (levels_.size() == most_levels)
      fail(file_ + "#" + pointer(), fmt::format("more than {} levels of nesting", most_levels));
    levels_.push_back({std::move(empty), {}, false, {}});
    return true;
  }
  bool end() {
    Json done = std::move(levels_.back().value);
    levels_.pop_back();
    return add(std::move(done));
  }
  bool add(Json value) {
    if (++values_ > most_values) fail(file_, fmt::format("more than {} values", most_values));
    if (levels_.empty()) {
      root_ = std::move(value);
    } else if (Level& level = levels_.back(); level.value.is_array()) {
      level.value.push_back(std::move(value));
    } else {
      if (value.is_null())
        level.value.erase(level.key);
      else
        level.value[level.key] = std::move(value);
      level.keyed = false;
    }
    return true;
  }

  std::string file_;
  std::vector<Level> levels_;
  std::vector<std::pair<std::string, std::string>> twice_;
  Json root_;
  std::size_t values_ = 0;
};

/// A plain scalar of YAML, typed as in Kubernetes, except that on, off, yes and no stay texts.
void add_plain(Builder& builder, std::string text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    builder.null();
  } else if (text == "true" || text == "True" || text == "TRUE") {
    builder.boolean(true);
  } else if (text == "false" || text == "False" || text == "FALSE") {
    builder.boolean(false);
  } else if (const Json number = Json::parse(text, nullptr, false); number.is_number_float()) {
    builder.number_float(number, text);
  } else if (number.is_number_unsigned()) {
    builder.number_unsigned(number);
  } else if (number.is_number()) {
    builder.number_integer(number);
  } else {
    builder.string(text);
  }
}

class YamlEvents : public YAML::EventHandler {
 public:
  YamlEvents(std::string file, Builder& builder) : file_(std::move(file)), builder_(builder) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (builder_.wants_key()) refuse(mark, "a key that is empty");
    builder_.null();
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias (*): these are not followed; write out what it stands for");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& text) override {
    refuse_tag(mark, tag);
    std::string copy = text;
    if (builder_.wants_key())
      builder_.key(copy);
    else if (tag == "!")
      builder_.string(copy);
    else
      add_plain(builder_, std::move(copy));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    refuse_key(mark);
    builder_.start_array(0);
  }
  void OnSequenceEnd() override { builder_.end_array(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    refuse_key(mark);
    builder_.start_object(0);
  }
  void OnMapEnd() override { builder_.end_object(); }

 private:
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) const {
    fail(file_, fmt::format("at line {}, column {}: {}", mark.line + 1, mark.column + 1, what));
  }
  // "?" is a plain scalar or a collection without a tag, "!" a quoted scalar.
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, fmt::format("the tag {}: tags are not read", tag));
  }
  void refuse_key(const YAML::Mark& mark) const {
    if (builder_.wants_key()) refuse(mark, "a key that is not a text");
  }

  std::string file_;
  Builder& builder_;
};

std::string contents(const std::string& path, const std::string& name) {
  std::error_code error;
  std::ifstream file;
  if (path != "-") {
    if (!std::filesystem::exists(path, error)) fail(name, "no such file");
    if (std::filesystem::is_directory(path, error)) fail(name, "a directory, expected a file");
    file.open(path, std::ios::binary);
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  for (char block[65536];;) {
    in.read(block, sizeof block);
    if (in.gcount() == 0) break;
    text.append(block, static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_bytes) fail(name, "larger than 64 MB");
  }
  if (!in.eof()) fail(name, "cannot be read");
  return text;
}

void check_text(const std::string& file, const std::string& text) {
  if (text.find('\0') != std::string::npos) fail(file, "not a text: it holds a zero byte");
  try {
    (void)Json(text).dump();
  } catch (const Json::exception&) {
    fail(file, "not valid UTF-8");
  }
}
}  // namespace

ManifestFile read_manifests(const std::string& path) {
  const std::string file = path == "-" ? "standard input" : path;
  const std::string text = contents(path, file);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) fail(file, "empty, expected what `kubectl get -o yaml` or `-o json` writes");
  Builder builder(file);
  std::vector<Json> all;
  std::vector<std::vector<std::pair<std::string, std::string>>> twice;
  const auto take = [&] {
    Json one = builder.take();
    auto keys = builder.take_twice();
    if (one.is_null()) return;
    all.push_back(std::move(one));
    twice.push_back(std::move(keys));
  };
  if (text[start] == '{') {
    Json::sax_parse(text, &builder);
    take();
  } else {
    check_text(file, text);
    std::istringstream in(text);
    YamlEvents events(file, builder);
    try {
      for (YAML::Parser parser(in); parser.HandleNextDocument(events);) take();
    } catch (const YAML::Exception& wrong) {
      fail(file, fmt::format("not valid YAML: at line {}, column {}: {}", wrong.mark.line + 1, wrong.mark.column + 1,
                             wrong.msg));
    }
  }
  ManifestFile result;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = all.size() == 1 ? file : fmt::format("{} document {}", file, i + 1);
    for (const auto& [pointer, key] : twice[i])
      result.problems.push_back(
          {printable(fmt::format("{}#{}", name, pointer)), printable(fmt::format("the key \"{}\" occurs twice", key))});
    result.documents.push_back({name, std::move(all[i])});
  }
  return result;
}

}  // namespace codecosim
