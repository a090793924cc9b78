#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/bounds.hpp"
#include "sim/base/error.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

using Json = nlohmann::ordered_json;

class Reader;

/// A key as part of a JSON pointer: "/" is written "~1" and "~" is written "~0".
std::string escaped(std::string key);

/// One of the forms in which a value may be written. Where `key` is empty, the form is not an object. Otherwise it is
/// an object with this key: the form reads the value under the key or, when `whole`, the object itself.
template <class T>
struct Form {
  std::string key;
  std::string prose;
  std::function<T(Reader)> read;
  bool whole = false;
};

/// A place in a scenario file. Every read names its key, meaning and limits once; the same code reads a file,
/// collecting all problems with their JSON pointers, and, run without a file, writes the JSON Schema from which the
/// reference is made.
class Reader {
 public:
  /// Collects the problems, and says how pointers are shown.
  struct Log {
    std::vector<Problem> problems;
    std::vector<std::string> pointers;  // one a problem
    std::function<std::string(const std::string& pointer)> place;
  };

  Reader(const Json& value, Log& log) : value_(&value), log_(&log) {}
  /// Reads a value that stands for the one at `pointer`, where its problems are reported.
  Reader(const Json& value, Log& log, std::string pointer) : value_(&value), log_(&log), pointer_(std::move(pointer)) {}
  /// A member or element of this value.
  Reader within(const std::string& key, const Json& value) const {
    return Reader(value, *log_, pointer_ + "/" + escaped(key));
  }
  /// Another value in place of the one that is read here.
  Reader standing_for(const Json& value) const { return Reader(value, *log_, pointer_); }
  /// Reads nothing, and writes into `schema` which values would be read.
  explicit Reader(Json& schema) : root_(&schema) {}

  bool describing() const { return root_ != nullptr; }
  bool has(const char* key) const;
  /// Describes that the value under `key` is as what `reference` points to in the schema; reads nothing.
  void same_as(const char* key, const char* reference, const char* prose);

  /// The value under `key`; a missing or wrong one is a problem and yields T{}. A text must not be empty.
  template <class T>
  T need(const char* key, const char* prose, Bounds bounds = {}) {
    Reader child = enter(key, prose, true);
    if constexpr (std::is_same_v<T, std::string>)
      return child.present() ? child.filled_text() : T{};
    else
      return child.present() ? child.value<T>(bounds) : T{};
  }
  /// The value under `key`, or `fallback` where there is none. A text must not be empty, unless `fallback` is.
  template <class T>
  T get(const char* key, const T& fallback, const char* prose, Bounds bounds = {}) {
    Reader child = enter(key, prose, false);
    if (describing()) child.set_default(fallback);
    if constexpr (std::is_same_v<T, std::string>)
      if (child.present() && !fallback.empty()) return child.filled_text();
    return child.present() ? child.value<T>(bounds) : fallback;
  }
  template <class T>
  std::optional<T> maybe(const char* key, const char* prose, Bounds bounds = {}) {
    Reader child = enter(key, prose, false);
    return child.present() ? std::optional<T>(child.value<T>(bounds)) : std::nullopt;
  }
  /// One of the words in `words`, as its place in the list.
  template <class E>
  E choice(const char* key, E fallback, const std::vector<std::string>& words, const char* prose) {
    Reader child = enter(key, prose, false);
    return child.present() ? static_cast<E>(child.word(words, static_cast<std::size_t>(fallback))) : fallback;
  }
  /// A value that may be written in several forms.
  template <class T>
  T need_one_of(const char* key, const char* prose, const std::vector<Form<T>>& forms) {
    Reader child = enter(key, prose, true);
    return child.present() ? child.one_of(forms) : T{};
  }
  template <class T>
  std::optional<T> maybe_one_of(const char* key, const char* prose, const std::vector<Form<T>>& forms) {
    Reader child = enter(key, prose, false);
    return child.present() ? std::optional<T>(child.one_of(forms)) : std::nullopt;
  }
  template <class T>
  T one_of(const std::vector<Form<T>>& forms);

  /// The value under `key`, if any.
  std::optional<Reader> find(const char* key, const char* prose = "");
  /// The object under `key`, if any; read it, then close() it.
  std::optional<Reader> object(const char* key, const char* prose, bool required = false);
  /// The elements of the array under `key`, at most 65 535; described once. `when_empty` is the problem when there are
  /// none.
  std::vector<Reader> items(const char* key, const char* prose, bool required = false,
                            const char* when_empty = nullptr);
  /// The members of the object under `key`, in file order: names chosen by the user.
  std::vector<std::pair<std::string, Reader>> members(const char* key, const char* prose, bool required = false);
  /// The elements of this value itself, which must be an array of `count` elements (0: any number).
  std::vector<Reader> elements(std::size_t count = 0, const char* when_empty = nullptr);

  /// This value itself.
  template <class T>
  T value(Bounds bounds = {});
  /// This value itself, one of the words, as its place in the list.
  std::size_t one_word(const std::vector<std::string>& words) { return word(words, 0); }
  /// This value itself, a text that is not empty.
  std::string filled_text();
  /// This value itself, a text or a number, as it is written; empty, and a problem, where it is neither.
  std::string scalar();
  /// This value itself, as it is written in the file.
  const Json& written() const { return *value_; }
  /// Accepts these keys without reading them, and returns those of them that are present.
  std::vector<std::string> ignore(std::span<const char* const> keys);

  /// Reports that something is wrong at this place.
  void problem(const std::string& what) const;
  void problem_at(const char* key, const std::string& what) const;
  /// Adds a text to the problems after the first `before`.
  void add_to_problems(std::size_t before, const std::string& text) const;
  /// The number of problems up to now, anywhere. Callers compare it to suppress problems that only follow from another
  /// one.
  std::size_t problems() const { return log_ ? log_->problems.size() : 0; }
  /// Reports every key of this object that nothing has read as a problem.
  void close();

  const std::string& pointer() const { return pointer_; }
  /// This place as problems show it.
  std::string place() const { return log_ && log_->place ? log_->place(pointer_) : "#" + pointer_; }

 private:
  Reader enter(const char* key, const char* prose, bool required);
  bool present() const { return describing() || value_ != nullptr; }
  Reader form_target(const std::string& key, bool whole, Json& branch);
  bool expect(bool holds, const char* what, const Json& shape);
  std::size_t word(const std::vector<std::string>& words, std::size_t fallback);
  double number(const Notation& notation, Bounds bounds);
  double plain_number(Bounds bounds, bool whole);
  std::string text();
  bool flag();
  bool check(double number, Bounds bounds, const std::string& shown, std::string_view unit = "") const;
  void set_default(const Json& fallback) const;
  template <class T>
  void set_default(const T& fallback) const;
  void describe_bounds(Bounds bounds) const;
  void unmatched(const std::vector<std::string>& keys) const;
  Json& schema() const { return (*root_)[at_]; }
  int match(const std::vector<std::string>& keys) const;

  const Json* value_ = nullptr;
  Log* log_ = nullptr;
  // The place in the schema that is written. It is a path, because growing an object moves its members.
  Json* root_ = nullptr;
  Json::json_pointer at_;
  std::string pointer_;
  std::vector<std::string> known_;
};

/// A message as one line of limited length, since the content of a file may be neither.
std::string printable(const std::string& message);

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

template <class T>
T Reader::value(Bounds bounds) {
  if constexpr (std::is_same_v<T, std::string>) {
    return text();
  } else if constexpr (std::is_same_v<T, bool>) {
    return flag();
  } else if constexpr (std::is_floating_point_v<T>) {
    return plain_number(bounds, false);
  } else if constexpr (std::is_integral_v<T>) {
    bounds.high =
        std::min(bounds.high, std::min(9007199254740992.0, static_cast<double>(std::numeric_limits<T>::max())));
    bounds.low = std::max(bounds.low, static_cast<double>(std::numeric_limits<T>::min()));
    return static_cast<T>(plain_number(bounds, true));
  } else if constexpr (is_vector<T>::value) {
    T all;
    for (Reader& element : elements()) all.push_back(element.value<typename T::value_type>(bounds));
    return all;
  } else {
    return T(number(notation<T>(), bounds));
  }
}

template <class T>
T Reader::one_of(const std::vector<Form<T>>& forms) {
  if (describing()) {
    for (const Form<T>& form : forms) {
      Json branch = Json::object();
      Reader target = form_target(form.key, form.whole, branch);
      form.read(target);
      if (!form.prose.empty()) branch["description"] = form.prose;
      schema()["anyOf"].push_back(std::move(branch));
    }
    return T{};
  }
  std::vector<std::string> keys;
  for (const Form<T>& form : forms) keys.push_back(form.key);
  const int found = match(keys);
  if (found < 0) {
    unmatched(keys);
    return T{};
  }
  const Form<T>& form = forms[static_cast<std::size_t>(found)];
  for (const std::string& other : keys) {
    if (form.key.empty() || other.empty() || other == form.key || !has(other.c_str())) continue;
    problem("\"" + form.key + "\" and \"" + other + "\" exclude each other");
    known_.push_back(other);
  }
  if (form.key.empty() || form.whole) return form.read(*this);
  Reader inside = enter(form.key.c_str(), "", true);
  T result = form.read(inside);
  close();
  return result;
}

template <class T>
void Reader::set_default(const T& fallback) const {
  if constexpr (requires { fallback.value; }) {
    set_default(Json(fallback.value));
  } else {
    set_default(Json(fallback));
  }
}

}  // namespace codecosim
