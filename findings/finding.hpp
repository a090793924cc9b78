#pragma once
#include <string>
#include <utility>
#include <vector>

namespace codecosim {

/// What a reader must know before believing the figures of a run, or can mend before making it.
struct Finding {
  std::string kind;    ///< The name of one of kinds_of_findings().
  double weight = 0;   ///< How much of the run it touches, from 0 to 1: the largest are told first.
  std::string what;    ///< What is so, where, and how much: a sentence.
  std::string remedy;  ///< What to change: a sentence.
};

/// Puts them in the order in which they are told: by falling weight.
void rank(std::vector<Finding>&);

/// Takes down what one kind finds.
class Findings {
 public:
  void begin(std::string kind) { kind_ = std::move(kind); }
  void add(double weight, std::string what, std::string remedy) {
    all_.push_back({kind_, weight, std::move(what), std::move(remedy)});
  }
  /// Ranked.
  std::vector<Finding> take();

 private:
  std::string kind_;
  std::vector<Finding> all_;
};

}  // namespace codecosim
