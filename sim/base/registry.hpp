#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/plugin_call.hpp"

namespace codecosim {

class Reader;

/// Calls `read` with a reader of an object without members, so that all that it reads has its default.
void read_defaults(const std::function<void(Reader&)>& read);

/// The plug-ins of one interface (`Seam`), by name: `describe` lists them, and a scenario chooses among them. It is
/// filled explicitly, one line a plug-in. Each plug-in that it makes is told its name.
template <class Seam>
class Registry {
 public:
  /// Makes a new plug-in each time, with the parameters that were read for it.
  using Make = std::function<std::unique_ptr<Seam>()>;
  struct Entry {
    std::string name;
    std::string prose;
    std::function<Make(Reader&)> read;  ///< Reads the plug-in's parameters, but does not close the reader.
    bool parameters = false;            ///< Whether it has any.
    std::string missing = {};           ///< Why this build lacks it, and how to get it; empty: it is there.
    std::string origin = {};            ///< The shared library that it comes from, for people; empty: it is built in.
    /// A function that makes it with the parameters that are read, and gives it its name. Empty where it is missing.
    Make maker(Reader& reader) const {
      Make make = read(reader);
      if (!make) return make;
      return [make, called = '"' + name + '"' + origin] {
        std::unique_ptr<Seam> made = make();
        if (!made) throw Error(Failure::model, called + " makes nothing");
        made->called = called;
        return made;
      };
    }
  };
  /// The choice of a scenario: a name, and the plug-in with its parameters. `written` is the parameters as the scenario
  /// writes them, in JSON; empty where it writes none.
  struct Choice {
    std::string name;
    Make make;
    std::string written = {};
  };

  /// Adds a plug-in without parameters.
  void add(std::string name, std::string prose, Make make) {
    put({std::move(name), std::move(prose), [make = std::move(make)](Reader&) { return make; }, false});
  }
  /// Adds a plug-in that reads its parameters, all of which have defaults.
  void add_with(std::string name, std::string prose, std::function<Make(Reader&)> read) {
    put({std::move(name), std::move(prose), std::move(read), true});
  }
  /// Adds a plug-in that this build leaves out: it is listed, and choosing it is a problem with the text `missing`.
  void add_missing(std::string name, std::string prose, std::string missing) {
    put({std::move(name), std::move(prose), [](Reader&) { return Make(); }, false, std::move(missing)});
  }
  /// Adds a plug-in that this build leaves out, with the parameters that it would have: the format does not depend on
  /// the build.
  void add_missing_with(std::string name, std::string prose, std::string missing, std::function<Make(Reader&)> read) {
    put({std::move(name), std::move(prose), std::move(read), true, std::move(missing)});
  }
  /// Adds an entry of a registry that a shared library has filled; `origin` is the library.
  void adopt(Entry entry, const std::string& origin) {
    entry.origin = " of the plug-in " + origin;
    put(std::move(entry));
  }
  /// Null for an unknown name; `names()` and suggestion() make the message.
  const Entry* find(const std::string& name) const {
    for (const Entry& entry : entries_)
      if (entry.name == name) return &entry;
    return nullptr;
  }
  /// A plug-in with its default parameters. The name must be known.
  Choice choose(const std::string& name) const {
    const Entry* entry = find(name);
    ensure(entry, "a plug-in that does not exist was chosen");
    if (!entry->missing.empty()) throw Error(Failure::model, entry->missing);
    Choice choice{name, {}};
    read_defaults([&](Reader& defaults) { choice.make = entry->maker(defaults); });
    return choice;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Entry& entry : entries_) all.push_back(entry.name);
    return all;
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void put(Entry entry) {
    ensure(find(entry.name) == nullptr, "a plug-in name is registered twice");
    entries_.push_back(std::move(entry));
  }
  std::vector<Entry> entries_;
};

}  // namespace codecosim
