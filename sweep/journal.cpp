#include "sweep/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "sim/base/error.hpp"
#include "sim/base/file.hpp"
#include "sweep/experiment.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
// A file changed by a person or another version must not make the others unreadable.
bool is_list_of_texts(const Json& json) {
  return json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& one) { return one.is_string(); });
}
bool is_record(const Json& row, std::size_t columns) {
  const auto is_text = [&](const char* key) { return row.contains(key) && row[key].is_string(); };
  if (!is_text("key") || !is_text("status") || (row.contains("reason") && !is_text("reason"))) return false;
  if (row["status"] != "done") return true;
  const auto values = row.find("values");
  return values != row.end() && values->is_array() && values->size() == columns &&
         std::all_of(values->begin(), values->end(), [](const Json& one) { return one.is_number(); });
}

[[noreturn]] void fail(const std::string& path, int why) {
  throw Error(Failure::output, fmt::format("cannot write {}: {}", path, std::strerror(why)));
}
}  // namespace

Journal::Journal(const std::string& folder) : path_(folder + "/" + unique_name() + ".jsonl") {}

Journal::~Journal() {
  if (file_) fdatasync(file_.get());
}

void Journal::append(const Record& record) {
  std::vector<std::string> names;
  Json values = Json::array();
  for (const auto& [name, value] : record.metrics) {
    names.push_back(name);
    values.push_back(value);
  }
  std::string lines;
  if (record.done() && names != names_) {
    names_ = std::move(names);
    lines = Json{{"metrics", names_}}.dump() + "\n";
  }
  Json row = {{"key", record.key}, {"status", record.status}};
  if (!record.reason.empty()) row["reason"] = record.reason;
  row.update(record.provenance);
  if (record.done()) row["values"] = std::move(values);
  write(lines + row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Journal::write(const std::string& text) {
  if (!file_) file_ = Descriptor(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666));
  if (!file_) fail(path_, errno);
  if (!write_all(file_.get(), text)) fail(path_, errno);
  // Data written into a deleted file is lost.
  struct stat is{};
  if (fstat(file_.get(), &is) != 0 || is.st_nlink == 0) fail(path_, ENOENT);
  const auto now = std::chrono::steady_clock::now();
  if (now - synced_ < std::chrono::seconds(1)) return;
  synced_ = now;
  if (fdatasync(file_.get()) != 0) fail(path_, errno);
}

Journals::Journals(const std::string& folder) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) throw Error(Failure::output, fmt::format("cannot read {}: {}", folder, error.message()));
  for (const auto& entry : entries)
    if (entry.is_regular_file() && entry.path().extension() == ".jsonl") files_.push_back(entry.path().string());
  std::sort(files_.begin(), files_.end());
  columns_.emplace_back();
  for (std::size_t file = 0; file < files_.size(); ++file) index(file);
  std::set<std::string> seen;
  for (const auto& columns : columns_)
    for (const std::string& name : columns)
      if (seen.insert(name).second) names_.push_back(name);
}

void Journals::index(std::size_t file) {
  std::ifstream in(files_[file], std::ios::binary);
  if (!in) throw Error(Failure::output, files_[file] + ": cannot be read");
  std::size_t offset = 0, columns = 0;
  for (std::string line; std::getline(in, line) && !in.eof(); offset += line.size() + 1) {
    const Json row = Json::parse(line, nullptr, false);
    if (!row.is_object()) continue;
    if (const auto names = row.find("metrics"); names != row.end() && is_list_of_texts(*names)) {
      columns = columns_.size();
      columns_.push_back(names->get<std::vector<std::string>>());
    } else if (is_record(row, columns_[columns].size())) {
      const bool done = row["status"] == "done";
      const auto [found, is_new] =
          places_.try_emplace(row["key"].get<std::string>(), Place{file, offset, columns, done});
      if (!is_new && done && !found->second.done) found->second = {file, offset, columns, done};
    }
  }
}

Record Journals::read(const std::string& key) {
  const Place& place = places_.at(key);
  if (opened_ != place.file) in_ = std::ifstream(files_[opened_ = place.file], std::ios::binary);
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(place.offset));
  std::string line;
  std::getline(in_, line);
  Json row = Json::parse(line);
  Record record{key, row["status"], row.value("reason", ""), {}, {}};
  if (record.done()) {
    const std::vector<std::string>& names = columns_[place.columns];
    for (std::size_t i = 0; i < names.size(); ++i)
      record.metrics.emplace_back(names[i], row["values"].at(i).get<double>());
  }
  for (const char* told : {"key", "status", "reason", "values"}) row.erase(told);
  record.provenance = std::move(row);
  return record;
}

}  // namespace codecosim
