#include "sim/kernel/profile.hpp"

#include <algorithm>

namespace codecosim {

// Such as "static const char* codecosim::OwnedPromise::signature() [with T = codecosim::Requests]"; of a lambda, what
// it is in: "... [with T = codecosim::Simulation::run()::<lambda()>]".
std::string class_in(std::string_view signature) {
  const std::size_t begin = signature.rfind("T = ");
  std::string_view name = begin == std::string_view::npos ? signature : signature.substr(begin + 4);
  name = name.substr(0, name.find_first_of("]<("));
  if (name.starts_with("codecosim::")) name.remove_prefix(11);
  if (name.starts_with("const ")) name.remove_prefix(6);
  while (name.ends_with(':')) name.remove_suffix(1);
  return std::string(name);
}

namespace {
double seconds(Profile::Clock::duration span) { return std::chrono::duration<double>(span).count(); }

void by_falling_time(std::vector<Profile::Row>& rows) {
  std::sort(rows.begin(), rows.end(), [](const Profile::Row& a, const Profile::Row& b) {
    return a.seconds != b.seconds ? a.seconds > b.seconds : a.name < b.name;
  });
}
}  // namespace

std::vector<Profile::Row> Profile::kinds() const {
  std::map<std::string, Row> rows;  // several coroutines of a class are one kind
  for (const auto& [kind, total] : kinds_) {
    Row& row = rows[class_in(kind)];
    row.count += total.count * stride;
    row.seconds += seconds(total.took) * static_cast<double>(stride);
  }
  std::vector<Row> all;
  for (auto& [name, row] : rows) all.push_back({name, row.count, row.seconds});
  by_falling_time(all);
  return all;
}

std::vector<Profile::Row> Profile::plugins() const {
  std::vector<Row> all;
  for (const auto& [name, total] : plugins_) all.push_back({name, total.count, seconds(total.took)});
  by_falling_time(all);
  return all;
}

}  // namespace codecosim
