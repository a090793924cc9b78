#pragma once
#include <functional>
#include <utility>
#include <vector>

namespace codecosim {

/// The functions that are called when an event happens, in the order in which they were added. None at first.
template <class... Args>
class Observers {
 public:
  void add(std::function<void(Args...)> observer) { all_.push_back(std::move(observer)); }
  void operator()(Args... args) const {
    for (const auto& one : all_) one(args...);
  }
  explicit operator bool() const { return !all_.empty(); }

 private:
  std::vector<std::function<void(Args...)>> all_;
};

}  // namespace codecosim
