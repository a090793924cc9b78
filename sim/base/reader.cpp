#include "sim/base/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace codecosim {

namespace {
std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t most = 60;
  if (text.size() > most) text = text.substr(0, most) + "...";
  return text;
}
std::string escaped(std::string key) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '~') key.replace(i, 1, "~0"), ++i;
    else if (key[i] == '/') key.replace(i, 1, "~1"), ++i;
  }
  return key;
}
std::string escaped_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("/.+*?()[]{}^$|\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}
}  // namespace

bool Reader::has(const char* key) const { return describing() || (value_->is_object() && value_->contains(key)); }

Reader Reader::enter(const char* key, const char* prose, bool required) {
  Reader child = *this;
  child.known_.clear();
  if (describing()) {
    Json& properties = schema()["properties"];
    schema()["type"] = "object";
    schema()["additionalProperties"] = false;
    if (!properties.contains(key)) properties[key] = Json::object();
    child.at_ = at_ / "properties" / key;
    if (*prose) child.schema()["description"] = prose;
    if (required) {
      Json& list = schema()["required"];
      if (std::find(list.begin(), list.end(), Json(key)) == list.end()) list.push_back(key);
    }
    return child;
  }
  known_.push_back(key);
  child.pointer_ += "/" + escaped(key);
  child.value_ = nullptr;
  if (!value_->is_object()) {
    if (known_.size() == 1) problem(fmt::format("expected an object, found {}", shown(*value_)));
    return child;
  }
  const auto found = value_->find(key);
  if (found != value_->end()) child.value_ = &*found;
  else if (required) problem(fmt::format("\"{}\" is missing ({})", key, *prose ? prose : "required"));
  return child;
}

std::optional<Reader> Reader::object(const char* key, const char* prose, bool required) {
  Reader child = enter(key, prose, required);
  if (!child.present() || !child.expect(child.describing() || child.value_->is_object(), "an object", {{"type", "object"}}))
    return std::nullopt;
  return child;
}

std::vector<Reader> Reader::items(const char* key, const char* prose, bool required) {
  Reader child = enter(key, prose, required);
  return child.present() ? child.elements() : std::vector<Reader>{};
}

std::vector<Reader> Reader::elements(std::size_t count) {
  Json shape = {{"type", "array"}};
  if (count) shape["minItems"] = shape["maxItems"] = count;
  const bool is_array = describing() || value_->is_array();
  const std::string expected = count ? fmt::format("an array of {}", count) : "an array";
  if (!expect(is_array && (describing() || !count || value_->size() == count), expected.c_str(), shape)) return {};
  std::vector<Reader> all;
  Reader child = *this;
  child.known_.clear();
  if (describing()) {
    schema()["items"] = Json::object();
    child.at_ = at_ / "items";
    return std::vector<Reader>(count ? count : 1, child);
  }
  for (std::size_t i = 0; i < value_->size(); ++i) {
    child.value_ = &(*value_)[i];
    child.pointer_ = pointer_ + "/" + std::to_string(i);
    all.push_back(child);
  }
  return all;
}

std::vector<std::pair<std::string, Reader>> Reader::members(const char* key, const char* prose, bool required) {
  Reader child = enter(key, prose, required);
  if (!child.present() || !child.expect(child.describing() || child.value_->is_object(), "an object", {{"type", "object"}}))
    return {};
  std::vector<std::pair<std::string, Reader>> all;
  Reader member = child;
  if (describing()) {
    child.schema()["additionalProperties"] = Json::object();
    member.at_ = child.at_ / "additionalProperties";
    return {{"NAME", member}};
  }
  for (const auto& [name, inside] : child.value_->items()) {
    member.value_ = &inside;
    member.pointer_ = child.pointer_ + "/" + escaped(name);
    all.emplace_back(name, member);
  }
  return all;
}

bool Reader::expect(bool holds, const char* what, Json shape) {
  if (describing()) schema().update(shape);
  else if (!holds) problem(fmt::format("expected {}, found {}", what, shown(*value_)));
  return holds;
}

Reader Reader::form_target(const std::string& key, bool whole, Json& branch) {
  Reader object(branch);
  if (key.empty()) return object;
  if (whole) {
    branch["required"].push_back(key);
    return object;
  }
  // `branch` outlives the readers made of it: one_of moves it into the schema only after the form has been described.
  return object.enter(key.c_str(), "", true);
}

int Reader::match(const std::vector<std::string>& keys) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].empty() ? !value_->is_object() : value_->is_object() && value_->contains(keys[i])) return static_cast<int>(i);
  }
  return -1;
}

void Reader::unmatched(const std::vector<std::string>& keys) const {
  std::vector<std::string> forms;
  for (const std::string& key : keys) forms.push_back(key.empty() ? "a plain value" : fmt::format("{{\"{}\": ...}}", key));
  std::string hint;
  if (value_->is_object() && !value_->empty()) {
    const std::string close = nearest(value_->begin().key(), keys);
    if (!close.empty()) hint = fmt::format("; did you mean \"{}\"?", close);
  }
  problem(fmt::format("expected {}, found {}{}", fmt::join(forms, " or "), shown(*value_), hint));
}

std::size_t Reader::word(const std::vector<std::string>& words, std::size_t fallback) {
  if (describing()) {
    schema()["enum"] = words;
    set_default(Json(words.at(fallback)));
    return fallback;
  }
  if (!expect(value_->is_string(), fmt::format("one of {}", fmt::join(words, ", ")).c_str(), {})) return fallback;
  const auto& text = value_->get_ref<const std::string&>();
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  problem(fmt::format("\"{}\" is not one of {}{}", text, fmt::join(words, ", "),
                      nearest(text, words).empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest(text, words))));
  return fallback;
}

bool Reader::check(double number, Bounds bounds, const std::string& text) const {
  if (bounds.low_excluded ? number > bounds.low : number >= bounds.low) {
    if (number <= bounds.high) return true;
    problem(fmt::format("{} is too large: at most {:.10g}", text, bounds.high));
    return false;
  }
  problem(bounds.low == 0 ? fmt::format("{} must {}", text, bounds.low_excluded ? "be above zero" : "not be negative")
                          : fmt::format("{} is too small: at least {:.10g}", text, bounds.low));
  return false;
}

double Reader::number(const Notation& notation, Bounds bounds) {
  if (describing()) {
    std::string units;
    for (const Unit& unit : notation.units) units += (units.empty() ? "" : "|") + escaped_pattern(unit.name);
    const std::string pattern =
        fmt::format("^ *-?[0-9.]+([eE][-+]?[0-9]+)? *({}){} *$", units, notation.bare ? "?" : "");
    Json text = {{"type", "string"}, {"pattern", pattern}, {"examples", Json::array({notation.example})}};
    if (notation.bare) schema()["anyOf"] = Json::array({text, {{"type", "number"}}});
    else schema().update(text);
    describe_bounds(bounds);
    return 0;
  }
  if (value_->is_number()) {
    const std::string text = value_->dump();
    if (!notation.bare) {
      std::string why;
      parse_quantity(text, notation, why);
      problem(fmt::format("{} needs a unit: {} is written as \"{}\"", text, notation.noun, notation.example));
      return 0;
    }
    const double number = value_->get<double>();
    return check(number, bounds, text) ? number : 0;
  }
  if (!expect(value_->is_string(), fmt::format("{} such as \"{}\"", notation.noun, notation.example).c_str(), {})) return 0;
  std::string why;
  const std::optional<double> parsed = parse_quantity(value_->get_ref<const std::string&>(), notation, why);
  if (!parsed) {
    problem(why);
    return 0;
  }
  return check(*parsed, bounds, shown(*value_)) ? *parsed : 0;
}

double Reader::plain_number(Bounds bounds, bool whole) {
  if (describing()) {
    schema()["type"] = whole ? "integer" : "number";
    describe_bounds(bounds);
    return 0;
  }
  if (!expect(value_->is_number(), whole ? "a whole number" : "a number", {})) return 0;
  const double number = value_->get<double>();
  if (whole && number != std::floor(number)) {
    problem(fmt::format("expected a whole number, found {}", shown(*value_)));
    return 0;
  }
  return check(number, bounds, shown(*value_)) ? number : std::max(0.0, bounds.low);
}

std::string Reader::text() {
  if (!expect(describing() || value_->is_string(), "a text", {{"type", "string"}}) || describing()) return "";
  return value_->get<std::string>();
}

bool Reader::flag() {
  if (!expect(describing() || value_->is_boolean(), "true or false", {{"type", "boolean"}}) || describing()) return false;
  return value_->get<bool>();
}

void Reader::set_default(const Json& fallback) const {
  if (!fallback.is_number_float() || std::isfinite(fallback.get<double>())) schema()["default"] = fallback;
}

void Reader::describe_bounds(Bounds bounds) const {
  const bool numeric = schema().contains("type") && schema()["type"] != "string";
  if (std::isfinite(bounds.low)) schema()[numeric ? (bounds.low_excluded ? "exclusiveMinimum" : "minimum") : "x-above"] = bounds.low;
  if (std::isfinite(bounds.high)) schema()[numeric ? "maximum" : "x-below"] = bounds.high;
}

void Reader::problem(const std::string& what) const {
  if (!log_) return;
  log_->problems.push_back({log_->place ? log_->place(pointer_) : "#" + pointer_, what});
}

void Reader::problem_at(const char* key, const std::string& what) const {
  Reader child = *this;
  child.pointer_ += "/" + escaped(key);
  child.problem(what);
}

void Reader::close() {
  if (describing() || !value_->is_object()) return;
  for (const auto& [key, inside] : value_->items()) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end())
      problem(fmt::format("unknown key \"{}\"{}", key, suggestion(key, known_)));
  }
}

}  // namespace codecosim
