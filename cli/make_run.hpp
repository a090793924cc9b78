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
/// From NAME=COMMAND texts; the names become policies. Throws Error(usage).
Programs parse_programs(const std::vector<std::string>&, Policies&);
/// Of their names and command lines, and of the files that these name.
std::string digest_of(const Programs&);

/// The metrics that runs of a scenario tell, all of them, from a world that is made in a copy of this process and not
/// run.
std::vector<Measure> metrics_told(const Document&, const Policies&);
/// Adds those that only runs of other points may tell: of other control planes, say, and of programs that decide.
void add_metrics_of_others(std::vector<Measure>& told, const Policies&);

/// Makes a run of a sweep in this process, which must not have made one before, and keeps its directory where the plan
/// says so; `scratch` is where that is written first, a directory of this sweep's process alone.
Record make_run(const Experiment&, const Run&, const Policies&, const Programs&, const std::string& scratch);

}  // namespace codecosim
