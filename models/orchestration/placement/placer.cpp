#include "models/orchestration/placement/placer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "models/orchestration/placement/rules.hpp"

namespace codecosim {

namespace {
constexpr std::uint32_t none = PlacementProblem::none;
constexpr Seconds latest_retry{300};  // kube-scheduler: podMaxInUnschedulablePodsDuration

template <class Id>
bool contains(const std::vector<Id>& all, Id one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

template <class Id>
void add_once(std::vector<Id>& all, Id one) {
  if (!contains(all, one)) all.push_back(one);
}

/// `first`, doubling with each time after the first.
Seconds back_off(Seconds first, std::uint32_t times) {
  const std::uint32_t doublings = std::min(times > 0 ? times - 1 : 0U, 30U);
  return std::min(first * std::exp2(doublings), std::max(first, latest_retry));
}
}  // namespace

void Replica::leave(Move why, std::string text, Seconds when) {
  if (!wanting()) since = when;
  moves.set(static_cast<std::size_t>(why));
  reason = std::move(text);
}

void Replica::stay(Move why) {
  if (!leaves(why)) return;
  moves.reset(static_cast<std::size_t>(why));
  reason.clear();
}

Placer::Placer(const Catalogue& catalogue, const Federation& federation, const std::vector<DatasetSpec>& datasets,
               const Knowledge& knowledge, Decisions& decisions, Executor& site, const Timing& pace,
               const Registry<PlacementPolicy>::Make& policy)
    : catalogue_(catalogue),
      federation_(federation),
      datasets_(datasets),
      knowledge_(knowledge),
      offers_(catalogue, federation, datasets, knowledge),
      decisions_(decisions),
      executor_(site),
      timing_(pace),
      policy_(policy()),
      solver_(pace.solvers),
      apps_(catalogue.count()),
      assigned_(federation.cluster_count()) {
  for (std::uint32_t a = 0; a < apps_.size(); ++a) apps_[a].revisions.resize(catalogue.spec({a}).components.size());
}

// Desired state.

void Placer::add(ApplicationId id, Seconds since) {
  App& app = apps_[id.index];
  app.wanted = true;
  const std::vector<ComponentSpec>& components = catalogue_.spec(id).components;
  for (std::uint32_t c = 0; c < components.size(); ++c)
    for (std::uint32_t r = 0; r < components[c].replicas; ++r) {
      Replica replica;
      replica.component = c;
      replica.since = since;
      app.replicas.push_back(replica);
    }
  spawn(decide(id));
}

std::vector<ClusterId> Placer::remove(ApplicationId id) {
  App& app = apps_[id.index];
  app.wanted = false;
  std::vector<ClusterId> at;
  for (const Replica& one : app.replicas) {
    if (one.cluster) {
      count(id, one.component, one.cluster, -1);
      add_once(at, one.cluster);
    }
    if (one.leaving) {
      count(id, one.component, one.leaving->from, -1);
      add_once(at, one.leaving->from);
    }
  }
  app.replicas.clear();
  std::erase(waiting_, id);
  app.waiting = false;
  issue_all(id, at);
  return at;
}

void Placer::scale(ApplicationId id, std::uint32_t component, std::uint32_t replicas) {
  App& app = apps_[id.index];
  if (!app.wanted) return;
  const auto is_one = [&](const Replica& one) { return one.component == component; };
  auto has = static_cast<std::uint32_t>(std::count_if(app.replicas.begin(), app.replicas.end(), is_one));
  for (; has < replicas; ++has) {
    Replica replica;
    replica.component = component;
    replica.since = now();
    app.replicas.push_back(replica);
  }
  std::vector<ClusterId> touched;
  for (; has > replicas; --has) {
    // Replicas that are not placed go first, then those that do not serve, then those in the cluster with most; on a
    // tie, the last.
    const auto last_to_go = [&](const Replica& one) {
      const auto together = std::count_if(app.replicas.begin(), app.replicas.end(), [&](const Replica& other) {
        return other.component == component && other.cluster == one.cluster;
      });
      return std::tuple(static_cast<bool>(one.cluster), -static_cast<int>(one.known), -together);
    };
    auto victim = app.replicas.end();
    for (auto one = app.replicas.begin(); one != app.replicas.end(); ++one)
      if (is_one(*one) && (victim == app.replicas.end() || last_to_go(*one) <= last_to_go(*victim))) victim = one;
    // cppcheck-suppress derefInvalidIterator ; there are more than are wanted
    if (victim->cluster) {
      count(id, component, victim->cluster, -1);
      add_once(touched, victim->cluster);
    }
    if (victim->leaving) {
      count(id, component, victim->leaving->from, -1);
      add_once(touched, victim->leaving->from);
    }
    app.replicas.erase(victim);
  }
  issue_all(id, touched);
  if (!touched.empty()) executor_.relocated(id);
  for (const ClusterId cluster : touched) reconsider(cluster);
  spawn(decide(id));
}

void Placer::roll_out(ApplicationId id, std::uint32_t component) {
  App& app = apps_[id.index];
  ++app.revisions[component];
  std::vector<ClusterId> touched;
  for (const Replica& one : app.replicas) {
    if (one.component != component) continue;
    if (one.cluster) add_once(touched, one.cluster);
    if (one.leaving) add_once(touched, one.leaving->from);
  }
  std::sort(touched.begin(), touched.end());
  issue_all(id, touched);
}

// Decisions.

std::vector<std::size_t> Placer::wanting(const App& app) const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < app.replicas.size(); ++i)
    if (app.replicas[i].wanting()) all.push_back(i);
  return all;
}

Process Placer::decide(ApplicationId id) {
  App& app = apps_[id.index];
  app.again = true;
  if (std::exchange(app.deciding, true)) co_return;
  while (std::exchange(app.again, false)) {
    co_await executor_.available();
    co_await place(id);
  }
  app.deciding = false;
}

Task<> Placer::place(ApplicationId id) {
  App& app = apps_[id.index];
  const Server::Turn turn = co_await solver_.enter();
  if (!app.wanted || wanting(app).empty()) co_return;
  if (app.scope.empty()) enter_scope(id);
  Offer offer = this->offer(id);
  co_await delay(timing_.solve + timing_.solve_row * static_cast<double>(wanting(app).size() * offer.clusters.size()));
  const std::vector<std::size_t> which = wanting(app);
  if (!app.wanted || which.empty()) co_return;

  if (const std::vector<ClusterId> few = shortlist(id, which, offer); !few.empty()) offer.clusters = few;
  std::vector<std::uint32_t> components;
  for (const std::size_t i : which) components.push_back(app.replicas[i].component);
  Question question =
      decisions_.make_question(knowledge_, id, std::move(components), PlacementProblem::Level::federation);
  PlacementProblem& problem = question.problem;
  for (const ClusterId cluster : offer.clusters) problem.rows.push_back(row(cluster, id));
  if (knowledge_.scores_at_once()) {
    const std::vector<AddOnScore> scores = decisions_.scores(problem);
    for (std::size_t row = 0; row < scores.size(); ++row) problem.rows[row].scores = {scores[row]};
  }
  for (std::size_t w = 0; w < which.size(); ++w) {
    PlacementProblem::Workload& workload = problem.workloads[w];
    const Replica& replica = app.replicas[which[w]];
    workload.allowed = allowed(id, replica, offer.clusters);
    // An unschedulable replica holds no resources.
    const auto current = std::find(offer.clusters.begin(), offer.clusters.end(), replica.cluster);
    if (current != offer.clusters.end() && replica.known != Replica::Known::unschedulable)
      workload.current = static_cast<std::uint32_t>(current - offer.clusters.begin());
  }
  Answer answer{std::vector(which.size(), none), std::vector(which.size(), left_out(offer)),
                std::vector<bool>(which.size())};
  if (!problem.rows.empty()) answer = decisions_.ask(policy_, question, executor_.at());
  carry_out(id, which, offer, question, answer);
}

std::vector<ClusterId> Placer::nearest(ClusterId from, const std::function<bool(ClusterId)>& takes) const {
  const Nearest nearest = knowledge_.nearest(from);
  std::vector<ClusterId> all;
  Seconds latency;
  for (const Near& one : nearest.clusters) {
    if (!all.empty() && one.latency > latency) break;
    if (one.latency > nearest.whole) return {};
    if (!takes(one.cluster)) continue;
    all.push_back(one.cluster);
    latency = one.latency;
  }
  return all;
}

std::vector<ClusterId> Placer::shortlist(ApplicationId id, const std::vector<std::size_t>& wanting,
                                         const Offer& offer) const {
  const Replica& replica = apps_[id.index].replicas[wanting.front()];
  const std::optional<ClusterId> from = knowledge_.clients_at(id);
  if (wanting.size() > 1 || replica.cluster || !from || !policy_->takes_nearest() || !decisions_.only_policy_looks())
    return {};
  const ComponentSpec& component = catalogue_.spec(id).components[replica.component];
  std::vector<ClusterId> few = nearest(*from, [&](ClusterId one) {
    return std::ranges::binary_search(offer.clusters, one) && allowed(id, replica, one) &&
           knowledge_.sums(one, assigned_[one.index]).fits(component.cpu_request, component.memory_request);
  });
  std::ranges::sort(few);
  return few;
}

void Placer::carry_out(ApplicationId id, const std::vector<std::size_t>& which, const Offer& offer,
                       const Question& question, Answer& answer) {
  App& app = apps_[id.index];
  std::vector<ClusterId> touched, left;
  bool waits = false, limited = false, in_vain = false;
  for (std::size_t w = 0; w < which.size(); ++w) {
    Replica& replica = app.replicas[which[w]];
    const std::uint32_t row = answer.rows[w];
    const ClusterId chosen = row == none ? ClusterId{} : offer.clusters[row];
    if (chosen && chosen != replica.cluster && !within_energy_limit(id, replica, chosen)) {
      limited = true;  // by assignments of this same answer; the others are posed again at once
      refuse(id, replica, offer, "the energy limit is reached.");
      continue;
    }
    if (!chosen) {
      waits = true;
      in_vain = in_vain || std::any_of(offer.clusters.begin(), offer.clusters.end(),
                                       [&](ClusterId c) { return feasible(id, replica, c); });
      refuse(id, replica, offer, answer.reasons[w]);
      continue;
    }
    if (chosen == replica.cluster) {
      // Only this reason keeps the replica's cluster on offer; another one may have come up since the offer.
      replica.stay(Move::quality);
    } else {
      if (replica.cluster) left.push_back(replica.cluster);
      assign(id, replica, chosen, touched);
    }
    const bool pinned = !catalogue_.spec(id).components[replica.component].cluster.empty();
    if (!pinned && !knowledge_.knows_most()) decisions_.record_early();
    decisions_.record({{}, id, replica.component, chosen, {}, Outcome::done}, question.problem.rows[row].age,
                      answer.indifferent[w]);
  }
  app.again = app.again || limited;
  app.refusals = in_vain ? app.refusals + 1 : 0;
  std::sort(touched.begin(), touched.end());
  issue_all(id, touched);
  if (!touched.empty()) executor_.relocated(id);
  if (waits) wait(id, in_vain);
  for (const ClusterId cluster : left) reconsider(cluster);
}

void Placer::refuse(ApplicationId id, Replica& replica, const Offer& offer, const std::string& reason) {
  decisions_.record({{}, id, replica.component, {}, {}, Outcome::refused});
  const auto over = std::count_if(offer.clusters.begin(), offer.clusters.end(), [&](ClusterId c) {
    return c != replica.cluster && !within_energy_limit(id, replica, c);
  });
  replica.reason = reason;
  if (over > 0)
    replica.reason += fmt::format(" Of these {} cluster(s) broke the rule on {}.", over, name(Rule::energy));
  if (!offer.clusters.empty() && !offer.left_out.empty()) replica.reason += " Not offered: " + left_out(offer) + ".";
}

// The clusters to which single replicas are confined.
std::vector<ClusterId> Placer::fixed_clusters(ApplicationId id) const {
  std::vector<ClusterId> all;
  for (const ComponentSpec& component : catalogue_.spec(id).components)
    if (!component.cluster.empty())
      if (const auto pin = federation_.find_cluster(numbered(component.cluster, catalogue_.number(id))))
        add_once(all, *pin);
  std::sort(all.begin(), all.end());
  return all;
}

void Placer::enter_scope(ApplicationId id) {
  App& app = apps_[id.index];
  app.scope.clear();
  app.scope = executor_.scope(id, offer(id).clusters);
  std::sort(app.scope.begin(), app.scope.end());
  for (const Replica& one : app.replicas) widen_scope(id, one.cluster);
  if (!app.scope.empty()) executor_.scope_changed(id);
  // Where the cluster may not be offered yet, it is remembered.
  (void)clients_outside(id);
}

bool Placer::widen_scope(ApplicationId id, ClusterId cluster) {
  std::vector<ClusterId>& scope = apps_[id.index].scope;
  if (scope.empty() || !cluster || contains(scope, cluster)) return false;
  scope.insert(std::ranges::lower_bound(scope, cluster), cluster);
  return true;
}

bool Placer::clients_outside(ApplicationId id) {
  const App& app = apps_[id.index];
  const std::optional<ClusterId> from = knowledge_.clients_at(id);
  if (!app.wanted || app.scope.empty() || !from || contains(app.scope, *from)) return false;
  if (std::ranges::binary_search(offers_.all(id).clusters, *from)) return true;
  add_once(outside_[*from], id);
  return false;
}

void Placer::clients_moved(ApplicationId id) {
  if (clients_outside(id)) enter_scope(id);
}

// A replica without a feasible cluster in the scope is offered clusters beyond it.
bool Placer::is_stuck(ApplicationId id, const std::vector<ClusterId>& scope) const {
  return std::ranges::any_of(apps_[id.index].replicas, [&](const Replica& one) {
    return one.wanting() && std::ranges::none_of(scope, [&](ClusterId c) { return feasible(id, one, c); });
  });
}

Offer Placer::offer(ApplicationId id) const {
  const std::vector<ComponentSpec>& components = catalogue_.spec(id).components;
  std::vector<ClusterId> scope = fixed_clusters(id);
  if (std::ranges::none_of(components, [](const ComponentSpec& one) { return one.cluster.empty(); }))
    return offers_.among(id, scope);
  const std::vector<ClusterId>& confined = apps_[id.index].scope;
  for (const ClusterId cluster : confined) add_once(scope, cluster);
  std::ranges::sort(scope);
  return confined.empty() || is_stuck(id, scope) ? offers_.all(id) : offers_.among(id, scope);
}

std::string Placer::left_out(const Offer& offer) const {
  if (!offer.clusters.empty()) return offer.reasons();
  return fmt::format("0/{} clusters are available: {}.", offer.considered(),
                     offer.left_out.empty() ? "none has joined " + federation_.name(executor_.at()) : offer.reasons());
}

// The cluster is offered again after its next report and a back-off.
bool Placer::rejected(const PlacementRejection& one) const {
  return knowledge_.sums(one.cluster, {}).taken <= one.when ||
         now() < one.when + back_off(timing_.between_retries, one.times);
}

bool Placer::rejected(const App& app, std::uint32_t component, ClusterId cluster) const {
  return std::any_of(app.rejected.begin(), app.rejected.end(), [&](const PlacementRejection& one) {
    return one.component == component && one.cluster == cluster && rejected(one);
  });
}

void Placer::clear_rejected(App& app, std::uint32_t component, ClusterId cluster) {
  std::erase_if(app.rejected,
                [&](const PlacementRejection& one) { return one.component == component && one.cluster == cluster; });
}

bool Placer::within_energy_limit(ApplicationId id, const Replica& replica, ClusterId cluster) const {
  const ApplicationSpec& spec = catalogue_.spec(id);
  if (spec.energy_limit >= 1) return true;
  ExactSum<Cores> cores(spec.components[replica.component].cpu_request);
  for (const Replica& one : apps_[id.index].replicas)
    if (&one != &replica && one.cluster == cluster) cores += spec.components[one.component].cpu_request;
  return codecosim::within_energy_limit(spec, federation_, cluster, cores);
}

bool Placer::allowed(ApplicationId id, const Replica& replica, ClusterId cluster) const {
  const ComponentSpec& component = catalogue_.spec(id).components[replica.component];
  const bool elsewhere = !component.cluster.empty() &&
                         federation_.find_cluster(numbered(component.cluster, catalogue_.number(id))) != cluster;
  // A cluster that cannot place the replica goes on trying by itself, so it is not a candidate.
  const bool stuck = replica.known == Replica::Known::unschedulable && replica.cluster == cluster;
  return !elsewhere && !stuck && !rejected(apps_[id.index], replica.component, cluster) &&
         within_energy_limit(id, replica, cluster);
}

std::vector<bool> Placer::allowed(ApplicationId id, const Replica& replica,
                                  const std::vector<ClusterId>& clusters) const {
  std::vector<bool> mask;
  for (const ClusterId cluster : clusters) mask.push_back(allowed(id, replica, cluster));
  return mask;
}

bool Placer::feasible(ApplicationId id, const Replica& replica, ClusterId cluster) const {
  if (knowledge_.obstacle(cluster)) return false;
  const ApplicationSpec& spec = catalogue_.spec(id);
  if (broken_rule(spec, datasets_, federation_, cluster, knowledge_.security(cluster))) return false;
  if (replica.cluster == cluster && replica.known != Replica::Known::unschedulable) return false;
  const ComponentSpec& component = spec.components[replica.component];
  return allowed(id, replica, cluster) && knowledge_.fits(cluster, assigned_[cluster.index], component);
}

PlacementProblem::Row Placer::row(ClusterId cluster) const {
  PlacementProblem::Row row = knowledge_.sums(cluster, assigned_[cluster.index]).row(cluster, now());
  knowledge_.describe(row, cluster);
  row.decisions = static_cast<std::uint32_t>(applications(cluster).size());
  return row;
}

PlacementProblem::Row Placer::row(ClusterId cluster, ApplicationId id) const {
  PlacementProblem::Row row = this->row(cluster);
  for (const Replica& one : apps_[id.index].replicas)
    if (one.cluster == cluster) row.components.push_back(one.component);
  if (!row.components.empty()) --row.decisions;
  row.client_latency = knowledge_.client_latency(id, cluster);
  return row;
}

// The services of an application have consecutive ids.
std::vector<ApplicationId> Placer::applications(ClusterId cluster) const {
  std::vector<ApplicationId> all;
  for (const Assigned& one : assigned_[cluster.index]) {
    const ApplicationId app = catalogue_.application(one.service);
    if (all.empty() || all.back() != app) all.push_back(app);
  }
  return all;
}

// Applications that wait.

void Placer::wait(ApplicationId id, bool in_vain) {
  App& app = apps_[id.index];
  app.refused = now();
  if (!in_vain) app.refusals = 0;
  if (!std::exchange(app.waiting, true)) waiting_.push_back(id);
}

void Placer::reconsider(ClusterId cluster, bool more_room) {
  if (const auto found = outside_.find(cluster); found != outside_.end())
    for (const ApplicationId id : std::exchange(found->second, {})) clients_moved(id);
  if (waiting_.empty()) return;
  const Seconds taken = knowledge_.sums(cluster, {}).taken;
  const std::vector<ApplicationId> waiting = waiting_;
  for (const ApplicationId id : waiting) {
    App& app = apps_[id.index];
    if (more_room)
      std::erase_if(app.rejected,
                    [&](const PlacementRejection& one) { return one.cluster == cluster && one.when <= taken; });
    const bool worth_asking = std::any_of(app.replicas.begin(), app.replicas.end(), [&](const Replica& one) {
      return one.wanting() && feasible(id, one, cluster);
    });
    if (worth_asking && !app.retrying) spawn(retry(id));
  }
}

Process Placer::retry(ApplicationId id) {
  App& app = apps_[id.index];
  app.retrying = true;
  const Seconds earliest = app.refused + back_off(timing_.between_retries, app.refusals);
  co_await until(std::max(now(), earliest));
  app.retrying = app.waiting = false;
  std::erase(waiting_, id);
  spawn(decide(id));
}

// Bookkeeping of assignments.

void Placer::count(ApplicationId id, std::uint32_t component, ClusterId cluster, int pods) {
  std::vector<Assigned>& all = assigned_[cluster.index];
  const ServiceId service = catalogue_.service(id, component);
  const auto place = std::lower_bound(all.begin(), all.end(), service,
                                      [](const Assigned& one, ServiceId wanted) { return one.service < wanted; });
  const bool known = place != all.end() && place->service == service;
  ensure(known || pods > 0, "a cluster was left that had not been chosen");
  if (!known) {
    const ComponentSpec& spec = catalogue_.component(service);
    all.insert(place, {service, static_cast<std::uint32_t>(pods), spec.cpu_request, spec.memory_request});
    return;
  }
  place->pods += static_cast<std::uint32_t>(pods);
  if (place->pods == 0) all.erase(place);
}

void Placer::record_assignment(ApplicationId id, Replica& replica, ClusterId cluster) {
  if (replica.cluster) count(id, replica.component, replica.cluster, -1);
  count(id, replica.component, cluster, +1);
  replica.cluster = cluster;
  replica.known = Replica::Known::issued;
  replica.moves.reset();
  replica.reason.clear();
}

void Placer::assign(ApplicationId id, Replica& replica, ClusterId cluster, std::vector<ClusterId>& touched) {
  App& app = apps_[id.index];
  if (replica.cluster || std::exchange(replica.lost, false)) decisions_.record_move();
  if (replica.cluster) add_once(touched, replica.cluster);
  add_once(touched, cluster);
  if (replica.leaving && replica.leaving->from == cluster) {
    revert_to_old_pod(id, replica);
    return;
  }
  if (replica.leaving) replica.leaving->takeover = app.takeovers++;  // its state goes to another cluster now
  record_assignment(id, replica, cluster);
  if (widen_scope(id, cluster)) executor_.scope_changed(id);
}

void Placer::issue_all(ApplicationId id, const std::vector<ClusterId>& clusters) {
  for (const ClusterId cluster : clusters) issue(id, cluster);
}

void Placer::issue(ApplicationId id, ClusterId cluster) {
  Workloads workloads;
  workloads.revisions = apps_[id.index].revisions;
  workloads.replicas.resize(workloads.revisions.size());
  workloads.since = now();
  for (const Replica& one : apps_[id.index].replicas) {
    if (one.cluster == cluster) {
      ++workloads.replicas[one.component];
      if (one.known == Replica::Known::issued) workloads.since = std::min(workloads.since, one.since);
      if (one.leaving) workloads.takeovers.push_back({one.leaving->takeover, one.component, one.leaving->from});
    }
    if (one.leaving && one.leaving->from == cluster) ++workloads.replicas[one.component];
  }
  executor_.issue(id, cluster, workloads);
}

// Reports of clusters.

void Placer::observe(ClusterId cluster, const WorkloadStatus& status) {
  const ApplicationId id = status.application;
  App& app = apps_[id.index];
  if (!app.wanted) return;
  std::vector<Replica*> here, leaving;
  for (Replica& one : app.replicas) {
    if (one.component != status.component) continue;
    if (one.cluster == cluster) here.push_back(&one);
    if (one.leaving && one.leaving->from == cluster) leaving.push_back(&one);
  }
  // Pods have no names here: replicas that were ready count as ready first, those that were unschedulable last.
  std::stable_sort(here.begin(), here.end(), [](const Replica* a, const Replica* b) { return a->known < b->known; });
  std::uint32_t ready = status.ready, unschedulable = status.unschedulable;
  for (Replica* one : leaving) {
    one->leaving->known = ready > 0 ? Replica::Known::ready : Replica::Known::issued;
    if (ready == 0 && unschedulable > here.size()) one->leaving->known = Replica::Known::unschedulable;
    ready -= ready > 0;
  }
  const std::size_t first_stuck = here.size() - std::min<std::size_t>(here.size(), unschedulable);
  std::vector<Replica*> became_ready, became_stuck;
  for (std::size_t i = 0; i < here.size(); ++i) {
    Replica& one = *here[i];
    if (i < ready) {
      if (std::exchange(one.known, Replica::Known::ready) != Replica::Known::ready)
        clear_rejected(app, status.component, cluster);
      one.stay(Move::unschedulable);
      became_ready.push_back(&one);
    } else if (i >= first_stuck) {
      const bool news = one.known != Replica::Known::unschedulable || !one.leaves(Move::unschedulable);
      one.known = Replica::Known::unschedulable;
      if (news) became_stuck.push_back(&one);
    } else {
      one.known = Replica::Known::issued;
      one.stay(Move::unschedulable);
    }
  }
  // Calls in this loop may change other replicas.
  for (Replica* one : became_ready)
    if (one->cluster == cluster && one->known == Replica::Known::ready) release_old_pod(id, *one);
  for (Replica* one : became_stuck) {
    if (one->cluster != cluster || one->known != Replica::Known::unschedulable) continue;
    if (one->leaving) {
      note_rejected(app, status.component, cluster);
      undo_move(id, *one);
      if (one->known != Replica::Known::unschedulable) continue;  // otherwise it has been lost meanwhile
    }
    reject(id, *one, status);
  }
}

void Placer::reject(ApplicationId id, Replica& replica, const WorkloadStatus& status) {
  App& app = apps_[id.index];
  replica.leave(Move::unschedulable, status.reason, status.since);
  note_rejected(app, replica.component, replica.cluster);
  const auto active = std::count_if(app.rejected.begin(), app.rejected.end(), [&](const PlacementRejection& one) {
    return one.component == replica.component && rejected(one);
  });
  if (static_cast<std::size_t>(active) <= timing_.attempts)
    spawn(decide(id));
  else
    wait(id, false);
}

void Placer::note_rejected(App& app, std::uint32_t component, ClusterId cluster) {
  const auto same = [&](const PlacementRejection& one) { return one.component == component && one.cluster == cluster; };
  const auto found = std::find_if(app.rejected.begin(), app.rejected.end(), same);
  if (found == app.rejected.end()) {
    app.rejected.push_back({component, cluster, now()});
  } else if (found->when < now()) {  // among several replicas the first counts
    found->when = now();
    ++found->times;
  }
}

// The new pod serves, so the old one is released.
void Placer::release_old_pod(ApplicationId id, Replica& replica) {
  if (!replica.leaving) return;
  const ClusterId from = replica.leaving->from;
  replica.leaving.reset();
  count(id, replica.component, from, -1);
  issue(id, from);
  reconsider(from);
}

// There is no room for the new pod, so the old one serves on.
void Placer::undo_move(ApplicationId id, Replica& replica) {
  const ClusterId there = replica.cluster;
  revert_to_old_pod(id, replica);
  issue(id, there);
  issue(id, replica.cluster);
  executor_.relocated(id);
  reconsider(there);
}

// The replica is again the old pod, which it was to leave.
void Placer::revert_to_old_pod(ApplicationId id, Replica& replica) {
  count(id, replica.component, replica.cluster, -1);
  replica.cluster = replica.leaving->from;
  replica.known = replica.leaving->known;
  replica.leaving.reset();
  replica.moves.reset();
  replica.reason.clear();
}

void Placer::leave(ApplicationId id, ClusterId cluster, Move why, const std::string& reason, Seconds when) {
  bool any = false;
  for (Replica& one : apps_[id.index].replicas) {
    if (one.cluster != cluster) continue;
    one.leave(why, reason, when);
    any = true;
  }
  if (any) spawn(decide(id));
}

void Placer::leave(ApplicationId id, std::uint32_t component, ClusterId cluster, Move why, const std::string& reason,
                   Seconds when) {
  bool any = false;
  for (Replica& one : apps_[id.index].replicas) {
    if (one.component != component || (cluster && one.cluster != cluster) || !one.cluster) continue;
    one.leave(why, reason, when);
    any = true;
  }
  if (any) spawn(decide(id));
}

void Placer::stay(ApplicationId id, ClusterId cluster, Move why) {
  for (Replica& one : apps_[id.index].replicas)
    if (one.cluster == cluster) one.stay(why);
}

void Placer::replace(ApplicationId id, ClusterId cluster, const std::vector<std::uint32_t>& pods) {
  for (std::uint32_t c = 0; c < pods.size(); ++c)
    if (pods[c] > 0) lose(id, c, cluster, pods[c]);
  issue(id, cluster);
  spawn(decide(id));
}

void Placer::lose(ApplicationId id, std::uint32_t component, ClusterId cluster, std::uint32_t pods) {
  App& app = apps_[id.index];
  // Replicas that do not serve are lost first.
  std::vector<Replica*> here;
  for (Replica& one : app.replicas)
    if (one.component == component && one.cluster == cluster) here.push_back(&one);
  std::stable_sort(here.begin(), here.end(), [](const Replica* a, const Replica* b) { return a->known > b->known; });
  for (Replica* one : here) {
    if (pods == 0) return;
    --pods;
    if (one->leaving) {
      revert_to_old_pod(id, *one);
      continue;
    }
    count(id, component, cluster, -1);
    one->cluster = {};
    one->known = Replica::Known::issued;
    one->moves.reset();
    one->since = now();
    one->lost = true;
  }
  for (Replica& one : app.replicas) {
    if (pods == 0) return;
    if (one.component != component || !one.leaving || one.leaving->from != cluster) continue;
    --pods;
    one.leaving.reset();
    count(id, component, cluster, -1);
  }
}

bool Placer::hand_over(ApplicationId id, std::uint32_t component, ClusterId from, ClusterId to) {
  Replica* found = nullptr;
  for (Replica& one : apps_[id.index].replicas)
    if (one.component == component && one.cluster == from && (!found || one.known > found->known)) found = &one;
  if (!found) return false;
  record_assignment(id, *found, to);
  executor_.relocated(id);
  return true;
}

// Migration.

bool Placer::could_gain(ApplicationId id, Seconds least_gain) const {
  const App& app = apps_[id.index];
  const auto gains = [&](Seconds nearest) {
    return std::ranges::any_of(app.replicas, [&](const Replica& one) {
      return one.cluster && knowledge_.client_latency(id, one.cluster) > nearest + least_gain;
    });
  };
  Seconds nearest;  // no cluster is nearer than the one of the clients
  if (!gains(nearest)) return false;
  // A replica that is wanted elsewhere and finds no cluster in its scope is offered clusters beyond it.
  if (!app.scope.empty() && std::ranges::none_of(app.replicas, &Replica::wanting)) {
    nearest = forever;
    for (const ClusterId one : app.scope) nearest = std::min(nearest, knowledge_.client_latency(id, one));
    for (const ClusterId one : fixed_clusters(id)) nearest = std::min(nearest, knowledge_.client_latency(id, one));
  }
  return gains(nearest);
}

std::vector<ClusterId> Placer::candidates(ApplicationId id, bool nearest_only) const {
  const App& app = apps_[id.index];
  std::vector<ClusterId> clusters;
  const std::optional<ClusterId> from = knowledge_.clients_at(id);
  bool few = nearest_only && from && app.scope.empty() && decisions_.only_policy_looks();
  for (const Replica& one : app.replicas) {
    if (!few) break;
    const std::vector<ClusterId> near = nearest(*from, [&](ClusterId c) { return feasible(id, one, c); });
    for (const ClusterId cluster : near) add_once(clusters, cluster);
    few = !near.empty();
  }
  if (!few) clusters = offer(id).clusters;
  for (const Replica& one : app.replicas)
    if (one.cluster) add_once(clusters, one.cluster);
  std::ranges::sort(clusters);
  return clusters;
}

std::optional<MigrationProblem> Placer::migration(ApplicationId id, std::optional<Seconds> least_gain) const {
  const App& app = apps_[id.index];
  if (!app.wanted || app.deciding) return std::nullopt;
  if (least_gain && !could_gain(id, *least_gain)) return std::nullopt;
  const std::vector<ClusterId> clusters = candidates(id, least_gain.has_value());
  if (clusters.empty()) return std::nullopt;
  MigrationProblem problem;
  std::vector<std::uint32_t> components;
  for (const Replica& one : app.replicas) components.push_back(one.component);
  problem.placement = decisions_.make_question(knowledge_, id, components, PlacementProblem::Level::federation).problem;
  for (const ClusterId cluster : clusters) {
    problem.placement.rows.push_back(row(cluster, id));
    const Seconds latency = problem.placement.rows.back().client_latency;
    problem.rows.push_back({cluster.index, latency, latency});
  }
  std::map<std::pair<std::uint32_t, ClusterId>, std::uint32_t> draining;
  for (const Replica& one : app.replicas) {
    const auto at = std::find(clusters.begin(), clusters.end(), one.cluster);
    MigrationProblem::Replica replica;
    replica.component = one.component;
    replica.state = catalogue_.spec(id).components[one.component].state;
    replica.row = at == clusters.end() ? 0 : static_cast<std::uint32_t>(at - clusters.begin());
    replica.movable = one.known == Replica::Known::ready && !one.wanting() && !one.leaving;
    if (one.cluster) {
      const auto [left, fresh] = draining.try_emplace({one.component, one.cluster}, 0);
      if (fresh) left->second = knowledge_.draining(catalogue_.service(id, one.component), one.cluster);
      replica.draining = left->second > 0;
      left->second -= left->second > 0;
    }
    for (const ClusterId cluster : clusters) replica.allowed.push_back(feasible(id, one, cluster));
    problem.replicas.push_back(std::move(replica));
  }
  decisions_.fill_in(problem, knowledge_);
  return problem;
}

void Placer::migrate(ApplicationId id, std::uint32_t number, ClusterId cluster) {
  App& app = apps_[id.index];
  Replica& replica = app.replicas[number];
  const ClusterId from = replica.cluster;
  const Seconds age = now() - knowledge_.sums(cluster, {}).taken;
  std::vector<ClusterId> touched;
  replica.since = now();
  const bool restarts =
      catalogue_.spec(id).components[replica.component].migration.mode == MigrationSpec::Mode::restart;
  if (!restarts) {
    replica.leaving = Replica::Leaving{from, app.takeovers++, Replica::Known::ready};
    count(id, replica.component, from, +1);  // for the old pod, which stays until the new one serves
  }
  assign(id, replica, cluster, touched);
  decisions_.record({{}, id, replica.component, cluster, {}, Outcome::done}, age);
  issue_all(id, touched);
  executor_.relocated(id);
  if (restarts) reconsider(from);
}

}  // namespace codecosim
