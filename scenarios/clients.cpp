#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "scenarios/fields.hpp"
#include "sim/base/glob.hpp"

namespace codecosim {

namespace {
constexpr std::uint32_t most_clients = 10'000'000;

std::shared_ptr<const Workload> shared(std::unique_ptr<Workload> workload) { return workload; }

std::shared_ptr<const Workload> read_replay(Reader r, const Loading& loading) {
  std::vector<std::vector<Seconds>> arrivals;
  const auto csv = csv_at(r, loading);
  if (!csv) return shared(replay_workload({{}}));
  guarded(r, [&] {
    const std::size_t time = csv->column("time_s");
    const bool several = csv->has("client");
    for (std::size_t row = 0; row < csv->rows(); ++row) {
      const double who = several ? csv->number(row, csv->column("client")) : 0;
      if (who < 0 || who >= most_clients || who != static_cast<double>(static_cast<std::uint32_t>(who)))
        csv->fail(row, "\"client\" must be a whole number from 0");
      const auto client = static_cast<std::size_t>(who);
      if (arrivals.size() <= client) arrivals.resize(client + 1);
      const Seconds when(csv->number(row, time));
      if (when < Seconds(0)) csv->fail(row, "a time must not be negative");
      if (!arrivals[client].empty() && when < arrivals[client].back())
        csv->fail(row, "the times of a client must rise");
      arrivals[client].push_back(when);
    }
    if (arrivals.empty()) throw Error(Failure::scenario, "the file has no rows");
  });
  if (arrivals.empty()) arrivals.emplace_back();
  return shared(replay_workload(std::move(arrivals)));
}

using SharedWorkload = std::shared_ptr<const Workload>;

SharedWorkload no_requests() { return shared(replay_workload({{}})); }

SharedWorkload read_diurnal(Reader r) {
  const auto mean = r.need<Hertz>("mean", "Rate over a day.", positive);
  auto factors = r.need<std::vector<double>>(
      "factors", "Relative rates that follow each other in equal steps over a day.", not_negative);
  const auto day = r.get<Seconds>("day", Seconds(86400), "Length of a day.", positive);
  const bool linear = r.get<bool>(
      "interpolate", false, "Whether the rate is linear between the middles of steps, instead of constant in each.");
  r.close();
  if (r.describing()) factors = {1};
  const bool any = std::any_of(factors.begin(), factors.end(), [](double f) { return f > 0; });
  if (!any) r.problem_at("factors", "at least one factor must be above zero");
  if (!any || mean <= Hertz(0)) return no_requests();
  if (!linear) return shared(diurnal_workload(mean, std::move(factors), day));
  const double average = std::accumulate(factors.begin(), factors.end(), 0.0) / static_cast<double>(factors.size());
  std::vector<RatePoint> points{{Seconds(0), mean * ((factors.front() + factors.back()) / 2 / average)}};
  for (std::size_t i = 0; i < factors.size(); ++i)
    points.push_back(
        {day * ((static_cast<double>(i) + 0.5) / static_cast<double>(factors.size())), mean * (factors[i] / average)});
  points.push_back({day, points.front().rate});
  return shared(profile_workload(std::move(points), day));
}

SharedWorkload read_profile(Reader r) {
  std::vector<RatePoint> points;
  for (Reader& p : r.items("points", "By rising date.", true, "expected at least one point")) {
    const auto at = p.need<Seconds>("at", "When.", not_negative);
    const auto rate =
        p.need<Hertz>("rate", "From there on towards that of the next point; after the last it stays.", not_negative);
    p.close();
    if (!p.describing() && !points.empty() && at <= points.back().at)
      p.problem_at("at", "it must be later than the one before");
    if (points.empty() && at > Seconds(0)) points.push_back({Seconds(0), rate});
    points.push_back({at, rate});
  }
  const auto period = r.maybe<Seconds>("period", "After which it begins anew; missing: never.", positive);
  r.close();
  if (r.describing() || points.empty()) return no_requests();
  if (period && *period <= points.back().at) r.problem_at("period", "it must be longer than the last point is late");
  if (std::ranges::none_of(points, [](const RatePoint& one) { return one.rate > Hertz(0); }))
    r.problem_at("points", "at least one rate must be above zero");
  return r.problems() > 0 ? no_requests() : shared(profile_workload(std::move(points), period));
}

SharedWorkload read_flash_crowd(Reader r) {
  const auto base = r.need<Hertz>("base", "Rate before and after.", not_negative);
  const auto peak = r.need<Hertz>("peak", "Highest rate.", positive);
  const auto at = r.need<Seconds>("at", "When it begins to rise.", not_negative);
  const auto rise = r.need<Seconds>("rise", "From there to the peak, in a straight line.", positive);
  const auto hold = r.get<Seconds>("hold", Seconds(0), "How long the peak lasts.", not_negative);
  const auto fall = r.need<Seconds>("fall", "From the end of the peak to the base, in a straight line.", positive);
  r.close();
  if (r.describing() || r.problems() > 0) return no_requests();
  std::vector<RatePoint> points{{Seconds(0), base}};
  if (at > Seconds(0)) points.push_back({at, base});
  points.push_back({at + rise, peak});
  if (hold > Seconds(0)) points.push_back({at + rise + hold, peak});
  points.push_back({at + rise + hold + fall, base});
  return shared(profile_workload(std::move(points), std::nullopt));
}

SharedWorkload read_on_off(Reader r) {
  const auto rate = r.need<Hertz>("rate", "While it is on.", positive);
  const auto on = r.need_one_of<Distribution<Seconds>>("on", "How long it is on.", laws<Seconds>(positive));
  const auto off = r.need_one_of<Distribution<Seconds>>("off", "How long it is off.", laws<Seconds>(positive));
  r.close();
  if (r.describing() || r.problems() > 0) return no_requests();
  return shared(modulated_workload({{rate, on}, {Hertz(0), off}}));
}

SharedWorkload read_mmpp(Reader r) {
  std::vector<RateState> states;
  for (Reader& s :
       r.items("states", "Of a Markov chain that modulates the rate.", true, "expected at least two states")) {
    RateState state;
    state.rate = s.need<Hertz>("rate", "Of a Poisson stream while it is in this state.", not_negative);
    const auto stay = s.need<Seconds>("stay", "Mean of the exponential time in it.", positive);
    state.stay = Distribution<Seconds>(Law::exponential(std::max(1e-12, stay.value)));
    state.next = s.get<std::vector<double>>("next", {},
                                            "Probabilities of the states that follow, in the order of the list; "
                                            "missing: the next one, after the last the first.",
                                            between(0, 1));
    s.close();
    states.push_back(std::move(state));
  }
  r.close();
  if (r.describing()) return no_requests();
  if (states.size() < 2) r.problem_at("states", "expected at least two states");
  for (std::size_t s = 0; s < states.size(); ++s) {
    const std::vector<double>& next = states[s].next;
    const double sum = std::accumulate(next.begin(), next.end(), 0.0);
    if (next.empty() || (next.size() == states.size() && std::abs(sum - 1) < 1e-9)) continue;
    r.problem_at("states",
                 fmt::format("\"next\" of state {} has {} probabilities with the sum {}; expected {} with the sum 1", s,
                             next.size(), sum, states.size()));
  }
  if (std::ranges::none_of(states, [](const RateState& one) { return one.rate > Hertz(0); }))
    r.problem_at("states", "at least one rate must be above zero");
  return r.problems() > 0 ? no_requests() : shared(modulated_workload(std::move(states)));
}

SharedWorkload read_closed(Reader r) {
  const auto think = r.need_one_of<Distribution<Seconds>>("think", "From the end of a request to the next.",
                                                          laws<Seconds>(not_negative));
  const auto session = r.maybe_one_of<Distribution<double>>(
      "session", "Requests of a session, rounded; missing: it has no end.", laws<double>(at_least(1)));
  const auto between = r.maybe_one_of<Distribution<Seconds>>(
      "between", "From the end of a session to the next, instead of the time to think.", laws<Seconds>(not_negative));
  r.close();
  if (r.describing()) return no_requests();
  if (session.has_value() != between.has_value()) r.problem("\"session\" and \"between\" belong together");
  if (think.mean() <= Seconds(0))
    r.problem_at("think", "its mean must be above zero: a request that is refused takes no time");
  return shared(closed_workload(think, session, between.value_or(think)));
}

std::vector<Form<SharedWorkload>> workload_forms(const Loading& loading) {
  using W = SharedWorkload;
  return {
      {"poisson", "Poisson stream of this rate",
       [](Reader r) { return W(poisson_workload(std::max(Hertz(1e-12), r.value<Hertz>(positive)))); }},
      {"periodic", "one request every period",
       [](Reader r) {
         const auto period = r.need<Seconds>("period", "Between two requests.", positive);
         const auto jitter =
             r.maybe_one_of<Distribution<Seconds>>("jitter", "How late each is.", laws<Seconds>(not_negative));
         r.close();
         return W(periodic_workload(std::max(Seconds(1e-9), period), jitter.value_or(Distribution<Seconds>())));
       }},
      {"diurnal", "Poisson stream whose rate follows the hours", read_diurnal},
      {"profile", "Poisson stream whose rate is linear between points", read_profile},
      {"flash_crowd", "Poisson stream whose rate rises to a peak and falls again", read_flash_crowd},
      {"on_off", "Poisson stream that is on and off in turn", read_on_off},
      {"mmpp", "Markov-modulated Poisson process", read_mmpp},
      {"closed", "closed loop: a request, and after its end a time to think", read_closed},
      {"csv", "replay: a file with the columns time_s and, for several clients, client (0, 1, ...)",
       [&loading](Reader r) { return read_replay(r, loading); }},
  };
}

std::string unmatched(const char* what, const std::string& pattern, const std::string& example) {
  return fmt::format("no {} is called like \"{}\"; a {} is called \"{}\"", what, pattern, what, example);
}

/// The clusters of the clients. The number of clients may follow from them.
struct Sites {
  std::vector<ClusterId> each;
  std::string pattern;              // with {i}
  std::optional<std::uint32_t> on;  // kind of device
  bool unsure = false;              // on a device that does not exist
};

Form<Sites> named_cluster_form() {
  return {"", "name of a cluster; {i} stands for the number of the client", [](Reader r) {
            Sites sites;
            sites.pattern = r.filled_text();
            return sites;
          }};
}

Form<Sites> matching_clusters_form(const Loading& loading, const Federation& federation) {
  return {"match", "one client at each cluster whose name matches a shell pattern", [&loading, &federation](Reader r) {
            Sites sites;
            const auto pattern = r.filled_text();
            if (r.describing() || pattern.empty() || loading.names_unsure) return sites;
            const auto any = [&](const std::string& whole) { return !federation.match_clusters(whole).empty(); };
            if (const auto whole = whole_pattern(loading, pattern, any))
              sites.each = federation.match_clusters(*whole);
            else
              r.problem(unmatched("cluster", pattern, federation.name(ClusterId{0})));
            return sites;
          }};
}

Form<Sites> devices_form(const Loading& loading, const Federation& federation) {
  return {"device", "one on each device of this kind, and where that is", [&loading, &federation](Reader r) {
            Sites sites;
            const auto name = r.filled_text();
            if (r.describing() || name.empty()) return sites;
            sites.on = loading.resolve(name, [&](const std::string& full) { return loading.devices.find(full); });
            if (!sites.on) {
              r.problem("there is no device \"" + name + "\"" + suggestion(name, loading.devices.all()));
              sites.unsure = true;
              return sites;
            }
            const DeviceSpec& device = loading.scenario.mobility.devices[*sites.on];
            if (device.technologies.empty()) r.problem("\"" + name + "\" has no radio: give it a \"technology\"");
            sites.unsure = loading.names_unsure;  // there may be no hub
            if (!sites.unsure) sites.each.assign(device.count, federation.hub());
            return sites;
          }};
}

/// The clusters nearest to the positions in a file, row by row.
std::vector<ClusterId> nearest_clusters(const Csv& csv, const Loading& loading, const Federation& federation) {
  const bool on_earth = csv.has("latitude");
  if (on_earth != loading.any_on_earth)
    throw Error(Failure::scenario, "positions in metres and positions on the Earth do not mix");
  const std::size_t a = csv.column(on_earth ? "latitude" : "x"), b = csv.column(on_earth ? "longitude" : "y");
  std::vector<ClusterId> all;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const double first = csv.number(row, a), second = csv.number(row, b);
    if (on_earth && (std::abs(first) > 90 || std::abs(second) > 180))
      csv.fail(row, "not a latitude and longitude in degrees");
    all.push_back(federation.nearest_cluster(on_earth ? Position::on_earth(first, second)
                                                      : loading.here().placed({first, second, 0})));
  }
  if (all.empty()) throw Error(Failure::scenario, "the file has no rows");
  return all;
}

Form<Sites> positions_form(const Loading& loading, const Federation& federation) {
  return {"csv",
          "a file with the columns latitude and longitude in degrees, or x and y in metres: a client a row, at the "
          "nearest cluster",
          [&loading, &federation](Reader r) {
            Sites sites;
            const auto csv = csv_at(r, loading);
            if (csv && !loading.names_unsure)
              guarded(r, [&] { sites.each = nearest_clusters(*csv, loading, federation); });
            return sites;
          }};
}

std::vector<Form<Sites>> site_forms(const Loading& loading, const Federation& federation) {
  return {named_cluster_form(), matching_clusters_form(loading, federation), devices_form(loading, federation),
          positions_form(loading, federation)};
}

void place_clients(Reader& r, ClientSpec& client, Sites sites, std::optional<std::uint32_t> count,
                   const Loading& loading, const Federation& federation) {
  const std::vector<ApplicationSpec>& apps = loading.scenario.applications;
  if (!sites.each.empty()) {
    for (std::uint32_t i = 0; i < count.value_or(static_cast<std::uint32_t>(sites.each.size())); ++i)
      client.at.push_back(sites.each[i % sites.each.size()]);
  } else if (!sites.pattern.empty()) {
    const bool each = sites.pattern.find("{i}") != std::string::npos;
    const std::uint32_t number =
        count.value_or(each && client.application < apps.size() ? apps[client.application].count : 1);
    const std::string whole = find_clusters(loading, federation, sites.pattern).value_or(sites.pattern);
    for (std::uint32_t i = 0; i < number; ++i) {
      const auto found = federation.find_cluster(numbered(whole, i));
      if (!found) {
        no_cluster(r, "at", numbered(sites.pattern, i), federation, loading);
        break;
      }
      client.at.push_back(*found);
    }
  }
  for (std::uint32_t i = 0; sites.on && i < client.at.size(); ++i)
    client.on.push_back(loading.scenario.mobility.device(*sites.on, i));
  client.count = static_cast<std::uint32_t>(client.at.size());
}
}  // namespace

void read_clients(Reader& root, Loading& loading, const Federation& federation) {
  std::uint64_t& total = loading.clients_so_far;
  for (Reader& r : root.items("clients", "Who sends requests.", loading.required())) {
    ClientSpec client;
    client.name =
        name_at(r, "Of this kind of client; also of its random streams.", loading.clients, "kinds of client", loading);
    client.group = loading.here().group + client.name.substr(loading.here().prefix.size());
    client.application = reference(r, "application", loading.applications, "application",
                                   "The i-th client uses instance i modulo their number.", loading);
    const auto count = r.maybe<std::uint32_t>(
        "count",
        "How many; missing: one an instance where `at` has {i}, one a place where places are listed, else one.",
        between(1, most_clients));
    const auto sites = r.need_one_of<Sites>("at", "Where they are attached.", site_forms(loading, federation));
    const auto& apps = loading.scenario.applications;
    std::vector<std::string> components;
    if (client.application < apps.size())
      for (const ComponentSpec& component : apps[client.application].components) components.push_back(component.name);
    const char* entry_prose = "Component that their requests enter.";
    if (r.describing() || client.application < apps.size())
      client.entry = reference(r, "entry", components, "component", entry_prose);
    else
      (void)r.need<std::string>("entry", entry_prose);
    read_fields(r, client);
    client.handling = read_handling(r);
    client.workload = r.need_one_of<std::shared_ptr<const Workload>>("workload", "When their requests come.",
                                                                     workload_forms(loading));
    if (auto active = r.object("active", "When they are there; missing: always.")) {
      const std::size_t before = active->problems();
      read_fields(*active, client.active);
      if (!r.describing() && active->problems() == before && client.active.until <= client.active.from)
        active->problem_at("until", "they must go after they have come");
      active->close();
    }
    constexpr double most_requests = 1e12;  // per client: months of computing
    const Seconds end = loading.scenario.duration;
    if (client.workload && !r.describing() && client.workload->expected(0, Seconds(0), end) > most_requests)
      r.problem_at("workload",
                   fmt::format("a client sends {:.3g} requests in {}; at most {:.0e} can be simulated",
                               client.workload->expected(0, Seconds(0), end), readable(end), most_requests));
    if (auto control = r.object("control", "A loop that is closed over the network: the device stops when it fails.")) {
      ClientSpec::Control loop;
      read_fields(*control, loop);
      control->close();
      client.control = loop;
      if (!r.describing() && client.deadline >= forever) r.problem_at("deadline", "a control loop needs one");
      if (!r.describing() && !sites.on && !sites.unsure)
        r.problem_at("control", "only a device stops: `at` names none");
      if (sites.on && !loading.scenario.mobility.devices[*sites.on].fleet)
        r.problem_at("control", "only vehicles of a \"fleet\" stop, and the devices that `at` names have a \"motion\"");
    }
    auto access = r.object("access", "Between each of them and the gateway; missing: as a node of its cluster.");
    if (access) client.access = read_link(*access);
    r.close();
    if (!r.describing()) {
      if (sites.on && count) r.problem_at("count", "follows from the devices that they are on");
      if (sites.on && access) r.problem_at("access", "follows from the radio of the devices that they are on");
      place_clients(r, client, sites, sites.on ? std::nullopt : count, loading, federation);
      if (!access && !client.at.empty()) client.access = federation.cluster_spec(client.at.front()).lan;
      total += client.count;
      if (total > most_things) {
        r.problem(fmt::format("with these there are {} clients; at most {} can be simulated", total, most_things));
        total = 0;
      }
    }
    loading.scenario.clients.push_back(std::move(client));
  }
}

namespace {
/// The names of the wide-area links that lead out of a cluster; links of nodes and clients do not fail alone.
std::vector<std::string> link_names(ClusterId cluster, const Federation& federation, const Loading& loading) {
  const std::string own = federation.name(cluster);
  if (federation.spec().topology != Topology::explicit_) return {own + ".up", own + ".down", own};
  std::vector<std::string> names;
  if (const auto targets = loading.wan_targets.find(cluster.index); targets != loading.wan_targets.end())
    for (const std::uint32_t to : targets->second) names.push_back(own + ">" + federation.name(ClusterId{to}));
  return names;
}

bool any_link(const std::string& pattern, const Federation& federation, const Loading& loading) {
  return std::ranges::any_of(federation.begins_like(pattern), [&](ClusterId cluster) {
    return std::ranges::any_of(link_names(cluster, federation, loading),
                               [&](const std::string& name) { return matches_path(pattern, name); });
  });
}

/// Whether anything that breaks like this is called so.
bool any_like(FaultSpec::Kind kind, const std::string& pattern, const Federation& federation, const Loading& loading) {
  if (kind == FaultSpec::Kind::node) return !federation.match_nodes(pattern).empty();
  if (kind == FaultSpec::Kind::link) return any_link(pattern, federation, loading);
  return !federation.match_clusters(pattern).empty();
}

void check_partition(Reader& r, const FaultSpec& fault, const Federation& federation) {
  const std::vector<ClusterId> first = federation.match_clusters(fault.match),
                               second = federation.match_clusters(fault.from);
  if (!second.empty() && std::ranges::includes(first, second))
    r.problem(fmt::format("\"{}\" matches all clusters of the other side too: nothing is cut", fault.match));
}

/// The patterns of a fault over whole names; a problem where nothing is called like one.
void find_matches(Reader& r, FaultSpec& fault, const Federation& federation, const Loading& loading) {
  const auto find = [&](const char* key, std::string& pattern) {
    const auto any = [&](const std::string& whole) { return any_like(fault.kind, whole, federation, loading); };
    if (const auto whole = whole_pattern(loading, pattern, any)) {
      pattern = *whole;
    } else if (fault.kind == FaultSpec::Kind::node) {
      r.problem_at(key, unmatched("node", pattern, federation.name(NodeId{0})));
    } else if (fault.kind != FaultSpec::Kind::link) {
      r.problem_at(key, unmatched("cluster", pattern, federation.name(ClusterId{0})));
    } else {
      std::vector<std::string> names;
      for (ClusterId c{0}; c.index < federation.cluster_count() && names.empty(); ++c.index)
        names = link_names(c, federation, loading);
      r.problem_at(
          key, names.empty() ? "there are no links: wan_links is empty" : unmatched("link", pattern, names.front()));
    }
  };
  if (fault.match.empty() || loading.names_unsure) return;
  find("match", fault.match);
  if (fault.kind != FaultSpec::Kind::partition || fault.from.empty()) return;
  if (r.has("from")) find("from", fault.from);
  check_partition(r, fault, federation);
}

using SharedOutages = std::shared_ptr<const Outages>;

std::vector<Outage> read_listed(Reader& parent) {
  std::vector<Outage> listed;
  for (Reader& r : parent.items("outages", "The same outages for all that match, by their start.")) {
    const auto start =
        r.need<Seconds>("start", "When it goes down; where there is a notice, when that begins.", not_negative);
    const auto duration = r.need<Seconds>("duration", "For how long.", not_negative);
    r.close();
    if (!listed.empty() && start < listed.back().start)
      r.problem_at("start", "outages must be in the order of their start");
    listed.push_back({start, duration});
  }
  return listed;
}

SharedOutages read_renewal(Reader& r) {
  const auto up = r.need_one_of<Distribution<Seconds>>("up", "Time from repair to failure.", laws<Seconds>(positive));
  const auto down =
      r.need_one_of<Distribution<Seconds>>("down", "Time from failure to repair.", laws<Seconds>(not_negative));
  r.close();
  return renewal_outages(up, down);
}

std::vector<Outage> outages_in(const Csv& table) {
  std::vector<Outage> outages;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Outage outage{Seconds(table.number(row, table.column("start_s"))),
                        Seconds(table.number(row, table.column("duration_s")))};
    if (outage.start < Seconds(0) || outage.duration < Seconds(0)) table.fail(row, "times must not be negative");
    if (!outages.empty() && outage.start < outages.back().start)
      table.fail(row, "outages must be in the order of their start");
    outages.push_back(outage);
  }
  return outages;
}

Form<SharedOutages> file_of_outages(const Loading& loading) {
  return {"", "a file name", [&loading](Reader r) {
            std::vector<Outage> outages;
            if (const auto table = csv_at(r, loading)) guarded(r, [&] { outages = outages_in(*table); });
            return SharedOutages(listed_outages(outages));
          }};
}

SharedOutages read_outages(Reader& r, const Loading& loading) {
  SharedOutages outages;
  const std::vector<Outage> listed = read_listed(r);
  if (!r.describing() && r.has("outages")) outages = listed_outages(listed);
  if (auto renewal = r.object("renewal", "Up and down in turn, each a draw of its own, for each thing separately."))
    outages = read_renewal(*renewal);
  return r
      .maybe_one_of<SharedOutages>(
          "csv", "The same outages for all that match: a file with the columns start_s and duration_s.",
          {file_of_outages(loading)})
      .value_or(outages);
}
}  // namespace

void read_faults(Reader& root, Loading& loading, const Federation& federation) {
  for (Reader& r : root.items("faults", "What breaks, and when.")) {
    FaultSpec fault;
    read_fields(r, fault);
    if (!r.describing() && r.has("from") && fault.kind != FaultSpec::Kind::partition)
      r.problem_at("from", "only a partition has another side: \"kind\" is not \"partition\"");
    if (!r.describing() && r.has("notice") && fault.kind != FaultSpec::Kind::node)
      r.problem_at("notice", "only nodes are drained: \"kind\" is not \"node\"");
    const std::vector<const char*> ways{"renewal", "outages", "csv"};
    const auto said =
        std::count_if(ways.begin(), ways.end(), [&](const char* way) { return !r.describing() && r.has(way); });
    if (said > 1) r.problem("\"renewal\", \"outages\" and \"csv\" exclude each other");
    fault.outages = read_outages(r, loading);
    r.close();
    if (r.describing()) continue;
    if (said == 0) r.problem("say when: with \"renewal\", \"outages\" or \"csv\"");
    find_matches(r, fault, federation, loading);
    loading.scenario.faults.push_back(std::move(fault));
  }
}

}  // namespace codecosim
