#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/statistics.hpp"
#include "findings/findings.hpp"
#include "sim/base/censoring.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
constexpr double matters = 0.01;  // a share of requests, or of a figure, that a reader may not overlook

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

void nothing_measured(const Evidence& e, Findings& findings) {
  if (e.scenario.warmup < now()) return;
  findings.add(1,
               fmt::format("The run ends at {}, before its warm-up of {} is over.", readable(now()),
                           readable(e.scenario.warmup)),
               "Let the run be longer, or the warm-up shorter.");
}

void no_requests(const Evidence& e, Findings& findings) {
  if (e.scenario.warmup >= now()) return;
  const auto kinds = e.run->summary_by_client();
  for (const auto& [kind, figures] : kinds)
    for (const Figure& one : figures)
      if (one.name == "requests.submitted" && one.value == 0.0)
        findings.add(1 / static_cast<double>(kinds.size()),
                     fmt::format("No client \"{}\" has sent a request between {} and {}, when requests count.", kind,
                                 readable(e.scenario.warmup), readable(now())),
                     "Let the run be longer or the warm-up shorter; or look at the rate, and at the dates of a file.");
}

std::string bounds_text(const Censored& all, double q) {
  const std::string least = readable(Seconds(all.quantile_at_least(q)));
  const auto most = all.quantile_at_most(q);
  return most ? fmt::format("between {} and {}", least, readable(Seconds(*most))) : least + " or more";
}

void unanswered(const Evidence& e, Findings& findings) {
  const Figure* latency = e.find("request.latency");
  const Censored all(*latency->distribution, *latency->unended);
  const double submitted = e.value("requests.submitted"), open = static_cast<double>(all.unended());
  constexpr double much = 0.05;
  const bool moves_mean = all.unended() > 0 && all.mean_at_least() > (1 + much) * latency->value.value_or(0);
  if (open <= matters * submitted && !moves_mean) return;
  findings.add(
      open / submitted,
      fmt::format("{:.0f} of {:.0f} requests had not ended, {:.0f} of them past their deadline: once they have, "
                  "the median latency of all is {}, and the 99th percentile {}.",
                  open, submitted, e.value("requests.overdue"), bounds_text(all, 0.5), bounds_text(all, 0.99)),
      "Let the run be longer; where it is not steady, its load is too high.");
}

void missed(const Evidence& e, Findings& findings) {
  const Figure* in_time = e.find("requests.in_time");
  constexpr double half = 0.5;
  if (!in_time->value || *in_time->value >= half || e.value("requests.deadline_misses") == 0) return;
  findings.add(1 - *in_time->value,
               *in_time->value > 0
                   ? fmt::format("Only {} of the requests were answered in time.", percent(*in_time->value))
                   : "None of the requests was answered in time.",
               "Look at where the time goes: work, waiting, or the way there; or at the deadline.");
}

/// The slope of a series by least squares, and how well a line describes it.
struct Trend {
  double slope = 0, correlation = 0, mean = 0, span = 0;
  std::size_t count = 0;
};
Trend trend_of(const std::vector<double>& times, const std::vector<double>& values) {
  Trend trend;
  trend.count = values.size();
  if (trend.count < 2) return trend;
  const double n = static_cast<double>(trend.count);
  double t = 0, v = 0;
  for (std::size_t i = 0; i < trend.count; ++i) {
    t += times[i] / n;
    v += values[i] / n;
  }
  double tt = 0, tv = 0, vv = 0;
  for (std::size_t i = 0; i < trend.count; ++i) {
    tt += (times[i] - t) * (times[i] - t);
    tv += (times[i] - t) * (values[i] - v);
    vv += (values[i] - v) * (values[i] - v);
  }
  trend.mean = v;
  trend.span = times.back() - times.front();
  trend.slope = tt > 0 ? tv / tt : 0;
  trend.correlation = tt > 0 && vv > 0 ? tv / std::sqrt(tt * vv) : 0;
  return trend;
}

/// What most requests under way are at.
std::string longest_queue(const Evidence& e) {
  const Applications& applications = e.run->applications();
  std::size_t most = 0;
  std::string where;
  for (std::uint32_t s = 0; s < applications.service_count(); ++s) {
    std::size_t load = 0;
    for (const PodId pod : applications.pods_of({s})) load += e.run->world().compute.load(pod);
    if (load <= most) continue;
    most = load;
    where = e.run->name(ServiceId{s});
  }
  return most > 0 ? fmt::format("; {} are at {}", most, where) : "";
}

/// Requests under way over the measured time; and how long each takes by Little's law, where any were answered.
struct Course {
  std::vector<double> times, under_way;
  std::vector<double> stay_times, stays;
};
Course course_of(const Evidence& e) {
  Course course;
  double answered = 0;
  for (const Series::Row& row : e.run->series().rows()) {
    if (*row[0] <= e.scenario.warmup.value) continue;
    const double now_answered = *row[1] - answered;
    answered = *row[1];
    course.times.push_back(*row[0]);
    course.under_way.push_back(*row[3]);
    if (now_answered <= 0) continue;
    course.stay_times.push_back(*row[0]);
    course.stays.push_back(*row[3] / now_answered);
  }
  return course;
}

bool rises(const Trend& trend, double least) {
  constexpr std::size_t fewest = 10;
  return trend.count >= fewest && trend.slope * trend.span >= std::max(least, 0.5 * trend.mean);
}

// Requests under way rise by half of their mean, along a line that leaves less than a fifth of their variance: chance
// does neither often. Where more are under way because more come, and each takes no longer, it is the load that rises.
bool grows(const Evidence& e) {
  constexpr double least = 10, straight = 0.9;
  const Course course = course_of(e);
  const Trend under_way = trend_of(course.times, course.under_way);
  const bool answers = course.stays.size() > course.times.size() / 2;
  return rises(under_way, least) && under_way.correlation >= straight &&
         (!answers || rises(trend_of(course.stay_times, course.stays), 0));
}

void not_steady(const Evidence& e, Findings& findings) {
  if (!grows(e)) return;
  const Course course = course_of(e);
  findings.add(1,
               fmt::format("Requests under way grow by {:.3g} a second, to {:.0f} at the end{}.",
                           trend_of(course.times, course.under_way).slope, course.under_way.back(), longest_queue(e)),
               "More comes than is served: more replicas, limits or concurrency, or fewer requests. Means over such a "
               "run depend on its length.");
}

void short_warmup(const Evidence& e, Findings& findings) {
  // Of few requests a mean is chance; and no warm-up helps a queue that grows.
  constexpr std::uint64_t enough = 500;
  if (e.find("request.latency")->distribution->count() < enough || grows(e)) return;
  std::vector<double> times, values;
  for (const Series::Row& row : e.run->series().rows())
    if (*row[0] > e.scenario.warmup.value && row[4]) {
      times.push_back(*row[0]);
      values.push_back(*row[4]);
    }
  constexpr std::size_t fewest = 20;
  if (values.size() < fewest) return;
  const Transient transient = mser5(values);
  if (transient.length == 0 || !transient.ended) return;
  const auto mean = [&](std::size_t from) {
    double sum = 0;
    for (std::size_t i = from; i < values.size(); ++i) sum += values[i];
    return sum / static_cast<double>(values.size() - from);
  };
  const double all = mean(0), rest = mean(transient.length);
  constexpr double much = 0.1;
  if (std::abs(all - rest) <= much * rest) return;
  findings.add(std::min(1.0, std::abs(all - rest) / rest),
               fmt::format("Latencies up to {} are not like those after it (MSER-5): their mean is {} with them and {} "
                           "without.",
                           readable(Seconds(times[transient.length])), readable(Seconds(all)), readable(Seconds(rest))),
               fmt::format("Let \"warmup\" be {} or more.", readable(Seconds(times[transient.length]))));
}

void few_requests(const Evidence& e, Findings& findings) {
  const Figure* latency = e.find("request.latency");
  const auto count = latency->distribution->count();
  constexpr std::uint64_t enough = 100;
  if (count == 0 || count >= enough) return;
  findings.add(0.2,
               fmt::format("Only {} request{} answered: p99 of the latency is the longest.", count,
                           count == 1 ? " was" : "s were"),
               "Let the run be longer, or look at several replications.");
}

void refused(const Evidence& e, Findings& findings) {
  const double share = e.value("requests.refused") / std::max(1.0, e.value("requests.ended"));
  if (share <= matters) return;
  findings.add(share, fmt::format("{} of the requests that ended found no ready replica.", percent(share)),
               "Look at what is pending, at faults, and at when applications are submitted.");
}

void requests_lost(const Evidence& e, Findings& findings) {
  const double share = e.value("requests.lost") / std::max(1.0, e.value("requests.ended"));
  if (share <= matters) return;
  const std::string prefix = "requests.lost.";
  std::vector<std::pair<double, std::string>> ways;
  for (const Figure& one : e.figures)
    if (one.name.starts_with(prefix) && one.value.value_or(0) > 0)
      ways.emplace_back(*one.value, one.name.substr(prefix.size()));
  std::sort(ways.rbegin(), ways.rend());
  std::string told;
  for (const auto& [count, way] : ways) told += fmt::format("{}{} {:.0f}", told.empty() ? "" : ", ", way, count);
  findings.add(share, fmt::format("{} of the requests that ended were lost: {}.", percent(share), told),
               "Where that is no fault that is studied, mend what loses them: buffers, coverage, links.");
}

void interrupted(const Evidence& e, Findings& findings) {
  if (!e.run->clock().stopped()) return;
  findings.add(1, fmt::format("The run was stopped at {} of {}.", readable(now()), readable(e.scenario.duration)),
               "Its figures hold for what was simulated only.");
}
}  // namespace

std::vector<KindOfFinding> findings_of_outcomes() {
  return {
      {"interrupted", "The run was stopped before its end.", false, interrupted},
      {"nothing-measured", "The run was ended before its warm-up was over.", false, nothing_measured},
      {"no-requests", "No client of a kind has sent a request that counts.", false, no_requests},
      {"unanswered",
       "More than a hundredth of the requests had not ended, or they move the mean latency by a twentieth.", false,
       unanswered},
      {"missed", "Less than half of the requests were answered in time.", false, missed},
      {"not-steady", "Requests under way grow for as long as the run measures.", false, not_steady},
      {"short-warmup", "Latencies at the beginning are unlike the others, and move the mean by a tenth.", false,
       short_warmup},
      {"few-requests", "Fewer than 100 requests were answered.", false, few_requests},
      {"refused", "More than a hundredth of the requests found no ready replica.", false, refused},
      {"imprecise",
       "Of a sweep: after all replications of its stopping rule a point is not as precise as asked, or was not "
       "measured.",
       false, nullptr},
      {"lost", "More than a hundredth of the requests were lost.", false, requests_lost},
  };
}

}  // namespace codecosim
