#pragma once
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/descriptor.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// The record of a run.
struct Record {
  std::string key;
  std::string status;  ///< done, failed, crashed, killed, time or memory.
  std::string reason;  ///< Reason why it is not done.
  std::vector<std::pair<std::string, double>> metrics;
  Json provenance = Json::object();  ///< fingerprint, events, wall_s and so on.

  bool done() const { return status == "done"; }
};

/// The file in which one process records its runs: JSON Lines, one line per run, preceded by a line with the metrics'
/// names where these have changed. No other process writes to it, so that processes on many machines need no locks. An
/// incomplete line, left by a killed process, is the last one, and is ignored.
class Journal {
 public:
  /// Opens a journal in this folder. The file is created with the first record.
  explicit Journal(const std::string& folder);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  /// Records a run. The record survives a crash of the process once this returns, and a crash of the machine within a
  /// second. Throws Error(output).
  void append(const Record&);

 private:
  void write(const std::string& line);
  std::string path_;
  Descriptor file_;
  std::vector<std::string> names_;
  std::chrono::steady_clock::time_point synced_;
};

/// The journals of a sweep, read together: one record for each run, a done one if there is one. Holds the positions of
/// the records, not their contents.
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
