#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "analysis/report/report.hpp"
#include "cli/commands.hpp"

namespace codecosim {

namespace {
/// In one step, so that there is never half a file; what was there before is replaced.
void replace(const std::string& file, const std::string& text) {
  const std::string partial = file + ".partial";
  const auto fail = [&] {
    const std::string reason = std::strerror(errno);
    std::remove(partial.c_str());
    throw Error(Failure::output, fmt::format("cannot write {}: {}", file, reason));
  };
  std::FILE* out = std::fopen(partial.c_str(), "wb");
  if (!out) fail();
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  if (std::fclose(out) != 0 || !written || std::rename(partial.c_str(), file.c_str()) != 0) fail();
}

struct Options {
  std::string path, out;
};

int make(const Options& options) {
  const std::string html = report(options.path);
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::is_directory(options.path) ? fs::path(options.path) : fs::path(options.path).parent_path();
  const std::string file = options.out.empty() ? (folder / "report.html").string() : options.out;
  replace(file, html);
  fmt::print("wrote {} ({:.1f} MB)\n", file, static_cast<double>(html.size()) / 1e6);
  return 0;
}
}  // namespace

Command report_command(CLI::App& app) {
  CLI::App* line = app.add_subcommand("report", "Make one HTML file of a run or a sweep");
  auto options = std::make_shared<Options>();
  line->add_option("results", options->path, "Directory of a run, or of a sweep")->required();
  line->add_option("--out", options->out, "File to write; report.html in the directory when missing");
  return {line, [options] { return make(*options); }};
}

}  // namespace codecosim
