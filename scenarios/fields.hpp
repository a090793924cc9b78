#pragma once
#include <string>
#include <vector>

#include "scenarios/parts.hpp"
#include "sim/base/words.hpp"

namespace codecosim {

/// Reads the fields that a struct lists, each under its key. An optional field that is left out keeps its value. The
/// struct's `fields(v)` calls one of these functions for each field, v(key, field, prose, bounds) unless stated
/// otherwise.
class FieldReader {
 public:
  explicit FieldReader(Reader& reader) : reader_(reader) {}
  template <class T>
  void operator()(const char* key, T& field, const char* prose, Bounds bounds = {}) {
    field = reader_.get<T>(key, field, prose, bounds);
  }
  /// Reads a required field.
  template <class T>
  void need(const char* key, T& field, const char* prose, Bounds bounds = {}) {
    field = reader_.need<T>(key, prose, bounds);
  }
  /// Reads one of the words of an enumeration.
  template <class E>
  void choice(const char* key, E& field, const char* prose) {
    field = reader_.choice<E>(key, field, words<E>(), prose);
  }
  /// Reads a probability distribution.
  template <class Q>
  void law(const char* key, Distribution<Q>& field, const char* prose, Bounds bounds) {
    if (const auto law = reader_.maybe_one_of<Distribution<Q>>(key, prose, laws<Q>(bounds))) field = *law;
  }
  template <class Q>
  void need_law(const char* key, Distribution<Q>& field, const char* prose, Bounds bounds) {
    field = reader_.need_one_of<Distribution<Q>>(key, prose, laws<Q>(bounds));
  }

 private:
  Reader& reader_;
};

template <class T>
void read_fields(Reader& reader, T& value) {
  FieldReader fields(reader);
  value.fields(fields);
}

}  // namespace codecosim
