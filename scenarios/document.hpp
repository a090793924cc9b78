#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// The problems of a document in the order of the places that they are about: a person corrects a file from its start
/// to its end, not in the order in which it was read.
std::vector<Problem> in_file_order(const Reader::Log&, const Json& document);

/// A scenario file after its imports and the command line's overrides, with the source file of each part.
///
/// A file may say `"import": "base.json"` or a list; paths are relative to it; what the file says overrides what it
/// imports, key by key, arrays as a whole. Files are untrusted: at most 64 MB, 64 levels, no key twice, no path out of
/// the folder of the first file unless allowed, at most 1000 imports. `library:NAME` is a shipped scenario.
class Document {
 public:
  /// `settings` are `/pointer=value` pairs; a member of an array may be named by its "name". Throws ScenarioError when
  /// the document cannot be made; problems() holds those that do not prevent it.
  Document(const std::string& path, const std::vector<std::pair<std::string, std::string>>& settings,
           bool allow_outside);

  /// A document that comes from no file.
  Document(const std::string& name, Json root) : main_(name), allow_outside_(false), root_(std::move(root)) {}
  /// The same document with other contents.
  Document with(Json root) const;
  /// The same document with other values at some pointers; files that they name are found as if the document's own file
  /// named them. Throws ScenarioError about the first pointer that leads nowhere.
  Document with(const std::vector<std::pair<std::string, Json>>& settings) const;

  const Json& root() const { return root_; }
  /// A pointer with array indices instead of names, as far as the document goes; for comparing pointers.
  std::string canonical(const std::string& pointer) const;
  const std::vector<Problem>& problems() const { return problems_; }
  /// `file#/pointer` for messages.
  std::string place(const std::string& pointer) const;
  /// The path of a file named at `pointer`; empty, with the reason in `problem`, when it may not be read.
  std::string resolve(const std::string& pointer, const std::string& name, std::string& problem) const;

 private:
  /// Merges a file, with what it imports, into `base`, which stands at `pointer`.
  void read(const std::string& path, std::vector<std::string>& importing, Json& base, const std::string& pointer);
  /// Puts the files that `modules` names in the places of their names, those of modules in modules too.
  void read_modules(Json& part, const std::string& pointer, std::vector<std::string>& importing);
  /// The path of a file that one at `path` names; throws ScenarioError, naming the place `where`, where it may not be
  /// read.
  std::string named_file(const std::string& text, const std::string& path, const std::string& where,
                         const std::vector<std::string>& importing);
  Json parse(const std::string& path);
  void merge(Json& base, const Json& over, const std::string& file, const std::string& pointer);
  /// Records that the value at `pointer` comes from `file`.
  void mark(const std::string& file, const std::string& pointer);
  /// `shown`: the text that a problem quotes; `from`: the source of the value.
  void set(const std::string& pointer, const Json& value, const std::string& shown, const std::string& from);
  const std::string& origin(const std::string& pointer) const;
  bool inside(const std::string& path) const;

  std::string main_, folder_;
  bool allow_outside_;
  Json root_;
  std::vector<Problem> problems_;
  std::size_t imports_ = 0;
  std::map<std::string, std::string> origin_;  // pointer -> file, for values that are not from the main file
  std::set<std::string> modules_;              // pointers at which a file of its own stands
};

}  // namespace codecosim
