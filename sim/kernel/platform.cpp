#include "sim/kernel/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <utility>

#include "sim/kernel/simgrid_compat.hpp"

namespace codecosim {

namespace sg = simgrid_compat::sg;
namespace routing = simgrid_compat::routing;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
// CM02 weights a flow by one over its latency, and treats a latency of zero as one second.
constexpr double least_latency = 1e-6;
constexpr double precision = 1e-9;  // SimGrid's surf/precision, by default

/// A flat zone: its route between any two points is the one that is set just before a flow starts.
class Zone : public routing::NetZoneImpl {
 public:
  explicit Zone(const std::string& name) : NetZoneImpl(name) {}
  void get_local_route(const routing::NetPoint*, const routing::NetPoint*, routing::Route* into,
                       double* into_latency) override {
    for (const sg::Link* link : route) into->link_list_.push_back(link->get_impl());
    if (into_latency) *into_latency += latency;
  }
  std::vector<const sg::Link*> route;
  double latency = 0;
};

/// The step that, added to `clock`, gives exactly `date`: rounding could miss it by one unit in the last place.
double step_to(double clock, double date) {
  double step = date - clock;
  while (clock + step < date) step = std::nextafter(step, infinity);
  while (clock + step > date && step > 0) step = std::nextafter(step, 0.0);
  return step;
}
constexpr double largest_flow = 9e18;  // [B] SimGrid counts in whole bytes, in 64 bits with a sign
}  // namespace

struct Platform::Flow {
  enum class State { waiting, running, ended };
  std::vector<Pipe> route;
  double latency = 0;
  double size = 0;
  Activation* then = nullptr;  // null: no caller waits for it any more
  sg::CommPtr comm;
  const simgrid::kernel::resource::Action* action = nullptr;  // while it is running
  double moved = 0;                                           // of a flow that is not running
  State state = State::ended;
  bool on_its_way = false;  // for flows of equal weight: its latency has begun
  std::size_t place = 0;    // among those running
};

struct Platform::Engine {
  struct Link {
    sg::Link* link = nullptr;
    double declared = 0;           // the first bandwidth given to SimGrid; it bounds each flow by this at its start
    double capacity = 0;           // the capacity given to the solver now
    Outcome down = Outcome::done;  // the outcome of flows on it while it is down; done: it is up
    std::vector<Flow*> flows;
    double wakes = -1;  // the date at which the latency of the flow that began last with this link is over
    double rate = 0;    // of all flows, in the turn `summed_in`
    double shared = 0;  // the capacity that the solver used last
    std::uint64_t summed_in = 0;
  };

  /// The calendar as SimGrid sees it.
  class Model : public simgrid::kernel::resource::Model {
   public:
    explicit Model(Engine& engine) : simgrid::kernel::resource::Model("calendar"), engine_(engine) {}
    double next_occurring_event(double clock) override { return engine_.next(clock); }
    void update_actions_state(double clock, double delta) override { engine_.update(clock, delta); }

   private:
    Engine& engine_;
  };

  /// Hands the requests of this date to SimGrid.
  class Sync : public Activation {
   public:
    explicit Sync(Engine& engine) : Activation(&Sync::fire), engine_(engine) {
      calendar().name_kind(&Sync::fire, "SimGrid");
    }
    static void fire(Activation& self) { static_cast<Sync&>(self).engine_.apply(); }

   private:
    Engine& engine_;
  };

  /// When the latency of a flow is over, SimGrid shares anew the links that are connected with the flow's first link,
  /// unless it has marked that link already. Of two flows over one first link whose latency is over at one date, the
  /// other links of the second flow keep their shares, and carry more than their capacity. So those links are marked
  /// here.
  class Wake : public Activation {
   public:
    explicit Wake(Engine& engine) : Activation(&Wake::fire), engine_(engine) {
      calendar().name_kind(&Wake::fire, "SimGrid");
    }
    static void fire(Activation& self) { static_cast<Wake&>(self).engine_.share_woken(); }

   private:
    Engine& engine_;
  };

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  explicit Engine(const FlowSharing& flow_sharing) : sharing(flow_sharing), sync(*this), wake_up(*this) {
    static bool exists = false;
    ensure(!std::exchange(exists, true), "SimGrid's clock never starts over: there is one platform in a process");
    static int argc = 1;
    static char program[] = "codecosim";
    static char* argv[] = {program, nullptr};
    engine = std::make_unique<sg::Engine>(&argc, argv);
    xbt_log_control_set("root.thresh:warning");
    sg::Engine::set_config("network/model:CM02");
    sg::Engine::set_config("network/crosstraffic:0");
    sg::Engine::set_config("network/optim:Lazy");
    sg::Engine::set_config(fmt::format("network/TCP-gamma:{}", sharing.tcp_window.value));
    zone = new Zone("flows");  // SimGrid owns its zones
    simgrid_compat::attach(*engine, *zone);
    here = simgrid_compat::add_host(*zone->get_iface(), "here");
    there = simgrid_compat::add_host(*zone->get_iface(), "there");
    zone->get_iface()->seal();
    // Links go into a zone that is no part of the tree, and so is never sealed: they can be made while the simulation
    // runs.
    static Zone* const unsealed = new Zone("links");  // like all of SimGrid's, it lasts as long as the process
    links_zone = unsealed;
    links_zone->set_network_model(zone->get_network_model());
    simgrid_compat::on_comm_end([this](const sg::Comm& comm, bool done) {
      if (Flow* flow = comm.get_data<Flow>()) ended(*flow, done ? Outcome::done : Outcome::link_down);
    });
    engine->add_model(std::make_shared<Model>(*this));
    calendar().driver = [this](double horizon) {
      end = horizon;
      over = ending = false;
      engine->run();
    };
  }

  double next(double clock) {
    ++turn;
    double limit = infinity;
    for (auto* model : engine->get_all_models())
      if (!model->get_action_heap().empty()) limit = std::min(limit, model->get_action_heap().top_date());
    // SimGrid ends actions that are due within its precision of its clock: one more turn would end an action early that
    // begins just now.
    const bool turns = limit > clock + precision;
    const double date = over ? infinity : calendar().next(limit, turns);
    if (date < 0) return promised = 0;
    if (!over && (calendar().stopped() || (date == infinity && limit > end))) {
      ending = true;
      return promised = calendar().stopped() || end <= clock || end > 1e299 ? 0 : step_to(clock, end);
    }
    if (date == infinity) return promised = -1;
    promised_date = date;
    return promised = date > clock ? step_to(clock, date) : 0;
  }

  void update(double clock, double delta) {
    ++turn;
    graveyard.clear();
    if (promised < 0 || delta < promised) return;
    if (ending) {
      over = true;
      ending = false;
      calendar().catch_up(clock);
      for (Flow* flow : running)
        if (flow->comm) {
          stop_counting(*flow);
          cancel(*flow);
        }
      running.clear();
    } else if (promised_date <= clock) {
      calendar().due(promised_date);
    }
  }

  void ask(Flow* flow) {
    asked.push_back(flow);
    wake();
  }
  void wake() {
    if (!sync.scheduled()) calendar().at_in_engine(now(), sync);
  }

  void apply() {
    for (const Pipe pipe : rerated) {
      Link& link = links[pipe];
      if (link.link && !link.flows.empty())
        link.link->set_bandwidth(link.declared);  // the same value makes the solver ask again
    }
    rerated.clear();
    std::vector<Flow*> now_asked;
    now_asked.swap(asked);
    for (Flow* flow : now_asked) {
      if (flow->then == nullptr)
        drop(*flow);
      else if (flow->state == Flow::State::waiting)
        begin(*flow);
    }
  }

  void note_waking(const Flow& flow, double latency) {
    const double wakes = now().value + latency;
    if (std::exchange(links[flow.route.front()].wakes, wakes) != wakes) return;
    std::vector<Pipe>& others = woken[wakes].pipes;
    others.insert(others.end(), flow.route.begin() + 1, flow.route.end());
    plan_wake_up();
  }

  void plan_wake_up() {
    if (wake_up.scheduled()) calendar().withdraw(wake_up);
    if (!woken.empty()) calendar().at_in_engine(Seconds(woken.begin()->first), wake_up);
  }

  void share_woken() {
    while (!woken.empty() && woken.begin()->first <= now().value) {
      const Woken& now_woken = woken.begin()->second;
      rerated.insert(rerated.end(), now_woken.pipes.begin(), now_woken.pipes.end());
      asked.insert(asked.end(), now_woken.flows.begin(), now_woken.flows.end());
      woken.erase(woken.begin());
    }
    apply();
    plan_wake_up();
  }

  /// The reason why the flow cannot begin; done: there is none.
  Outcome obstacle(const Flow& flow) const {
    for (const Pipe pipe : flow.route)
      if (links[pipe].down != Outcome::done) return links[pipe].down;
    return Outcome::done;
  }

  void begin(Flow& flow) {
    if (const Outcome obstacle = this->obstacle(flow); obstacle != Outcome::done) return tell(flow, obstacle);
    const bool equal = sharing.weights == FlowSharing::Weights::equal;
    if (equal && !std::exchange(flow.on_its_way, true)) return begin_later(flow);
    zone->route.clear();
    for (const Pipe pipe : flow.route) {
      Link& link = links[pipe];
      if (!link.link) make(pipe);
      zone->route.push_back(link.link);
      if (link.flows.empty()) link.shared = link.capacity;
      link.flows.push_back(&flow);
    }
    zone->latency = equal ? least_latency : std::max(flow.latency, least_latency);
    note_waking(flow, zone->latency);
    ++turn;
    flow.state = Flow::State::running;
    flow.place = running.size();
    running.push_back(&flow);
    flow.comm = sg::Comm::sendto_init(here, there);
    flow.comm->set_data(&flow);
    const auto whole = static_cast<std::uint64_t>(std::llround(std::max(1.0, flow.size)));
    flow.comm->set_payload_size(whole);
    flow.comm->start();
    simgrid::kernel::resource::Action* const action = simgrid_compat::last_started(*engine);
    ensure(action && action->get_cost() == static_cast<double>(whole),
           "the action that SimGrid has started last is not the flow's");
    if (equal && flow.latency > least_latency) action->set_bound(sharing.tcp_window.value / (2 * flow.latency));
    flow.action = action;
  }

  /// SimGrid weights a flow by one over the latency for which the flow waits in SimGrid. So flows of equal weight wait
  /// here.
  void begin_later(Flow& flow) {
    woken[now().value + std::max(0.0, flow.latency - least_latency)].flows.push_back(&flow);
    plan_wake_up();
  }

  /// Ends the flows that wait to begin over a link that has gone down.
  void give_up_waiting(Pipe down, Outcome why) {
    const auto lost = [&](Flow* flow) {
      const bool waits = flow->then && flow->state == Flow::State::waiting;
      const bool hit = waits && std::ranges::find(flow->route, down) != flow->route.end();
      if (hit) tell(*flow, why);
      return hit;
    };
    std::erase_if(asked, lost);
    for (auto& [date, waking] : woken) std::erase_if(waking.flows, lost);
  }

  /// SimGrid's clock may be behind: rates stay the same until SimGrid's next own event.
  static double moved(const Flow& flow) {
    if (!flow.action) return flow.moved;
    const simgrid::kernel::resource::Action& action = *flow.action;
    const double since = action.get_last_update();
    const double left = action.get_remains_no_update() - action.get_last_value() * std::max(0.0, now().value - since);
    return std::clamp(flow.size - left, 0.0, flow.size);
  }

  void make(Pipe pipe) {
    Link& link = links[pipe];
    link.link = simgrid_compat::add_link(*links_zone->get_iface(), fmt::format("pipe-{}", pipe), link.declared);
    link.link->set_latency(0);
    // SimGrid bounds each flow for its lifetime by the smallest bandwidth on its path at its start. So this callback
    // gives a changed capacity to the solver, and the bandwidth itself never changes.
    link.link->set_sharing_policy(sg::Link::SharingPolicy::NONLINEAR, [this, pipe](double, int) {
      links[pipe].shared = links[pipe].capacity;
      return std::max(links[pipe].capacity, 1e-6);
    });
    link.link->seal();
  }

  void ended(Flow& flow, Outcome outcome) {
    if (flow.state != Flow::State::running) return;
    calendar().catch_up(sg::Engine::get_clock());
    if (outcome == Outcome::done) {
      flow.moved = flow.size;
      flow.action = nullptr;
    }
    leave(flow);
    graveyard.push_back(std::move(flow.comm));  // SimGrid still uses it during the callback
    tell(flow, outcome);
  }

  void tell(Flow& flow, Outcome outcome) {
    flow.state = Flow::State::ended;
    if (flow.then == nullptr) return;
    flow.then->outcome = outcome;
    calendar().at(now(), *flow.then);
  }

  /// Keeps the bytes that the flow has moved, since SimGrid soon destroys the action.
  void stop_counting(Flow& flow) {
    ++turn;
    flow.moved = moved(flow);
    flow.action = nullptr;
  }

  void leave(Flow& flow) {
    stop_counting(flow);
    flow.state = Flow::State::ended;
    for (const Pipe pipe : flow.route) std::erase(links[pipe].flows, &flow);
    running[flow.place] = running.back();
    running[flow.place]->place = flow.place;
    running.pop_back();
  }

  void cancel(Flow& flow) {
    const sg::CommPtr comm = std::move(flow.comm);
    comm->set_data(nullptr);
    comm->cancel();
    graveyard.push_back(comm);
  }

  void drop(Flow& flow) {
    if (flow.state == Flow::State::running) leave(flow);
    if (flow.comm) cancel(flow);
    recycle(flow);
  }

  void recycle(Flow& flow) {
    flow.state = Flow::State::ended;
    spare.push_back(&flow);
  }

  const FlowSharing sharing;
  std::unique_ptr<sg::Engine> engine;
  Zone* zone = nullptr;
  Zone* links_zone = nullptr;
  sg::Host* here = nullptr;
  sg::Host* there = nullptr;
  std::vector<Link> links;
  std::vector<Pipe> rerated;
  std::deque<Flow> flows;
  std::vector<Flow*> spare, asked, running;
  std::vector<sg::CommPtr> graveyard;
  Sync sync;
  Wake wake_up;
  struct Woken {
    std::vector<Pipe> pipes;   // links to mark
    std::vector<Flow*> flows;  // flows that begin
  };
  std::map<double, Woken> woken;  // by date
  std::uint64_t turn = 1;         // number of SimGrid's turn; within a turn, rates do not change
  double end = infinity;
  double promised = -1, promised_date = 0;
  bool ending = false, over = false;
};

Platform::Platform(const FlowSharing& sharing) : engine_(std::make_unique<Engine>(sharing)) {}
Platform::~Platform() {
  calendar().driver = nullptr;
  // SimGrid prints warnings about communications that are destroyed before their end; so those of a run that was cut
  // short are detached.
  for (Flow& flow : engine_->flows) flow.comm.detach();
  for (sg::CommPtr& comm : engine_->graveyard) comm.detach();
}

std::string Platform::simgrid_version() { return simgrid_compat::version(); }

Platform::Pipe Platform::add_pipe(BytesPerSecond capacity) {
  engine_->links.push_back({nullptr, capacity.value, capacity.value, Outcome::done, {}});
  return static_cast<Pipe>(engine_->links.size() - 1);
}

void Platform::set_capacity(Pipe pipe, BytesPerSecond capacity) {
  Engine::Link& link = engine_->links[pipe];
  ensure(capacity.value <= link.declared * (1 + 1e-12), "a pipe was given more than it was declared with");
  if (link.capacity == capacity.value) return;
  link.capacity = capacity.value;
  if (!link.link) return;
  engine_->rerated.push_back(pipe);
  engine_->wake();
}

void Platform::set_up(Pipe pipe) { engine_->links[pipe].down = Outcome::done; }

void Platform::set_down(Pipe pipe, Outcome why) {
  Engine::Link& link = engine_->links[pipe];
  link.down = why;
  const std::vector<Flow*> hit = link.flows;
  for (Flow* flow : hit) {
    engine_->leave(*flow);
    engine_->tell(*flow, why);  // the owner releases the flow, which cancels SimGrid's communication
  }
  engine_->give_up_waiting(pipe, why);
}

std::size_t Platform::flows(Pipe pipe) const { return engine_->links[pipe].flows.size(); }

// This is called for each message that shares a link with flows, so the sum is cached: SimGrid shares anew only in its
// own turns.
BytesPerSecond Platform::rate(Pipe pipe) const {
  Engine::Link& link = engine_->links[pipe];
  if (link.summed_in == engine_->turn) return BytesPerSecond(link.rate);
  link.summed_in = engine_->turn;
  link.rate = 0;
  for (const Flow* flow : link.flows) link.rate += flow->action ? flow->action->get_last_value() : 0;
  return BytesPerSecond(link.rate);
}

BytesPerSecond Platform::left(Pipe pipe) const { return BytesPerSecond(engine_->links[pipe].shared) - rate(pipe); }

std::span<const Platform::Pipe> Platform::route(const Flow* flow) const { return flow->route; }

Bytes Platform::moved(Pipe pipe) const {
  double sum = 0;
  for (const Flow* flow : engine_->links[pipe].flows) sum += Engine::moved(*flow);
  return Bytes(sum);
}

Bytes Platform::moved(const Flow* flow) const { return Bytes(Engine::moved(*flow)); }
std::size_t Platform::running() const { return engine_->running.size(); }

Platform::Flow* Platform::start(std::span<const Pipe> route, Seconds latency, Bytes size, Activation& then) {
  Flow* flow = nullptr;
  if (engine_->spare.empty()) {
    flow = &engine_->flows.emplace_back();
  } else {
    flow = engine_->spare.back();
    engine_->spare.pop_back();
  }
  flow->route.assign(route.begin(), route.end());
  flow->latency = latency.value;
  flow->size = std::min(size.value, largest_flow);
  flow->then = &then;
  flow->moved = 0;
  flow->on_its_way = false;
  if (route.empty()) {
    flow->moved = flow->size;
    then.outcome = Outcome::done;
    calendar().at(now() + latency, then);
    return flow;
  }
  flow->state = Flow::State::waiting;
  engine_->ask(flow);
  return flow;
}

void Platform::release(Flow* flow) {
  flow->then = nullptr;
  if (flow->state == Flow::State::waiting) return;  // it is dropped at its turn
  if (flow->state == Flow::State::ended && !flow->comm) return engine_->recycle(*flow);
  engine_->ask(flow);
}

Platform::Transfer::~Transfer() {
  if (flow_) platform_.release(flow_);
}

void Platform::Transfer::await_suspend(std::coroutine_handle<> caller) {
  caller_ = caller;
  flow_ = platform_.start(route_, latency_, size_, *this);
}

}  // namespace codecosim
