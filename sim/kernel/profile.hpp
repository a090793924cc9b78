#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "sim/base/units.hpp"

namespace codecosim {

/// The first base of every coroutine's promise: the class whose member function the coroutine is.
struct OwnedPromise {
  OwnedPromise() = default;
  template <class Owner, class... Arguments>
  explicit OwnedPromise(Owner&, Arguments&...) : owner(signature<std::remove_cv_t<Owner>>()) {}

  /// Of a free function that begins with a time: see expire() and within().
  template <class... Arguments>
  explicit OwnedPromise(Seconds&, Arguments&...) : owner("time-outs") {}

  const char* owner = "";  ///< See class_in().

 private:
  template <class T>
  static const char* signature() {
    return __PRETTY_FUNCTION__;
  }
};

/// The class that a text of OwnedPromise is about, without its namespace.
std::string class_in(std::string_view signature);

/// Where the real time of a run goes: by kind of model, estimated from every `stride`-th event, and by plug-in,
/// measured at every call.
class Profile {
 public:
  static constexpr std::uint64_t stride = 61;  ///< A prime number of events, so that no regular pattern is missed.
  using Clock = std::chrono::steady_clock;
  struct Row {
    std::string name;
    std::uint64_t count = 0;
    double seconds = 0;
  };

  /// Takes down one event of a kind, a text that outlives the profile.
  void add_event(const char* kind, Clock::duration took) {
    Total& total = kinds_[kind];
    ++total.count;
    total.took += took;
  }
  void add_call(const std::string& plugin, Clock::duration took) {
    Total& total = plugins_[plugin];
    ++total.count;
    total.took += took;
  }
  /// By falling time: estimates of all events of a kind, and of their time [s].
  std::vector<Row> kinds() const;
  /// By falling time: calls of each plug-in, and their time [s], which the kinds' time contains.
  std::vector<Row> plugins() const;

 private:
  struct Total {
    std::uint64_t count = 0;
    Clock::duration took{};
  };
  std::unordered_map<const char*, Total> kinds_;
  std::map<std::string, Total> plugins_;
};

}  // namespace codecosim
