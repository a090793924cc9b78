#include "models/application/requests.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace codecosim {

Requests::Requests(World& world, Applications& applications, std::vector<ClientSpec> specs, Transport transport,
                   Seconds warmup)
    : world_(world),
      applications_(applications),
      specs_(std::move(specs)),
      transport_(transport),
      calls_(world, applications, transport, warmup),
      clients_of_(applications.count()),
      lines_(specs_.size()),
      measured_from_(warmup) {
  world_.metrics.clients.resize(specs_.size());
  std::map<std::string, std::uint32_t> numbers;
  kinds_of_.resize(applications.specs().size());
  for (std::uint32_t s = 0; s < specs_.size(); ++s) {
    const ClientSpec& spec = specs_[s];
    kinds_of_[spec.application].push_back(s);
    const auto [group, is_new] =
        numbers.try_emplace(spec.group.empty() ? spec.name : spec.group, static_cast<std::uint32_t>(groups_.size()));
    if (is_new) groups_.push_back(group->first);
    in_group_.resize(groups_.size());
    in_group_[group->second].push_back(s);
    const std::uint32_t instances = applications.specs()[spec.application].count;
    for (std::uint32_t i = 0; i < spec.count; ++i) {
      const ApplicationId app = applications.instance(spec.application, i % instances);
      clients_.push_back({s, i, app, applications.service(app, spec.entry),
                          static_cast<std::uint32_t>(clients_of_[app.index].size()), spec.at[i]});
      clients_of_[app.index].push_back(spec.at[i]);
    }
  }
}

std::vector<LinkSpec> Requests::access_specs(const std::vector<ClientSpec>& specs) {
  std::vector<LinkSpec> all;
  for (const ClientSpec& spec : specs) all.push_back(spec.access);
  return all;
}

std::vector<Network::Access> Requests::accesses(const std::vector<ClientSpec>& specs) {
  std::vector<Network::Access> all;
  for (std::uint32_t s = 0; s < specs.size(); ++s)
    for (const ClusterId cluster : specs[s].at) all.push_back({cluster, s});
  return all;
}

void Requests::start() {
  for (std::uint32_t c = 0; c < clients_.size(); ++c)
    spawn(specs_[clients_[c].spec].workload->closed() ? generate_in_loop({c}) : generate({c}));
}

Process Requests::generate(ClientId id) {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  const Rng own = world_.rng.stream("clients/" + spec.name).stream(client.index);
  Workload::State state{own.stream("arrivals"), spec.comes(client.index)};
  for (std::uint64_t n = 0; const auto when = spec.workload->next(state, client.index); ++n) {
    if (*when >= spec.goes(client.index)) break;
    co_await until(*when);
    if (!is_away(client)) send(id, own.stream(n));
  }
}

Process Requests::generate_in_loop(ClientId id) {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  const Rng own = world_.rng.stream("clients/" + spec.name).stream(client.index);
  Workload::State state{own.stream("arrivals"), spec.comes(client.index)};
  Loop& loop = loops_[id];
  for (std::uint64_t n = 0; const auto when = spec.workload->next(state, client.index); ++n) {
    if (*when >= spec.goes(client.index)) break;
    co_await until(*when);
    if (is_away(client)) continue;
    loop.waits = true;
    send(id, own.stream(n));
    if (loop.waits) co_await loop.ended.wait();
    state.last = now();
  }
}

bool Requests::is_away(const Client& client) const {
  const ClientSpec& spec = specs_[client.spec];
  return !spec.on.empty() && world_.movers.leg(spec.on[client.index]).away;
}

// All draws for a request come from a stream of its own, so that no policy changes the content of any request.
void Requests::send(ClientId id, const Rng& rng) {
  spawn(specs_[clients_[id.index].spec].handling.any() ? serve_handled(id, rng) : serve(id, rng));
}

void Requests::begin(UnderWay& request) {
  Line& line = lines_[clients_[request.client.index].spec];
  line.all.append(request);
  if (!line.due) line.due = &request;
  request.counts = request.start >= measured_from_;
  if (request.counts) {
    ++world_.metrics.clients[clients_[request.client.index].spec].begun;
    world_.metrics.in_flight.change(+1);
  }
  if (on_sent) [[unlikely]]
    on_sent(request.client);
}

Process Requests::serve_handled(ClientId id, Rng rng) {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  UnderWay request(id, now());
  begin(request);
  const Call call{address(id), {}, id, client.application, spec.entry, 0, 0, &spec};
  const Served served = co_await calls_.make(call, rng);
  finish(request, served.node, served.outcome);
}

Process Requests::serve(ClientId id, Rng rng) {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  UnderWay request(id, now());
  begin(request);

  Address here = address(id);
  const Endpoints::Way proxied = applications_.endpoints.route(client.entry, here.cluster, id.index, rng);
  PodId pod = proxied.pod;
  if (!pod) {
    finish(request, {}, Outcome::refused);
    co_return;
  }
  applications_.enter_request(pod);
  NodeId node = applications_.address(pod);
  Address there = world_.network.address(Network::endpoint(node));

  Message message(world_.network, spec.service_class, transport_);
  Outcome outcome = attribute_loss(node, co_await message.carry(here, there, spec.request.sample(rng)));
  if (outcome == Outcome::done && applications_.node(pod) != node) outcome = Outcome::gone;
  if (outcome == Outcome::done && applications_.any_moving()) [[unlikely]] {
    outcome = co_await calls_.follow(pod, message);
    node = applications_.node(pod);
  }
  if (outcome == Outcome::done)
    outcome = co_await world_.compute.run(pod, applications_.component(client.entry).work.sample(rng));
  if (outcome == Outcome::done && !applications_.spec(client.application).channels.empty())
    outcome = co_await calls_.onward(id, client.application, spec.entry, pod, rng);
  if (outcome == Outcome::done && applications_.node(pod) != node) outcome = Outcome::gone;
  // Both ends may have moved by now.
  if (outcome == Outcome::done && world_.network.any_on_the_air()) [[unlikely]] {
    here = address(id);
    there = world_.network.address(Network::endpoint(node));
  }
  if (outcome == Outcome::done)
    outcome = attribute_loss(node, co_await message.carry(there, here, spec.reply.sample(rng)));
  applications_.leave_request(pod);
  applications_.endpoints.ended(proxied, request.start, outcome == Outcome::done);
  finish(request, node, outcome);
}

Outcome Requests::attribute_loss(NodeId node, Outcome outcome) const {
  return outcome == Outcome::link_down && !world_.up(node) ? Outcome::gone : outcome;
}

void Requests::note_overdue(std::uint32_t spec) {
  const Seconds deadline = specs_[spec].deadline;
  if (deadline == forever) return;
  Line& line = lines_[spec];
  for (; line.due && now() - line.due->start > deadline; line.due = line.all.next(*line.due)) {
    UnderWay& request = *line.due;
    request.overdue = true;
    if (!tallies_.empty()) [[unlikely]] {
      Tally& tally = tallies_[clients_[request.client.index].application.index];
      ++tally.known;
      ++tally.missed;
    }
    if (!request.counts) continue;
    ++world_.metrics.clients[spec].missed;
    ++world_.metrics.clients[spec].overdue;
  }
}

void Requests::finish(UnderWay& request, NodeId node, Outcome outcome) {
  const Client& client = clients_[request.client.index];
  note_overdue(client.spec);
  Line& line = lines_[client.spec];
  if (line.due == &request) line.due = line.all.next(request);
  line.all.remove(request);

  if (specs_[client.spec].workload->closed()) [[unlikely]] {
    Loop& loop = loops_.at(request.client);
    loop.waits = false;
    loop.ended.wake_all();
  }
  const Seconds latency = now() - request.start;
  const bool answered = outcome == Outcome::done, in_time = answered && !request.overdue;
  if (!tallies_.empty()) [[unlikely]] {
    Tally& tally = tallies_[client.application.index];
    if (!request.overdue) {
      ++tally.known;
      tally.missed += !answered;
    }
    if (answered) {
      ++tally.answered;
      tally.latency += latency;
    }
  }
  if (in_time && on_answer) [[unlikely]]
    on_answer(request.client, request.start);
  world_.trace.emit(now(),
                    RequestDone{request.client, client.application, node, request.start, latency, outcome, in_time});
  if (!request.counts) return;

  world_.metrics.in_flight.change(-1);
  Metrics::Requests& counted = world_.metrics.clients[client.spec];
  counted.overdue -= request.overdue;
  ++counted.ends[static_cast<std::size_t>(outcome)];
  if (!answered) return;
  counted.in_time += in_time;
  counted.latency.add(latency.value);
}

void Requests::reset() {
  measured_from_ = now();
  for (const Line& line : lines_)
    for (UnderWay* one = line.all.first(); one; one = line.all.next(*one)) one->counts = false;
  Metrics& metrics = world_.metrics;
  metrics.clients.assign(specs_.size(), {});
  metrics.in_flight = {};  // requests under way do not count
  metrics.in_flight.reset();
  calls_.reset();
}

Histogram Requests::ages(std::uint32_t spec) const {
  Histogram all;
  const Line& line = lines_[spec];
  for (const UnderWay* one = line.all.first(); one; one = line.all.next(*one))
    if (one->counts) all.add((now() - one->start).value);
  return all;
}

namespace {
constexpr std::pair<Outcome, const char*> ways_to_be_lost[] = {
    {Outcome::gone, "with the pod or node that they were at, or were sent to"},
    {Outcome::link_down, "with a link that went down, or was down"},
    {Outcome::no_path, "where no links lead to a replica"},
    {Outcome::partitioned, "between the sides of a partition"},
    {Outcome::buffer_full, "to the full buffer of a link"},
    {Outcome::corrupted, "by chance, at a link's loss"},
    {Outcome::uncovered, "where no cell served one of their ends"},
    {Outcome::handed_over, "by a handover that they did not follow"}};

/// The figures of requests, of all or of one kind of client.
void tell(const Metrics::Requests& requests, const Histogram& ages, Figures& figures) {
  figures.count("requests.submitted", Better::neither, requests.begun, "Requests that clients sent.");
  figures.count("requests.ended", Better::neither, requests.ended(), "Of those, answered, lost or refused by the end.");
  figures.count("requests.in_flight", Better::neither, requests.begun - requests.ended(),
                "Requests under way at the end.");
  figures.count("requests.overdue", Better::lower, requests.overdue, "Of those, the ones whose deadline has passed.");
  figures.count("requests.completed", Better::higher, requests.completed(), "Requests answered, late or not.");
  figures.count("requests.failed", Better::lower, requests.failed(), "Requests lost, refused, rejected or given up.");
  figures.count("requests.lost", Better::lower, requests.lost(), "Requests lost on the way.");
  for (const auto& [outcome, how] : ways_to_be_lost)
    figures.count(fmt::format("requests.lost.{}", name(outcome)), Better::lower, requests.of(outcome),
                  fmt::format("Of those, {}.", how));
  figures.count("requests.refused", Better::lower, requests.of(Outcome::refused),
                "Requests that found no ready replica.");
  figures.count("requests.rejected", Better::lower, requests.of(Outcome::queue_full) + requests.of(Outcome::shed),
                "Requests that a server with too much to do rejected or shed.");
  figures.count("requests.timed_out", Better::lower, requests.of(Outcome::timed_out), "Requests that were given up.");
  figures.count("requests.deadline_misses", Better::lower, requests.missed,
                "Requests under way when their deadline passed, whatever has become of them since.");
  figures.ratio("requests.success", Better::higher, requests.completed(), requests.known(),
                "Share of requests that were answered, of those that have ended or whose deadline has passed.");
  figures.ratio("requests.in_time", Better::higher, requests.in_time, requests.known(),
                "Share of the same that were answered by their deadline, or had none and were answered.");
  figures.spread("request.latency", "s", Better::lower, requests.latency, ages,
                 "From sending a request to its answer (Little's W).");
}
}  // namespace

void Requests::figures(Figures& figures) {
  Metrics& metrics = world_.metrics;
  Metrics::Requests all;
  Histogram ages;
  for (std::uint32_t s = 0; s < specs_.size(); ++s) {
    note_overdue(s);
    all += metrics.clients[s];
    ages.merge(this->ages(s));
  }
  tell(all, ages, figures);
  figures.rate("requests.in_flight.mean", "1", Better::neither, metrics.in_flight.integral(),
               "Requests under way, averaged over time (Little's L).");
  figures.rate("requests.rate", "1/s", Better::higher, static_cast<double>(all.completed()),
               "Requests answered per second (Little's lambda).");
  calls_.figures(figures);
}

void Requests::figures_of(std::uint32_t group, Figures& figures) {
  Metrics::Requests all;
  Histogram ages;
  for (const std::uint32_t s : in_group_[group]) {
    note_overdue(s);
    all += world_.metrics.clients[s];
    ages.merge(this->ages(s));
  }
  tell(all, ages, figures);
}

Address Requests::address(ClientId id) const {
  const Client& client = clients_[id.index];
  const EndpointId endpoint = world_.network.endpoint(id);
  return specs_[client.spec].on.empty() ? Address{endpoint, client.home} : world_.network.address(endpoint);
}

ClusterId Requests::cluster(ClientId id) const {
  const Client& client = clients_[id.index];
  return clients_of_[client.application.index][client.place];
}

const Requests::Tally& Requests::tally(ApplicationId app) {
  if (tallies_.empty()) tallies_.resize(applications_.count());
  for (const std::uint32_t kind : kinds_of_[applications_.spec_number(app)]) note_overdue(kind);
  return tallies_[app.index];
}

void Requests::reached_by(ClientId id, ClusterId cluster) {
  const Client& client = clients_[id.index];
  clients_of_[client.application.index][client.place] = cluster;
}

std::string Requests::name(ClientId id) const {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  return spec.count == 1 ? spec.name : fmt::format("{}-{}", spec.name, client.index);
}

}  // namespace codecosim
