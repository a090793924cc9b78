#include "policies/external/external.hpp"

#include "sim/base/reader.hpp"

#include <fmt/format.h>

#include <string_view>

namespace codecosim {

namespace {
constexpr std::string_view exec = "exec:", parent = "stdio";
constexpr Seconds default_timeout{5};
constexpr int most_silent = 3;

std::unique_ptr<Peer> connect(const std::string& policy, std::function<bool()> interrupted) {
  if (policy == parent) return std::make_unique<Peer>(std::move(interrupted));
  return std::make_unique<Peer>(split_words(policy.substr(exec.size())), std::move(interrupted));
}
}  // namespace

/// A policy that asks the program.
class External::ExternalPlacement final : public PlacementPolicy {
 public:
  ExternalPlacement(External& external, std::uint32_t number)
      : external_(external), number_(number), fall_back_(external.rules_.fall_back.make()) {}
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    return external_.ask(problem, number_, *fall_back_, rng);
  }
  Seconds patience() const override { return external_.greeting_.feedback_after; }
  void learn(const Feedback& feedback) override { external_.tell(feedback); }

 private:
  External& external_;
  std::uint32_t number_;
  std::unique_ptr<PlacementPolicy> fall_back_;
};

bool External::names_one(const std::string& policy) { return policy == parent || policy.starts_with(exec); }

External::External(const std::string& policy, const protocol::Run& run, ExternalRules rules,
                   std::function<bool()> interrupted)
    : who_(fmt::format("{} ({})", policy, run.seam)),
      rules_(std::move(rules)),
      interrupted_(std::move(interrupted)),
      timeout_(rules_.timeout.value_or(policy == parent ? forever : default_timeout)) {
  ensure(rules_.fall_back.make, "an external policy has nothing to fall back on");
  peer_ = connect(policy, interrupted_);
  peer_->send(protocol::text(protocol::hello(run, timeout_)));
  std::string line;
  const auto refusal = [&](const std::string& why) {
    return Error(Failure::usage, fmt::format("--policy {}: {}", policy, why));
  };
  switch (peer_->receive(line, Peer::in(rules_.grace))) {
    case Peer::Got::line:
      break;
    case Peer::Got::timed_out:
      throw refusal(fmt::format("it said no hello within {}", readable(rules_.grace)));
    case Peer::Got::ended:
      throw refusal("it ended before it said hello");
    case Peer::Got::too_long:
      throw refusal("its first line is too long");
    case Peer::Got::interrupted:
      throw refusal("interrupted before it said hello");
  }
  auto hello = protocol::parse_hello(line);
  if (const auto* garbage = std::get_if<protocol::ParseError>(&hello)) throw refusal(garbage->what);
  greeting_ = std::get<protocol::Greeting>(hello);
}

std::unique_ptr<PlacementPolicy> External::policy() { return std::make_unique<ExternalPlacement>(*this, askers_++); }

Placement External::ask(const PlacementProblem& problem, std::uint32_t asker, PlacementPolicy& fall_back, Rng& rng) {
  if (interrupted_()) throw Interrupted();
  const auto begin = Peer::Clock::now();
  auto placement = answer(problem, asker);
  totals_.waited += Seconds(std::chrono::duration<double>(Peer::Clock::now() - begin).count());
  if (!placement && interrupted_()) throw Interrupted();
  ++totals_.asked;
  if (placement) return *std::move(placement);
  if (rules_.on_failure == OnFailure::stop)
    throw Error(Failure::model,
                fmt::format("{}: question {}, at {}: {}; policy/external/on_failure says what else may become of it",
                            who_, number_, readable(problem.now), trouble_));
  if (rules_.on_failure == OnFailure::refuse) return {{}, {}, {"the external policy gave no answer: " + trouble_}};
  ++totals_.fallen_back;
  return fall_back.place(problem, rng);
}

std::optional<Placement> External::answer(const PlacementProblem& problem, std::uint32_t asker) {
  if (!there()) return std::nullopt;
  const std::uint64_t number = ++number_;
  if (greeting_.feedback_after < forever) asked_[problem.number] = number;
  peer_->send(protocol::text(protocol::problem(problem, {number, asker}, rules_.path_rows)));
  const auto deadline = Peer::in(timeout_);
  std::string line;
  for (;;) {
    switch (peer_->receive(line, deadline)) {
      case Peer::Got::line:
        break;
      case Peer::Got::interrupted:
        return std::nullopt;
      case Peer::Got::timed_out:
        (void)lost(totals_.timed_out, fmt::format("no answer within {}", readable(timeout_)));
        if (++silent_ == most_silent) {
          (void)lost(totals_.crashed, fmt::format("{} time-outs in a row", most_silent));
          give_up();
        }
        return std::nullopt;
      case Peer::Got::too_long:
        give_up();
        return lost(totals_.garbage, fmt::format("a line of more than {}", readable(Bytes(Peer::longest_line))));
      case Peer::Got::ended:
        give_up();
        return lost(totals_.crashed, "it has ended");
    }
    auto parsed = protocol::parse_answer(line, problem);
    if (const auto* garbage = std::get_if<protocol::ParseError>(&parsed)) return lost(totals_.garbage, garbage->what);
    auto& given = std::get<protocol::Answer>(parsed);
    if (given.number > number)
      return lost(totals_.garbage, fmt::format("an answer to question {}, which was not asked yet", given.number));
    if (given.number == number) {
      ++totals_.answered;
      silent_ = 0;
      return std::move(given.placement);
    }
    // An answer to an earlier question, which had timed out.
    (void)lost(totals_.late, fmt::format("a late answer to question {}", given.number));
  }
}

void External::tell(const Feedback& feedback) {
  const auto found = asked_.find(feedback.number);
  if (!there() || found == asked_.end()) return;
  peer_->send(protocol::text(protocol::feedback(feedback, found->second)));
  asked_.erase(found);
}

std::nullopt_t External::lost(std::uint64_t& count, const std::string& what) {
  ++count;
  trouble_ = what;
  return std::nullopt;
}

void External::give_up() { peer_.reset(); }

void External::finish(const Json& manifest, const Json& summary) {
  if (!there()) return;
  peer_->send(protocol::text(protocol::end(manifest, summary)));
  peer_->finish(Peer::in(rules_.grace));
}

}  // namespace codecosim
