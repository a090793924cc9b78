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

/// JSON pointers into a scenario, with the values to set there.
using Settings = std::vector<std::pair<std::string, Json>>;

/// A factor of an experiment, in the sense of design of experiments.
struct Factor {
  std::string name;
  std::vector<std::string> labels;  ///< Labels of its levels, as the table shows them.
  std::vector<Settings> levels;
};

/// Factors that vary together: level i of one with level i of all others.
struct Axis {
  std::vector<Factor> factors;
  std::size_t size = 0;  ///< Number of levels of each of them.
  bool sampled = false;  ///< Whether the levels are draws from ranges.
};

/// The stopping rule of a point's replications: it stops once the half-width of the metric's confidence interval over
/// all its replications (Student's t) is as small as asked. It is checked after `at_least` replications and then after
/// each `step` more (sequential procedure with fixed precision: Law, "Simulation Modeling and Analysis", 5th ed. 2015,
/// section 9.4.1). A metric that is the same in all replications shows no variance, so the point goes on; a point whose
/// runs have all failed does not.
struct StoppingRule {
  std::string metric;     ///< Empty: a fixed number.
  double half_width = 0;  ///< Largest half-width, in the metric's unit; or
  double relative = 0;    ///< largest half-width, as a share of the mean.
  double confidence = 0.95;
  std::uint32_t at_least = 1, at_most = 1, step = 1;
};

/// An experiment: a scenario, the factors that are varied, the replications of each point, and the limits of a run.
///
/// The points are the grid of all axes, the last one varying fastest. Sampled factors make one axis.
struct Plan {
  std::string name, description;
  Document scenario;  ///< With the settings for all points.
  std::vector<Axis> axes;
  StoppingRule replications;
  bool common = true;  ///< Common random numbers: replication r has the same random draws at each point.
  Seconds time;        ///< Limit of a run's real time; may be infinite.
  Bytes memory;        ///< Limit of a run's memory; may be infinite.
  bool keep = false;   ///< Keeps each run's directory, not only its row.
  std::string trace = "none";
  Json written;  ///< The plan as its file has it, with imports.

  std::size_t points() const;
  /// The level of each axis at a point: the last axis varies fastest.
  std::vector<std::size_t> levels(std::size_t point) const;
  /// The labels of the levels at a point, in the order of the factors.
  std::vector<std::string> labels(std::size_t point) const;
  Settings settings(std::size_t point) const;
  std::vector<std::string> factors() const;
};

/// Returns the metrics of a scenario's runs, with their units.
using MetricUnits = std::function<std::map<std::string, std::string>(const Document&)>;

/// The plan in a file. Throws ScenarioError with every problem of the plan, of its scenario, and of the levels of its
/// factors.
Plan read_plan(const std::string& path, bool allow_outside, const Policies&, const MetricUnits&);
/// The JSON Schema (draft 2020-12) of a plan, written by the same code that reads one.
Json plan_schema();
/// The reference of the format for people, as Markdown, made from the schema.
std::string plan_reference();

}  // namespace codecosim
