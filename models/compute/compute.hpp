#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/table.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

class Job;

/// The processors of all nodes and the pods that share them.
///
/// Claim: a node's cores are shared among its pods as Linux CFS shares them under Kubernetes. Each pod gets at most one
/// core per request in service. Under contention cores are divided in proportion to CPU requests (weights), and cores
/// that one pod cannot use go to the others (weighted max-min, work-conserving). In a pod, requests in service share
/// its cores equally; at most `concurrency` are in service, and the others wait in a first-in-first-out queue. A pod
/// with a limit has a quota of core time in each period; when it is used up, the pod is throttled until the next period
/// begins. The unused rest of a quota is lost. Periods follow each other without a gap; those of different pods begin
/// at different dates.
/// Equation: cores(p) = min(demand(p), weight(p) * level) with the level at which the sum is the node's cores, or
/// demand(p) where all fit; demand(p) = requests in service, 0 while throttled; quota(p) = limit(p) * period. Work done
/// per second = cores * speed. Source: Linux Documentation/scheduler/sched-design-CFS.rst and sched-bwc.rst; Kubernetes
/// "Resource management for Pods"; the kubelet's cpuCFSQuotaPeriod. Valid for: requests of one thread; no cost of
/// switching; quota handed out without the kernel's slices of 5 ms. Checked by: tests/physics/compute_test.cpp,
/// tests/physics/quota_test.cpp, tests/physics/queues_test.cpp.
class Compute {
 public:
  explicit Compute(const Federation&);

  struct PodSpec {
    Cores request;     ///< Weight under contention; Kubernetes' minimum of 2 shares (2 m) applies.
    Cores limit{1e9};  ///< A value of 1e9 or more is no limit.
    std::uint32_t concurrency = 1;
    std::uint32_t max_queue = unbounded;  ///< Requests that may wait; more end as `queue_full`.
    Seconds queue_timeout = forever;      ///< One that has waited longer when its turn comes ends as `shed`.
  };
  static constexpr std::uint32_t unbounded = 0xffffffff;
  /// Adds a pod, bound to no node yet.
  PodId add_pod(const PodSpec&);
  /// Binds a pod: from now on its jobs run on this node.
  void bind(PodId, NodeId);
  /// Ends all its jobs as `gone`; new ones are refused until it is bound again.
  void unbind(PodId);
  NodeId node_of(PodId pod) const { return {pods_[pod.index].node}; }
  bool bound(PodId pod) const { return pods_[pod.index].node != none; }
  /// The number of times that a pod has been bound. Each time it loses the content of its memory.
  std::uint32_t bindings(PodId pod) const { return pods_[pod.index].bindings; }

  /// `Outcome o = co_await compute.run(pod, work)`: waits for service and for the work to be done; `gone` when the pod
  /// is unbound, `queue_full` or `shed` where it has too much to do.
  inline Job run(PodId, CoreSeconds work);

  /// Switches a node on or off. A node that is off draws no power and runs nothing; its pods must have been unbound.
  void set_on(NodeId, bool on);
  bool on(NodeId node) const { return nodes_[node.index].on; }

  /// Number of requests that have ever arrived at a pod.
  std::uint32_t started(PodId pod) const { return pods_[pod.index].started; }
  /// Number of requests in service and in the queue.
  std::size_t load(PodId pod) const { return pods_[pod.index].active + pods_[pod.index].waiting; }
  /// Energy and core time used by a node until now, since reset_totals().
  Joules energy(NodeId);
  CoreSeconds busy(NodeId);
  /// Power drawn by a node now.
  Watts power(NodeId node) const { return Watts(nodes_[node.index].watts); }
  /// Number of its cores that are busy now.
  Cores busy_cores(NodeId node) const { return Cores(nodes_[node.index].busy); }
  /// Power drawn and cores busy now, over all nodes.
  Watts power() const { return Watts(watts_); }
  Cores busy_cores() const { return Cores(busy_cores_); }
  void reset_totals();

 private:
  friend class Job;
  static constexpr std::uint32_t none = 0xffffffff;

  /// The fields that an uncontended request uses are in the first cache line.
  struct alignas(64) Pod {
    double progress = 0;   // work that each request in service has received [core s]
    double rate = 0;       // of progress [core s/s]
    double since = 0;      // date of the last update of progress
    double cores = 0;      // cores that it has
    Job* first = nullptr;  // in service, by the progress at which they end; circular: before the first is the last
    std::uint32_t node = none;
    std::uint32_t active = 0, waiting = 0;
    std::uint32_t concurrency = 1;
    std::uint32_t place = none;  // among the node's active pods
    std::uint32_t started = 0;
    std::uint32_t bindings = 0;
    std::uint32_t max_queue = unbounded;
    double weight = 0;
    Job* line_first = nullptr;  // waiting
    Job* line_last = nullptr;
    double limit = 0;      // [cores]
    double left = 0;       // rest of the quota of this period [core s]
    double edge = 0;       // end of this period
    bool limited = false;  // whether the three fields before are used
    bool throttled = false;
  };
  static_assert(sizeof(Pod) == 128);

  /// Pods of a node with requests in service. One is the usual case and needs no memory of its own.
  class ActivePods {
   public:
    std::uint32_t size() const { return size_; }
    std::uint32_t operator[](std::uint32_t i) const { return i == 0 ? first_ : (*rest_)[i - 1]; }
    void push(std::uint32_t pod) {
      if (size_++ == 0) {
        first_ = pod;
        return;
      }
      if (!rest_) rest_ = std::make_unique<std::vector<std::uint32_t>>();
      rest_->push_back(pod);
    }
    /// Puts the last in the place of the i-th and returns it.
    std::uint32_t replace_by_last(std::uint32_t i) {
      const std::uint32_t last = (*this)[--size_];
      if (size_ > 0) rest_->pop_back();
      if (i < size_) (i == 0 ? first_ : (*rest_)[i - 1]) = last;
      return last;
    }

   private:
    std::uint32_t size_ = 0;
    std::uint32_t first_ = none;
    std::unique_ptr<std::vector<std::uint32_t>> rest_;
  };

  /// The next event of a pod: a job is done, its quota is used up, or a period begins with a new quota.
  enum class Change : std::uint8_t { done, throttled, refilled };
  struct Next {
    double date;
    Change change;
  };

  /// A node fires at the first of these events of its pods.
  struct alignas(64) Node : Activation {
    explicit Node(Compute& owner, const NodeType& kind);
    Node(Node&& other) noexcept;
    double due = 0;
    std::uint32_t due_pod = none;
    Change due_change{};
    bool on = true, contended = false;
    double busy = 0, demand = 0;  // cores
    double cores, speed;
    ActivePods active;
    Compute* compute;
    const PowerModel* power;
    double since = 0, busy_seconds = 0, watts = 0, joules = 0;
  };
  static_assert(sizeof(Node) == 128);

  static void fire(Activation&);
  void start(Job&);
  void enter_service(Pod&, Job&);
  /// The next in line that goes into service, if any. Those that have waited too long are dropped.
  Job* next_in_line(Pod&);
  void leave_service(Pod&, Job&);
  void remove(Job&);
  void account(Pod&);
  void spend(Pod&, double until);
  void change(std::uint32_t pod, Change);
  Next next_of(const Pod&) const;
  double period_of(const Pod& pod) const { return periods_[pod.node]; }
  void give(Pod&, double cores, double speed);
  void demand_changed(std::uint32_t pod, double before);
  void share(Node&);
  void plan(Node&, std::uint32_t pod);
  void plan_all(Node&);
  void set_busy(Node&, double cores);
  void account(Node&);
  static double demand(const Pod& pod) { return pod.throttled ? 0 : pod.active; }

  Table<Pod> pods_;
  Table<Node> nodes_;
  std::vector<double> periods_;   // of quotas, by node [s]
  std::vector<double> patience_;  // longest wait, by pod, where any has a bound [s]
  std::vector<std::uint32_t> scratch_;
  double watts_ = 0, busy_cores_ = 0;
};

/// A request that runs, or waits to run, in a pod. Destroying it removes it.
class Job : public Waiter {
 public:
  Job(Compute& compute, PodId pod, CoreSeconds work) : compute_(compute), pod_(pod.index), work_(work.value) {}
  ~Job() {
    if (state_ != State::out) compute_.remove(*this);
  }
  bool await_ready() {
    const Compute::Pod& pod = compute_.pods_[pod_];
    if (pod.node == Compute::none) {
      outcome = Outcome::refused;
      return true;
    }
    if (pod.active < pod.concurrency || pod.waiting < pod.max_queue) return false;
    outcome = Outcome::queue_full;
    return true;
  }
  void await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    compute_.start(*this);
  }
  Outcome await_resume() const { return outcome; }

 private:
  friend class Compute;
  enum class State : std::uint8_t { out, waiting, running };
  Compute& compute_;
  std::uint32_t pod_;
  State state_ = State::out;
  double work_;
  double end_ = 0;  // the pod's progress at which it is done; before its service the date at which it came
  Job* previous_ = nullptr;
  Job* next_ = nullptr;
};

inline Job Compute::run(PodId pod, CoreSeconds work) { return {*this, pod, work}; }

}  // namespace codecosim
