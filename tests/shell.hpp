#pragma once
#include <sys/wait.h>

#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

namespace codecosim::test {

/// What a command printed, and how it ended.
struct Ran {
  int status = -1;
  std::string out, err;
};

/// A folder of this test process, removed at its end.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "codecosim-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(*this / name, std::ios::binary) << text;
    return *this / name;
  }

 private:
  std::string path_;
};

inline std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs `codecosim ARGUMENTS` in a shell, for tests of what a user sees.
inline Ran codecosim(const std::string& arguments, const std::string& before = "") {
  const Scratch scratch;
  const std::string command = before + " " + CODECOSIM_PROGRAM + " " + arguments + " >" + (scratch / "out") + " 2>" +
                              (scratch / "err") + " </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), contents(scratch / "out"),
          contents(scratch / "err")};
}

/// Manifest and summary of a run that must succeed; an empty value when it does not.
inline nlohmann::ordered_json simulate(const std::string& arguments) {
  const Ran ran = codecosim("run " + arguments + " --no-output --format json");
  return ran.status == 0 ? nlohmann::ordered_json::parse(ran.out) : nlohmann::ordered_json();
}

/// What such a run says of a figure.
inline double value(const nlohmann::ordered_json& run, const std::string& name) {
  return run["summary"][name]["value"];
}

inline std::string library(const std::string& name) {
  return std::string(CODECOSIM_SOURCE) + "/scenarios/library/" + name;
}
inline std::string import_data(const std::string& name) {
  return std::string(CODECOSIM_SOURCE) + "/tests/data/import/" + name;
}
/// Real inputs beside the repository; tests that need them are skipped with a message where they are missing.
inline std::string shared_data(const std::string& name) {
  return std::string(CODECOSIM_SOURCE) + "/../shared/data/" + name;
}

}  // namespace codecosim::test
