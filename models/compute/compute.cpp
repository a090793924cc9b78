#include "models/compute/compute.hpp"

#include <algorithm>
#include <cmath>

namespace codecosim {

namespace {
constexpr double least_weight = 0.002;  // Kubernetes' MinShares of 2, of 1024 a core
// Multiples of it spread the periods of pods evenly, where the kernel draws their phases at random.
constexpr double golden_ratio = 0.6180339887498949;
}  // namespace

Compute::Node::Node(Compute& owner, const NodeType& kind)
    : Activation(&Compute::fire),
      cores(kind.cores.value),
      speed(kind.speed),
      compute(&owner),
      power(kind.power.get()) {}

// Nodes are moved in memory only while the table is built, before anything is scheduled.
Compute::Node::Node(Node&& other) noexcept
    : Activation(&Compute::fire), cores(other.cores), speed(other.speed), compute(other.compute), power(other.power) {}

Compute::Compute(const Federation& federation) {
  calendar().name_kind(&Compute::fire, "Compute");
  nodes_.reserve(federation.node_count());
  for (const NodeId n : federation.nodes()) {
    nodes_.emplace_back(*this, federation.type(n));
    periods_.push_back(federation.type(n).quota_period.value);
    Node& node = nodes_.back();
    node.watts = node.power->at(0).value;
    watts_ += node.watts;
  }
}

PodId Compute::add_pod(const PodSpec& spec) {
  Pod& pod = pods_.emplace_back();
  pod.weight = std::max(spec.request.value, least_weight);
  pod.limit = spec.limit.value;
  pod.limited = spec.limit < Cores(1e9) && spec.limit < Cores(spec.concurrency);
  pod.concurrency = spec.concurrency;
  pod.max_queue = spec.max_queue;
  if (spec.queue_timeout < forever || !patience_.empty()) {
    patience_.resize(pods_.size(), forever.value);
    patience_.back() = spec.queue_timeout.value;
  }
  return {static_cast<std::uint32_t>(pods_.size() - 1)};
}

void Compute::bind(PodId id, NodeId node) {
  Pod& pod = pods_[id.index];
  ensure(pod.node == none, "a pod was bound twice");
  pod.node = node.index;
  ++pod.bindings;
  pod.since = now().value;
  if (!pod.limited) return;
  const double period = period_of(pod), phase = period * std::fmod(id.index * golden_ratio, 1.0);
  pod.edge = phase + period * std::ceil((pod.since - phase) / period);
  pod.left = pod.limit * period;
}

void Compute::unbind(PodId id) {
  Pod& pod = pods_[id.index];
  while (Job* job = pod.first ? pod.first : pod.line_first) {
    remove(*job);
    job->outcome = Outcome::gone;
    calendar().at(now(), *job);
  }
  pod.throttled = false;
  pod.node = none;
}

void Compute::start(Job& job) {
  Pod& pod = pods_[job.pod_];
  ++pod.started;
  if (pod.active < pod.concurrency) {
    const double before = demand(pod);
    account(pod);
    enter_service(pod, job);
    demand_changed(job.pod_, before);
    return;
  }
  job.previous_ = pod.line_last;
  job.next_ = nullptr;
  (pod.line_last ? pod.line_last->next_ : pod.line_first) = &job;
  pod.line_last = &job;
  job.state_ = Job::State::waiting;
  job.end_ = now().value;
  ++pod.waiting;
}

// Inserts the job in the order in which jobs end; ties in the order in which they came.
void Compute::enter_service(Pod& pod, Job& job) {
  job.state_ = Job::State::running;
  job.end_ = pod.progress + job.work_;
  ++pod.active;
  if (!pod.first) {
    pod.first = job.previous_ = job.next_ = &job;
    return;
  }
  Job* before = pod.first->previous_;
  while (before->end_ > job.end_ && before != pod.first) before = before->previous_;
  const bool leads = before->end_ > job.end_;  // the job ends before all others
  if (leads) before = before->previous_;
  job.previous_ = before;
  job.next_ = before->next_;
  job.next_->previous_ = before->next_ = &job;
  if (leads) pod.first = &job;
}

void Compute::leave_service(Pod& pod, Job& job) {
  job.previous_->next_ = job.next_;
  job.next_->previous_ = job.previous_;
  if (pod.first == &job) pod.first = job.next_ == &job ? nullptr : job.next_;
  job.state_ = Job::State::out;
  --pod.active;
  if (pod.waiting > 0)
    if (Job* next = next_in_line(pod)) enter_service(pod, *next);
  if (pod.active == 0) pod.progress = 0;
}

Job* Compute::next_in_line(Pod& pod) {
  while (pod.waiting > 0) {
    Job& next = *pod.line_first;
    pod.line_first = next.next_;
    (pod.line_first ? pod.line_first->previous_ : pod.line_last) = nullptr;
    --pod.waiting;
    const double patience = next.pod_ < patience_.size() ? patience_[next.pod_] : forever.value;
    if (now().value - next.end_ <= patience) return &next;
    next.state_ = Job::State::out;
    next.outcome = Outcome::shed;
    calendar().at(now(), next);
  }
  return nullptr;
}

void Compute::remove(Job& job) {
  Pod& pod = pods_[job.pod_];
  if (job.state_ == Job::State::waiting) {
    (job.previous_ ? job.previous_->next_ : pod.line_first) = job.next_;
    (job.next_ ? job.next_->previous_ : pod.line_last) = job.previous_;
    job.state_ = Job::State::out;
    --pod.waiting;
    return;
  }
  const double before = demand(pod);
  account(pod);
  leave_service(pod, job);
  demand_changed(job.pod_, before);
}

void Compute::fire(Activation& self) {
  Node& node = static_cast<Node&>(self);
  Compute& compute = *node.compute;
  const std::uint32_t id = node.due_pod;
  Pod& pod = compute.pods_[id];
  if (node.due_change != Change::done) [[unlikely]]
    return compute.change(id, node.due_change);
  Job& done = *pod.first;
  const double before = demand(pod);
  compute.account(pod);
  pod.progress = done.end_;  // exact, so that rounding leaves no rest
  compute.leave_service(pod, done);
  compute.demand_changed(id, before);
  done.caller_.resume();
}

void Compute::account(Pod& pod) {
  const double t = now().value;
  pod.progress += pod.rate * (t - pod.since);
  if (pod.limited) [[unlikely]]
    spend(pod, t);
  pod.since = t;
}

// Subtracts the core time that the pod has used since the last accounting from its quota. The quota was not used up in
// any of these periods, since that would have been an event.
void Compute::spend(Pod& pod, double until) {
  double since = pod.since;
  if (until >= pod.edge) {
    const double period = period_of(pod), passed = std::floor((until - pod.edge) / period);
    since = std::max(since, pod.edge + passed * period);
    pod.edge += (passed + 1) * period;
    pod.left = pod.limit * period;
    pod.throttled = false;
  }
  pod.left = std::max(0.0, pod.left - pod.cores * (until - since));
}

void Compute::change(std::uint32_t id, Change change) {
  Pod& pod = pods_[id];
  const double before = demand(pod);
  account(pod);
  pod.throttled = change == Change::throttled;
  if (change == Change::throttled)
    pod.left = 0;
  else
    pod.left = pod.limit * period_of(pod);
  demand_changed(id, before);
}

Compute::Next Compute::next_of(const Pod& pod) const {
  if (pod.throttled) return {pod.edge, Change::refilled};
  const double end = pod.since + std::max(0.0, pod.first->end_ - pod.progress) / pod.rate;
  if (!pod.limited || pod.cores == 0) return {end, Change::done};
  double out = pod.since + pod.left / pod.cores;
  if (out >= pod.edge) out = pod.cores > pod.limit ? pod.edge + pod.limit * period_of(pod) / pod.cores : forever.value;
  // Rounding alone must not throttle a job that ends at the same date.
  constexpr double rounding = 1e-12;
  return end <= out + rounding ? Next{end, Change::done} : Next{out, Change::throttled};
}

void Compute::give(Pod& pod, double cores, double speed) {
  pod.cores = pod.active ? cores : 0;
  pod.rate = pod.active ? cores * speed / pod.active : 0;
}

// Called after the accounting of the pod, when its requests in service have changed since its demand was `before`.
void Compute::demand_changed(std::uint32_t id, double before) {
  Pod& pod = pods_[id];
  Node& node = nodes_[pod.node];
  const double wanted = demand(pod);
  if (pod.place == none && pod.active > 0) {
    pod.place = node.active.size();
    node.active.push(id);
  } else if (pod.place != none && pod.active == 0) {
    const std::uint32_t moved = node.active.replace_by_last(pod.place);
    pods_[moved].place = pod.place;
    pod.place = none;
  }
  node.demand = node.active.size() == 0 ? 0 : node.demand + (wanted - before);
  const bool fits = node.demand <= node.cores * (1 + 1e-12);
  if (fits && !node.contended) {
    set_busy(node, std::min(node.cores, node.demand));
    give(pod, wanted, node.speed);
    plan(node, id);
    return;
  }
  node.contended = !fits;
  for (std::uint32_t i = 0; i < node.active.size(); ++i) account(pods_[node.active[i]]);
  share(node);
  if (pod.active == 0) give(pod, 0, node.speed);
  plan_all(node);
}

// Weighted max-min with caps: in the order of demand / weight, each takes its demand or its share of the rest.
void Compute::share(Node& node) {
  if (node.demand <= node.cores) {
    for (std::uint32_t i = 0; i < node.active.size(); ++i)
      give(pods_[node.active[i]], demand(pods_[node.active[i]]), node.speed);
    set_busy(node, node.demand);
    return;
  }
  scratch_.clear();
  for (std::uint32_t i = 0; i < node.active.size(); ++i) scratch_.push_back(node.active[i]);
  std::sort(scratch_.begin(), scratch_.end(), [this](std::uint32_t a, std::uint32_t b) {
    const double x = demand(pods_[a]) * pods_[b].weight, y = demand(pods_[b]) * pods_[a].weight;
    return x < y || (x == y && a < b);
  });
  double left = node.cores, weights = 0;
  for (const std::uint32_t id : scratch_) weights += pods_[id].weight;
  for (const std::uint32_t id : scratch_) {
    Pod& pod = pods_[id];
    const double part = std::min(demand(pod), left * (pod.weight / weights));
    give(pod, part, node.speed);
    left = std::max(0.0, left - part);
    weights -= pod.weight;
  }
  set_busy(node, node.cores);
}

// Only this pod's rate has changed: its first job may now be the node's next.
void Compute::plan(Node& node, std::uint32_t id) {
  if (node.due_pod == id || !node.scheduled()) return plan_all(node);
  const Pod& pod = pods_[id];
  if (pod.active == 0) return;
  const Next next = next_of(pod);
  if (next.date >= node.due) return;
  calendar().withdraw(node);
  node.due = next.date;
  node.due_change = next.change;
  node.due_pod = id;
  calendar().at(Seconds(node.due), node);
}

void Compute::plan_all(Node& node) {
  double due = forever.value;
  Change change = Change::done;
  std::uint32_t first = none;
  for (std::uint32_t i = 0; i < node.active.size(); ++i) {
    const std::uint32_t id = node.active[i];
    const Next next = next_of(pods_[id]);
    if (next.date < due || (next.date == due && id < first)) {
      due = next.date;
      change = next.change;
      first = id;
    }
  }
  if (node.scheduled()) {
    if (due == node.due && first == node.due_pod && change == node.due_change) return;
    calendar().withdraw(node);
  }
  node.due = due;
  node.due_change = change;
  node.due_pod = first;
  if (first != none) calendar().at(Seconds(std::max(due, now().value)), node);
}

void Compute::set_busy(Node& node, double cores) {
  account(node);
  busy_cores_ += cores - node.busy;
  node.busy = cores;
  const double watts = node.on ? node.power->at(cores / node.cores).value : 0;
  watts_ += watts - node.watts;
  node.watts = watts;
}

void Compute::account(Node& node) {
  const double span = now().value - node.since;
  node.joules += node.watts * span;
  node.busy_seconds += node.busy * span;
  node.since = now().value;
}

void Compute::set_on(NodeId id, bool on) {
  Node& node = nodes_[id.index];
  ensure(on || node.active.size() == 0, "a node was switched off under its pods");
  account(node);
  node.on = on;
  set_busy(node, 0);
}

Joules Compute::energy(NodeId id) {
  account(nodes_[id.index]);
  return Joules(nodes_[id.index].joules);
}

CoreSeconds Compute::busy(NodeId id) {
  account(nodes_[id.index]);
  return CoreSeconds(nodes_[id.index].busy_seconds);
}

void Compute::reset_totals() {
  for (Node& node : nodes_) {
    account(node);
    node.joules = node.busy_seconds = 0;
  }
}

}  // namespace codecosim
