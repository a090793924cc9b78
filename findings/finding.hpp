#pragma once
#include <string>
#include <utility>
#include <vector>

namespace codecosim {

/// A warning that a reader must know before trusting the figures of a run, or can fix before making it.
struct Finding {
  std::string kind;    ///< The name of one of kinds_of_findings().
  double weight = 0;   ///< Share of the run that it affects, from 0 to 1: the largest come first.
  std::string what;    ///< The observation, with place and amount: a sentence.
  std::string remedy;  ///< The change that helps: a sentence.
};

/// Sorts findings by falling weight, the order in which they are shown.
void rank(std::vector<Finding>&);

/// Collects findings, kind by kind.
class Findings {
 public:
  void begin(std::string kind) { kind_ = std::move(kind); }
  void add(double weight, std::string what, std::string remedy) {
    all_.push_back({kind_, weight, std::move(what), std::move(remedy)});
  }
  /// All findings, ranked.
  std::vector<Finding> take();

 private:
  std::string kind_;
  std::vector<Finding> all_;
};

}  // namespace codecosim
