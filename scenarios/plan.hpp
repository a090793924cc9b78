#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/policy.hpp"
#include "scenarios/document.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// JSON pointers into a scenario, and what shall stand there.
using Settings = std::vector<std::pair<std::string, Json>>;

/// One thing that an experiment varies.
struct Factor {
  std::string name;
  std::vector<std::string> labels;  ///< Of its levels, as the table shows them.
  std::vector<Settings> levels;
};

/// Factors whose levels go together: level i of one with level i of all others.
struct Axis {
  std::vector<Factor> factors;
  std::size_t size = 0;  ///< Levels of each of them.
  bool sampled = false;  ///< Whether the levels are draws from ranges.
};

/// When a point has been replicated often enough: once the half-width of the metric's confidence interval over all its
/// replications (Student's t) is as small as asked; looked at after `at_least` replications and then after each `step`
/// more (sequential procedure with fixed precision: Law, "Simulation Modeling and Analysis", 5th ed. 2015,
/// section 9.4.1). A metric that is the same in all of them tells nothing of how it varies, so the point goes on; one
/// whose runs have all failed does not.
struct StoppingRule {
  std::string metric;     ///< Empty: a fixed number.
  double half_width = 0;  ///< In the metric's unit; or
  double relative = 0;    ///< as a share of the mean.
  double confidence = 0.95;
  std::uint32_t at_least = 1, at_most = 1, step = 1;
};

/// An experiment: a scenario, what of it is varied, how often each point is replicated, and what a run may take.
///
/// The points are the grid of all axes, the last one varying fastest. Sampled factors make one axis.
struct Plan {
  std::string name, description;
  Document scenario;  ///< With what holds for all points.
  std::vector<Axis> axes;
  StoppingRule replications;
  bool common = true;  ///< Random numbers: replication r is the same world at each point.
  Seconds time;        ///< Real time that a run may take; infinite: any.
  Bytes memory;        ///< Likewise.
  bool keep = false;   ///< Each run's directory, not only its row.
  std::string trace = "none";
  Json written;  ///< The plan as its file says it, with imports.

  std::size_t points() const;
  /// The level of each axis at a point: the last axis varies fastest.
  std::vector<std::size_t> levels(std::size_t point) const;
  /// The labels of these, in the order of the factors.
  std::vector<std::string> labels(std::size_t point) const;
  Settings settings(std::size_t point) const;
  std::vector<std::string> factors() const;
};

/// The metrics that runs of a scenario tell, and their units.
using MetricUnits = std::function<std::map<std::string, std::string>(const Document&)>;

/// The plan in a file. Throws ScenarioError with every problem of the plan, of its scenario, and of the levels of its
/// factors.
Plan read_plan(const std::string& path, bool allow_outside, const Policies&, const MetricUnits&);
/// The JSON Schema (draft 2020-12) of a plan, written by the same code that reads one.
Json plan_schema();
/// The reference of the format for people, as Markdown, made from the schema.
std::string plan_reference();

}  // namespace codecosim
