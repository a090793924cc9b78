#include <fmt/format.h>

#include <algorithm>
#include <boost/math/statistics/linear_regression.hpp>
#include <cmath>
#include <optional>
#include <utility>

#include "analysis/statistics.hpp"
#include "findings/findings.hpp"
#include "sim/base/censoring.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
constexpr double matters = 0.01;  // least share of requests, or of a figure, that is reported

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
  const auto& clients = e.run->world().metrics.clients;
  for (std::size_t s = 0; s < clients.size(); ++s) {
    if (clients[s].begun > 0) continue;
    findings.add(1 / static_cast<double>(clients.size()),
                 fmt::format("No client \"{}\" has sent a request between {} and {}, when requests count.",
                             e.scenario.clients[s].name, readable(e.since()), readable(now())),
                 "Let the run be longer or the warm-up shorter; or look at the rate, and at the dates of a file.");
  }
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

/// The service with the most requests in progress.
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

/// A time series over the measured time.
struct Course {
  std::vector<double> dates, values;
  void add(double date, double value) {
    dates.push_back(date);
    values.push_back(value);
  }
};

/// A linear trend of a time series, by least squares.
struct Trend {
  double slope = 0, determination = 0;  ///< Share of the variance that the line explains.
  double rise = 0, mean = 0;            ///< Rise of the line from the first date to the last; mean of the values.
};
std::optional<Trend> trend_of(const Course& course) {
  constexpr std::size_t fewest = 10;
  if (course.values.size() < fewest) return std::nullopt;
  const auto [low, high] = std::minmax_element(course.values.begin(), course.values.end());
  const double mean = mean_of(course.values);
  if (*low == *high) return Trend{0, 0, 0, mean};
  const auto [begin, slope, determination] =
      boost::math::statistics::simple_ordinary_least_squares_with_R_squared(course.dates, course.values);
  return Trend{slope, determination, slope * (course.dates.back() - course.dates.front()), mean};
}

/// The trend of the requests in progress, where they grow: by half of their mean, along a line that leaves less than a
/// fifth of their variance unexplained. Chance rarely does either. Where the arrival rate rises and the sojourn time by
/// Little's law does not, the load grows and not the queue.
std::optional<Trend> growth_of(const Evidence& e) {
  constexpr double least = 10, much = 0.5, straight = 0.8;
  Course under_way, stays;
  double before = 0;
  for (const Series::Row& row : e.run->series().rows()) {
    const double answered = *row[1] - std::exchange(before, *row[1]);
    if (*row[0] <= e.since().value) continue;
    under_way.add(*row[0], *row[3]);
    if (answered > 0) stays.add(*row[0], *row[3] / answered);
  }
  const auto trend = trend_of(under_way);
  if (!trend || trend->rise < std::max(least, much * trend->mean) || trend->determination < straight)
    return std::nullopt;
  const auto longer = 2 * stays.values.size() > under_way.values.size() ? trend_of(stays) : std::nullopt;
  return longer && longer->rise < much * longer->mean ? std::nullopt : trend;
}

void not_steady(const Evidence& e, Findings& findings) {
  const auto growth = growth_of(e);
  if (!growth) return;
  findings.add(1,
               fmt::format("Requests under way grow by {:.3g} a second, to {:.0f} at the end{}.", growth->slope,
                           e.value("requests.in_flight"), longest_queue(e)),
               "More comes than is served: more replicas, limits or concurrency, or fewer requests. Means over such a "
               "run depend on its length.");
}

void short_warmup(const Evidence& e, Findings& findings) {
  // The mean of few requests is too uncertain, and no warm-up helps a growing queue.
  constexpr std::uint64_t enough = 500;
  if (e.find("request.latency")->distribution->count() < enough || growth_of(e)) return;
  Course latency;
  for (const Series::Row& row : e.run->series().rows())
    if (*row[0] > e.since().value && row[4]) latency.add(*row[0], *row[4]);
  const std::vector<double>&times = latency.dates, &values = latency.values;
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

void rejected(const Evidence& e, Findings& findings) {
  const double share = e.value("requests.rejected") / std::max(1.0, e.value("requests.ended"));
  if (share <= matters) return;
  findings.add(
      share,
      fmt::format("{} of the requests that ended were rejected by replicas with too much to do.", percent(share)),
      "More replicas or cores, or longer queues.");
}

void given_up(const Evidence& e, Findings& findings) {
  const double share = e.value("requests.timed_out") / std::max(1.0, e.value("requests.ended"));
  if (share <= matters) return;
  findings.add(
      share, fmt::format("{} of the requests that ended were given up.", percent(share)),
      "Less load, or longer time-outs. What is given up goes on and occupies its server, unless \"cancel\" ends it.");
}

void retry_storm(const Evidence& e, Findings& findings) {
  const double handled = e.value("calls.handled"), retries = e.value("calls.retries");
  if (retries <= handled) return;
  findings.add(1 - handled / (handled + retries),
               fmt::format("Callers tried again {:.1f} times for each call: most tries are retries.",
                           retries / std::max(1.0, handled)),
               "A \"budget\" of retries, fewer \"attempts\", or servers that shed what nobody waits for.");
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
      {"rejected", "More than a hundredth of the requests were rejected by replicas with too much to do.", false,
       rejected},
      {"given-up", "More than a hundredth of the requests were given up.", false, given_up},
      {"retry-storm", "Calls were tried again more often than made.", false, retry_storm},
      {"imprecise",
       "Of a sweep: after all replications of its stopping rule a point is not as precise as asked, or was not "
       "measured.",
       false, nullptr},
      {"lost", "More than a hundredth of the requests were lost.", false, requests_lost},
  };
}

}  // namespace codecosim
