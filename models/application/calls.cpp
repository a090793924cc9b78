#include "models/application/calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/quantity_text.hpp"

namespace codecosim {

/// A request at a pod, or on its way there or back, from its routing to its end.
class Calls::Visit {
 public:
  Visit(Applications& applications, const Endpoints::Way& way) : applications_(applications), way_(way), pod_(way.pod) {
    if (pod_) applications_.enter_request(pod_);
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  // What has not been answered, or is cancelled, ends here.
  ~Visit() {
    try {
      end(false);
    } catch (...) {
      calendar().fail(std::current_exception());
    }
  }
  void end(bool answered) {
    if (!pod_) return;
    applications_.leave_request(pod_);
    pod_ = {};
    applications_.endpoints.ended(way_, since_, answered);
  }
  PodId& pod() { return pod_; }

 private:
  Applications& applications_;
  Endpoints::Way way_;
  Seconds since_ = now();
  PodId pod_;
};

/// Counts one in as long as it lives.
class Calls::Count {
 public:
  explicit Count(std::uint32_t& number) : number_(number) { ++number_; }
  ~Count() { --number_; }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;

 private:
  std::uint32_t& number_;
};

Calls::Calls(World& world, Applications& applications, Transport transport, Seconds warmup)
    : world_(world), applications_(applications), transport_(transport), measured_from_(warmup) {}

Task<Served> Calls::make(const Call& call, Rng& rng) {
  return call.spec->handling.any() ? with_handling(call, rng) : exchange(call, rng);
}

Task<Served> Calls::exchange(const Call& call, Rng& rng) {
  Visit visit(applications_, applications_.endpoints.route(applications_.service(call.application, call.to),
                                                           call.from.cluster, call.client.index, rng));
  if (!visit.pod()) co_return Served{};
  NodeId node = applications_.address(visit.pod());
  const Seconds sent = now();
  const Vlinks::Way way = way_of(call, node);
  Message message(world_.network, way.service_class, transport_);
  const Bytes size = call.attempt == 0 ? call.spec->request.sample(rng) : call.size;
  Outcome outcome = attribute_loss(call, node, co_await message.carry(call.from, address_of(node), size, way.there));
  if (!call.by_client()) note_delay(call, node, sent, outcome);
  if (outcome == Outcome::done && applications_.node(visit.pod()) != node) outcome = Outcome::gone;
  if (outcome == Outcome::done && applications_.any_moving()) [[unlikely]] {
    outcome = co_await follow(visit.pod(), message);
    node = applications_.node(visit.pod());
  }
  if (outcome != Outcome::done) co_return Served{outcome, node, true};

  outcome = co_await world_.compute.run(visit.pod(), applications_.component(visit.pod()).work.sample(rng));
  if (outcome == Outcome::done) outcome = co_await onward(call.client, call.application, call.to, visit.pod(), rng);
  if (applications_.node(visit.pod()) != node)
    co_return Served{outcome == Outcome::done ? Outcome::gone : outcome, node, true};
  if (outcome != Outcome::done && !call.spec->handling.any()) co_return Served{outcome, node};

  const Bytes answer = outcome == Outcome::done ? call.spec->reply.sample(rng) : error_size;
  // Both ends may have moved by now.
  const Outcome back = attribute_loss(
      call, node,
      co_await message.carry(address_of(node), world_.network.address(call.from.endpoint), answer, way.back));
  if (back != Outcome::done) co_return Served{back, node, true};
  visit.end(outcome == Outcome::done);
  co_return Served{outcome, node};
}

Vlinks::Way Calls::way_of(const Call& call, NodeId callee) const {
  if (call.by_client()) return {call.spec->service_class, {}, {}};
  return applications_.vlinks.way(vlink(call, callee), call.spec->service_class);
}

void Calls::note_delay(const Call& call, NodeId callee, Seconds sent, Outcome outcome) {
  const Seconds delay = now() - sent;
  const ChannelSpec& channel = applications_.spec(call.application).channels[call.channel];
  const bool late = outcome != Outcome::done || delay > channel.max_delay;
  applications_.vlinks.called(vlink(call, callee), late);
  if (outcome != Outcome::done || sent < measured_from_) return;
  world_.metrics.channel_delay.add(delay.value);
  world_.metrics.channel_late += late;
}

Task<Served> Calls::attempt(Call call, Rng rng) {
  if (call.attempt > 0) rng = rng.stream(call.attempt);
  co_return co_await exchange(call, rng);
}

Task<Served> Calls::with_handling(const Call& call, Rng& rng) {
  const CallHandling::Retries& retries = call.spec->handling.retries;
  const Seconds over = now() + call.spec->handling.timeout;
  Active& active =
      active_[std::uint64_t{applications_.service(call.application, call.to).index} << 32 | call.from.cluster.index];
  const Count counted(active.calls);
  ++counts_.handled;
  std::optional<Count> counted_again;
  const Rng content = rng;
  Rng pauses = rng.stream("retries");
  Call next = call;
  next.size = call.spec->request.sample(rng);
  for (std::uint32_t n = 0;; ++n) {
    const Served served = co_await one_try(next, content, std::min(over, now() + retries.per_try_timeout));
    if (served.outcome == Outcome::done || n == retries.attempts || now() >= over) co_return served;
    if (!counted_again) {
      if (active.retries >= std::max(retries.budget * active.calls, static_cast<double>(retries.least_concurrent))) {
        ++counts_.over_budget;
        co_return served;
      }
      counted_again.emplace(active.retries);
    }
    const Seconds longest = std::min(retries.backoff * (std::exp2(n + 1) - 1), retries.most_backoff);
    co_await until(std::min(over, now() + longest * pauses.uniform()));
    if (now() >= over) co_return Served{Outcome::timed_out, served.node};
    ++counts_.retries;
  }
}

Task<Served> Calls::one_try(Call& call, const Rng& content, Seconds until) {
  const CallHandling::Hedge& hedge = call.spec->handling.hedge;
  Tries tries(call.spec->handling.cancel ? Tries::Rest::is_cancelled : Tries::Rest::goes_on);
  const Seconds begun = now();
  Served last;
  for (std::uint32_t beside = 0;; ++beside) {
    if (world_.network.any_on_the_air()) call.from = world_.network.address(call.from.endpoint);
    tries.start(attempt(call, content));
    ++call.attempt;
    counts_.hedges += beside > 0;
    const Seconds next = beside < hedge.most ? begun + hedge.after * (beside + 1) : forever;
    for (;;) {
      const std::optional<Served> ended = co_await tries.next(std::min(until, next));
      if (!ended) break;
      last = *ended;
      const bool could_come = tries.open() > 0 || (last.silent && std::min(until, next) < forever);
      if (last.outcome == Outcome::done || !could_come) co_return last;
    }
    if (now() < until) continue;
    ++counts_.given_up;
    co_return Served{Outcome::timed_out, last.node};
  }
}

Task<Outcome> Calls::onward(ClientId client, ApplicationId app, std::uint32_t component, PodId caller, Rng& rng) {
  const std::vector<ChannelSpec>& channels = applications_.spec(app).channels;
  const NodeId node = applications_.node(caller);
  if (!node) co_return Outcome::gone;
  Group<Served> parallel(Group<Served>::Rest::goes_on);
  for (std::uint32_t c = 0; c < channels.size(); ++c) {
    const ChannelSpec& channel = channels[c];
    if (channel.from != component) continue;
    if (!channel.parallel && parallel.open() > 0) {
      const Outcome joined = co_await join(parallel);
      if (joined != Outcome::done) co_return joined;
    }
    if (channel.probability < 1 && !rng.chance(channel.probability)) continue;
    const std::uint32_t times = number_of_calls(channel, app, rng);
    const Call call{address_of(node), node, client, app, channel.to, c, 0, &channel};
    const bool waits_for_each = !channel.parallel && !channel.one_way;
    for (std::uint32_t n = 0; n < times; ++n) {
      if (waits_for_each && !channel.handling.any()) {
        const Served served = co_await make(call, rng);
        if (served.outcome != Outcome::done) co_return served.outcome;
        continue;
      }
      Task<Served> one = alone(call, rng.stream(c).stream(n));
      if (channel.one_way) {
        spawn(forget(std::move(one)));
      } else if (channel.parallel) {
        parallel.start(std::move(one));
      } else {
        const Served served = co_await one;
        if (served.outcome != Outcome::done) co_return served.outcome;
      }
    }
  }
  if (parallel.open() == 0) co_return Outcome::done;
  co_return co_await join(parallel);
}

std::uint32_t Calls::number_of_calls(const ChannelSpec& channel, ApplicationId app, Rng& rng) const {
  constexpr double most = 10'000;
  const double drawn = std::max(0.0, std::round(channel.calls.sample(rng)));
  if (drawn <= most) return static_cast<std::uint32_t>(drawn);
  const std::vector<ComponentSpec>& components = applications_.spec(app).components;
  throw Error(Failure::model, fmt::format("a request of {} at {} makes {:.3g} calls from \"{}\" to \"{}\"; at most "
                                          "{:.0f} can be simulated: \"calls\" of this channel is a law without a bound",
                                          applications_.Catalogue::name(app), readable(now()), drawn,
                                          components[channel.from].name, components[channel.to].name, most));
}

Task<Outcome> Calls::join(Group<Served>& parallel) {
  while (parallel.open() > 0) {
    const std::optional<Served> ended = co_await parallel.next();
    if (ended->outcome != Outcome::done) co_return ended->outcome;
  }
  co_return Outcome::done;
}

Task<Served> Calls::alone(Call call, Rng rng) { co_return co_await make(call, rng); }

Process Calls::forget(Task<Served> call) { co_await call; }

Task<Outcome> Calls::follow(PodId& pod, Message& message) {
  for (;;) {
    if (!applications_.node(pod)) co_return Outcome::gone;
    const Address from = address_of(applications_.node(pod));
    const PodId next = co_await applications_.serving(pod);
    if (next == pod) co_return applications_.node(pod) ? Outcome::done : Outcome::gone;
    if (!applications_.node(next)) co_return Outcome::gone;
    const Outcome outcome = co_await message.carry(from, address_of(applications_.node(next)), message.size());
    if (outcome != Outcome::done) co_return outcome;
    applications_.leave_request(pod);
    applications_.enter_request(next);
    pod = next;
  }
}

Outcome Calls::attribute_loss(const Call& call, NodeId callee, Outcome outcome) const {
  if (outcome != Outcome::link_down) [[likely]]
    return outcome;
  const bool node_down = !world_.up(callee) || (call.node && !world_.up(call.node));
  return node_down ? Outcome::gone : outcome;
}

void Calls::reset() {
  measured_from_ = now();
  world_.metrics.channel_delay = {};
  world_.metrics.channel_late = 0;
  counts_ = {};
}

void Calls::figures(Figures& figures) {
  const Metrics& metrics = world_.metrics;
  figures.spread("channel.delay", "s", Better::lower, metrics.channel_delay, "One way, of calls between components.");
  figures.count("channel.late", Better::lower, metrics.channel_late,
                "Calls between components that took longer than the channel's max_delay.");
  figures.count("calls.handled", Better::neither, counts_.handled,
                "Calls whose caller gives up, tries again or hedges.");
  figures.count("calls.retries", Better::lower, counts_.retries, "Tries after one that failed or was given up.");
  figures.count("calls.over_budget", Better::lower, counts_.over_budget, "Retries that their budget did not allow.");
  figures.count("calls.hedges", Better::neither, counts_.hedges, "Tries beside one that took long.");
  figures.count("calls.given_up", Better::lower, counts_.given_up, "Tries that their caller gave up.");
}

}  // namespace codecosim
