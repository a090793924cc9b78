#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/compare.hpp"
#include "analysis/readable.hpp"

namespace codecosim {

namespace {
/// Below this number of differences, the normality that the t interval assumes cannot be checked.
constexpr std::size_t few = 5;

Verdict verdict_of(const Difference& one, Better better, double confidence, double smallest) {
  if (!one.adjusted) return Verdict::none;
  if (*one.adjusted >= 1 - confidence || one.mean == 0) return Verdict::tie;
  if (std::abs(one.mean) < smallest * std::abs(one.mean_b)) return Verdict::immaterial;
  if (better == Better::neither) return one.mean > 0 ? Verdict::higher : Verdict::lower;
  return (one.mean > 0) == (better == Better::higher) ? Verdict::win : Verdict::loss;
}

Scale scale_of(const Difference& one, const std::string& unit) {
  const double largest = std::max(std::abs(one.mean_a), std::abs(one.mean_b));
  const double half = one.student ? (one.student->high - one.student->low) / 2 : 0;
  const double fine =
      half > 0 && one.mean != 0 ? std::min(half, std::abs(one.mean)) : std::max(half, std::abs(one.mean));
  return Scale(unit, largest > 0 ? largest : std::abs(one.mean), fine);
}

std::string sentence_of(const Difference& one, const Block& block, const MetricComparison& metric, double confidence,
                        double smallest, std::size_t family) {
  std::string where;
  for (const auto& [factor, level] : block.where)
    where += fmt::format("{}{}={}", where.empty() ? "Where " : ", ", factor, level);
  if (!where.empty()) where += ": ";
  const Scale scale = scale_of(one, metric.unit);
  const std::string over = one.paired ? fmt::format("{} paired {}", one.pairs, one.unit)
                           : one.count_a == one.count_b
                               ? fmt::format("{} {} of each, not paired", one.count_a, one.unit)
                               : fmt::format("{} and {} {}, not paired", one.count_a, one.count_b, one.unit);
  const std::string against = fmt::format("{} against {}", scale.text(one.mean_a), scale.text(one.mean_b));
  if (one.verdict == Verdict::none)
    return fmt::format("{}{} of {} and {} cannot be compared: {}.", where, metric.metric, one.a, one.b,
                       !one.paired ? one.any() ? "a single run says nothing of chance" : "no run of one of them has it"
                       : one.any() ? "a single pair of runs says nothing of chance"
                                   : "no pair of runs has it");
  const std::string p =
      fmt::format("p {}{}", p_text(*one.adjusted).starts_with('<') ? "" : "= ", p_text(*one.adjusted)) +
      (!one.constant ? ""
       : one.paired  ? " by the sign test"
                     : " by the permutation test") +
      (family > 1 ? " after Holm" : "");
  if (one.constant && one.mean == 0)
    return fmt::format("{}{} and {} have the same {} in each of {}.", where, one.a, one.b, metric.metric, over);
  const bool lower = one.mean < 0;
  const std::string evidence =
      one.constant
          ? fmt::format("exactly this in each of {}, so there is no interval; {}", over, p)
          : fmt::format("{:.4g} % interval {} to {}; {}; {}", 100 * confidence,
                        scale.number(one.verdict != Verdict::tie && lower ? -one.student->high : one.student->low),
                        scale.number(one.verdict != Verdict::tie && lower ? -one.student->low : one.student->high),
                        over, p);
  if (one.verdict == Verdict::tie)
    return fmt::format("{}no difference in {} between {} and {} is shown: {}, a difference of {} ({}).", where,
                       metric.metric, one.a, one.b, against, scale.text(one.mean), evidence);
  if (one.verdict == Verdict::immaterial)
    return fmt::format("{}{} and {} differ in {}, but immaterially: {}, by {}, less than {:.3g} % ({}).", where, one.a,
                       one.b, metric.metric, against, scale.text(std::abs(one.mean)), 100 * smallest, evidence);
  return fmt::format("{}{} has a {} {} than {}: {}, by {} ({}).", where, one.a, lower ? "lower" : "higher",
                     metric.metric, one.b, against, scale.text(std::abs(one.mean)), evidence);
}

void note(Difference& one, double confidence) {
  if (!one.paired)
    one.notes.push_back(
        fmt::format("Not paired, since seed, replication{} differ: by Welch's test, as independent samples.",
                    one.unit == "batches" ? " or times" : " or draws"));
  if (const std::size_t dropped = one.dropped.all(); dropped > 0) {
    std::vector<std::string> why;
    const auto because = [&](std::size_t count, const char* reason) {
      if (count > 0) why.push_back(fmt::format("of {} {}", count, reason));
    };
    because(one.dropped.missing, "only one level has a run");
    because(one.dropped.failed, "a run failed");
    because(one.dropped.unmeasured, "a run did not measure it");
    one.notes.push_back(fmt::format("{} {} left out: {}. What is left may be a biased choice.", dropped,
                                    dropped == 1 ? "pair is" : "pairs are", fmt::join(why, ", ")));
  }
  const std::size_t count = std::min(one.count_a, one.count_b);
  if (count < 2) return;
  if (count < few && one.unit != "batches" && !one.constant)
    one.notes.push_back(fmt::format("Only {} {}: interval and p hold only if {} are normal, which so few cannot show.",
                                    count, one.paired ? "pairs" : "runs of one",
                                    one.paired ? "differences" : "values"));
  if (one.constant && one.mean != 0)
    one.notes.push_back(one.paired
                            ? "All differences are the same: Student's test needs variance, so the sign test judges."
                            : "Neither varies: Welch's test needs variance, so the exact permutation test judges.");
  if (one.student && one.bca && one.student->contains(0) != one.bca->contains(0))
    one.notes.push_back(fmt::format(
        "Student's interval {} zero and the bootstrap's {}: differences are few or skewed. The verdict "
        "follows Student's test.",
        one.student->contains(0) ? "contains" : "excludes", one.bca->contains(0) ? "contains it" : "excludes it"));
  if (one.verdict == Verdict::tie && one.p && *one.p < 1 - confidence)
    one.notes.push_back("Alone it would count as a difference; among so many comparisons it does not.");
}
}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::win:
      return "win";
    case Verdict::tie:
      return "tie";
    case Verdict::loss:
      return "loss";
    case Verdict::higher:
      return "higher";
    case Verdict::lower:
      return "lower";
    case Verdict::immaterial:
      return "immaterial";
    case Verdict::none:
      return "-";
  }
  return "";
}

void conclude(MetricComparison& metric, double confidence, double smallest) {
  std::vector<Difference*> tested;
  std::vector<double> p;
  for (Block& block : metric.blocks)
    for (Difference& one : block.differences)
      if (one.p) {
        tested.push_back(&one);
        p.push_back(*one.p);
      }
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < tested.size(); ++i) tested[i]->adjusted = adjusted[i];
  for (Block& block : metric.blocks)
    for (Difference& one : block.differences) {
      one.verdict = verdict_of(one, metric.better, confidence, smallest);
      one.sentence = sentence_of(one, block, metric, confidence, smallest, tested.size());
      if (one.sentence.starts_with("no ")) one.sentence[0] = 'N';
      note(one, confidence);
    }
}

}  // namespace codecosim
