// The file that `codecosim report` makes; report_browser_test.py opens it.
#include <zstd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "analysis/report/pack.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// A short run of a shipped scenario in `scratch`/run.
std::string run(const Scratch& scratch, const std::string& arguments, const std::string& scenario = "quickstart.json") {
  const Ran ran = codecosim("run " + library(scenario) + " --out " + (scratch / "run") + " " + arguments);
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  return scratch / "run";
}

ordered_json data_of(const std::string& html) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = html.find(begin) + begin.size();
  return ordered_json::parse(html.substr(from, html.find("</script>", from) - from));
}

std::string plain(const std::string& file) {
  std::string text;
  read_zstd(file, [&](std::string_view part) { text += part; });
  return text;
}

void compress(const std::string& file, const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  std::ofstream(file, std::ios::binary) << out;
}

}  // namespace

TEST_CASE("a report holds the run, and names nothing outside of itself") {
  const Scratch scratch;
  const std::string folder = run(scratch, "--until 60s --replay");
  const Ran ran = codecosim("report " + folder);
  CHECK(ran.status == 0);
  CHECK(ran.err.empty());
  const std::string html = contents(folder + "/report.html");
  const ordered_json data = data_of(html);
  CHECK(data["summary"] == ordered_json::parse(contents(folder + "/summary.json")));
  CHECK(data["manifest"] == ordered_json::parse(contents(folder + "/manifest.json")));
  CHECK(data["scenario"] == ordered_json::parse(contents(folder + "/scenario.json")));
  CHECK(data["summary"]["request.latency"]["meaning"] == "From sending a request to its answer (Little's W).");
  CHECK(data["charts_version"].get<std::string>().starts_with("3."));
  CHECK(html.find("default-src 'none'") != std::string::npos);
  CHECK_FALSE(
      std::regex_search(html, std::regex("<(img|iframe|object|embed|base)\\b|<script[^>]* src|@import|url\\(")));
  // The same run, the same report.
  CHECK(codecosim("report " + folder + " --out " + (scratch / "again.html")).status == 0);
  CHECK(contents(scratch / "again.html") == html);
}

TEST_CASE("looking at a run for a replay changes nothing in it") {
  const auto [scenario, until] = GENERATE(table<const char*, const char*>({{"quickstart.json", "2min"},
                                                                           {"agv-factory.json", "90s"},
                                                                           {"convoy.json", "10min"},
                                                                           {"media.json", "1min"},
                                                                           {"urban-mobility.json", "70s"},
                                                                           {"smart-city.json", "10s"}}));
  INFO(scenario);
  const Scratch scratch;
  const auto results = [&](const std::string& name, const std::string& arguments) {
    REQUIRE(
        codecosim("run " + library(scenario) + " --until " + until + " --out " + (scratch / name) + arguments).status ==
        0);
    ordered_json summary = ordered_json::parse(contents(scratch / (name + "/summary.json")));
    summary.erase("events");  // of the calendar: looking takes some
    summary["fingerprint"] = ordered_json::parse(contents(scratch / (name + "/manifest.json")))["fingerprint"];
    return summary;
  };
  CHECK(results("with", " --replay=1s") == results("without", ""));
}

TEST_CASE("a replay says where things are") {
  const Scratch scratch;
  const std::string folder = run(scratch, "--until 30s --replay=10s", "agv-factory.json");
  const std::string text = plain(folder + "/replay.zst");
  const std::size_t end = text.find('\n');
  const ordered_json things = ordered_json::parse(text.substr(0, end));
  const std::size_t width = things["width"];
  CHECK(width == 1 + 3 * 60 + 2 * 4 + 2 * 4 + 2 * 12);
  std::vector<float> frames((text.size() - end - 1) / sizeof(float));
  std::memcpy(frames.data(), text.data() + end + 1, frames.size() * sizeof(float));
  REQUIRE(frames.size() == 4 * width);
  for (std::size_t frame = 0; frame < 4; ++frame) {
    CHECK(frames[frame * width] == Approx(10.0 * static_cast<double>(frame)).margin(0.011));
    // On the lanes of the factory: from 15 m to 305 m, from 15 m to 45 m.
    for (std::size_t d = 0; d < 60; ++d) {
      const float x = frames[frame * width + 1 + 2 * d], y = frames[frame * width + 2 + 2 * d];
      CHECK((x >= 14.9F && x <= 305.1F && y >= 14.9F && y <= 45.1F));
    }
  }
  CHECK(things["clusters"][1]["name"] == "hall-0");
  CHECK(things["clusters"][1]["at"] == ordered_json({50, 30}));
  CHECK(things["clusters"][0]["hub"] == true);
  CHECK(things["cells"][0]["name"] == "ap-west-0");
}

TEST_CASE("what is missing or malformed is named, and ends with 3") {
  const Scratch scratch;
  const std::string folder = run(scratch, "--until 20s --replay");
  const auto refused = [&](const std::string& path, const std::string& message) {
    const Ran ran = codecosim("report " + path);
    CHECK(ran.status == 3);
    CHECK(ran.out.empty());
    CHECK(ran.err == message + "\n");
    CHECK_FALSE(fs::exists(path + "/report.html"));
  };
  refused(scratch / "nowhere", (scratch / "nowhere") + ": there is no such directory");
  fs::create_directory(scratch / "empty");
  refused(scratch / "empty",
          (scratch / "empty") + "/results.csv: there are no results; is it the directory of a sweep or of a run?");
  fs::create_directory(scratch / "run.partial");
  refused(scratch / "run.partial", (scratch / "run.partial") + ": this run has not ended, or has died");

  const auto broken = [&](const std::string& file, const std::string& text, const std::string& message) {
    const std::string before = contents(folder + "/" + file);
    std::ofstream(folder + "/" + file, std::ios::binary) << text;
    refused(folder, folder + "/" + message);
    std::ofstream(folder + "/" + file, std::ios::binary) << before;
  };
  broken("summary.json", "[]", "summary.json: is not a JSON object");
  broken("summary.json", "{\"a\": 3}", "summary.json: \"a\" is no figure");
  broken("pending.json", "[3]", "pending.json: expected replicas with reasons");
  broken("replay.zst", "plain", "replay.zst: is not compressed with zstd, or broken");
  const std::string whole = contents(folder + "/replay.zst");
  broken("replay.zst", whole.substr(0, whole.size() / 2), "replay.zst: ends too early");
  const std::string text = plain(folder + "/replay.zst");
  const auto packed = [&](const std::string& changed) {
    compress(scratch / "packed", changed);
    return contents(scratch / "packed");
  };
  broken("replay.zst", packed("{}\n"),
         "replay.zst: is not a replay that `codecosim run --replay` writes: its first line does not say \"codecosim "
         "replay 1\"");
  broken("replay.zst", packed(text.substr(0, text.size() - 4)),
         "replay.zst: is not a replay that `codecosim run --replay` writes: its last frame is not complete");
  broken("trace.jsonl.zst", packed("{\"t_s\":0,\"kind\":\"pod\"}\n{\"t_s\":\n"),
         "trace.jsonl.zst: line 2 is not a record");
  CHECK(codecosim("report " + folder).status == 0);
}

TEST_CASE("a report that cannot be written ends with 5 and leaves nothing") {
  const Scratch scratch;
  const std::string folder = run(scratch, "--until 20s");
  const Ran ran = codecosim("report " + folder + " --out " + (scratch / "no/where.html"));
  CHECK(ran.status == 5);
  CHECK(ran.err == "cannot write " + (scratch / "no/where.html") + ": No such file or directory\n");
  CHECK_FALSE(fs::exists(scratch / "no"));
}

TEST_CASE("an interval of a replay that makes no sense is wrong usage, and nothing is written") {
  const Scratch scratch;
  const Ran ran = codecosim("run " + library("quickstart.json") + " --replay=often --out " + (scratch / "run"));
  CHECK(ran.status == 2);
  CHECK(ran.err.rfind("--replay: ", 0) == 0);
  CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("bytes are packed as browsers unpack them") {
  // RFC 4648, section 10.
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  const Scratch scratch;
  std::string text;
  for (std::uint32_t i = 0; i < 200000; ++i) text += static_cast<char>(i * i >> 7);
  scratch.write("packed.gz", gzip(text));
  REQUIRE(std::system(("gzip -dc " + (scratch / "packed.gz") + " >" + (scratch / "plain")).c_str()) == 0);
  CHECK(contents(scratch / "plain") == text);
}

}  // namespace codecosim::test
