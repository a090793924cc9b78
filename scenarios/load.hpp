#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "models/simulation.hpp"
#include "policies/external/external.hpp"
#include "scenarios/document.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// The scenario in a document. Throws ScenarioError with every problem found, before anything is started.
Scenario load(const Document&, const Policies&);
/// The options for external policies in a document that load() accepts.
ExternalRules external_rules(const Document&, const Policies&);

/// The JSON Schema (draft 2020-12) of a scenario file, written by the same code that reads one.
Json scenario_schema(const Policies&);
/// The reference of the scenario format for people, as Markdown, made from the schema.
std::string scenario_reference(const Json& schema);
/// The schema for programs that check files by it: what must be there may be at sites instead.
Json schema_for_editors(Json schema);

}  // namespace codecosim
