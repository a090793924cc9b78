#pragma once
#include <zstd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "models/simulation.hpp"
#include "sim/trace/jsonl.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {

/// What a compressed trace file says, line by line.
inline std::vector<nlohmann::json> trace_records(const std::string& path) {
  const std::string packed = contents(path);
  std::string text, block(ZSTD_DStreamOutSize(), '\0');
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::size_t left = 1;
  while (left != 0) {
    ZSTD_outBuffer out{block.data(), block.size(), 0};
    const std::size_t before = in.pos;
    left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) || (out.pos == 0 && in.pos == before)) throw std::runtime_error("no trace: " + path);
    text.append(block, 0, out.pos);
  }
  std::vector<nlohmann::json> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
  return all;
}

inline std::vector<nlohmann::json> of_kind(const std::vector<nlohmann::json>& all, const std::string& kind) {
  std::vector<nlohmann::json> some;
  for (const auto& one : all)
    if (one["kind"] == kind) some.push_back(one);
  return some;
}

/// Runs to the end and tells what happened, every record of it.
inline std::vector<nlohmann::json> records(Simulation& run) {
  const Scratch scratch;
  const std::string path = scratch / "trace";
  run.trace().write_to(Detail::all, std::make_unique<JsonLines>(path, run.names()));
  run.run();
  run.trace().close(now());
  return trace_records(path);
}

/// A run by the program, in a process of its own: what happened, and what it tells.
struct Played {
  std::vector<nlohmann::json> records;
  nlohmann::json summary, pending;
  double value(const std::string& name) const { return summary.at(name).at("value"); }
};
inline Played play(const nlohmann::ordered_json& scenario, const std::string& detail = "decisions") {
  const Scratch scratch;
  const std::string file = scratch.write("scenario.json", scenario.dump());
  const Ran ran = codecosim("run " + file + " --progress none --trace " + detail + " --out " + (scratch / "results"));
  if (ran.status != 0) throw std::runtime_error("status " + std::to_string(ran.status) + ": " + ran.err);
  const auto file_of = [&](const char* name) {
    return nlohmann::json::parse(contents(scratch / (std::string("results/") + name)));
  };
  return {trace_records(scratch / "results/trace.jsonl.zst"), file_of("summary.json"), file_of("pending.json")};
}

/// When pods entered a phase, in order; of one node, or of all.
inline std::vector<double> times(const std::vector<nlohmann::json>& records, const std::string& phase,
                                 const std::string& pod = "", const std::string& node = "") {
  std::vector<double> all;
  for (const auto& one : records)
    if (one["kind"] == "pod" && one["phase"] == phase && (pod.empty() || one["pod"] == pod) &&
        (node.empty() || one["node"] == node))
      all.push_back(one["t_s"]);
  return all;
}

/// Why what is pending of a service is; empty when nothing is.
inline std::string reason(const Simulation& run, const std::string& service) {
  std::string found;
  for (const Pending& one : run.control_plane().pending())
    if (found.empty() && run.name(one.service) == service) found = one.reason;
  return found;
}

}  // namespace codecosim::test
