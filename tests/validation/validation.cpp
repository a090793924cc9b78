// The batches of tests/validation/*.csv, simulated with parameters fitted to them or to others. Prints
// docs/validation.md;
// `--write` writes it there, `--check` fails if it says something else or if the simulation has become worse.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/csv.hpp"
#include "sim/base/portable_math.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using test::contents, test::Ran, test::Scratch;

namespace {
constexpr int nodes = 3;                // of batch.json
constexpr double scheduler = 1.0 / 50;  // KubernetesSpec: between two bindings, the first included [s]
const std::vector<int> sizes{10, 50, 100, 150};

// What was measured.

/// Until the last of a batch of pods was there, and on average [s]; a mean of zero is not known.
struct Times {
  double last = 0, mean = 0;
};
struct Batch {
  int pods = 0;
  Times create, remove;
};
struct SetUp {
  std::string name, testbed;
  std::vector<Batch> batches;  // by `sizes`
};

std::string data(const std::string& name) { return std::string(CODECOSIM_SOURCE) + "/tests/validation/" + name; }

/// Zero where there is none.
double seconds(const Csv& csv, std::size_t row, const std::string& column) {
  const std::size_t c = csv.column(column);
  return csv.text(row, c).empty() ? 0 : csv.number(row, c) / 1000;
}

std::vector<SetUp> read_batches() {
  const Csv csv(data("batch.csv"));
  std::vector<SetUp> all;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::string& name = csv.text(row, csv.column("set_up"));
    if (all.empty() || all.back().name != name) all.push_back({name, csv.text(row, csv.column("testbed")), {}});
    all.back().batches.push_back({static_cast<int>(csv.number(row, csv.column("pods"))),
                                  {seconds(csv, row, "create_ms"), seconds(csv, row, "create_mean_ms")},
                                  {seconds(csv, row, "delete_ms"), seconds(csv, row, "delete_mean_ms")}});
  }
  return all;
}

// Fits.

/// T(N) = besides + each x pods on the fullest node [s].
struct Line {
  double besides = 0, each = 0;
};
struct Parameters {
  Line create, remove;
};
using Part = Times Batch::*;

double fullest(int pods) { return std::ceil(static_cast<double>(pods) / nodes); }
double to_millisecond(double value) { return std::round(value * 1000) / 1000; }

/// Least squares of the relative errors; `besides` not below zero, both in whole milliseconds.
Line fit(const std::vector<double>& times) {
  double w = 0, wx = 0, wt = 0, wxx = 0, wxt = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double x = fullest(sizes[i]), t = times[i], weight = 1 / (t * t);
    w += weight;
    wx += weight * x;
    wt += weight * t;
    wxx += weight * x * x;
    wxt += weight * x * t;
  }
  double each = (w * wxt - wx * wt) / (w * wxx - wx * wx);
  double besides = (wt - each * wx) / w;
  if (besides < 0) {
    besides = 0;
    each = wxt / wxx;
  }
  return {to_millisecond(besides), to_millisecond(each)};
}

/// To the geometric mean, at each N, of the set-ups that `in` takes: as far from the slow as from the quick ones, in
/// proportion.
Line pool(const std::vector<SetUp>& all, Part part, const std::function<bool(const SetUp&)>& in) {
  std::vector<double> times;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    double sum = 0, count = 0;
    for (const SetUp& one : all)
      if (in(one)) {
        sum += portable::log((one.batches[i].*part).last);
        ++count;
      }
    times.push_back(portable::exp(sum / count));
  }
  return fit(times);
}

Parameters fit(const std::vector<SetUp>& all, const std::function<bool(const SetUp&)>& in) {
  return {pool(all, &Batch::create, in), pool(all, &Batch::remove, in)};
}

// What is simulated.

/// From the cluster's agent having applied the work, which is when its pods are created, or deleted.
Batch simulate(const std::string& scenario, int pods, const Parameters& parameters) {
  const Scratch scratch;
  const auto set = [](const char* key, double value) {
    return fmt::format(" --set '/control_plane/kubernetes/{}={:.3f} s'", key, std::max(0.0, value));
  };
  const Ran ran = test::codecosim(
      fmt::format("run {} --set /applications/batch/components/pause/replicas={} --trace decisions --out {}",
                  data(scenario), pods, scratch / "run") +
      set("set_up", parameters.create.each) + set("latency", parameters.create.besides - scheduler) +
      set("tear_down", parameters.remove.each) + set("stop", parameters.remove.besides));
  const std::string unpack = "zstd -qdc " + (scratch / "run/trace.jsonl.zst") + " >" + (scratch / "trace");
  if (ran.status != 0 || std::system(unpack.c_str()) != 0) throw std::runtime_error("a run failed: " + ran.err);
  double since = 0;
  int ready = 0, gone = 0;
  Batch batch{pods, {}, {}};
  std::istringstream trace(contents(scratch / "trace"));
  for (std::string line; std::getline(trace, line);) {
    const auto record = nlohmann::json::parse(line);
    const double t = record["t_s"];
    if (record["kind"] == "work") since = t;
    if (record["kind"] != "pod") continue;
    const auto count = [&](Times& times, int& number) {
      times.last = t - since;
      times.mean += t - since;
      ++number;
    };
    if (record["phase"] == "ready") count(batch.create, ready);
    if (record["phase"] == "gone") count(batch.remove, gone);
  }
  batch.create.mean /= ready;
  batch.remove.mean /= gone;
  if (ready < pods || gone != ready) throw std::runtime_error("not all pods came and went");
  return batch;
}

/// Relative errors [%], at each N.
struct Errors {
  std::vector<double> values;
  double mean() const {
    double sum = 0;
    for (const double one : values) sum += std::abs(one);
    return sum / static_cast<double>(values.size());
  }
  double largest() const {
    double most = 0;
    for (const double one : values) most = std::max(most, std::abs(one));
    return most;
  }
};
double error(double simulated, double measured) { return 100 * (simulated / measured - 1); }

/// Simulated with one set of parameters, against one set-up.
struct Trial {
  Parameters parameters;
  std::vector<Batch> batches;
  Errors errors(const SetUp& measured, Part part, double Times::* what = &Times::last) const {
    Errors all;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      if (const double m = measured.batches[i].*part.*what; m > 0)
        all.values.push_back(error(batches[i].*part.*what, m));
    return all;
  }
};
Trial trial(const Parameters& parameters) {
  Trial one{parameters, {}};
  for (const int pods : sizes) one.batches.push_back(simulate("batch.json", pods, parameters));
  return one;
}

// What is written.

struct Kind {
  const char* name;
  Part part;
  Line Parameters::* line;
};
const Kind kinds[] = {{"Creation", &Batch::create, &Parameters::create},
                      {"Deletion", &Batch::remove, &Parameters::remove}};

class Report {
 public:
  Report() : measured_(read_batches()) {
    for (const SetUp& one : measured_) {
      own_.push_back(trial(fit(measured_, [&](const SetUp& s) { return &s == &one; })));
      others_.push_back(trial(fit(measured_, [&](const SetUp& s) { return &s != &one; })));
      elsewhere_.push_back(trial(fit(measured_, [&](const SetUp& s) { return s.testbed != one.testbed; })));
    }
    defaults_ = fit(measured_, [](const SetUp& s) { return s.name.starts_with("CODECO"); });
    open();
    within();
    unseen();
    pod_times();
    dummy();
    single();
    defaults();
    rest();
    placement();
  }
  const std::string& text() const { return text_; }
  /// What has become worse than it may.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  template <class... T>
  void say(fmt::format_string<T...> text, T&&... values) {
    text_ += fmt::format(text, std::forward<T>(values)...) + "\n";
  }
  void hold(const std::string& what, double value, double bound) {
    if (!(value <= bound)) failures_.push_back(fmt::format("{}: {:.3f} is above {}", what, value, bound));
  }
  static std::string cells(const Errors& errors) {
    std::string text;
    for (const double one : errors.values) text += fmt::format(" {:+.1f} |", one);
    return text;
  }
  /// Over all set-ups.
  Errors pooled(const std::vector<Trial>& trials, Part part, double Times::* what = &Times::last) const {
    Errors all;
    for (std::size_t s = 0; s < trials.size(); ++s)
      for (const double one : trials[s].errors(measured_[s], part, what).values) all.values.push_back(one);
    return all;
  }

  void open() {
    say("# Validation\n");
    say("Batches of pods in one cluster, simulated and held against published measurements. Written by `./dev "
        "validate`; a test "
        "checks that");
    say("it says what the program finds now. The measurements, and where they are from: "
        "[tests/validation](../tests/validation/README.md).\n");
    say("Each figure is from a run of `tests/validation/batch.json`: N pause pods in a cluster of {} equal nodes that "
        "have the "
        "image, created",
        nodes);
    say("at once and deleted at once. Time counts from when the cluster has the manifests, since what was measured had "
        "no hub. The "
        "set-ups are");
    say("said to have three nodes (UC3: a server and two Raspberry Pis), but for UC1, where the number is not known; "
        "three that "
        "take pods alike");
    say("are assumed for all. Another number would change `set_up` in proportion, and the figures only by rounding N / "
        "n.\n");
    say("    T(N) = a + s * ceil(N / n)      s: set_up, a: latency and the first binding (20 ms); for deletion "
        "tear_down and "
        "stop\n");
    say("a and s minimise the sum of squared relative errors over N = 10, 50, 100, 150, with a >= 0. Errors are "
        "simulated over "
        "measured, less one,");
    say("in %; \"mean\" is the mean of their magnitudes.\n");
  }

  void within() {
    say("## Within a testbed\n");
    say("Fitted to the set-up itself: what a straight line costs.");
    for (const Kind& kind : kinds) {
      say("\n| {} | a [s] | s [s] | s / n [s/pod] | N = 10 | 50 | 100 | 150 | mean "
          "|\n|---|--:|--:|--:|--:|--:|--:|--:|--:|",
          kind.name);
      for (std::size_t s = 0; s < own_.size(); ++s) {
        const Line& line = own_[s].parameters.*kind.line;
        const Errors errors = own_[s].errors(measured_[s], kind.part);
        say("| {} | {:.3f} | {:.3f} | {:.3f} |{} {:.1f} |", measured_[s].name, line.besides, line.each,
            line.each / nodes, cells(errors), errors.mean());
        for (std::size_t i = 0; i < sizes.size(); ++i)
          hold(fmt::format("{}, {}, {} pods: distance from the formula [s]", kind.name, measured_[s].name, sizes[i]),
               std::abs((own_[s].batches[i].*kind.part).last - line.besides - line.each * fullest(sizes[i])),
               nodes * scheduler);
      }
      const Errors all = pooled(own_, kind.part);
      say("| all | | | | | | | | {:.1f} |", all.mean());
      const bool creation = kind.part == &Batch::create;
      hold(fmt::format("{}: mean error within a testbed [%]", kind.name), all.mean(), creation ? 4 : 6);
      hold(fmt::format("{}: largest error within a testbed [%]", kind.name), all.largest(), creation ? 15 : 20);
    }
    say("");
  }

  void unseen() {
    say("## On a testbed not seen\n");
    say("Fitted to the geometric mean, at each N, of the other set-ups. The last column also leaves out those of the "
        "same testbed "
        "(aws, spice, UC1,");
    say("UC3), as one must to predict a new one.");
    for (const Kind& kind : kinds) {
      say("\n| {} | N = 10 | 50 | 100 | 150 | mean | mean, testbed left out |\n|---|--:|--:|--:|--:|--:|--:|",
          kind.name);
      for (std::size_t s = 0; s < others_.size(); ++s) {
        const Errors errors = others_[s].errors(measured_[s], kind.part);
        say("| {} |{} {:.1f} | {:.1f} |", measured_[s].name, cells(errors), errors.mean(),
            elsewhere_[s].errors(measured_[s], kind.part).mean());
      }
      say("| all | | | | | {:.1f} | {:.1f} |", pooled(others_, kind.part).mean(), pooled(elsewhere_, kind.part).mean());
    }
    const auto spread = [&](Line Parameters::* line) {
      double least = 1e9, most = 0;
      for (const Trial& one : own_) {
        least = std::min(least, (one.parameters.*line).each);
        most = std::max(most, (one.parameters.*line).each);
      }
      return most / least;
    };
    say("\nBetween the set-ups s differs {:.1f}-fold for creation and {:.1f}-fold for deletion, and nothing published "
        "says why. So "
        "the form holds within",
        spread(&Parameters::create), spread(&Parameters::remove));
    say("a testbed, to {:.0f} % and {:.0f} %, and its numbers do not carry to another: there they are off by {:.0f} % "
        "and {:.0f} "
        "%. Who needs times in",
        pooled(own_, &Batch::create).mean(), pooled(own_, &Batch::remove).mean(),
        pooled(elsewhere_, &Batch::create).mean(), pooled(elsewhere_, &Batch::remove).mean());
    say("seconds has to measure two batches there; what compares policies within one testbed needs the form.\n");
  }

  void pod_times() {
    say("## Mean over the pods\n");
    say("Not fitted: the mean time of a pod over that of its batch, and the error of the simulated mean, parameters as "
        "within a "
        "testbed.");
    for (const Kind& kind : kinds) {
      say("\n| {} | measured share, N = 10 | 50 | 100 | 150 | error, N = 10 | 50 | 100 | 150 "
          "|\n|---|--:|--:|--:|--:|--:|--:|--:|--:|",
          kind.name);
      for (std::size_t s = 0; s < own_.size(); ++s) {
        std::string shares, errors;
        for (std::size_t i = 0; i < sizes.size(); ++i) {
          const Times &m = measured_[s].batches[i].*kind.part, &t = own_[s].batches[i].*kind.part;
          shares += m.mean > 0 ? fmt::format(" {:.2f} |", m.mean / m.last) : " |";
          errors += m.mean > 0 ? fmt::format(" {:+.0f} |", error(t.mean, m.mean)) : " |";
        }
        say("| {} |{}{}", measured_[s].name, shares, errors);
      }
      say("| all | | | | | | | | {:.0f} |", pooled(own_, kind.part, &Times::mean).mean());
    }
    double least = 1, most = 0;
    for (const SetUp& one : measured_)
      for (const Kind& kind : kinds) {
        const Times& batch = one.batches.back().*kind.part;
        least = std::min(least, batch.mean / batch.last);
        most = std::max(most, batch.mean / batch.last);
      }
    say("\nThe simulated nodes finish one pod before they begin the next, so the mean of a large batch is half of its "
        "time and a "
        "little more. Measured, at");
    say("N = {}, are {:.2f} to {:.2f}, so in most set-ups the simulated mean is too early. Kubelets that work on "
        "several pods at "
        "once would explain it, but",
        sizes.back(), least, most);
    say("not why it differs between set-ups; the source does not say from when a pod's own time counts. No parameter "
        "is spent on "
        "it.\n");
  }

  void dummy() {
    say("## An application of several components\n");
    say("One back end and N front ends, with the parameters of CODECO on aws from the batches of pause pods; nothing "
        "is fitted "
        "here.\n");
    say("| N | measured [s] | simulated [s] | error |\n|--:|--:|--:|--:|");
    const auto aws =
        std::find_if(measured_.begin(), measured_.end(), [](const SetUp& s) { return s.name == "CODECO on aws"; });
    const Csv csv(data("dummy.csv"));
    Errors errors;
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      const int ends = static_cast<int>(csv.number(row, csv.column("front_ends")));
      const double measured = seconds(csv, row, "deploy_ms");
      const double simulated =
          simulate("dummy.json", ends, own_[static_cast<std::size_t>(aws - measured_.begin())].parameters).create.last;
      errors.values.push_back(error(simulated, measured));
      say("| {} | {:.1f} | {:.1f} | {:+.1f} |", ends, measured, simulated, errors.values.back());
    }
    say("\nMean {:.1f} %. One front end and its back end took longer than two pause pods would, and 50 or more were "
        "ready sooner "
        "than as many pause pods",
        errors.mean());
    say("were measured to be: the difference is one between two measurements with one label as much as one of the "
        "model.\n");
    hold("Dummy application: mean error [%]", errors.mean(), 35);
  }

  void single() {
    say("## A single pod\n");
    say("Extrapolated from the batches of the same set-up down to N = 1. \"Warm\" leaves out the first iteration, "
        "which probably "
        "pulled the image.\n");
    say("| set-up | create: warm [s] | mean [s] | simulated [s] | delete [s] | simulated [s] "
        "|\n|---|--:|--:|--:|--:|--:|");
    const Csv csv(data("single.csv"));
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      const std::string& name = csv.text(row, csv.column("set_up"));
      const auto same =
          std::find_if(measured_.begin(), measured_.end(), [&](const SetUp& s) { return s.name == name; });
      const Batch one = simulate("batch.json", 1, own_[static_cast<std::size_t>(same - measured_.begin())].parameters);
      const double removal = seconds(csv, row, "delete_ms");
      say("| {} | {:.2f} | {:.2f} | {:.2f} | {} | {:.2f} |", name, seconds(csv, row, "warm_ms"),
          seconds(csv, row, "create_ms"), one.create.last, removal > 0 ? fmt::format("{:.2f}", removal) : "",
          one.remove.last);
    }
    say("\nOn UC3 the line holds down to one pod. On UC1 it does not: there a is a matter of batches, not of pods. One "
        "pod takes "
        "some 2 s to delete,");
    say("nearly as long as ten; a line through larger batches gives about half of that.\n");
  }

  void defaults() {
    say("## Defaults\n");
    say("Those of a scenario's `control_plane/kubernetes` are the fit to the geometric mean of the five set-ups with "
        "CODECO, "
        "rounded to 10 ms.\n");
    const Ran ran = test::codecosim("run " + data("batch.json") + " --no-output --format json");
    if (ran.status != 0) throw std::runtime_error("a run failed: " + ran.err);
    const auto spec = nlohmann::json::parse(ran.out)["manifest"]["control_plane"]["kubernetes"];
    say("| parameter | fit [s] | default [s] |\n|---|--:|--:|");
    const auto row = [&](const char* key, double fitted) {
      const double value = std::stod(spec[key].get<std::string>());  // "0.6 s"
      say("| `{}` | {:.3f} | {:.2f} |", key, fitted, value);
      hold(fmt::format("Distance of the default of {} from the fit [s]", key), std::abs(value - fitted), 0.0051);
    };
    row("set_up", defaults_.create.each);
    row("latency", std::max(0.0, defaults_.create.besides - scheduler));
    row("tear_down", defaults_.remove.each);
    row("stop", defaults_.remove.besides);
    say("");
  }

  void rest() {
    say("## Not compared\n");
    say("- Online Boutique (34 to 50 s): mostly the start of its own services, of which nothing is published; eleven "
        "bare pods "
        "would take 3 s.");
    say("- kube-burner's density (17 to 45 s): its pods come at a limited rate and are timed from their own creation; "
        "half of them "
        "have a readiness");
    say("  probe that first looks after 30 s, so the mean is 15 s and more whatever the cluster does.");
    say("- First runs, about 2 s longer: size and registry of the image are not published.");
    say("- ACM, ManifestWorks and placement by CODECO: no published time has them; see [models.md](models.md).");
  }

  /// Values of one kind of problem of placement.csv.
  struct Placements {
    int problems = 0, proven = 0, equal = 0, fewer = 0;
    double gaps = 0, worst = 0, search_time = 0, exact_time = 0;  // [%], [s]
  };
  void placement() {
    const Csv csv(data("placement.csv"));
    const auto number = [&](std::size_t row, const char* column) { return csv.number(row, csv.column(column)); };
    std::vector<Placements> sorts(3);
    Placements all;
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      const double least = number(row, "value_exact"), gap = 100 * (number(row, "value_search") / least - 1);
      const bool fewer = number(row, "left_search") > number(row, "left_exact");
      for (Placements* one :
           {&sorts[std::min<std::size_t>(2, static_cast<std::size_t>(number(row, "workloads") - 30) / 10)], &all}) {
        ++one->problems;
        one->proven += number(row, "proven") > 0;
        one->search_time += number(row, "search_s");
        one->exact_time += number(row, "exact_s");
        one->fewer += fewer;
        if (fewer) continue;
        one->equal += gap < 1e-3;
        one->gaps += gap;
        one->worst = std::max(one->worst, gap);
      }
    }
    say("\n## Placement: the search against the exact one\n");
    say("`swm-search` against `swm-exact` on {} problems drawn at random as `tests/swm.hpp` has it: 30 to 60 "
        "workloads",
        all.problems);
    say("on 4 to 8 rows, with channels, scarce media, peers, rules and moves, some too large for the rows. The exact "
        "one starts "
        "from the");
    say("search's answer and has 5 s for a proof; where it has none, its best is compared. Gaps are in %, over the "
        "problems where "
        "both");
    say("place as many. Measured on {} by `./dev placement`, on one core of a busy machine; kept in "
        "`tests/validation/placement.csv`.\n",
        csv.text(0, csv.column("date")));
    say("| workloads | problems | proven | equal | mean gap | worst gap | search places fewer | search, mean [s] | "
        "exact, mean [s] "
        "|");
    say("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    const auto line = [&](const char* name, const Placements& one) {
      const double same = std::max(1, one.problems - one.fewer);
      say("| {} | {} | {} | {} | {:.2f} | {:.2f} | {} | {:.2f} | {:.1f} |", name, one.problems, one.proven, one.equal,
          one.gaps / same, one.worst, one.fewer, one.search_time / one.problems, one.exact_time / one.problems);
    };
    line("30 to 39", sorts[0]);
    line("40 to 49", sorts[1]);
    line("50 to 60", sorts[2]);
    line("all", all);
    hold("mean gap of swm-search", all.gaps / std::max(1, all.problems - all.fewer), 3);
    hold("worst gap of swm-search", all.worst, 10);
  }

  const std::vector<SetUp> measured_;
  std::vector<Trial> own_, others_, elsewhere_;  // fitted to the set-up, to the others, to those of other testbeds
  Parameters defaults_;
  std::string text_;
  std::vector<std::string> failures_;
};
}  // namespace

int main(int argc, char** argv) {
  const std::string_view option = argc > 1 ? argv[1] : "";
  if (argc > 2 || (argc == 2 && option != "--write" && option != "--check"))
    return fmt::print(stderr, "usage: codecosim-validation [--write | --check]\n"), 2;
  const std::string path = std::string(CODECOSIM_SOURCE) + "/docs/validation.md";
  try {
    const Report report;
    if (option.empty()) fmt::print("{}", report.text());
    if (option == "--write") std::ofstream(path, std::ios::binary) << report.text();
    if (option != "--check") return 0;
    for (const std::string& one : report.failures()) fmt::print("{}\n", one);
    const bool same = contents(path) == report.text();
    if (!same) fmt::print("docs/validation.md says something else: ./dev validate writes it anew\n");
    return same && report.failures().empty() ? 0 : 1;
  } catch (const std::exception& wrong) {
    fmt::print(stderr, "{}\n", wrong.what());
    return 1;
  }
}
