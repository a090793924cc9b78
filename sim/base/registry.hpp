#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/error.hpp"

namespace codecosim {

/// The plug-ins of one seam, by name: what `describe` lists and what a scenario may ask for. Filled explicitly, one line a plug-in.
template <class Seam, class... Args>
class Registry {
 public:
  using Make = std::function<std::unique_ptr<Seam>(Args...)>;
  struct Entry {
    std::string name;
    std::string prose;
    Make make;
  };

  void add(std::string name, std::string prose, Make make) {
    ensure(find(name) == nullptr, "a plug-in name is registered twice");
    entries_.push_back({std::move(name), std::move(prose), std::move(make)});
  }
  /// Null for an unknown name; `names()` and suggestion() make the message.
  const Entry* find(const std::string& name) const {
    for (const Entry& entry : entries_)
      if (entry.name == name) return &entry;
    return nullptr;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Entry& entry : entries_) all.push_back(entry.name);
    return all;
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace codecosim
