#include "tests/bench/mega.hpp"

#include <fmt/format.h>

#include <algorithm>

using Json = nlohmann::ordered_json;

namespace {
constexpr int columns = 25;
constexpr double apart = 2000;  // [m]

Json metres(double x, double y) { return {fmt::format("{} m", x), fmt::format("{} m", y)}; }

Json fleet(double x, double y) {
  Json stations = Json::object(), lanes = Json::array();
  for (int i = 0; i < 6; ++i)
    stations[fmt::format("s{}", i)] = {{"at", metres(x + 10 + 45 * (i % 3), y + 10 + 40 * (i / 3))}};
  stations["charge"] = {{"at", metres(x + 55, y + 30)}, {"chargers", 4}};
  for (const auto& [from, to] : {std::pair{"s0", "s1"},
                                 {"s1", "s2"},
                                 {"s3", "s4"},
                                 {"s4", "s5"},
                                 {"s0", "s3"},
                                 {"s2", "s5"},
                                 {"s1", "charge"},
                                 {"charge", "s4"}})
    lanes.push_back({{"from", from}, {"to", to}});
  return {{"stations", stations},
          {"lanes", lanes},
          {"speed", "2 m/s"},
          {"acceleration", "0.5 m/s2"},
          {"deceleration", "0.8 m/s2"},
          {"emergency", "1.5 m/s2"},
          {"handling", {{"uniform", {{"low", "10 s"}, {"high", "30 s"}}}}}};
}

void add_factory(Json& scenario, int number) {
  const double x = apart * (number % columns), y = apart * (number / columns);
  const std::string name = fmt::format("factory-{}", number);
  scenario["clusters"].push_back(
      {{"name", name},
       {"count", 10},
       {"provider", "factory"},
       {"position", {{"grid", {{"spacing", "40 m"}, {"columns", 5}, {"corner", metres(x + 20, y + 20)}}}}},
       {"nodes", {{{"type", "box"}, {"count", 4}}}},
       {"lan", {{"bandwidth", "1 Gbit/s"}, {"latency", "0.1 ms"}}},
       {"uplink", {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}}}});
  for (int cell = 0; cell < 4; ++cell)
    scenario["cells"].push_back({{"name", fmt::format("{}-ap-{}", name, cell)},
                                 {"technology", "wifi"},
                                 {"gateway", fmt::format("{}-{}", name, cell)},
                                 {"channels", 4},
                                 {"position", metres(x + 25 + 50 * (cell % 2), y + 15 + 40 * (cell / 2))}});
  scenario["devices"].push_back(
      {{"name", name + "-agv"}, {"count", 20}, {"technology", "wifi"}, {"fleet", fleet(x, y)}});
  scenario["applications"].push_back({{"name", name + "-control"},
                                      {"count", 20},
                                      {"allowed_domains", {"plant"}},
                                      {"components",
                                       {{{"name", "loop"},
                                         {"image", {{"name", "agv:3"}, {"size", "180 MB"}}},
                                         {"requests", {{"cpu", "200m"}, {"memory", "512Mi"}}},
                                         {"work", {{"lognormal", {{"mean", "1.5 ms"}, {"deviation", "0.6 ms"}}}}},
                                         {"state", "4 MB"},
                                         {"migration", {{"pre_copy", {{"dirty_rate", "1 MB/s"}}}}}}}}});
  scenario["clients"].push_back({{"name", name + "-loop"},
                                 {"application", name + "-control"},
                                 {"at", {{"device", name + "-agv"}}},
                                 {"entry", "loop"},
                                 {"class", "ASSURED"},
                                 {"workload", {{"periodic", {{"period", "1 s"}}}}},
                                 {"request", "1 kB"},
                                 {"reply", "200 B"},
                                 {"deadline", "50 ms"}});
}
}  // namespace

Json mega(int factories, const std::string& control_plane, const std::string& duration) {
  Json scenario = {
      {"name", fmt::format("mega-{}", factories)},
      {"duration", duration},
      {"warmup", "10 min"},
      {"providers",
       {{"factory", {{"domain", "plant"}, {"price", {{"energy", "0.22 EUR/kWh"}}}, {"carbon", "300 g/kWh"}}},
        {"cloud", {{"domain", "eu"}, {"carbon", "230 g/kWh"}}}}},
      {"node_types",
       {{"box", {{"cores", 8}, {"memory", "32 GiB"}, {"power", {{"idle", "20 W"}, {"busy", "65 W"}}}}},
        {"server", {{"cores", 64}, {"memory", "256 GiB"}, {"power", {{"idle", "120 W"}, {"busy", "480 W"}}}}}}},
      {"clusters",
       {{{"name", "hub"},
         {"role", "hub"},
         {"count", std::max(1, factories / 250)},
         {"provider", "cloud"},
         {"nodes", {{{"type", "server"}, {"count", 3}}}},
         {"lan", {{"bandwidth", "25 Gbit/s"}, {"latency", "50 us"}}},
         {"uplink", {{"bandwidth", "100 Gbit/s"}, {"latency", "4 ms"}}}}}},
      {"technologies", {{"wifi", {{"preset", "wifi-ft"}, {"reach", "150 m"}}}}},
      {"cells", Json::array()},
      {"devices", Json::array()},
      {"applications", Json::array()},
      {"clients", Json::array()},
      {"policy",
       {{"placement", "nearest"},
        {"scheduler", "kube-default"},
        {"migration", {{"follow-user", {{"margin", "5 ms"}}}}}}},
      {"control_plane", control_plane}};
  if (control_plane != "oracle")
    scenario["control_plane"] = {{"preset", control_plane},
                                 {"acm", {{"wait", "0 s"}, {"reconcile", "10 ms"}, {"solve", "1 ms"}}}};
  for (int f = 0; f < factories; ++f) add_factory(scenario, f);
  return scenario;
}
