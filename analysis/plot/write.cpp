#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "analysis/plot/plot.hpp"
#include "sim/base/error.hpp"
#include "sim/base/file.hpp"
#include "sim/base/run_program.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
[[noreturn]] void fail(const std::string& what) { throw Error(Failure::output, what); }

/// A temporary folder, removed with its contents.
class Workshop {
 public:
  explicit Workshop(std::string pattern) : path_(std::move(pattern)) {
    if (!mkdtemp(path_.data())) fail(fmt::format("cannot make the directory {}: {}", path_, std::strerror(errno)));
  }
  ~Workshop() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  fs::path operator/(const std::string& file) const { return fs::path(path_) / file; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write(const fs::path& path, const std::string& text) {
  OutputFile file(path.string());
  file.append(text);
  file.close();
}
}  // namespace

std::vector<std::string> write_figure(const Drawing& figure, const PlotOptions& options, const std::string& base,
                                      const std::vector<std::string>& formats) {
  const fs::path folder = fs::path(base).parent_path();
  const std::string name = fs::path(base).filename().string();
  // gnuplot takes some names for commands or for its own options.
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; };
  if (name.empty() || !std::isalnum(static_cast<unsigned char>(name[0])) ||
      !std::all_of(name.begin(), name.end(), is_plain))
    throw Error(Failure::usage,
                fmt::format("--out: \"{}\" must begin with a letter or a digit and consist of these, . _ and -", name));
  (void)run_program({"gnuplot", "--version"},
                    "figures need gnuplot, which is not installed: apt-get install gnuplot-nox");
  std::vector<std::string> files{name + ".csv", name + ".gp"};
  for (const std::string& format : formats) files.push_back(name + "." + format);
  std::error_code error;
  for (const std::string& file : files)
    if (fs::exists(folder / file, error))
      fail(fmt::format("{} exists already; name another with --out, or remove it", (folder / file).string()));
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) fail(fmt::format("cannot make the directory {}: {}", folder.string(), error.message()));

  const Workshop workshop((folder / ("." + name + "-XXXXXX")).string());
  write(workshop / files[0], figure.data);
  write(workshop / files[1], script(figure, options, name, formats));
  const Ended gnuplot = run_program({"gnuplot", "--default-settings", files[1]}, "", workshop.path());
  const bool all_drawn = std::all_of(files.begin(), files.end(), [&](const std::string& file) {
    std::error_code missing;
    return fs::file_size(workshop / file, missing) > 0 && !missing;
  });
  if (gnuplot.status != 0 || !all_drawn)
    fail(fmt::format("gnuplot cannot draw {}.gp (status {}):\n{}", base, gnuplot.status, gnuplot.err));
  for (std::string& file : files) {
    const std::string path = (folder / file).string();
    if (!publish_new((workshop / file).string(), path)) fail(fmt::format("{} exists already, since this began", path));
    file = path;
  }
  return files;
}

}  // namespace codecosim
