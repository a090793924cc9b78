#pragma once
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// What is recorded of a run.
struct Record {
  std::string key;
  std::string status;  ///< done, failed, crashed, killed, time or memory.
  std::string reason;  ///< Why it is not done.
  std::vector<std::pair<std::string, double>> metrics;
  Json provenance = Json::object();  ///< fingerprint, events, wall_s and so on.

  bool done() const { return status == "done"; }
};

/// The file to which one process records the runs that it has made: JSON Lines, a line a run, and a line before it
/// where the metrics have other names than in the line before. Nobody else writes to it, so that processes of many
/// machines need no locks; a line that is not whole, since its process was killed, is the last one, and does not count.
class Journal {
 public:
  /// In this folder, a new file from the first record on: who records nothing leaves nothing.
  explicit Journal(const std::string& folder);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  /// The run is recorded once this returns, whatever becomes of the process; within a second, whatever becomes of the
  /// machine. Throws Error(output).
  void append(const Record&);

 private:
  void write(std::string line);
  std::string path_;
  int file_ = -1;
  std::vector<std::string> names_;
  std::chrono::steady_clock::time_point synced_;
};

/// The journals of a sweep, read together: of each run one record, a done one if there is one. Holds where records are,
/// not what they say.
class Journals {
 public:
  /// Throws Error(output) where a file cannot be read.
  explicit Journals(const std::string& folder);

  std::size_t size() const { return places_.size(); }
  bool has(const std::string& key) const { return places_.contains(key); }
  bool done(const std::string& key) const { return places_.at(key).done; }
  Record read(const std::string& key);
  /// The names of all metrics, in order of appearance.
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Place {
    std::size_t file, offset, columns;
    bool done;
  };
  void index(std::size_t file);

  std::vector<std::string> files_;
  std::vector<std::vector<std::string>> columns_;
  std::map<std::string, Place> places_;
  std::vector<std::string> names_;
  std::ifstream in_;  ///< The file read last.
  std::size_t opened_ = static_cast<std::size_t>(-1);
};

}  // namespace codecosim
