// Findings: each kind has a scenario that has it and one that nearly does, and is silent; healthy scenarios have none.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "findings/findings.hpp"
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/copies.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// A world without a fault, and whatever a case changes of it: 4 cores, a replica that is busy for a tenth of the time,
/// 1 000 s of which the first 100 s do not count.
struct World {
  Json scenario = station(4, 1, "100 ms", "1 /s", "1000 s");
  std::map<std::string, std::string> files;
  Json& client() { return test::client(scenario, "user"); }
  Json& application() { return test::application(scenario, "app"); }
  Json& component() { return test::component(scenario, "app", "serve"); }
  Json& node() { return scenario["node_types"]["n"]; }
  Json& cluster() { return test::cluster(scenario, "c"); }
  Json& provider() { return scenario["providers"]["p"]; }
  /// Requests come at these dates only.
  void arrive(const std::vector<double>& dates) {
    client()["workload"] = {{"csv", "arrivals.csv"}};
    files["arrivals.csv"] = fmt::format("time_s\n{}\n", fmt::join(dates, "\n"));
  }
};
std::vector<double> from_to(double first, double last, double step = 1) {
  std::vector<double> all;
  for (double date = first; date <= last; date += step) all.push_back(date);
  return all;
}

struct Case {
  const char* kind;
  std::function<void(World&)> has, nearly;
  Seconds horizon = forever;
};

std::vector<Case> cases() {
  const auto nothing = [](World&) {};
  const auto codeco = [](World& w, const Json& more = Json::object()) {
    w.scenario["control_plane"] = {{"preset", "as-implemented"}};
    w.scenario["control_plane"].update(more);
  };
  const auto arrivals = [](std::vector<double> dates) {
    return [dates = std::move(dates)](World& w) { w.arrive(dates); };
  };
  const auto due = [](const char* span) { return [=](World& w) { w.client()["deadline"] = span; }; };
  const auto submitted = [](const char* at) { return [=](World& w) { w.application()["submit"] = {{"at", at}}; }; };
  const auto outage = [](double start) {
    return [=](World& w) {
      w.scenario["faults"] = {fault("node", "c/*", "faults.csv")};
      w.files["faults.csv"] = fmt::format("start_s,duration_s\n{},1\n", start);
    };
  };
  const auto carbon = [](double change) {
    return [=](World& w) {
      w.provider()["carbon"] = {{"csv", "carbon.csv"}};
      w.files["carbon.csv"] = fmt::format("time_s,value\n0,100\n{},200\n", change);
    };
  };
  const auto load = [](double rate, const char* work, int replicas) {
    return [=](World& w) {
      w.client()["workload"] = {{"poisson", fmt::format("{} /s", rate)}};
      w.component()["work"] = work;
      w.component()["replicas"] = replicas;
    };
  };
  const auto served = [](const char* work, const Json& how) {
    return [=](World& w) {
      w.arrive(from_to(101, 999));
      w.component()["work"] = work;
      w.component().update(how);
    };
  };
  const auto impatient = [](const char* timeout) {
    return [=](World& w) {
      w.arrive(from_to(101, 999));
      w.client()["timeout"] = timeout;
    };
  };
  // Every call is rejected but the first, which takes for ever.
  const auto tried = [=](int attempts) {
    return [=](World& w) {
      served("100000 s", {{"max_queue", 0}})(w);
      w.client()["retries"] = {{"attempts", attempts}};
    };
  };
  const auto lossy = [](const char* what, double value) {
    return [=](World& w) {
      w.cluster()["lan"][what] = value;
      w.client()["request"] = "1 kB";
    };
  };
  const auto sized = [](const char* size) {
    return [=](World& w) {
      w.cluster()["lan"]["bandwidth"] = "10 Mbit/s";
      w.client()["access"] = {{"bandwidth", "100 Mbit/s"}, {"latency", "0 s"}};
      w.client()["request"] = size;
      w.client()["workload"] = {{"periodic", {{"period", "1 s"}}}};
    };
  };
  const auto behind = [](const char* size) {
    return [=](World& w) {
      w.client()["access"] = {{"bandwidth", "10 Mbit/s"}, {"latency", "0 s"}};
      w.client()["request"] = size;
    };
  };
  const auto burst = [](const char* buffer) {
    return [=](World& w) {
      std::vector<double> dates = from_to(101, 900);
      dates.insert(dates.begin() + 10, 20, 110.5);
      w.arrive(dates);
      w.client()["request"] = "100 kB";
      w.client()["access"] = {{"bandwidth", "10 Gbit/s"}, {"latency", "0 s"}, {"buffer", "1 GB"}};
      w.cluster()["lan"]["bandwidth"] = "10 Mbit/s";
      w.cluster()["lan"]["buffer"] = buffer;
    };
  };
  const auto second = [](bool called) {
    return [=](World& w) {
      w.application()["components"].push_back(copy_of(w.component(), "other"));
      if (called)
        w.application()["channels"] = {{{"from", "serve"}, {"to", "other"}, {"request", "0 B"}, {"reply", "0 B"}}};
    };
  };
  const auto power = [](const char* busy) {
    return [=](World& w) {
      w.node()["power"] = {{"idle", "0 W"}, {"busy", busy}};
      w.provider()["carbon"] = "100 g/kWh";
    };
  };
  const auto data = [](const char* size, const char* freshness) {
    return [=](World& w) {
      w.scenario["clusters"].push_back(copy_of(w.cluster(), "other"));
      w.cluster()["uplink"]["bandwidth"] = "8 Mbit/s";
      w.scenario["data"] = {{{"name", "d"},
                             {"size", "1 MB"},
                             {"source", "c"},
                             {"copies", {"other"}},
                             {"update", {{"period", "10 s"}, {"size", size}}},
                             {"freshness", freshness}}};
    };
  };
  const auto radio = [](double away) {
    return [=](World& w) {
      w.scenario["technologies"]["plain"] = {
          {"preset", "wifi"},
          {"cell_power", "20 dBm"},
          {"device_power", "20 dBm"},
          {"tiers", {{{"ratio", "10 dB"}, {"down", "8 Mbit/s"}, {"up", "8 Mbit/s"}}}},
          {"propagation",
           {{"environment", "log-distance"}, {"exponent", 3}, {"loss_at_1m", "40 dB"}, {"shadowing", "0 dB"}}}};
      w.scenario["cells"] = {{{"name", "ap"}, {"technology", "plain"}, {"position", {"0 m", "0 m"}}, {"gateway", "c"}}};
      w.scenario["devices"] = {{{"name", "cart"}, {"technology", "plain"}, {"motion", {{"csv", "ways.csv"}}}}};
      w.files["ways.csv"] =
          fmt::format("time_s,x,y\n0,0,0\n200,0,0\n201,1000,0\n{0},1000,0\n{1},0,0\n", 201 + away, 202 + away);
    };
  };
  // A device carries the client, whose requests have this size, beside the access point or this far from it.
  const auto carried = [radio](const char* size, double metres) {
    return [=](World& w) {
      radio(20)(w);
      w.files["ways.csv"] = fmt::format("time_s,x,y\n0,{0},0\n1000,{0},0\n", metres);
      w.client()["at"] = {{"device", "cart"}};
      w.client()["request"] = size;
    };
  };
  // It rests far away for most of the time, and passes the access point in the middle of a long way, so far from it.
  const auto passing = [carried](double metres) {
    return [=](World& w) {
      carried("1 kB", 1)(w);
      std::string ways = "time_s,x,y\n";
      for (int at = 0; at < 900; ++at) ways += fmt::format("{},-5000,{}\n", at, metres);
      w.files["ways.csv"] = ways + fmt::format("960,15000,{}\n", metres);
    };
  };
  // 8 Mbit/s up, of which 1.02 MB a second are more, and 0.97 MB are nearly all.
  const auto periodic = [carried](const char* size) {
    return [=](World& w) {
      carried(size, 1)(w);
      w.client()["workload"] = {{"periodic", {{"period", "1 s"}}}};
    };
  };
  // Between two access points, this often from one to the other.
  const auto back_and_forth = [radio](double pause) {
    return [=](World& w) {
      radio(20)(w);
      w.scenario["technologies"]["plain"]["handover"] = {{"time_to_trigger", "0 s"}, {"interruption", "10 ms"}};
      w.scenario["cells"].push_back(
          {{"name", "other"}, {"technology", "plain"}, {"position", {"40 m", "0 m"}}, {"gateway", "c"}});
      std::string ways = "time_s,x,y\n";
      double at = 0;
      for (int n = 0; at < 900; ++n) {
        ways += fmt::format("{0},{2},0\n{1},{2},0\n", at, at + pause, n % 2 == 0 ? 5 : 35);
        at += pause + 0.3;
      }
      w.files["ways.csv"] = ways;
    };
  };
  const auto fleet = [radio](const Json& more, const char* length = "30 m") {
    return [=](World& w) {
      radio(20)(w);
      w.scenario["technologies"]["plain"]["propagation"]["exponent"] = 2;
      Json& cart = device(w.scenario, "cart");
      cart.erase("motion");
      cart["fleet"] = {{"stations",
                        {{"a", {{"at", {"0 m", "0 m"}}}},
                         {"b", {{"at", {length, "0 m"}}}},
                         {"charge", {{"at", {"0 m", "5 m"}}, {"chargers", 1}}}}},
                       {"lanes", {{{"from", "a"}, {"to", "b"}}, {{"from", "a"}, {"to", "charge"}}}}};
      cart["fleet"].update(more);
    };
  };
  // Its loop fails where an answer takes longer than this.
  const auto loop = [fleet](const char* deadline) {
    return [=](World& w) {
      fleet(Json::object())(w);
      w.client()["at"] = {{"device", "cart"}};
      w.client()["deadline"] = deadline;
      w.client()["control"] = {{"tolerated", 0}};
      w.client()["workload"] = {{"periodic", {{"period", "1 s"}}}};
    };
  };
  const Json at_once = {{"acm", {{"wait", "0 s"}, {"reconcile", "10 ms"}, {"solve", "1 ms"}}}};
  // Twelve replicas for three clusters, of which the last has this price.
  const auto dealt = [](const char* policy, const char* price) {
    return [=](World& w) {
      for (const char* name : {"d", "e"}) w.scenario["clusters"].push_back(copy_of(w.cluster(), name));
      w.scenario["providers"]["q"] = {{"price", {{"cpu", price}}}};
      w.scenario["providers"]["p"] = {{"price", {{"cpu", "1 EUR/core/h"}}}};
      cluster(w.scenario, "e")["provider"] = "q";
      w.component()["replicas"] = 12;
      w.component()["requests"] = {{"cpu", "100m"}};
      w.scenario["policy"] = {{"placement", policy}};
    };
  };
  const auto channel = [=](const char* bandwidth) {
    return [=](World& w) {
      second(true)(w);
      w.scenario["clusters"].push_back(copy_of(w.cluster(), "other"));
      w.component()["node_selector"] = {{"place", "here"}};
      component(w.scenario, "app", "other")["node_selector"] = {{"place", "there"}};
      node_pool(w.scenario, "c", "n")["labels"] = {{"place", "here"}};
      node_pool(w.scenario, "other", "n")["labels"] = {{"place", "there"}};
      Json& link = element(w.application(), "channels", "other", "to");
      link["class"] = "ASSURED";
      link["bandwidth"] = bandwidth;
      w.scenario["control_plane"] = {{"preset", "as-designed"}};
    };
  };
  const auto cut = [data](double seconds) {
    return [=](World& w) {
      data("1 MB", "1000 s")(w);
      w.scenario["faults"] = {fault("link", "other.down", 500, 500 + seconds)};
    };
  };
  const auto rising = [](World& w) {
    w.client()["workload"] = {
        {"diurnal", {{"mean", "10 /s"}, {"factors", {0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2}}, {"day", "1000 s"}}}};
    w.component()["work"] = "1 s";
    w.component()["concurrency"] = 1000;
    w.node()["cores"] = 64;
  };
  const auto learning = [&](const char* round) {
    return [=](World& w) { w.scenario["learning"] = {{"forecaster", "last-value"}, {"round", round}}; };
  };
  return {
      {"nothing-measured", nothing, nothing, Seconds(50)},
      {"no-requests", arrivals({5, 6, 7}), arrivals(from_to(101, 300))},
      {"unanswered", load(1, "2000 s", 1), nothing},
      {"not-steady", load(2, "1 s", 1), load(0.8, "1 s", 1)},
      {"not-steady",
       [=](World& w) {
         rising(w);
         w.node()["cores"] = 4;
       },
       rising},
      {"missed", due("50 ms"), due("150 ms")},
      {"short-warmup",
       [](World& w) {
         std::vector<double> dates(100, 100.5);
         for (const double date : from_to(101, 999)) dates.push_back(date);
         w.arrive(dates);
       },
       arrivals(from_to(101, 999))},
      {"few-requests", arrivals(from_to(101, 199)), arrivals(from_to(101, 200))},
      {"refused", submitted("200 s"), submitted("101 s")},
      // A request a second: one that takes longer finds the next before a full replica.
      {"rejected", served("1.5 s", {{"max_queue", 0}}), served("900 ms", {{"max_queue", 0}})},
      {"given-up", impatient("90 ms"), impatient("110 ms")},
      {"retry-storm", tried(2), tried(1)},
      {"omniscient", served("100 ms", {{"routing", "shortest-queue"}}),
       served("100 ms", {{"routing", "least-requests"}})},
      {"lost", lossy("loss", 0.05), lossy("loss", 0.002)},
      {"arrivals-outside", arrivals({1001}), arrivals(from_to(101, 300))},
      {"outage-outside", outage(1000), outage(999)},
      {"signal-outside", carbon(1000), carbon(999)},
      {"change-outside", [](World& w) { w.component()["scale"] = {{{"at", "1000 s"}, {"replicas", 2}}}; },
       [](World& w) { w.component()["scale"] = {{{"at", "999 s"}, {"replicas", 2}}}; }},
      {"overloaded-component", load(1.001, "1 s", 1), load(0.9, "1 s", 1)},
      {"overloaded-component",
       [](World& w) {
         w.application()["count"] = 10;
         w.client()["workload"] = {{"poisson", "11 /s"}};
       },
       [](World& w) {
         w.application()["count"] = 10;
         w.client()["workload"] = {{"poisson", "9 /s"}};
       }},
      {"overloaded-nodes", load(4.1, "1 s", 10), load(3.5, "1 s", 10)},
      {"overloaded-access", behind("1.3 MB"), behind("1.1 MB")},
      {"never-in-time",
       [](World& w) {
         w.component()["work"] = "0.5 s";
         w.client()["deadline"] = "400 ms";
       },
       [](World& w) {
         w.component()["work"] = "0.3 s";
         w.client()["deadline"] = "400 ms";
       }},
      {"never-called", second(false), second(true)},
      {"no-power", power("0 W"), power("1 W")},
      {"overloaded-node-link", sized("1.3 MB"), sized("1.1 MB")},
      {"overloaded-cells", periodic("1.02 MB"), periodic("0.97 MB")},
      {"saturated-cell", periodic("0.97 MB"), periodic("0.7 MB")},
      {"out-of-reach", carried("1 kB", 3000), carried("1 kB", 30)},
      {"out-of-reach", passing(3000), passing(30)},
      {"out-of-reach",
       [=](World& w) {
         carried("1 kB", 30)(w);
         w.scenario["technologies"]["other"] = w.scenario["technologies"]["plain"];
         device(w.scenario, "cart")["technology"] = "other";
       },
       [=](World& w) {
         carried("1 kB", 30)(w);
         w.scenario["technologies"]["other"] = w.scenario["technologies"]["plain"];
         device(w.scenario, "cart")["technology"] = {"other", "plain"};
       }},
      {"ping-pong", back_and_forth(0.1), back_and_forth(2)},
      {"flat", fleet({{"battery", "200 Wh"}, {"low", 0}, {"driving", "200 W"}, {"standing", "200 W"}}),
       fleet({{"battery", "1 kWh"}})},
      {"no-mission", fleet({{"handling", "600 s"}}), fleet({{"handling", "100 s"}})},
      {"standing", loop("50 ms"), loop("200 ms")},
      {"allowed-nowhere",
       [](World& w) {
         w.application()["price_cap"] = "0.9 EUR/core/h";
         w.provider()["price"] = {{"cpu", "1 EUR/core/h"}};
       },
       [](World& w) {
         w.application()["price_cap"] = "1 EUR/core/h";
         w.provider()["price"] = {{"cpu", "1 EUR/core/h"}};
       }},
      {"indifferent", dealt("least-cost", "1 EUR/core/h"), dealt("least-cost", "2 EUR/core/h")},
      {"placed-early",
       [=](World& w) {
         dealt("least-cost", "2 EUR/core/h")(w);
         codeco(w, at_once);
         cluster(w.scenario, "e")["count"] = 200;
       },
       [=](World& w) {
         dealt("least-cost", "2 EUR/core/h")(w);
         codeco(w, at_once);
         cluster(w.scenario, "e")["count"] = 200;
         w.application()["submit"] = {{"at", "60 s"}};
         // Neither hub is one of the clusters that either decides about.
         w.scenario["clusters"].push_back(with(copy_of(w.cluster(), "hub"), {{"role", "hub"}, {"count", 2}}));
       }},
      {"channels-rejected", channel("2 Gbit/s"), channel("100 Mbit/s")},
      {"saturated-link", sized("1.23 MB"), sized("1.1 MB")},
      {"full-buffers", burst("1 MB"), burst("10 MB")},
      {"fits-nowhere", [](World& w) { w.component()["node_selector"] = {{"gpu", "yes"}}; },
       [](World& w) {
         w.component()["node_selector"] = {{"gpu", "yes"}};
         w.node()["labels"] = {{"gpu", "yes"}};
       }},
      {"data-too-large", data("11 MB", "1000 s"), data("9 MB", "1000 s")},
      {"pending", [](World& w) { w.component()["requests"] = {{"cpu", "5"}}; },
       [](World& w) { w.component()["requests"] = {{"cpu", "4"}}; }},
      {"never-available", [](World& w) { w.component()["requests"] = {{"cpu", "5"}}; },
       [](World& w) { w.component()["requests"] = {{"cpu", "4"}}; }},
      {"hub-saturated", [=](World& w) { codeco(w, {{"hub", {{"service", "60 s"}, {"workers", 1}}}}); },
       [=](World& w) { codeco(w); }},
      {"crash-loop",
       [=](World& w) {
         codeco(w);
         w.component()["crash"] = {{"exponential", "1 s"}};
         w.scenario["duration"] = "20000 s";
       },
       [=](World& w) {
         codeco(w);
         w.component()["crash"] = {{"exponential", "10000 s"}};
       }},
      {"stale-data", data("1 MB", "500 ms"), data("1 MB", "2 s")},
      {"stalled-transfers", cut(1000), cut(100)},
      {"uncovered", radio(100), radio(20)},
      {"nothing-learnt", learning("2000 s"), learning("100 s")},
  };
}

std::string found(const Case& one, bool has) {
  World world;
  (has ? one.has : one.nearly)(world);
  const auto run = simulation(world.scenario, 0, world.files);
  if (has && one.horizon < forever)
    run->run(one.horizon);
  else
    run->run();
  std::set<std::string> kinds, before;
  for (const Finding& finding : findings_after(*run)) {
    kinds.insert(finding.kind);
    if (finding.what.empty() || finding.remedy.empty() || finding.weight < 0 || finding.weight > 1)
      return "a finding that says nothing: " + finding.kind;
  }
  // What needs no run is told before it, and by it too.
  for (const Finding& finding : findings_before(run->scenario()))
    if (!kinds.contains(finding.kind)) return "told before the run and not after it: " + finding.kind;
  return fmt::format("{}", fmt::join(kinds, " "));
}
bool contains(const std::string& kinds, const std::string& kind) {
  return (" " + kinds + " ").find(" " + kind + " ") != std::string::npos;
}
}  // namespace

TEST_CASE("Each kind of finding is found where it is, and not where it nearly is", "[property]") {
  const std::vector<Case> all = cases();
  const std::vector<std::string> said =
      said_by_copies(2 * all.size(), [&](std::size_t i) { return found(all[i / 2], i % 2 == 0); });
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(all[i].kind, said[2 * i], said[2 * i + 1]);
    CHECK(contains(said[2 * i], all[i].kind));
    CHECK_FALSE(contains(said[2 * i + 1], all[i].kind));
    for (const std::string& one : {said[2 * i], said[2 * i + 1]})
      for (const char* wrong : {"not after it", "says nothing", "scenario.json"})
        CHECK(one.find(wrong) == std::string::npos);
  }
  CHECK(all.size() >= 25);
}

TEST_CASE("Healthy scenarios have no findings", "[property]") {
  const auto name = GENERATE(as<std::string>(), "quickstart.json", "smart-city.json", "fleet.json", "starter.jsonc",
                             "agv-factory-static.json", "agv-factory.json", "media.json");
  CAPTURE(name);
  const Json run = simulate(library(name));
  CHECK(run["summary"]["findings"] == Json::array());
  CHECK(codecosim::test::codecosim("check " + library(name)).out.find("  - ") == std::string::npos);
}
