#include "models/orchestration/placement/decisions.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "models/call_plugin.hpp"

namespace codecosim {

namespace {
constexpr std::uint32_t none = PlacementProblem::none;
constexpr std::size_t most_paths = 4;  // between two clusters, where a channel has to be admitted
const Labels any;
}  // namespace

Decisions::Decisions(World& world, const Applications& applications, Requests& requests, const Truth& truth,
                     const std::vector<DatasetSpec>& datasets, const DecisionSpec& spec, const Policies& policies)
    : world_(world),
      applications_(applications),
      requests_(requests),
      truth_(truth),
      datasets_(datasets),
      spec_(spec),
      cost_(spec.cost.make && spec.cost.name != "none" ? spec.cost.make() : nullptr),
      yardstick_(spec.judged > 0 && policies.yardstick ? policies.yardstick() : nullptr),
      judging_(world.rng.stream("policy/regret")) {}

Question Decisions::make_question(const Knowledge& knowledge, ApplicationId app, std::vector<std::uint32_t> components,
                                  PlacementProblem::Level level) const {
  const ApplicationSpec& spec = applications_.spec(app);
  PlacementProblem problem;
  problem.level = level;
  problem.now = now();
  problem.application = applications_.name(app);
  problem.profile = spec.profile;
  for (const std::uint32_t number : components) {
    const ComponentSpec& component = spec.components[number];
    PlacementProblem::Workload workload;
    workload.component = number;
    workload.cpu = component.cpu_request;
    workload.memory = component.memory_request;
    workload.image = component.image;
    workload.image_size = applications_.images()[component.image].size;
    workload.tolerations = &component.tolerations;
    workload.state = component.state;
    if (level == PlacementProblem::Level::cluster) {
      workload.node_selector = &component.node_selector;
      workload.node_name = component.node_name;
    } else {
      workload.node_selector = &any;  // the cluster checks it
      workload.reads = component.reads;
    }
    problem.workloads.push_back(std::move(workload));
  }
  for (const ChannelSpec& channel : spec.channels)
    problem.channels.push_back({channel.from, channel.to, channel.service_class == ServiceClass::assured,
                                channel.bandwidth, channel.max_delay});
  if (level == PlacementProblem::Level::federation)
    for (const DatasetSpec& data : datasets_) problem.data_sizes.push_back(data.size);
  return {app, std::move(components), std::move(problem), &knowledge};
}

void Decisions::record(const Decided& decided, Seconds age, bool indifferent) {
  Metrics::Deciding& deciding = decided.pod ? world_.metrics.scheduling : world_.metrics.placement;
  ++deciding.decisions;
  if (decided.outcome == Outcome::done)
    deciding.age.add(age.value);
  else
    ++deciding.infeasible;
  world_.metrics.indifferent += indifferent;
  world_.trace.emit(now(), decided);
}

void Decisions::record_early() { ++world_.metrics.early; }

void Decisions::record_move() { ++world_.metrics.moves; }

void Decisions::connect(PlacementProblem& problem, const Knowledge& knowledge) const {
  problem.media.clear();
  const auto ids = std::make_shared<std::vector<std::uint32_t>>();
  for (const PlacementProblem::Row& row : problem.rows) ids->push_back(row.id);
  const bool assured = std::ranges::any_of(problem.channels, &PlacementProblem::Channel::assured);
  const auto add_medium = [&](LinkId link) {
    const LinkSpec& spec = world_.network.spec(link);
    const BytesPerSecond promised = knowledge.reserved(link);
    problem.media.push_back({std::max(spec.bandwidth * spec.assured_share - promised, BytesPerSecond(0))});
  };
  using Path = PlacementProblem::Path;
  if (problem.level == PlacementProblem::Level::cluster) {
    // Each node has its own links to and from the gateway.
    for (const std::uint32_t node : *ids) {
      add_medium(world_.network.up_link({node}));
      add_medium(world_.network.down_link({node}));
    }
    problem.paths = [this, ids](std::uint32_t from, std::uint32_t to) -> std::vector<Path> {
      if (from == to) return {Path{}};
      const LinkId up = world_.network.up_link({(*ids)[from]}), down = world_.network.down_link({(*ids)[to]});
      return {{world_.network.spec(up).latency + world_.network.spec(down).latency, {2 * from, 2 * to + 1}}};
    };
    return;
  }
  const std::uint32_t first = world_.network.uplink({0}).index;
  if (assured)
    for (std::uint32_t link = first; link < world_.network.link_count(); ++link) add_medium({link});
  problem.paths = [this, ids, assured, first, &knowledge](std::uint32_t from, std::uint32_t to) -> std::vector<Path> {
    if (from == to) return {Path{}};
    const ClusterId a{(*ids)[from]}, b{(*ids)[to]};
    const Seconds usual = knowledge.latency(a, b);
    if (!assured) return usual < forever ? std::vector<Path>{{usual, {}}} : std::vector<Path>{};
    std::vector<Path> all;
    for (const Network::Path& path : world_.network.paths(a, b, most_paths, [](LinkId) { return true; })) {
      Path one{path.latency, {}};
      for (const LinkId link : path.links) one.media.push_back(link.index - first);
      all.push_back(std::move(one));
    }
    // The measured latency is that of the default route.
    if (!all.empty()) all.front().latency = usual;
    return all;
  };
}

void Decisions::refresh_with_truth(Question& question) const {
  for (PlacementProblem::Row& row : question.problem.rows) {
    const std::vector<AddOnScore> scores = std::move(row.scores);
    const std::string name = std::move(row.name);
    row = question.problem.level == PlacementProblem::Level::federation
              ? truth_.row(ClusterId{row.id}, question.application)
              : truth_.row(NodeId{row.id}, question.application, question.problem);
    row.scores = scores;
    row.name = name;
  }
}

Rng Decisions::stream(const Question& question, ClusterId at) {
  const bool chooses_clusters = question.problem.level == PlacementProblem::Level::federation;
  const std::uint32_t where = chooses_clusters ? ClusterId::none : at.index;
  const std::uint64_t number = asked_of_[{where, question.application.index}]++;
  const Rng root = world_.rng.stream(chooses_clusters ? "policy/placement" : "policy/scheduler").stream(where);
  return root.stream(question.application.index).stream(number);
}

Answer Decisions::ask(const std::shared_ptr<PlacementPolicy>& policy, Question& question, ClusterId at) {
  PlacementProblem& problem = question.problem;
  Rng rng = stream(question, at);
  problem.number = asked_++;
  if (policy->omniscient()) refresh_with_truth(question);
  connect(problem, policy->omniscient() ? truth_ : *question.knowledge);
  if (cost_) problem.row_costs = costs(problem);
  if (advisor) advisor->advise(problem, at);
  problem.futures = futures;
  const auto begin = std::chrono::steady_clock::now();
  const Placement placement = call_plugin(*policy, [&] { return policy->place(problem, rng); });
  thinking_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  Answer answer = validate(placement, problem);
  on_answer(question, answer);
  if (yardstick_ && judging_.chance(spec_.judged)) judge(question, answer);
  if (advisor) advisor->decided(problem, answer.rows, at);
  if (advisor && advisor->patience() < forever)
    spawn(appraise(problem.number, question.application, question.components, advisor->patience(),
                   [this, at](const Feedback& feedback) { advisor->learn(feedback, at); }));
  if (policy->patience() < forever)
    spawn(appraise(problem.number, question.application, question.components, policy->patience(),
                   [policy](const Feedback& feedback) { call_plugin(*policy, [&] { policy->learn(feedback); }); }));
  return answer;
}

Answer Decisions::validate(const Placement& placement, const PlacementProblem& problem) {
  Answer answer{std::vector<std::uint32_t>(problem.workloads.size(), none),
                std::vector<std::string>(problem.workloads.size()), std::vector<bool>(problem.workloads.size())};
  bool nonsense = false;
  for (const Placement::Assignment& one : placement.assignments) {
    if (one.target == none && one.workload < answer.rows.size()) continue;
    const bool sane =
        one.workload < answer.rows.size() && one.target < problem.rows.size() && answer.rows[one.workload] == none &&
        (problem.workloads[one.workload].allowed.empty() || problem.workloads[one.workload].allowed[one.target]);
    if (sane) {
      answer.rows[one.workload] = one.target;
      answer.indifferent[one.workload] = one.indifferent;
    } else {
      ++world_.metrics.refused;
    }
    nonsense = nonsense || !sane;
  }
  // Reasons come in the order of the workloads that were not placed.
  std::size_t next = 0;
  for (std::size_t w = 0; w < answer.rows.size(); ++w) {
    if (answer.rows[w] != none) continue;
    if (nonsense)
      answer.reasons[w] = "the policy named a workload or target that was not on offer";
    else if (!placement.reasons.empty())
      answer.reasons[w] = placement.reasons[std::min(next++, placement.reasons.size() - 1)];
    else
      answer.reasons[w] = "the policy gave no reason";
  }
  return answer;
}

void Decisions::fill_in(MigrationProblem& problem, const Knowledge& knowledge) const {
  PlacementProblem& placement = problem.placement;
  for (std::size_t i = 0; i < problem.replicas.size(); ++i) {
    const MigrationProblem::Replica& replica = problem.replicas[i];
    PlacementProblem::Workload& workload = placement.workloads[i];
    workload.allowed = replica.allowed;
    workload.current = replica.row;
    workload.fixed = !replica.movable;
    workload.allowed[replica.row] = !replica.draining || workload.fixed;
  }
  connect(placement, knowledge);
  if (cost_) placement.row_costs = costs(placement);
}

std::vector<double> Decisions::costs(const PlacementProblem& problem) const {
  return call_plugin(*cost_, [&] { return cost_->costs(problem); });
}

std::vector<AddOnScore> Decisions::scores(const PlacementProblem& problem) const {
  std::vector<AddOnScore> all;
  if (!cost_) return all;
  for (const double cost : costs(problem)) all.push_back({"pdlc", spec_.cost.name, addon_score(cost), forever});
  return all;
}

void Decisions::judge(Question question, const Answer& answer) {
  PlacementProblem& problem = question.problem;
  refresh_with_truth(question);
  connect(problem, truth_);
  if (cost_) problem.row_costs = costs(problem);
  problem.recommendations.clear();
  problem.futures = nullptr;
  const double value = yardstick_->value(problem, answer.rows);
  const double best = yardstick_->value(problem, yardstick_->best(problem));
  world_.metrics.regret.add(std::max(value - best, 0.0));
  world_.metrics.best_possible += best;
}

Process Decisions::appraise(std::uint64_t number, ApplicationId app, std::vector<std::uint32_t> components,
                            Seconds after, std::function<void(const Feedback&)> learn) {
  const Requests::Tally before = requests_.tally(app);
  co_await delay(after);
  const Requests::Tally since = requests_.tally(app) - before;
  Feedback feedback;
  feedback.number = number;
  feedback.span = after;
  feedback.answers = since.known;
  feedback.misses = since.missed;
  if (since.answered > 0) feedback.latency = since.latency / static_cast<double>(since.answered);
  feedback.ready = ready_share(app, components);
  learn(feedback);
}

void Decisions::reset() { world_.metrics.placement.age = world_.metrics.scheduling.age = {}; }

void Decisions::restart() {
  Metrics& metrics = world_.metrics;
  metrics.placement = metrics.scheduling = {};
  metrics.regret = {};
  metrics.best_possible = 0;
  metrics.refused = metrics.moves = metrics.indifferent = metrics.early = 0;
}

void Decisions::figures(Figures& figures) {
  const Metrics& m = world_.metrics;
  figures.count("placement.decisions", Better::neither, m.placement.decisions,
                "Replicas that a policy was asked to give a cluster.");
  figures.count("placement.infeasible", Better::lower, m.placement.infeasible, "Of those, with no feasible cluster.");
  figures.count("placement.indifferent", Better::neither, m.indifferent,
                "Of the others, where several clusters were feasible, and all alike by the policy's own measure.");
  figures.count(
      "placement.early", Better::lower, m.early,
      "Likewise, before nine tenths of its hub's clusters had told their state, of replicas that are pinned to none.");
  figures.count("placement.refused", Better::lower, m.refused,
                "Answers of a policy, of either level, that made no sense.");
  figures.count("placement.moves", Better::lower, m.moves,
                "Replicas that got another cluster or node: lost, or better off elsewhere.");
  if (spec_.judged > 0) {
    figures.spread("decision.regret", "1", Better::lower, m.regret,
                   "Of the decisions that are judged: objective beyond that of the best, as things are.");
    figures.ratio("decision.best", Better::neither, m.best_possible, m.regret.count(),
                  "Mean objective of the best answers to these.");
  }
  figures.spread("decision.age", "s", Better::lower, m.placement.age,
                 "Age of what the policy saw of the cluster that it chose.");
  figures.count("scheduling.decisions", Better::neither, m.scheduling.decisions,
                "Pods that the scheduler of a cluster was asked to give a node.");
  figures.count("scheduling.infeasible", Better::lower, m.scheduling.infeasible, "Of those, with no feasible node.");
  figures.spread("scheduling.age", "s", Better::lower, m.scheduling.age,
                 "Age of what the scheduler saw of the node that it chose.");
}

double Decisions::ready_share(ApplicationId app, const std::vector<std::uint32_t>& components) const {
  double sum = 0;
  for (const std::uint32_t component : components) {
    const ServiceId service = applications_.service(app, component);
    const double wanted = std::max(applications_.wanted(service), 1U);
    sum += std::min(1.0, applications_.ready(service) / wanted);
  }
  return components.empty() ? 0 : sum / static_cast<double>(components.size());
}

}  // namespace codecosim
