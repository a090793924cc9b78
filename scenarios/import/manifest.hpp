#pragma once
#include <string>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// A document as `kubectl get -o yaml` or `-o json` writes it. A null in it counts as nothing, as in Kubernetes.
struct Manifest {
  std::string name;  ///< For messages: the file, and the document's number where there are several.
  Json content;
};

/// The contents of one file. Files are untrusted: at most 64 MB, 64 levels, four million values, no aliases, no tags,
/// UTF-8.
struct ManifestFile {
  std::vector<Manifest> documents;
  std::vector<Problem> problems;  ///< Keys that occur twice; the last one counts.
};

/// Reads JSON where the text begins with a brace, as kubectl does, and else YAML; `-` is the standard input. Throws
/// ScenarioError where it is neither.
ManifestFile read_manifests(const std::string& path);

/// A Kubernetes quantity ("500m", "4Gi", "1e3"); nothing where the text is not one.
std::optional<double> kubernetes_quantity(std::string_view text);
/// A duration in Go's syntax ("1m30s", "10s"), in seconds; nothing where the text is not one.
std::optional<double> go_duration(std::string_view text);

}  // namespace codecosim
