#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// The events of a run, from its trace, with indices instead of names: `[t_s, kind, fields...]`, where the fields are
/// those that `kinds` lists, with their types: an index in a list of things, or -1; an index in `words`; a number.
class Events {
 public:
  /// `things`: the first line of a replay (cli/replay.hpp). Throws Error(scenario) naming the line where the trace is
  /// broken.
  Events(const std::string& trace, const Json& things);
  /// Members: kinds, words, pods, events, left_out.
  Json take();

 private:
  using Numbers = std::unordered_map<std::string, std::int64_t>;
  void add(const std::string& line);
  void make_room();
  Json field(const Json& value, const std::string& type);

  const std::string file_;
  std::uint64_t lines_ = 0;
  std::map<std::string, std::uint64_t> left_out_;  // by kind
  std::map<std::string, Numbers> known_;
  Numbers words_;
  Json pods_ = Json::array(), word_list_ = Json::array(), events_ = Json::array();
};

}  // namespace codecosim
