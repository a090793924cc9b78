#include "sweep/table.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "analysis/metrics.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/error.hpp"
#include "sim/base/file.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
struct Column {
  std::string name, role, unit, meaning;
  bool numeric = false;
  Better better = Better::neither;
};

std::vector<Column> columns_of(const Experiment& experiment, const Journals& journals) {
  std::vector<Column> all{
      {"run", "id", "", "Number of the run: point times most replications, plus replication.", true},
      {"key", "id", "", "Stands for all that decides what the run does, but the program.", false},
      {"point", "id", "", "Number of the combination of the factors' levels.", true}};
  for (const Axis& axis : experiment.plan().axes)
    for (const Factor& factor : axis.factors)
      all.push_back({factor.name, axis.sampled ? "sample" : "factor", "",
                     axis.sampled ? "What the plan draws." : "What the plan varies.", false});
  all.push_back({"replication", "id", "",
                 "Replication: other random draws; the same number at two points is the same world.", true});
  all.push_back({"seed", "id", "", "Of all random streams.", true});
  all.push_back({"status", "status", "", "How the run ended: done, failed, crashed, killed, time or memory.", false});
  all.push_back({"reason", "status", "", "Why it is not done.", false});
  std::set<std::string> left(journals.names().begin(), journals.names().end());
  for (const Measure& metric : experiment.metrics())
    if (left.erase(metric.name))
      all.push_back({metric.name, "metric", metric.unit, metric.meaning, true, metric.better});
  for (const std::string& name : left) all.push_back({name, "metric", "", "", true});
  all.push_back(
      {"fingerprint", "provenance", "", "What the run did: the same for the same run on any machine.", false});
  all.push_back({"findings", "provenance", "", "Kinds of what a reader must know of the run.", false});
  all.push_back({"wall_s", "provenance", "s", "Real time of the simulation.", true});
  all.push_back({"build_s", "provenance", "s", "Real time to make the world.", true});
  all.push_back({"deciding_s", "provenance", "s", "Of wall_s, what placement policies took.", true});
  all.push_back({"peak_memory_bytes", "provenance", "B", "Most memory that the process had.", true});
  all.push_back({"host", "provenance", "", "Machine that it ran on.", false});
  all.push_back({"started", "provenance", "", "When, in UTC.", false});
  all.push_back({"program", "provenance", "", "Digest of the program that ran it.", false});
  all.push_back({"codecosim", "provenance", "", "Version.", false});
  all.push_back({"simgrid", "provenance", "", "Version.", false});
  all.push_back({"scenario_digest", "provenance", "",
                 "Of the scenario before the factors' settings, and of the files it names.", false});
  return all;
}

/// The cells of one run, as texts; empty where there is no value.
std::vector<std::string> cells_of(const Experiment& experiment, const Run& run, const Record& record,
                                  const std::map<std::string, std::size_t>& place) {
  std::vector<std::string> cells(place.size());
  const auto put = [&](const std::string& column, std::string text) { cells[place.at(column)] = std::move(text); };
  put("run", std::to_string(run.number));
  put("key", record.key);
  put("point", std::to_string(run.point));
  const std::vector<std::string> factors = experiment.plan().factors(), labels = experiment.plan().labels(run.point);
  for (std::size_t f = 0; f < factors.size(); ++f) put(factors[f], labels[f]);
  put("replication", std::to_string(run.replication));
  put("seed", std::to_string(experiment.seed(run)));
  put("status", record.status);
  put("reason", record.reason);
  for (const auto& [metric, value] : record.metrics) put(metric, fmt::format("{}", value));
  for (const auto& [key, value] : record.provenance.items())
    if (place.contains(key)) put(key, value.is_string() ? value.get<std::string>() : value.dump());
  put("scenario_digest", experiment.scenario_digest());
  return cells;
}

/// The findings of a record; empty where the journal, which may have been edited, has none.
std::string findings_of(const Record& record) {
  const auto told = record.provenance.find("findings");
  return told != record.provenance.end() && told->is_string() ? told->get<std::string>() : "";
}

/// The line of a CSV file with these cells.
std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    line += csv_cell(cell);
  }
  return line + '\n';
}

std::string identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

/// A SQLite file that is renamed to its final name at the end. No other process uses it until then, so it needs no
/// rollback journal.
class Database {
 public:
  explicit Database(std::string path) : path_(std::move(path)), partial_(path_ + "." + unique_name()) {
    check(sqlite3_open(partial_.c_str(), &db_));
    run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN");
  }
  ~Database() {
    for (sqlite3_stmt* one : statements_) sqlite3_finalize(one);
    sqlite3_close(db_);
    std::error_code ignored;
    fs::remove(partial_, ignored);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql) { check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr)); }
  /// Creates a table; returns the statement's index for add().
  std::size_t table(const std::string& name, const std::vector<Column>& columns) {
    std::string definition, marks;
    for (const Column& one : columns) {
      definition +=
          fmt::format("{}{} {}", definition.empty() ? "" : ", ", identifier(one.name), one.numeric ? "REAL" : "TEXT");
      marks += marks.empty() ? "?" : ",?";
    }
    run(fmt::format("CREATE TABLE {} ({})", name, definition));
    sqlite3_stmt* insert = nullptr;
    check(
        sqlite3_prepare_v2(db_, fmt::format("INSERT INTO {} VALUES ({})", name, marks).c_str(), -1, &insert, nullptr));
    statements_.push_back(insert);
    return statements_.size() - 1;
  }
  void add(std::size_t table, const std::vector<std::string>& cells) {
    sqlite3_stmt* insert = statements_[table];
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const int at = static_cast<int>(i + 1);
      // SQLite's column affinity converts numeric texts to numbers.
      check(cells[i].empty()
                ? sqlite3_bind_null(insert, at)
                : sqlite3_bind_text(insert, at, cells[i].data(), static_cast<int>(cells[i].size()), SQLITE_STATIC));
    }
    if (sqlite3_step(insert) != SQLITE_DONE) fail();
    check(sqlite3_reset(insert));
  }
  void finish() {
    run("COMMIT");
    for (sqlite3_stmt* one : statements_) sqlite3_finalize(one);
    statements_.clear();
    if (sqlite3_close(std::exchange(db_, nullptr)) != SQLITE_OK) fail();
    publish(partial_, path_);
  }

 private:
  void check(int result) {
    if (result != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() {
    throw Error(Failure::output, fmt::format("cannot write {}: {}", path_, db_ ? sqlite3_errmsg(db_) : "closed"));
  }

  std::string path_, partial_;
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

/// Columns of texts that need no meaning.
std::vector<Column> plain_columns(std::initializer_list<const char*> names) {
  std::vector<Column> columns;
  for (const char* name : names) columns.push_back({name, "", "", "", false});
  return columns;
}

void write_meanings(const std::vector<Column>& columns, Database& database, std::size_t table, WholeFile& dictionary) {
  dictionary.append(csv_line({"column", "role", "unit", "meaning", "better"}));
  for (const Column& one : columns) {
    const std::vector<std::string> row{one.name, one.role, one.unit, one.meaning, std::string(name(one.better))};
    dictionary.append(csv_line(row));
    database.add(table, row);
  }
}

void write_facts(const Experiment& experiment, Database& database, std::size_t table) {
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"name", experiment.plan().name},
                                   {"plan", experiment.plan().written.dump(2)},
                                   {"scenario", experiment.plan().scenario.root().dump(2)},
                                   {"scenario_digest", experiment.scenario_digest()},
                                   {"program", experiment.provenance().program},
                                   {"versions", experiment.provenance().versions.dump()}})
    database.add(table, {key, value});
}

/// The record of a run, with a finding where its point is less precise than asked.
Record read_record(Journals& journals, const std::string& key, bool imprecise) {
  Record record = journals.read(key);
  if (record.done() && imprecise) {
    const std::string others = findings_of(record);
    record.provenance["findings"] = others.empty() ? "imprecise" : others + " imprecise";
  }
  return record;
}

void count(const Record& record, Tally& tally) {
  ++(record.done() ? tally.done : tally.failed);
  std::istringstream kinds(findings_of(record));
  for (std::string kind; kinds >> kind;) ++tally.findings[kind];
}
}  // namespace

Tally write_table(const Experiment& experiment, Journals& journals, const std::vector<std::size_t>& imprecise) {
  const std::vector<Column> columns = columns_of(experiment, journals);
  constexpr std::size_t most_columns = 2000;  // SQLite's default limit
  if (columns.size() > most_columns)
    throw Error(Failure::output,
                fmt::format("{} columns are too many for a table: at most {}", columns.size(), most_columns));
  std::map<std::string, std::size_t> place;
  std::vector<std::string> header;
  for (const Column& one : columns) {
    place.emplace(one.name, header.size());
    header.push_back(one.name);
  }

  Database database(experiment.file("results.sqlite"));
  const std::size_t runs = database.table("runs", columns);
  const std::size_t meanings =
      database.table("columns", plain_columns({"column", "role", "unit", "meaning", "better"}));
  const std::size_t facts = database.table("experiment", plain_columns({"key", "value"}));
  WholeFile sheet(experiment.file("results.csv"));
  WholeFile dictionary(experiment.file("columns.csv"));
  write_meanings(columns, database, meanings, dictionary);
  write_facts(experiment, database, facts);

  Tally tally;
  sheet.append(csv_line(header));
  for (std::size_t number = 0; number < experiment.runs(); ++number) {
    const Run run = experiment.run(number);
    const std::string key = experiment.key(run);
    if (!journals.has(key)) continue;
    const Record record = read_record(journals, key, std::binary_search(imprecise.begin(), imprecise.end(), run.point));
    const std::vector<std::string> cells = cells_of(experiment, run, record, place);
    sheet.append(csv_line(cells));
    database.add(runs, cells);
    count(record, tally);
    tally.lost += record.done() && experiment.plan().keep && !fs::exists(experiment.file("runs/" + key));
  }
  dictionary.finish();
  sheet.finish();
  database.finish();
  return tally;
}

}  // namespace codecosim
