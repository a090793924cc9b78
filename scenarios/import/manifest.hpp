#pragma once
#include <string>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// A document as `kubectl get -o yaml` or `-o json` writes it. A null in it counts as nothing, as in Kubernetes.
struct Manifest {
  std::string name;  ///< For messages: the file, and which document of it where there are several.
  Json content;
};

/// What one file holds. Files are untrusted: at most 64 MB, 64 levels, four million values, no aliases, no tags, UTF-8.
struct ManifestFile {
  std::vector<Manifest> documents;
  std::vector<Problem> problems;  ///< Keys that occur twice; the last one counts.
};

/// Reads JSON where the text begins with a brace, as kubectl does, and YAML elsewhere; `-` is the standard input.
/// Throws ScenarioError where it is neither.
ManifestFile read_manifests(const std::string& path);

/// A Kubernetes quantity ("500m", "4Gi", "1e3"), or nothing where the text is none.
std::optional<double> kubernetes_quantity(std::string_view text);
/// A duration as Go writes it ("1m30s", "10s"), in seconds, or nothing where the text is none.
std::optional<double> go_duration(std::string_view text);

}  // namespace codecosim
