#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace codecosim {

/// The names of the entities of one kind, in file order.
class NameTable {
 public:
  /// The next entity has this name. False where another has it too.
  bool add(const std::string& name) {
    all_.push_back(name);
    return name.empty() || numbers_.try_emplace(name, size() - 1).second;
  }
  /// The number of the first entity of a name.
  std::optional<std::uint32_t> find(const std::string& name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(all_.size()); }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

}  // namespace codecosim
