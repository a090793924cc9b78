#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "models/policy.hpp"
#include "policies/external/peer.hpp"
#include "policies/external/protocol.hpp"

namespace codecosim {

/// The action taken when an external policy gives no usable answer to a question.
enum class OnFailure : std::uint8_t {
  fall_back,  ///< Another policy answers it.
  refuse,     ///< Nothing is placed; the control plane asks again when it would after any other failure.
  stop        ///< The run ends with an error.
};

/// The user has stopped the run while an external program was deciding: its decision is not part of the run.
struct Interrupted : Error {
  Interrupted() : Error(Failure::model, "interrupted") {}
};

/// The options for external policies in a scenario. Only the command line names the program that decides, never a file.
struct ExternalRules {
  std::optional<Seconds> timeout;  ///< Real time for an answer; nothing: 5 s for a program, no limit for `stdio`.
  Seconds grace{30};               ///< Real time to say hello at the beginning, and to finish after the end.
  OnFailure on_failure = OnFailure::stop;
  Registry<PlacementPolicy>::Choice
      fall_back;                 ///< Without a name: the policy that the scenario itself names for the seam.
  std::uint32_t path_rows = 64;  ///< Latencies between rows are sent where there are at most so many rows.
};

/// Counts of questions by outcome.
struct ExternalTotals {
  std::uint64_t asked = 0;        ///< All questions, also those after the program was given up.
  std::uint64_t answered = 0;     ///< Questions with a usable answer.
  std::uint64_t timed_out = 0;    ///< Questions not answered in time.
  std::uint64_t garbage = 0;      ///< Answers that could not be parsed.
  std::uint64_t crashed = 0;      ///< 1 if the program ended before the run, or was given up after time-outs.
  std::uint64_t late = 0;         ///< Answers to earlier questions, which were dropped.
  std::uint64_t fallen_back = 0;  ///< Questions that the fall-back policy answered.
  Seconds waited;                 ///< Real time spent waiting, in total.
  std::uint64_t failures() const { return timed_out + garbage + crashed + late; }
};

/// A placement policy that is another program, or the parent process: it is asked through pipes, with one JSON object
/// per line (docs/external.md).
///
/// All policies of one seam share it; a federation may have one for each cluster. A question fails where no answer
/// comes in time, where the answer is invalid, or where the program has ended; `on_failure` of the rules then applies.
/// The program is given up, and killed, after three time-outs in a row, after a line that is too long, and where it
/// ends before the run does. It is as deterministic as the program is.
class External {
 public:
  /// Whether the name of a policy stands for another program: `exec:` with a command line, or `stdio`.
  static bool names_one(const std::string& policy);

  /// Starts the program and waits for its hello. `rules.fall_back` must be set. `interrupted` tells whether the user
  /// wants to stop. Throws Error(usage) where the program cannot be started or sends no hello.
  External(const std::string& policy, const protocol::Run&, ExternalRules rules, std::function<bool()> interrupted);

  /// A policy that asks the program. It must not outlive this object.
  std::unique_ptr<PlacementPolicy> policy();
  /// Sends the program the end of the run with its manifest and summary, and waits for the program to end.
  void finish(const Json& manifest, const Json& summary);
  const ExternalTotals& totals() const { return totals_; }
  /// The last failure, as text for people.
  const std::string& last_error() const { return trouble_; }

 private:
  class ExternalPlacement;
  Placement ask(const PlacementProblem&, std::uint32_t asker, PlacementPolicy& fall_back, Rng&);
  std::optional<Placement> answer(const PlacementProblem&, std::uint32_t asker);
  void tell(const Feedback&);
  std::nullopt_t lost(std::uint64_t& count, const std::string& what);
  void give_up();
  bool there() const { return peer_ && peer_->ours(); }

  std::string who_;  // name of the program and the seam, for messages
  ExternalRules rules_;
  std::function<bool()> interrupted_;
  Seconds timeout_;
  std::unique_ptr<Peer> peer_;  // null: given up
  protocol::Greeting greeting_;
  std::uint32_t askers_ = 0;
  std::uint64_t number_ = 0;
  std::map<std::uint64_t, std::uint64_t>
      asked_;       // a problem's number -> the number on the wire, where feedback is wanted
  int silent_ = 0;  // time-outs in a row
  ExternalTotals totals_;
  std::string trouble_;
};

}  // namespace codecosim
