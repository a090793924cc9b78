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

/// What is done with a question to which an external policy gives no answer that can be used.
enum class OnFailure : std::uint8_t {
  fall_back,  ///< Another policy answers it.
  refuse,     ///< Nothing is placed; the control plane asks again when it would after any other failure.
  stop        ///< The run ends with an error.
};

/// The user has stopped the run while a program was to decide: what it would have decided is no part of it.
struct Interrupted : Error {
  Interrupted() : Error(Failure::model, "interrupted") {}
};

/// What a scenario says of external policies. Which program decides is for the command line to say, never for a file.
struct ExternalRules {
  std::optional<Seconds> timeout;  ///< Real time for an answer; nothing: 5 s for a program, no limit for our parent.
  Seconds grace{30};               ///< Real time to say hello at the beginning, and to finish after the end.
  OnFailure on_failure = OnFailure::stop;
  Registry<PlacementPolicy>::Choice
      fall_back;                 ///< Without a name: the policy that the scenario itself names for the seam.
  std::uint32_t path_rows = 64;  ///< Latencies between rows are told where there are at most so many.
};

/// What became of the questions.
struct ExternalTotals {
  std::uint64_t asked = 0;        ///< Questions, also those after it was given up.
  std::uint64_t answered = 0;     ///< With something that could be used.
  std::uint64_t timed_out = 0;    ///< Not answered in time.
  std::uint64_t garbage = 0;      ///< Answered with what could not be understood.
  std::uint64_t crashed = 0;      ///< 1 if it was gone before the end, or had to be given up.
  std::uint64_t late = 0;         ///< Answers to earlier questions, which were dropped.
  std::uint64_t fallen_back = 0;  ///< Questions that the fall-back policy answered.
  Seconds waited;                 ///< Real time, for all of them.
  std::uint64_t failures() const { return timed_out + garbage + crashed + late; }
};

/// A placement policy that is another program, or our parent: it is asked through pipes, a JSON object a line
/// (docs/external.md).
///
/// All policies of one seam, of which a federation may have as many as clusters, share it. A question is lost where no
/// answer comes in time, where the answer makes no sense, or where the program is gone; then what the rules say is
/// done. It is given up, and killed, after three time-outs in a row, after a line that is too long, and where it ends
/// before we do. As deterministic as the program is.
class External {
 public:
  /// Whether a policy's name means another program: `exec:` with a command line, or `stdio`.
  static bool names_one(const std::string& policy);

  /// Starts it and waits for its hello. `rules.fall_back` must be there. `interrupted` tells whether the user wants to
  /// stop. Throws Error(usage) where it cannot be started or says no hello.
  External(const std::string& policy, const protocol::Run&, ExternalRules rules, std::function<bool()> interrupted);

  /// A policy that asks it, and must not outlive it.
  std::unique_ptr<PlacementPolicy> policy();
  /// Tells it that all is over and what came of it, and waits for it to end.
  void finish(const Json& manifest, const Json& summary);
  const ExternalTotals& totals() const { return totals_; }
  /// What went wrong last, for people.
  const std::string& trouble() const { return trouble_; }

 private:
  class Asker;
  Placement ask(const PlacementProblem&, std::uint32_t asker, PlacementPolicy& fall_back, Rng&);
  std::optional<Placement> answer(const PlacementProblem&, std::uint32_t asker);
  void tell(const Feedback&);
  std::nullopt_t lost(std::uint64_t& count, const std::string& what);
  void give_up();
  bool there() const { return peer_ && peer_->ours(); }

  std::string who_;  // for people: what decides, and on what
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
