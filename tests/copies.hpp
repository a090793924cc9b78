#pragma once
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "sim/base/child.hpp"

namespace codecosim::test {

/// What each of so many copies of this process says, two at a time: there is one simulation in a process. One that
/// fails says how.
inline std::vector<std::string> said_by_copies(std::size_t count, const std::function<std::string(std::size_t)>& say) {
  std::vector<std::string> all(count);
  std::deque<std::pair<std::size_t, Child>> running;
  const auto reap = [&] {
    while (!running.front().second.ended()) {
      std::vector<Child*> children;
      for (auto& [number, child] : running) children.push_back(&child);
      Child::listen(children);
    }
    const Child::End end = running.front().second.reap();
    all[running.front().first] = end.said.value_or("status " + std::to_string(end.status));
    running.pop_front();
  };
  for (std::size_t i = 0; i < count; ++i) {
    std::optional<Child> child = Child::fork({Seconds(300)});
    if (child) {
      running.emplace_back(i, std::move(*child));
      if (running.size() == 2) reap();
      continue;
    }
    try {
      Child::answer(say(i));
    } catch (const std::exception& failure) {
      Child::answer(failure.what());
    }
  }
  while (!running.empty()) reap();
  return all;
}

/// The same in one text, a line a copy that has something to say: of those whose silence is that all is well.
inline std::string complaints_of_copies(std::size_t count, const std::function<std::string(std::size_t)>& say) {
  std::string all;
  for (const std::string& one : said_by_copies(count, say)) all += one.empty() ? "" : one + "\n";
  return all;
}

}  // namespace codecosim::test
