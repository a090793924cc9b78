#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "analysis/report/report.hpp"
#include "cli/commands.hpp"
#include "sim/base/file.hpp"

namespace codecosim {

namespace {
struct Options {
  std::string path, out;
};

int make(const Options& options) {
  const std::string html = report(options.path);
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::is_directory(options.path) ? fs::path(options.path) : fs::path(options.path).parent_path();
  const std::string file = options.out.empty() ? (folder / "report.html").string() : options.out;
  write_whole(file, html);
  fmt::print("wrote {} ({:.1f} MB)\n", file, static_cast<double>(html.size()) / 1e6);
  return 0;
}
}  // namespace

Command report_command(const CommandLine& app) {
  const CommandLine line = app.subcommand("report", "Make one HTML file of a run or a sweep");
  auto options = std::make_shared<Options>();
  line.option("results", options->path, "Directory of a run, or of a sweep").required();
  line.option("--out", options->out, "File to write; report.html in the directory when missing");
  return {line, [options] { return make(*options); }};
}

}  // namespace codecosim
