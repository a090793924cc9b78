#include "sim/base/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace codecosim {

namespace {
/// The text, shortened to at most `most` bytes without splitting a character.
std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most) + "...";
}
std::string shown(const Json& value) {
  return shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace), 60);
}
std::string escaped_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("/.+*?()[]{}^$|\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}
/// The unit in which values of this dimension are held.
std::string_view base_unit(const Notation& notation) {
  for (const Unit& unit : notation.units)
    if (unit.factor == 1) return unit.name;
  return "";
}
}  // namespace

std::string escaped(std::string key) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '~') {
      key.replace(i, 1, "~0");
      ++i;
    } else if (key[i] == '/') {
      key.replace(i, 1, "~1");
      ++i;
    }
  }
  return key;
}

std::string printable(const std::string& message) {
  // The writer of JSON replaces bytes that are not UTF-8.
  const std::string text =
      Json::parse(Json(shortened(message, 2000)).dump(-1, ' ', false, Json::error_handler_t::replace));
  std::string line;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      line += fmt::format("\\u{:04x}", c);
    else
      line += c;
  }
  return line;
}

bool Reader::has(const char* key) const { return describing() || (value_->is_object() && value_->contains(key)); }

Reader Reader::enter(const char* key, const char* prose, bool required) {
  Reader child = *this;
  child.known_.clear();
  if (describing()) {
    schema()["type"] = "object";
    schema()["additionalProperties"] = false;
    Json& properties = schema()["properties"];
    if (!properties.contains(key)) properties[key] = Json::object();
    child.at_ = at_ / "properties" / key;
    if (*prose) child.schema()["description"] = prose;
    if (required) {
      Json& list = schema()["required"];
      if (std::find(list.begin(), list.end(), Json(key)) == list.end()) list.push_back(key);
    }
    return child;
  }
  known_.emplace_back(key);
  child.pointer_ += "/" + escaped(key);
  child.value_ = nullptr;
  if (!value_->is_object()) {
    if (known_.size() == 1) problem(fmt::format("expected an object, found {}", shown(*value_)));
    return child;
  }
  const auto found = value_->find(key);
  if (found != value_->end())
    child.value_ = &*found;
  else if (required)
    problem(fmt::format("\"{}\" is missing ({})", key, *prose ? prose : "required"));
  return child;
}

std::optional<Reader> Reader::find(const char* key, const char* prose) {
  Reader child = enter(key, prose, false);
  return child.present() ? std::optional(child) : std::nullopt;
}

std::optional<Reader> Reader::object(const char* key, const char* prose, bool required) {
  Reader child = enter(key, prose, required);
  if (!child.present() ||
      !child.expect(child.describing() || child.value_->is_object(), "an object", {{"type", "object"}}))
    return std::nullopt;
  return child;
}

void Reader::add_to_problems(std::size_t before, const std::string& text) const {
  for (std::size_t i = before; i < log_->problems.size(); ++i) log_->problems[i].what += text;
}

void Reader::same_as(const char* key, const char* reference, const char* prose) {
  Reader child = enter(key, prose, false);
  if (describing()) child.schema()["$ref"] = reference;
}

std::vector<Reader> Reader::items(const char* key, const char* prose, bool required, const char* when_empty) {
  Reader child = enter(key, prose, required);
  if (!child.present()) return {};
  // Each element stands for an entity of its own, which is compared with all others.
  constexpr std::size_t most = 65'535;
  if (!describing() && child.value_->is_array() && child.value_->size() > most) {
    child.problem(fmt::format("{} elements are too many: at most {}", child.value_->size(), most));
    return {};
  }
  return child.elements(0, when_empty);
}

std::vector<Reader> Reader::elements(std::size_t count, const char* when_empty) {
  Json shape = {{"type", "array"}};
  if (when_empty) shape["minItems"] = 1;
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
  if (all.empty() && when_empty) problem(when_empty);
  return all;
}

std::vector<std::pair<std::string, Reader>> Reader::members(const char* key, const char* prose, bool required) {
  Reader child = enter(key, prose, required);
  if (!child.present() ||
      !child.expect(child.describing() || child.value_->is_object(), "an object", {{"type", "object"}}))
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

bool Reader::expect(bool holds, const char* what, const Json& shape) {
  if (describing())
    schema().update(shape);
  else if (!holds)
    problem(fmt::format("expected {}, found {}", what, shown(*value_)));
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
    // Where two forms have no key, the second is a list.
    if (keys[i].empty() && value_->is_array() &&
        std::find(keys.begin() + static_cast<std::ptrdiff_t>(i) + 1, keys.end(), "") != keys.end())
      continue;
    if (keys[i].empty() ? !value_->is_object() : value_->is_object() && value_->contains(keys[i]))
      return static_cast<int>(i);
  }
  return -1;
}

void Reader::unmatched(const std::vector<std::string>& keys) const {
  std::vector<std::string> forms;
  for (const std::string& key : keys)
    forms.push_back(key.empty() ? "a plain value" : fmt::format("{{\"{}\": ...}}", key));
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

bool Reader::check(double number, Bounds bounds, const std::string& text, std::string_view unit) const {
  const std::string_view space = unit.empty() ? "" : " ";
  if (bounds.low_excluded ? number > bounds.low : number >= bounds.low) {
    if (number <= bounds.high) return true;
    problem(fmt::format("{} is too large: at most {:.16g}{}{}", text, bounds.high, space, unit));
    return false;
  }
  problem(bounds.low == 0 ? fmt::format("{} must {}", text, bounds.low_excluded ? "be above zero" : "not be negative")
                          : fmt::format("{} is too small: at least {:.16g}{}{}", text, bounds.low, space, unit));
  return false;
}

double Reader::number(const Notation& notation, Bounds bounds) {
  if (describing()) {
    std::string units;
    for (const Unit& unit : notation.units) units += (units.empty() ? "" : "|") + escaped_pattern(unit.name);
    const std::string pattern =
        fmt::format("^ *-?[0-9.]+([eE][-+]?[0-9]+)? *({}){} *$", units, notation.bare ? "?" : "");
    Json text = {{"type", "string"}, {"pattern", pattern}, {"examples", Json::array({notation.example})}};
    if (notation.bare)
      schema()["anyOf"] = Json::array({text, {{"type", "number"}}});
    else
      schema().update(text);
    describe_bounds(bounds);
    return 0;
  }
  if (value_->is_number()) {
    const std::string text = value_->dump();
    if (!notation.bare) {
      problem(fmt::format("{} needs a unit: {} is written as \"{}\"", text, notation.noun, notation.example));
      return 0;
    }
    const double number = value_->get<double>();
    return check(number, bounds, text, base_unit(notation)) ? number : 0;
  }
  if (!expect(value_->is_string(), fmt::format("{} such as \"{}\"", notation.noun, notation.example).c_str(), {}))
    return 0;
  std::string why;
  const std::optional<double> parsed = parse_quantity(value_->get_ref<const std::string&>(), notation, why);
  if (!parsed) {
    problem(why);
    return 0;
  }
  return check(*parsed, bounds, shown(*value_), base_unit(notation)) ? *parsed : 0;
}

double Reader::plain_number(Bounds bounds, bool whole) {
  if (describing()) {
    schema()["type"] = whole ? "integer" : "number";
    describe_bounds(bounds);
    return 0;
  }
  // After a problem, an allowed number prevents follow-up problems.
  if (!expect(value_->is_number(), whole ? "a whole number" : "a number", {}))
    return std::clamp(0.0, bounds.low, bounds.high);
  const double number = value_->get<double>();
  // Above this, not every whole number is a double: the number in the file would become another one.
  constexpr std::uint64_t exact = 1ULL << 53;
  if (whole && value_->is_number_unsigned() && value_->get<std::uint64_t>() > exact &&
      bounds.high >= static_cast<double>(exact)) {
    problem(fmt::format("{} is too large: at most {}", shown(*value_), exact));
    return bounds.low;
  }
  if (whole && number != std::floor(number)) {
    problem(fmt::format("expected a whole number, found {}", shown(*value_)));
    return std::clamp(std::floor(number), bounds.low, bounds.high);
  }
  return check(number, bounds, shown(*value_)) ? number : std::clamp(number, bounds.low, bounds.high);
}

std::string Reader::text() {
  if (!expect(describing() || value_->is_string(), "a text", {{"type", "string"}}) || describing()) return "";
  return value_->get<std::string>();
}

std::string Reader::filled_text() {
  if (describing()) schema()["minLength"] = 1;
  std::string all = text();
  if (!describing() && all.empty() && value_->is_string()) problem("expected a text that is not empty");
  return all;
}

std::string Reader::scalar() {
  if (describing()) return "";
  if (value_->is_number()) return value_->dump();
  return expect(value_->is_string(), "a text or a number", {}) ? value_->get<std::string>() : "";
}

std::vector<std::string> Reader::ignore(std::span<const char* const> keys) {
  std::vector<std::string> found;
  for (const char* key : keys) {
    known_.emplace_back(key);
    if (has(key)) found.emplace_back(key);
  }
  return found;
}

bool Reader::flag() {
  if (!expect(describing() || value_->is_boolean(), "true or false", {{"type", "boolean"}}) || describing())
    return false;
  return value_->get<bool>();
}

void Reader::set_default(const Json& fallback) const {
  if (!fallback.is_number_float() || std::isfinite(fallback.get<double>())) schema()["default"] = fallback;
}

void Reader::describe_bounds(Bounds bounds) const {
  const bool numeric = schema().contains("type") && schema()["type"] != "string";
  if (std::isfinite(bounds.low))
    schema()[numeric ? (bounds.low_excluded ? "exclusiveMinimum" : "minimum") : "x-above"] = bounds.low;
  if (std::isfinite(bounds.high)) schema()[numeric ? "maximum" : "x-below"] = bounds.high;
}

void Reader::problem(const std::string& what) const {
  if (!log_) return;
  constexpr std::size_t most = 10'000;
  if (log_->problems.size() > most) return;
  if (log_->problems.size() == most) {
    log_->problems.push_back({log_->place ? log_->place("") : "#", "there are more problems"});
    log_->pointers.emplace_back();
    return;
  }
  log_->problems.push_back({printable(place()), printable(what)});
  log_->pointers.push_back(pointer_);
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
