#include "analysis/compare_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/readable.hpp"
#include "sim/base/csv.hpp"

namespace codecosim {

namespace {
using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

/// The width of a text in terminal columns, if every character takes one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Aligns names to the left, figures to the right.
std::string aligned(const Rows& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string text;
  for (const Row& row : rows) {
    std::string line = "   ";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string gap(widths[c] - width_of(row[c]), ' ');
      line += c == 0 ? " " + row[c] + gap : "  " + gap + row[c];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string in_markdown(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '[' || c == ']')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string piped(const Rows& rows) {
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    text += "|";
    for (const std::string& cell : rows[r]) text += " " + in_markdown(cell) + " |";
    text += "\n";
    if (r > 0) continue;
    text += "|";
    for (std::size_t c = 0; c < rows[r].size(); ++c) text += c == 0 ? " --- |" : " ---: |";
    text += "\n";
  }
  return text;
}

std::string head_of(const MetricComparison& metric, const Scale& scale) {
  return fmt::format("{}{}{}", metric.metric, scale.unit().empty() ? "" : " [" + scale.unit() + "]",
                     metric.better == Better::lower    ? ", lower is better"
                     : metric.better == Better::higher ? ", higher is better"
                                                       : "");
}

std::string where_of(const Block& block) {
  std::string text;
  for (const auto& [factor, level] : block.where)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", factor, level);
  return text;
}

std::string text_of(const Scale& scale, const std::optional<Interval>& interval) {
  return interval ? fmt::format("{} to {}", scale.number(interval->low), scale.number(interval->high)) : "-";
}

/// The scales of a metric: one for all its means, with enough decimals to show their deviation, and one for its
/// differences.
std::pair<Scale, Scale> scales_of(const MetricComparison& metric) {
  double largest = 0, fine = INFINITY, finest = INFINITY;
  const auto finer = [](double& least, double value) {
    if (value > 0) least = std::min(least, value);
  };
  for (const Block& block : metric.blocks) {
    for (const Group& group : block.groups) {
      largest = std::max(largest, std::abs(group.mean));
      finer(fine, group.deviation);
    }
    for (const Difference& one : block.differences) {
      finer(fine, std::abs(one.mean));
      finer(finest, one.student ? (one.student->high - one.student->low) / 2 : std::abs(one.mean));
    }
  }
  return {Scale(metric.unit, largest, std::isfinite(fine) ? fine : 0),
          Scale(metric.unit, largest, std::isfinite(finest) ? finest : 0)};
}

Rows groups_of(const Block& block, const Comparison& all, const Scale& scale) {
  Rows rows{{all.factor, all.values_of == "replications" ? "runs" : all.values_of, "mean", "deviation",
             fmt::format("{:.4g} % interval", 100 * all.confidence)}};
  for (const Group& group : block.groups)
    rows.push_back({printable(group.level), std::to_string(group.count), group.count ? scale.number(group.mean) : "-",
                    group.count > 1 ? scale.number(group.deviation) : "-", text_of(scale, group.interval)});
  return rows;
}

Rows differences_of(const Block& block, const Comparison& all, const Scale& scale) {
  Rows rows{{"difference", "pairs", "mean", fmt::format("{:.4g} % interval", 100 * all.confidence), "bootstrap",
             "effect", "win/tie/loss", "p (Holm)", "verdict"}};
  for (const Difference& one : block.differences)
    rows.push_back({printable(one.a + " - " + one.b), one.paired ? std::to_string(one.pairs) : "-",
                    one.any() ? scale.number(one.mean) : "-", text_of(scale, one.student), text_of(scale, one.bca),
                    one.effect ? fmt::format("{:.2f}", *one.effect) : "-",
                    one.paired ? fmt::format("{}/{}/{}", one.wins, one.ties, one.losses) : "-",
                    one.adjusted ? p_text(*one.adjusted) : "-", name_of(one.verdict)});
  return rows;
}

/// The counts of verdicts of each pair of levels, over the combinations of other factors.
std::vector<std::string> tallies_of(const MetricComparison& metric) {
  if (metric.blocks.size() < 2) return {};
  std::vector<std::pair<std::string, std::map<Verdict, int>>> tallies;
  for (const Block& block : metric.blocks)
    for (const Difference& one : block.differences) {
      const std::string name = fmt::format("{} against {}", one.a, one.b);
      auto found = std::find_if(tallies.begin(), tallies.end(), [&](const auto& tally) { return tally.first == name; });
      if (found == tallies.end()) found = tallies.insert(tallies.end(), {name, {}});
      ++found->second[one.verdict];
    }
  std::vector<std::string> lines;
  for (auto& [name, count] : tallies) {
    const std::string ends = metric.better == Better::neither
                                 ? fmt::format("{} higher, {} ties, {} lower", count[Verdict::higher],
                                               count[Verdict::tie], count[Verdict::lower])
                                 : fmt::format("{} wins, {} ties, {} losses", count[Verdict::win], count[Verdict::tie],
                                               count[Verdict::loss]);
    const auto more = [&](Verdict verdict, const char* word) {
      return count[verdict] ? fmt::format(", {} {}", count[verdict], word) : std::string();
    };
    lines.push_back(
        fmt::format("{}: {}{}{}", name, ends, more(Verdict::immaterial, "immaterial"), more(Verdict::none, "open")));
  }
  return lines;
}

std::string figure(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : ""; }
std::string low(const std::optional<Interval>& interval) { return interval ? fmt::format("{}", interval->low) : ""; }
std::string high(const std::optional<Interval>& interval) { return interval ? fmt::format("{}", interval->high) : ""; }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json of_pairs(const Difference& one, std::size_t count) { return one.paired ? Json(count) : Json(); }
Json json_of(const std::optional<Interval>& interval) {
  return interval ? Json{{"low", interval->low}, {"high", interval->high}} : Json();
}
const char* word_of(Better better) {
  return better == Better::lower ? "lower" : better == Better::higher ? "higher" : "";
}
}  // namespace

std::string compare_table(const Comparison& all) {
  std::string text;
  for (const MetricComparison& metric : all.metrics) {
    const auto [means, differences] = scales_of(metric);
    text += printable(head_of(metric, means)) + "\n";
    for (const Block& block : metric.blocks) {
      if (!block.where.empty()) text += "  " + printable(where_of(block)) + "\n";
      text += aligned(groups_of(block, all, means));
      if (block.differences.empty()) continue;
      text += aligned(differences_of(block, all, differences));
      for (const Difference& one : block.differences) {
        text += "  " + printable(one.sentence) + "\n";
        for (const std::string& note : one.notes) text += "    Note: " + printable(note) + "\n";
      }
    }
    for (const std::string& tally : tallies_of(metric)) text += "  " + printable(tally) + "\n";
    text += "\n";
  }
  for (const std::string& note : all.notes) text += printable(note) + "\n";
  return text;
}

std::string compare_markdown(const Comparison& all) {
  std::string text;
  for (const MetricComparison& metric : all.metrics) {
    const auto [means, differences] = scales_of(metric);
    text += "## " + in_markdown(head_of(metric, means)) + "\n\n";
    for (const Block& block : metric.blocks) {
      if (!block.where.empty()) text += "### " + in_markdown(where_of(block)) + "\n\n";
      text += piped(groups_of(block, all, means)) + "\n";
      if (block.differences.empty()) continue;
      text += piped(differences_of(block, all, differences)) + "\n";
      for (const Difference& one : block.differences) {
        text += in_markdown(one.sentence);
        for (const std::string& note : one.notes) text += " " + in_markdown(note);
        text += "\n\n";
      }
    }
    for (const std::string& tally : tallies_of(metric)) text += "- " + in_markdown(tally) + "\n";
    if (metric.blocks.size() > 1) text += "\n";
  }
  for (const std::string& note : all.notes) text += in_markdown(note) + "\n\n";
  return text;
}

std::string compare_csv(const Comparison& all) {
  std::string text =
      "metric,unit,better,where,factor,a,b,paired,pairs,count_a,count_b,dropped,mean_a,mean_b,difference,deviation,low,"
      "high,"
      "bootstrap_low,bootstrap_high,"
      "effect,p,p_holm,wins,ties,losses,verdict,sentence\n";
  for (const MetricComparison& metric : all.metrics)
    for (const Block& block : metric.blocks)
      for (const Difference& one : block.differences) {
        const bool any = one.any();
        const auto of_pairs = [&](std::size_t count) { return one.paired ? std::to_string(count) : std::string(); };
        const Row row{metric.metric,
                      metric.unit,
                      word_of(metric.better),
                      where_of(block),
                      all.factor,
                      one.a,
                      one.b,
                      one.paired ? "true" : "false",
                      of_pairs(one.pairs),
                      std::to_string(one.count_a),
                      std::to_string(one.count_b),
                      std::to_string(one.dropped.all()),
                      any ? fmt::format("{}", one.mean_a) : "",
                      any ? fmt::format("{}", one.mean_b) : "",
                      any ? fmt::format("{}", one.mean) : "",
                      one.pairs > 1 ? fmt::format("{}", one.deviation) : "",
                      low(one.student),
                      high(one.student),
                      low(one.bca),
                      high(one.bca),
                      figure(one.effect),
                      figure(one.p),
                      figure(one.adjusted),
                      of_pairs(one.wins),
                      of_pairs(one.ties),
                      of_pairs(one.losses),
                      name_of(one.verdict),
                      one.sentence};
        for (std::size_t c = 0; c < row.size(); ++c) text += (c ? "," : "") + csv_cell(row[c]);
        text += "\n";
      }
  return text;
}

Json compare_json(const Comparison& all) {
  Json metrics = Json::array();
  for (const MetricComparison& metric : all.metrics) {
    Json blocks = Json::array();
    for (const Block& block : metric.blocks) {
      Json where = Json::object(), groups = Json::array(), differences = Json::array();
      for (const auto& [factor, level] : block.where) where[factor] = level;
      for (const Group& group : block.groups)
        groups.push_back({{"level", group.level},
                          {"count", group.count},
                          {"mean", group.count ? Json(group.mean) : Json()},
                          {"deviation", group.count > 1 ? Json(group.deviation) : Json()},
                          {"interval", json_of(group.interval)}});
      for (const Difference& one : block.differences)
        differences.push_back({{"a", one.a},
                               {"b", one.b},
                               {"paired", one.paired},
                               {"pairs", of_pairs(one, one.pairs)},
                               {"count_a", one.count_a},
                               {"count_b", one.count_b},
                               {"dropped", one.dropped.all()},
                               {"mean_a", one.any() ? Json(one.mean_a) : Json()},
                               {"mean_b", one.any() ? Json(one.mean_b) : Json()},
                               {"difference", one.any() ? Json(one.mean) : Json()},
                               {"deviation", one.pairs > 1 ? Json(one.deviation) : Json()},
                               {"interval", json_of(one.student)},
                               {"bootstrap", json_of(one.bca)},
                               {"effect", or_null(one.effect)},
                               {"p", or_null(one.p)},
                               {"p_holm", or_null(one.adjusted)},
                               {"wins", of_pairs(one, one.wins)},
                               {"ties", of_pairs(one, one.ties)},
                               {"losses", of_pairs(one, one.losses)},
                               {"verdict", name_of(one.verdict)},
                               {"sentence", one.sentence},
                               {"notes", one.notes}});
      blocks.push_back({{"where", where}, {"groups", groups}, {"differences", differences}});
    }
    metrics.push_back(
        {{"metric", metric.metric}, {"unit", metric.unit}, {"better", word_of(metric.better)}, {"blocks", blocks}});
  }
  return {{"name", all.name},          {"factor", all.factor}, {"confidence", all.confidence},
          {"pairs_of", all.values_of}, {"metrics", metrics},   {"notes", all.notes}};
}

}  // namespace codecosim
