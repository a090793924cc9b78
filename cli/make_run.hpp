#pragma once
#include <map>
#include <string>
#include <vector>

#include "models/policy.hpp"
#include "sweep/experiment.hpp"
#include "sweep/journal.hpp"

namespace codecosim {

/// Programs that a plan may name as if they were placement policies: name, command.
using Programs = std::map<std::string, std::string>;
/// Parses NAME=COMMAND texts and registers the names as policies. Throws Error(usage).
Programs parse_programs(const std::vector<std::string>&, Policies&);
/// The digest of the programs' names, command lines, and the files that these name.
std::string digest_of(const Programs&);

/// All metrics of a scenario's runs, from a simulation that is built in a copy of this process and not run.
std::vector<Measure> metrics_told(const Document&, const Policies&);
/// Adds metrics that only runs of other points may have, such as those of other control planes and of external
/// programs.
void add_metrics_of_others(std::vector<Measure>& told, const Policies&);

/// Makes a run of a sweep in this process, which must not have made one before, and keeps its directory where the plan
/// says so. The directory is written in `scratch` first, which belongs to this sweep's process alone.
Record make_run(const Experiment&, const Run&, const Policies&, const Programs&, const std::string& scratch);

}  // namespace codecosim
