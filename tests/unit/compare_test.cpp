// Comparisons of tables made by hand, whose result is known.
#include "analysis/compare.hpp"

#include <fmt/format.h>

#include "analysis/batches.hpp"
#include "analysis/compare_text.hpp"
#include "analysis/readable.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/error.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using test::Scratch;

namespace {
struct Run {
  std::string placement, load;
  int replication;
  std::string latency, status = "done";
};

Results table(const Scratch& scratch, const std::vector<Run>& runs) {
  scratch.write("columns.csv",
                "column,role,unit,meaning,better\nrun,id,,,\nplacement,factor,,,\nload,factor,,,\nreplication,id,,,"
                "\nseed,id,,,\nstatus,"
                "status,,,\nrequest.latency,metric,s,,lower\n");
  std::string rows = "run,placement,load,replication,seed,status,request.latency\n";
  int number = 0;
  for (const Run& run : runs)
    rows += fmt::format("{},{},{},{},1,{},{}\n", number++, csv_cell(run.placement), run.load, run.replication,
                        run.status, run.latency);
  scratch.write("results.csv", rows);
  return Results({scratch.path()});
}

/// `count` replications of each; the worlds differ much, and within one `a` is faster by 6 ms but for noise of 1 ms.
std::vector<Run> paired(int count, std::uint64_t draw = 0) {
  std::vector<Run> runs;
  Rng rng = Rng(1, draw).stream("runs");
  for (int r = 0; r < count; ++r) {
    const double world = rng.normal(0.030, 0.010);
    runs.push_back({"near", "5", r, fmt::format("{}", world)});
    runs.push_back({"search", "5", r, fmt::format("{}", world - rng.normal(0.006, 0.001))});
  }
  return runs;
}

const Difference& only(const Comparison& comparison) { return comparison.metrics.at(0).blocks.at(0).differences.at(0); }

std::string message_of(const Results& results, const CompareOptions& options) {
  try {
    compare(results, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing is wrong";
}
}  // namespace

TEST_CASE("Pairing finds what two separate samples hide", "[unit]") {
  const Scratch scratch;
  const Comparison comparison = compare(table(scratch, paired(10)), {});
  const Difference& one = only(comparison);
  CHECK(comparison.factor == "placement");
  CHECK(one.a == "near");
  CHECK(one.pairs == 10);
  CHECK(one.losses == 10);
  CHECK(one.verdict == Verdict::loss);
  CHECK(one.student->high - one.student->low < 0.002);
  const auto& groups = comparison.metrics[0].blocks[0].groups;
  CHECK(groups[0].interval->contains(groups[1].mean));  // of separate samples nothing could be said
  CHECK(one.sentence.starts_with("near has a higher request.latency than search: "));
  const Comparison turned = compare(table(scratch, paired(10)), {"", "near", {}, {}, 0.95});
  CHECK(only(turned).a == "search");
  CHECK(only(turned).verdict == Verdict::win);
  CHECK(only(turned).student->low == Approx(-one.student->high));
}

// Of 200 intervals that hold the truth with 95 %, 181 to 198 do with 99.8 %; of 100, 87 or more.
TEST_CASE("Intervals of tables hold the known difference as often as they say", "[unit]") {
  const Scratch scratch;
  int held = 0;
  for (std::uint64_t draw = 0; draw < 200; ++draw)
    held += only(compare(table(scratch, paired(10, draw)), {})).student->contains(0.006);
  CHECK(held >= 181);
  CHECK(held <= 198);
}

TEST_CASE("One replication is refused, with the reason", "[unit]") {
  const Scratch scratch;
  const std::string refusal =
      "one replication is too few to conclude from: a single difference may be chance, and without a second nothing is "
      "known of "
      "how "
      "much it varies; run more replications, five or better ten (--replication 1, 2 and so on), or compare long runs "
      "with "
      "--batches "
      "20";
  CHECK(message_of(table(scratch, paired(1)), {}) == refusal);
  CHECK(message_of(table(scratch, {{"near", "5", 0, "1"}, {"search", "5", 0, "1"}}), {}) == refusal);
  CHECK(message_of(table(scratch, {{"near", "5", 0, "1"}, {"near", "5", 1, "1"}, {"search", "5", 2, "1"}}), {}) ==
        refusal);
  CHECK(message_of(table(scratch, {{"near", "5", 0, "1", "time"}, {"search", "5", 0, "1"}}), {})
            .starts_with("not even the one run of near ended well"));
  CHECK(message_of(table(scratch, {{"near", "5", 0, "1"},
                                   {"near", "5", 1, "1", "time"},
                                   {"search", "5", 0, "1", "time"},
                                   {"search", "5", 1, "1"}}),
                   {})
            .starts_with(
                "no two runs at different levels of placement make a pair: that has the same seed and replication"));
  CHECK(message_of(table(scratch, {{"near", "5", 0, "1"}, {"search", "6", 0, "1"}}), {"placement", "", {}, {}, 0.95}) ==
        "no two levels of placement have runs that agree in all other factors; choose another --factor");
}

TEST_CASE("Runs of independent random numbers are compared unpaired", "[unit]") {
  const Scratch scratch;
  std::vector<Run> runs;
  const std::vector<double> near{1, 2, 3, 4}, search{3, 5, 6, 8, 9};
  for (int r = 0; r < 4; ++r) runs.push_back({"near", "5", r, fmt::format("{}", near[r])});
  for (int r = 0; r < 5; ++r) runs.push_back({"search", "5", 5 + r, fmt::format("{}", search[r])});
  const Comparison comparison = compare(table(scratch, runs), {});
  const Difference& one = only(comparison);
  const auto expected = welch(near, search, 0.95);
  CHECK_FALSE(one.paired);
  CHECK(one.mean == Approx(2.5 - 6.2));
  CHECK(one.p == expected->p);
  CHECK(one.student->low == expected->interval.low);
  CHECK(one.effect == hedges_g(near, search));
  CHECK(one.verdict == Verdict::win);
  CHECK(one.dropped.all() == 0);
  CHECK(one.sentence.find("4 and 5 replications, not paired; p = ") != std::string::npos);
  CHECK(one.sentence.find(" paired repl") == std::string::npos);
  CHECK(one.notes.at(0) ==
        "Not paired, since seed, replication or draws differ: by Welch's test, as independent samples.");
  const Json json = compare_json(comparison)["metrics"][0]["blocks"][0]["differences"][0];
  CHECK(json["paired"] == false);
  CHECK(json["pairs"].is_null());
  CHECK(json["wins"].is_null());
  CHECK(json["count_b"] == 5);
  CHECK(compare_table(comparison).find("0/0/0") == std::string::npos);
  const Csv csv(scratch.write("out.csv", compare_csv(comparison)));
  CHECK(csv.text(0, csv.column("paired")) == "false");
  CHECK(csv.text(0, csv.column("wins")).empty());
}

TEST_CASE("Independent runs that do not vary are judged by the permutation test", "[unit]") {
  const Scratch scratch;
  std::vector<Run> runs;
  for (int r = 0; r < 5; ++r) {
    runs.push_back({"near", "5", r, "3"});
    runs.push_back({"search", "5", 5 + r, "2"});
  }
  const Difference one = only(compare(table(scratch, runs), {}));
  CHECK(one.p == Approx(2.0 / 252));
  CHECK(one.verdict == Verdict::loss);
  CHECK(one.sentence ==
        "near has a higher request.latency than search: 3.0 s against 2.0 s, by 1.0 s (exactly this in each of 5 "
        "replications of "
        "each, not paired, so there is no interval; p = 0.0079 by the permutation test).");
  for (Run& run : runs) run.latency = "2";
  const Difference same = only(compare(table(scratch, runs), {"", "", {"request.latency"}, {}, 0.95}));
  CHECK(same.verdict == Verdict::tie);
  CHECK(same.sentence ==
        "near and search have the same request.latency in each of 5 replications of each, not paired.");
}

namespace {
/// Two policies at `draws` values of a sampled factor; the draws differ much, the replications of one little.
Results drawn(const Scratch& scratch, int draws, int replications) {
  scratch.write("columns.csv",
                "column,role,unit,meaning,better\nrun,id,,,\npolicy,factor,,,\nload,sample,,,\nreplication,id,,,"
                "\nstatus,status,,,\n"
                "request.latency,metric,s,,lower\n");
  std::string rows = "run,policy,load,replication,status,request.latency\n";
  Rng rng = Rng(1, 0).stream("draws");
  for (int d = 0, run = 0; d < draws; ++d) {
    const double base = rng.normal(10, 3), gain = rng.normal(1, 0.5);
    for (int r = 0; r < replications; ++r)
      for (const char* policy : {"near", "search"})
        rows += fmt::format("{},{},{},{},done,{}\n", run++, policy, d * 0.125, r,
                            base + rng.normal(0, 0.01) + (*policy == 'n' ? gain : 0));
  }
  scratch.write("results.csv", rows);
  return Results({scratch.path()});
}
}  // namespace

TEST_CASE("Draws of sampled factors are pairs, and their replications are averaged first", "[unit]") {
  const Scratch scratch;
  const Comparison one_each = compare(drawn(scratch, 10, 1), {});
  CHECK(one_each.factor == "policy");
  REQUIRE(one_each.metrics.at(0).blocks.size() == 1);
  CHECK(only(one_each).pairs == 10);
  CHECK(only(one_each).sentence.find("; 10 paired draws; p") != std::string::npos);

  const Results results = drawn(scratch, 10, 5);
  const Comparison five_each = compare(results, {});
  const Difference& one = only(five_each);
  CHECK(one.pairs == 10);
  CHECK(one.sentence.find("; 10 paired draws of 5 replications each; p") != std::string::npos);
  CHECK(five_each.metrics[0].blocks[0].groups[0].count == 10);
  CHECK(compare_json(five_each)["pairs_of"] == "draws");
  std::vector<double> differences(10, 0);
  for (std::size_t row = 0; row < results.rows(); ++row) {
    const double value = *results.number(row, *results.find("request.latency"));
    differences[row / 10] += (row % 2 == 0 ? value : -value) / 5;
  }
  CHECK(one.mean == Approx(mean_of(differences)));
  CHECK(one.student->low == Approx(student_interval(differences, 0.95)->low));  // of 50 pairs it would be half as wide

  const Comparison one_draw = compare(drawn(scratch, 1, 5), {});
  CHECK(only(one_draw).pairs == 5);
  CHECK(only(one_draw).sentence.find("; 5 paired replications; p") != std::string::npos);
  CHECK(compare(results, {"", "", {}, {{"load", "0.125"}}, 0.95}).values_of == "replications");
}

TEST_CASE("Pairs with a failed run are left out, and that is said", "[unit]") {
  const Scratch scratch;
  std::vector<Run> runs = paired(10);
  runs[4].status = "time";
  runs[4].latency = "";
  runs[9].latency = "";
  const Comparison comparison = compare(table(scratch, runs), {});
  CHECK(only(comparison).pairs == 8);
  CHECK(only(comparison).dropped.failed == 1);
  CHECK(only(comparison).dropped.unmeasured == 1);
  CHECK(only(comparison).notes.at(0).starts_with("2 pairs are left out: "));
  CHECK(comparison.notes.back() ==
        "1 of 20 runs did not end well (1 time) and are left out together with the runs they would be paired with. If "
        "they failed "
        "because of what is compared, the rest is a biased choice.");
}

TEST_CASE("Runs that do the same are said to do the same, up to rounding", "[unit]") {
  const Scratch scratch;
  std::vector<Run> runs;
  for (int r = 0; r < 6; ++r)
    for (const char* policy : {"near", "search"})
      runs.push_back({policy, "5", r, fmt::format("{}", (0.1 + r) * (*policy == 'n' ? 1 : 1 + 1e-15))});
  const Difference one = only(compare(table(scratch, runs), {}));
  CHECK(one.mean == 0);
  CHECK(one.ties == 6);
  CHECK(one.verdict == Verdict::tie);
  CHECK_FALSE(one.student);
  CHECK(one.sentence == "near and search have the same request.latency in each of 6 paired replications.");
}

TEST_CASE("Differences that do not vary are judged by their signs", "[unit]") {
  const auto runs = [](int count) {
    std::vector<Run> all;
    for (int r = 0; r < count; ++r) {
      all.push_back({"near", "5", r, std::to_string(r + 3)});
      all.push_back({"search", "5", r, std::to_string(r + 2)});
    }
    return all;
  };
  const Scratch scratch;
  CHECK(only(compare(table(scratch, runs(5)), {})).verdict == Verdict::tie);  // p = 2 / 32
  const Difference six = only(compare(table(scratch, runs(6)), {}));
  CHECK(six.verdict == Verdict::loss);
  CHECK(six.p == Approx(2.0 / 64));
  CHECK_FALSE(six.student);
  CHECK(
      six.sentence ==
      "near has a higher request.latency than search: 5.5 s against 4.5 s, by 1.0 s (exactly this in each of 6 paired "
      "replications, "
      "so there is no interval; p = 0.031 by the sign test).");
}

TEST_CASE("Holm's correction is over all comparisons of a metric", "[unit]") {
  const Scratch scratch;
  std::vector<Run> runs;
  Rng rng = Rng(4, 0).stream("runs");
  for (const char* load : {"5", "10"})
    for (int r = 0; r < 8; ++r)
      for (const char* policy : {"a", "b", "c"})
        runs.push_back({policy, load, r, fmt::format("{}", rng.normal(1, 0.1))});
  const Comparison comparison = compare(table(scratch, runs), {"placement", "", {}, {}, 0.95});
  REQUIRE(comparison.metrics.at(0).blocks.size() == 2);
  std::vector<double> p, adjusted;
  for (const Block& block : comparison.metrics[0].blocks)
    for (const Difference& one : block.differences) {
      p.push_back(*one.p);
      adjusted.push_back(*one.adjusted);
    }
  CHECK(p.size() == 6);
  CHECK(adjusted == holm(p));
  CHECK(comparison.metrics[0].blocks[1].where == std::vector<std::pair<std::string, std::string>>{{"load", "10"}});
  const Comparison only_one = compare(table(scratch, runs), {"placement", "c", {}, {{"load", "10"}}, 0.95});
  CHECK(only_one.metrics.at(0).blocks.size() == 1);
  CHECK(only_one.metrics[0].blocks[0].differences.size() == 2);
}

TEST_CASE("Options that fit nothing are refused with what would", "[unit]") {
  const Scratch scratch;
  std::vector<Run> runs = paired(2);
  const Results results = table(scratch, runs);
  CHECK(message_of(results, {"placment", "", {}, {}, 0.95}) ==
        "there is no factor \"placment\"; did you mean \"placement\"?");
  CHECK(message_of(results, {"load", "", {}, {}, 0.95}) ==
        "--factor load: all runs have the level \"5\"; there is nothing to compare");
  CHECK(message_of(results, {"", "serch", {}, {}, 0.95}) ==
        "--reference: placement has no level \"serch\"; did you mean \"search\"?");
  CHECK(message_of(results, {"", "", {"request.latncy"}, {}, 0.95}) ==
        "there is no metric \"request.latncy\"; did you mean \"request.latency\"?");
  CHECK(message_of(results, {"", "", {}, {{"load", "6"}}, 0.95}).starts_with("--where load=6: no run has it"));
  runs.push_back(runs.front());
  CHECK(message_of(table(scratch, runs), {})
            .starts_with("the runs 0 and 4 have the same factors, seed 1 and replication 0: they differ in nothing "
                         "that the table tells"));
}

TEST_CASE("All formats tell the same figures, and names cannot break out of them", "[unit]") {
  const Scratch scratch;
  std::vector<Run> runs = paired(5);
  for (Run& run : runs)
    if (run.placement == "near") run.placement = "<b>|\x1b[31m,\"";
  const Comparison comparison = compare(table(scratch, runs), {});
  const Json json = compare_json(comparison);
  const Json& one = json["metrics"][0]["blocks"][0]["differences"][0];
  CHECK(one["difference"] == only(comparison).mean);
  CHECK(one["verdict"] == "loss");
  CHECK(compare_table(comparison).find('\x1b') == std::string::npos);
  const std::string markdown = compare_markdown(comparison);
  CHECK(markdown.find("<b>") == std::string::npos);
  CHECK(markdown.find("&lt;b>\\|") != std::string::npos);
  const Csv csv(scratch.write("out.csv", compare_csv(comparison)));
  CHECK(csv.rows() == 1);
  CHECK(csv.number(0, csv.column("difference")) == only(comparison).mean);
  CHECK(csv.number(0, csv.column("low")) == only(comparison).student->low);
}

TEST_CASE("Figures are written in the unit that suits, with the digits that matter", "[unit]") {
  const Scale ms("s", 0.0344, 0.00012);
  CHECK(ms.text(0.0344) == "34.40 ms");
  CHECK(ms.number(-0.006291) == "-6.29");
  CHECK(ms.number(-0.000001) == "0.00");
  CHECK(Scale("1", 250, 0).text(250) == "250");
  CHECK(Scale("J", 7.2e6, 3.6e4).text(7.2e6) == "2.000 kWh");
  CHECK(Scale("B", 0, 0).text(0) == "0.00 B");
  CHECK(p_text(0.0123) == "0.012");
  CHECK(p_text(3e-12) == "3e-12");
  CHECK(p_text(0) == "< 1e-99");
}

namespace {
std::string long_run(const Scratch& scratch, const std::string& name, int replication, double shift,
                     const std::string& tail = "") {
  std::filesystem::create_directory(scratch / name);
  scratch.write(name + "/manifest.json",
                fmt::format(R"({{"scenario": "s", "placement": "p", "seed": 1, "replication": {}}})", replication));
  scratch.write(name + "/summary.json", "{}");
  std::string series = "time_s,requests_completed,power_w\n";
  Rng world = Rng(2, static_cast<std::uint64_t>(replication)).stream("world"), own = Rng(2, 0).stream(name);
  for (int i = 1; i <= 1000; ++i)
    series += fmt::format("{},{},{}\n", i, i,
                          100 + 400 * std::pow(0.95, i) + world.normal(0, 5) + shift + own.normal(0, 0.5));
  scratch.write(name + "/series.csv", series + tail);
  return scratch / name;
}
}  // namespace

TEST_CASE("Long runs are compared by batches, paired where they faced the same world", "[unit]") {
  const Scratch scratch;
  const Results same({long_run(scratch, "a", 0, 0), long_run(scratch, "b", 0, 1)});
  const Results other({long_run(scratch, "c", 0, 0), long_run(scratch, "d", 1, 1)});
  const Comparison pairs = compare_batches(same, {20, "mser5", {"power_w"}, 0.95, 0});
  const Comparison apart = compare_batches(other, {20, "mser5", {"power_w"}, 0.95});
  CHECK(only(pairs).pairs == 20);
  CHECK(only(pairs).verdict == Verdict::win);
  // A difference of a hundredth is as sure whether it matters or not.
  const Comparison large = compare_batches(same, {20, "mser5", {"power_w"}, 0.95, 0.02});
  CHECK(only(large).verdict == Verdict::immaterial);
  CHECK(only(large).p == only(pairs).p);
  CHECK(only(large).sentence.find("but immaterially: ") != std::string::npos);
  CHECK(only(apart).student->high - only(apart).student->low >
        3 * (only(pairs).student->high - only(pairs).student->low));
  CHECK(only(apart).notes.at(0).starts_with("Not paired"));
  CHECK_FALSE(only(apart).paired);
  CHECK(only(apart).sentence.find("20 batches of each, not paired") != std::string::npos);
  CHECK(only(pairs).sentence.find("20 paired batches") != std::string::npos);
  CHECK(pairs.metrics[0].blocks[0].groups[0].interval->contains(100));
  const Comparison raw = compare_batches(same, {20, "none", {"power_w"}, 0.95});
  CHECK(raw.metrics[0].blocks[0].groups[0].mean > 105);  // the transient alone adds 8
  const Comparison late = compare_batches(same, {20, "10 min", {"power_w"}, 0.95});
  CHECK(late.notes.at(0).find("20 batches of 20 values from 10 min 0 s on") != std::string::npos);
}

TEST_CASE("Intervals of batches hold the known difference as often as they say", "[unit]") {
  int paired_held = 0, apart_held = 0;
  for (int draw = 0; draw < 100; ++draw) {
    const Scratch scratch;
    const std::string a = long_run(scratch, fmt::format("a{}", draw), 2 * draw, 0),
                      b = long_run(scratch, fmt::format("b{}", draw), 2 * draw, 1),
                      c = long_run(scratch, fmt::format("c{}", draw), 2 * draw + 1, 1);
    paired_held += only(compare_batches(Results({a, b}), {20, "300 s", {"power_w"}, 0.95})).student->contains(-1);
    apart_held += only(compare_batches(Results({a, c}), {20, "300 s", {"power_w"}, 0.95})).student->contains(-1);
  }
  CHECK(paired_held >= 87);
  CHECK(apart_held >= 87);
}

TEST_CASE("What batches cannot be made of is said", "[unit]") {
  const Scratch scratch;
  const Results runs({long_run(scratch, "a", 0, 0), long_run(scratch, "b", 0, 1)});
  CHECK_THROWS_WITH(compare_batches(runs, {20, "none", {"requests_completed"}, 0.95}),
                    "--metric requests_completed: it only grows, so that its mean over time says nothing");
  CHECK_THROWS_WITH(compare_batches(runs, {1, "none", {"power_w"}, 0.95}),
                    "--batches: two or more are needed for a variance");
  CHECK_THROWS_WITH(
      compare_batches(runs, {20, "990 s", {"power_w"}, 0.95}),
      Catch::Matchers::StartsWith(scratch / "a: 11 values of power_w from 16 min 30 s on are too few for 20 batches"));
  CHECK_THROWS_WITH(compare_batches(runs, {20, "soon", {"power_w"}, 0.95}),
                    Catch::Matchers::StartsWith("--warmup: mser5, none, or a duration"));
  const Results broken({long_run(scratch, "c", 0, 0, "1000,5,x\n"), scratch / "a"});
  CHECK_THROWS_WITH(compare_batches(broken, {20, "none", {"power_w"}, 0.95}),
                    scratch / "c/series.csv:1002: column \"power_w\": \"x\" is not a number");
}
