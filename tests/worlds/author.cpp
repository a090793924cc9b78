#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "sim/base/quantity_text.hpp"
#include "sim/base/rng.hpp"
#include "tests/worlds.hpp"
#include "tests/worlds/format.hpp"
#include "tests/worlds/sizes.hpp"

namespace codecosim::test {

namespace {
/// The notation whose example a quantity's schema shows; null for one that is not listed here.
const Notation* notation_like(std::string_view example) {
  for (const Notation* one :
       {&notation<Seconds>(), &notation<Bytes>(), &notation<BytesPerSecond>(), &notation<Cores>(),
        &notation<CoreSeconds>(), &notation<Watts>(), &notation<Metres>(), &notation<Hertz>(),
        &notation<MetresPerSecond>(), &notation<MetresPerSecondSquared>(), &notation<Decibels>(),
        &notation<DecibelMilliwatts>(), &notation<Joules>(), &notation<JoulesPerByte>(), &notation<GramsPerJoule>(),
        &notation<EurosPerByte>(), &notation<EurosPerCoreSecond>(), &notation<EurosPerJoule>()})
    if (one->example == example) return one;
  return nullptr;
}

/// Whether a key makes it less likely that something finds a place: where all of them come up, nothing ever runs.
bool restricts(std::string_view path) {
  for (const char* one : {"taints", "node_selector", "components/#/cluster", "applications/#/compliance",
                          "applications/#/security", "allowed_domains", "energy_limit", "price_cap", "max_pods"})
    if (ends(path, one)) return true;
  return false;
}

std::optional<double> size_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  std::string why;
  for (const Notation* one : {&notation<Seconds>(), &notation<Bytes>(), &notation<Cores>(), &notation<Watts>(),
                              &notation<Metres>(), &notation<BytesPerSecond>(), &notation<MetresPerSecond>(),
                              &notation<MetresPerSecondSquared>(), &notation<Decibels>(), &notation<Joules>()})
    if (const auto size = parse_quantity(value.get_ref<const std::string&>(), *one, why)) return size;
  return std::nullopt;
}

/// Draws one world.
class Author {
 public:
  Author(std::uint64_t seed, const WorldOptions& options)
      : options_(options), rng_(Rng(seed, 0).stream("world")), seed_(seed) {
    detail_ = rng_.uniform(0.05, 0.5);
    stormy_ = options.faults && rng_.chance(0.35);
    strict_ = stormy_ || rng_.chance(0.6) ? 0 : rng_.uniform(0, 0.4);
    plan();
  }
  Json world() { return object(schema_of_format(), "", Json::object()); }

 private:
  // ---- What there is, decided first: things are named before they are drawn, since others name them earlier in a
  // file. ----
  struct Kind {
    std::string name;
    std::uint32_t count = 0;  // 0: one, with the plain name
    bool hub = false;
    std::string on = {}, bearer = {};  // devices that carry the clusters, or the nodes of the first pool
    std::vector<std::string> pools = {};
    std::vector<std::string> members() const {
      if (count == 0) return {name};
      std::vector<std::string> all;
      for (std::uint32_t i = 0; i < count; ++i) all.push_back(fmt::format("{}-{}", name, i));
      return all;
    }
  };
  struct Application {
    std::string name;
    std::uint32_t count = 0;
    std::vector<std::string> components = {};
  };
  struct Device {
    std::string name;
    std::uint32_t count = 0;
    bool fleet = false, radio = true;
    std::size_t stations = 0;
  };

  std::vector<std::string> names(const std::string& stem, std::uint64_t least, std::uint64_t most) {
    std::vector<std::string> all;
    const std::uint64_t number = least + rng_.below(most - least + 1);
    for (std::uint64_t i = 0; i < number; ++i) all.push_back(stem + std::string(1, static_cast<char>('a' + i)));
    return all;
  }
  template <class T>
  const T& one(const std::vector<T>& of) {
    return of[rng_.below(of.size())];
  }
  /// A number of things, or 0 where it is left open: then there is one, without a number in its name.
  std::uint32_t count(std::uint32_t most) {
    return rng_.chance(0.5) ? 0 : 1 + static_cast<std::uint32_t>(rng_.below(most));
  }

  void plan() {
    duration_ = std::round(between(600, 2400));
    for (int i = 0; i < 3; ++i) moments_.push_back(std::round(duration_ * std::pow(rng_.uniform(), 2)));
    moments_.insert(moments_.end(), {0, 0, duration_, 10, 60, 2 * duration_});
    providers_ = names("provider-", 1, 3);
    types_ = names("type-", 1, 4);
    data_ = rng_.chance(0.5) ? names("data-", 1, 3) : std::vector<std::string>();
    topology_ = one(std::vector<std::string>{"star", "mesh", "explicit"});
    preset_ = options_.control_plane;
    if (preset_.empty()) preset_ = one(std::vector<std::string>{"oracle", "as-implemented", "as-designed"});
    plan_clusters();
    if (options_.devices && rng_.chance(0.5)) plan_devices();
    for (const std::string& name : names("app-", 1, 4)) applications_.push_back({name, count(3), names("part-", 1, 4)});
    on_earth_ = !moves_ && rng_.chance(0.4);
  }
  void plan_clusters() {
    const std::uint64_t wanted = 2 + rng_.below(11);
    const auto add = [&](const std::string& name, std::uint32_t number, bool hub) {
      Kind kind{name, number, hub};
      for (const std::string& type : types_)
        if (rng_.chance(0.5)) kind.pools.push_back(type);
      if (kind.pools.empty()) kind.pools.push_back(one(types_));
      for (const std::string& member : kind.members()) clusters_.push_back(member);
      kinds_.push_back(std::move(kind));
    };
    // Without the role, the first cluster is the hub.
    if (rng_.chance(0.8)) add("hub", count(3), true);
    do {
      const auto left = wanted > clusters_.size() ? static_cast<std::uint32_t>(wanted - clusters_.size()) : 1;
      add("edge-" + std::string(1, static_cast<char>('a' + kinds_.size())), std::min(left, count(5)), false);
    } while (clusters_.size() < wanted);
  }
  void plan_devices() {
    moves_ = true;
    const std::vector<std::string> presets{"wifi", "wifi-ft", "private-5g", "lte"};
    technologies_ = rng_.chance(0.5) ? names("radio-", 1, 2) : std::vector<std::string>();
    radios_ = technologies_;
    radios_.push_back(one(presets));
    for (const std::string& name : names("device-", 1, 3)) {
      Device device{name, count(4), rng_.chance(0.4), rng_.chance(0.9)};
      if (device.fleet) device.stations = 4 + rng_.below(4);
      devices_.push_back(std::move(device));
    }
    Kind& last = kinds_.back();  // never the first, which may be the hub without having the role
    if (kinds_.size() > 1 && topology_ != "explicit" && rng_.chance(0.25)) {
      last.on = "ferry";
      devices_.push_back({"ferry", static_cast<std::uint32_t>(last.members().size() + rng_.below(2))});
    } else if (kinds_.size() > 1 && rng_.chance(0.3)) {
      last.bearer = "robot";
      carried_nodes_ = 1 + static_cast<std::uint32_t>(rng_.below(2));
      devices_.push_back({"robot", carried_nodes_ * static_cast<std::uint32_t>(last.members().size())});
    }
  }

  // ---- Names and references. ----
  std::size_t entry(const std::string& list) const { return entries_.at(list); }
  const Kind& kind() const { return kinds_[entry("clusters")]; }
  const Application& application() const { return applications_[entry("applications")]; }
  const Device& device() const { return devices_[entry("devices")]; }

  std::string moment() { return fmt::format("{} s", one(moments_)); }
  /// A cluster, or for instance i of something of which there are `number` the i-th of a kind.
  std::string cluster(std::uint32_t number) {
    const Kind& some = one(kinds_);
    return number > 0 && some.count >= number && rng_.chance(0.5) ? some.name + "-{i}" : one(clusters_);
  }
  std::string pattern_of_clusters() {
    if (rng_.chance(0.25)) return clusters_.front();  // the hub, as a rule
    const Kind& some = one(kinds_);
    return some.count > 0 && rng_.chance(0.4) ? some.name + "-*" : one(clusters_);
  }
  std::string node() {
    const Kind& some = one(kinds_);
    // One after the other: the order of arguments is the compiler's.
    const std::string member = one(some.members());
    return fmt::format("{}/{}-0", member, one(some.pools));
  }
  std::string pattern_of(const std::string& what) {
    // Each of them at its own times, where they come and go.
    if (stormy_ && what != "partition" && rng_.chance(0.5)) {
      if (what == "link") return topology_ == "explicit" ? "edge-*>*" : "edge-*";
      return what == "node" ? "edge-*/*" : "edge-*";
    }
    if (what == "node") return rng_.chance(0.5) ? node() : pattern_of_clusters() + "/*";
    if (what != "link") return what == "partition" || rng_.chance(0.8) ? pattern_of_clusters() : "*";
    if (topology_ == "explicit") return rng_.chance(0.7) ? one(clusters_) + ">*" : "*";
    const std::string end = one(std::vector<std::string>{".up", ".down", "*"});
    return one(clusters_) + end;
  }

  /// A text without a list of what it may be; null: better none.
  Json text(const std::string& path, const Json& around) {
    if (path == "name") return fmt::format("world-{}", seed_);
    if (path == "registry") return one(clusters_);
    if (ends(path, "allowed_domains/#")) return one(domains_);
    if (ends(path, "provider")) return one(providers_);
    if (ends(path, "arch")) return one(std::vector<std::string>{"amd64", "arm64"});
    if (path == "clusters/#/nodes/#/type") return kind().pools[entry("clusters/#/nodes")];
    if (path == "clusters/#/name") return kind().name;
    if (path == "data/#/name") return data_[entry("data")];
    if (ends(path, "source") || ends(path, "copies/#") || ends(path, "gateway")) return one(clusters_);
    if (ends(path, "reads/#") || ends(path, "writes/#")) return data_.empty() ? Json("none") : Json(one(data_));
    if (path == "applications/#/name") return application().name;
    if (path == "applications/#/profile") return one(policies().cost.names());
    if (ends(path, "submit/by")) return cluster(application().count);
    if (ends(path, "components/#/name")) return application().components[entry("applications/#/components")];
    if (ends(path, "components/#/cluster")) return cluster(application().count);
    if (ends(path, "node_name")) return node();
    if (path == "cells/#/technology") return rng_.chance(0.6) ? radios_.front() : one(radios_);
    if (path == "cells/#/name") return fmt::format("cell-{}", entry("cells"));
    if (path == "devices/#/name") return device().name;
    if (path == "clients/#/name") return fmt::format("client-{}", entry("clients"));
    // What devices use is what moves after them: most use the same.
    if (path == "clients/#/application")
      return on_device_ && rng_.chance(0.5) ? applications_[0].name : one(applications_).name;
    if (path == "clients/#/entry") {
      for (const Application& app : applications_)
        if (app.name == around["application"].get<std::string>()) return one(app.components);
    }
    if (path == "clients/#/at") return cluster(around.value("count", 0U));
    if (path == "clients/#/at/match") return pattern_of_clusters();
    if (ends(path, "labels/*") || ends(path, "node_selector/*") || ends(path, "values/#"))
      return one(std::vector<std::string>{"one", "two"});
    if (ends(path, "taints/#/key") || ends(path, "tolerations/#/key") || path.ends_with("_expressions/#/key"))
      return one(std::vector<std::string>{"zone", "disk", "node.kubernetes.io/unreachable",
                                          "cluster.open-cluster-management.io/unreachable"});
    if (ends(path, "taints/#/value") || ends(path, "tolerations/#/value"))
      return one(std::vector<std::string>{"one", "two"});
    if (ends(path, "pattern")) return one(std::vector<std::string>{"DDDSU", "DSUUD", "FDD"});
    if (ends(path, "preset")) return one(std::vector<std::string>{"wifi", "wifi-ft", "private-5g", "lte"});
    if (path == "policy/placement" || path == "policy/scheduler") return plug_in(policies().placement, path);
    if (path == "policy/migration") return plug_in(policies().migration, path);
    if (path == "policy/cost") return plug_in(policies().cost, path);
    if (ends(path, "neighbourhood/partition")) return plug_in(policies().partition, path);
    if (ends(path, "components/#/routing")) return plug_in(policies().routing, path);
    if (path == "learning/recommender") return plug_in(policies().recommender, path);
    if (path == "learning/forecaster") return plug_in(policies().forecaster, path);
    return "some";
  }
  template <class Seam>
  std::string plug_in(const Registry<Seam>& registry, const std::string& path) {
    std::vector<std::string> usable;
    for (const auto& some : registry.entries())
      if (some.missing.empty() && some.name != "rollout" && !left_out(path, some.name)) usable.push_back(some.name);
    return one(usable);
  }

  /// The names of the members of an object that are the user's to choose.
  std::vector<std::string> members(const std::string& path) {
    if (path == "providers") return providers_;
    if (path == "node_types") return types_;
    if (path == "technologies") return technologies_;
    if (ends(path, "stations")) return stations();
    if (ends(path, "labels") || ends(path, "node_selector")) return {one(std::vector<std::string>{"zone", "disk"})};
    return names("some-", 1, 2);
  }
  std::vector<std::string> stations() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < device().stations; ++i) all.push_back(fmt::format("station-{}", i));
    return all;
  }

  /// How many elements a list has.
  std::size_t length(const Json& schema, const std::string& path) {
    if (path == "clusters") return kinds_.size();
    if (path == "clusters/#/nodes") return kind().pools.size();
    if (path == "wan_links") return clusters_.size() - 1 + rng_.below(4);
    if (path == "data") return data_.size();
    if (path == "applications") return applications_.size();
    if (path == "applications/#/components") return application().components.size();
    if (path == "devices") return devices_.size();
    if (path == "clients") return 1 + rng_.below(4);
    if (path == "faults" && stormy_) return 3 + rng_.below(4);
    if (path == "cells") return 2 + rng_.below(3);  // several, so that there is a next one
    if (ends(path, "points") || ends(path, "sites")) return 2 + rng_.below(3);
    if (ends(path, "lanes")) return device().stations + rng_.below(2);
    const std::size_t least = schema.value("minItems", std::size_t{0});
    return std::min(schema.value("maxItems", least + 3), std::max<std::size_t>(least, 1) + rng_.below(3));
  }

  /// What stands under a key where the schema is not all there is to know; null: the key is left out; nothing: the
  /// schema is enough. `around` is the object so far: keys are drawn in the order in which the format names them.
  std::optional<Json> known(const std::string& path, const Json& around) {
    const auto only_if = [&](bool holds) { return holds ? draw(schema_at(path), path, around) : Json(nullptr); };
    const auto perhaps = [&](double chance) { return only_if(rng_.chance(chance)); };
    const auto lead = [&](const std::string& from, const std::string& to) { return ends(path, "from") ? from : to; };
    if (const auto slash = path.rfind('/');
        left_out(path.substr(0, slash == std::string::npos ? 0 : slash), path.substr(slash + 1)))
      return nullptr;
    if (path == "duration") return fmt::format("{} s", duration_);
    if (path == "warmup")
      return rng_.chance(0.5) ? Json(nullptr) : Json(fmt::format("{} s", std::round(duration_ * 0.9 * rng_.uniform())));
    if (path == "seed") return seed_;

    if (path == "providers/*/domain") {
      domains_.push_back(one(std::vector<std::string>{"eu", "us", "default"}));
      return domains_.back() == "default" ? Json(nullptr) : Json(domains_.back());
    }
    if (path == "clusters/#/role") return kind().hub ? Json("hub") : Json(nullptr);
    if (path == "clusters/#/count") return kind().count > 0 ? Json(kind().count) : Json(nullptr);
    if (path == "clusters/#/on") return kind().on.empty() ? Json(nullptr) : Json(kind().on);
    if (path == "clusters/#/nodes/#/on" || path == "clusters/#/nodes/#/count") {
      const bool carried = !kind().bearer.empty() && entry("clusters/#/nodes") == 0;
      if (ends(path, "on")) return carried ? Json(kind().bearer) : Json(nullptr);
      return carried ? Json(carried_nodes_) : perhaps(0.6);
    }
    if (path == "clusters/#/position") return perhaps(on_earth_ ? 1 : moves_ ? 0.95 : 0.7);
    if (ends(path, "power/points")) {
      if (!around.empty() || rng_.chance(0.5)) return nullptr;
      return Json{{0, "5 W"}, {0.5, fmt::format("{:.1f} W", rng_.uniform(5, 50))}, {1, "60 W"}};
    }
    if (ends(path, "power/busy") && around.contains("idle")) return perhaps(1);
    if (path == "network") return perhaps(topology_ == "star" ? 0.5 : 1);
    if (path == "network/topology") return topology_;
    if (path == "wan_links") return only_if(topology_ == "explicit");
    if (path == "wan_links/#/from" || path == "wan_links/#/to") {
      // A tree first, so that everybody reaches everybody; what comes then may close circles.
      const std::size_t i = entry("wan_links"), n = clusters_.size();
      if (ends(path, "from")) {
        ends_.first = i + 1 < n ? i + 1 : rng_.below(n);
        ends_.second = i + 1 < n ? rng_.below(i + 1) : (ends_.first + 1 + rng_.below(n - 1)) % n;
      }
      return lead(clusters_[ends_.first], clusters_[ends_.second]);
    }

    if (path == "data") return only_if(!data_.empty());
    if (ends(path, "reads") || ends(path, "writes")) return data_.empty() ? Json(nullptr) : perhaps(0.4);
    if (path == "applications/#/count") return application().count > 0 ? Json(application().count) : Json(nullptr);
    if (path == "applications/#/submit") return perhaps(stormy_ ? 0.2 : 0.6);
    if (ends(path, "components/#/replicas")) return perhaps(stormy_ ? 0.7 : 0.4);
    if (ends(path, "submit/at") || ends(path, "submit/delete_at"))
      return rng_.chance(ends(path, "submit/at") ? 0.7 : 0.3) ? Json(moment()) : Json(nullptr);
    if (ends(path, "scale/#/at") || ends(path, "rollouts/#/at")) return moment();
    if (ends(path, "components/#/image") || ends(path, "rollouts/#/image")) {
      // One name is one image everywhere.
      const std::string name = one(std::vector<std::string>{"red", "green", "blue", "white"});
      Json& image = images_[name];
      if (image.is_null()) image = object(schema_at(path), path, around);
      image["name"] = name;
      return image;
    }
    if (ends(path, "node_name")) return perhaps(strict_ / 3);
    if (ends(path, "image/size")) return perhaps(0.6);
    if (ends(path, "components/#/requests")) return perhaps(0.7);
    if (ends(path, "components/#/migration")) return perhaps(moves_ ? 0.7 : 0.3);
    if (ends(path, "components/#/state")) return perhaps(0.5);
    if (ends(path, "components/#/crash")) return perhaps(0.15);
    if (path == "applications/#/channels") return application().components.size() > 1 ? perhaps(0.7) : Json(nullptr);
    if (path == "applications/#/channels/#/from" || path == "applications/#/channels/#/to") {
      // From earlier to later components: no calls in a circle.
      const std::size_t n = application().components.size();
      if (ends(path, "from")) {
        ends_.first = rng_.below(n - 1);
        ends_.second = ends_.first + 1 + rng_.below(n - 1 - ends_.first);
      }
      return lead(application().components[ends_.first], application().components[ends_.second]);
    }

    if (path == "cells/#/gateway") return perhaps(0.6);
    if (ends(path, "contention/cw_max"))
      return rng_.chance(0.5) ? Json(nullptr) : Json(std::min(32767U, around.value("cw_min", 15U) << rng_.below(8)));
    if (ends(path, "contention/cw_min")) return rng_.chance(0.5) ? Json(nullptr) : Json(1 + rng_.below(1023));
    if (path == "technologies/*/shared_airtime") {
      const auto access = around.find("medium_access");
      const bool contends = access != around.end() ? access->is_object() && access->contains("contention")
                                                   : around["preset"].get<std::string>().starts_with("wifi");
      if (contends) return rng_.chance(0.5) ? Json(nullptr) : Json(true);
    }
    if (path == "technologies") return only_if(!technologies_.empty());
    if (path == "cells") return only_if(moves_);
    if (path == "devices") return only_if(!devices_.empty());
    if (path == "devices/#/count") return device().count > 0 ? Json(device().count) : Json(nullptr);
    if (path == "devices/#/motion") return only_if(!device().fleet);
    if (path == "devices/#/fleet") return only_if(device().fleet);
    if (path == "devices/#/technology") {
      if (!device().radio) return nullptr;
      return rng_.chance(0.5) || radios_.size() == 1 ? Json(radios_.front()) : Json(radios_);
    }
    if (path == "devices/#/roaming") return around.contains("provider") ? perhaps(0.7) : Json(nullptr);
    if (path == "devices/#/fleet/battery") return perhaps(0.5);  // so that some go to charge
    if (path == "devices/#/fleet/stations/*/at") {
      const double turn =
          6.28 * static_cast<double>(entry("devices/#/fleet/stations")) / static_cast<double>(device().stations);
      return Json{fmt::format("{:.1f} m", 60 + 50 * std::cos(turn)), fmt::format("{:.1f} m", 60 + 50 * std::sin(turn))};
    }
    // Missions need goals, and by default a station with chargers is none.
    if (path == "devices/#/fleet/stations/*/chargers")
      return entry("devices/#/fleet/stations") == 0 ? perhaps(0.5) : Json(nullptr);
    if (path == "devices/#/fleet/stations/*/goal") return rng_.chance(0.1) ? Json(true) : Json(nullptr);
    if (ends(path, "lanes/#/from") || ends(path, "lanes/#/to")) {
      // All around, and then perhaps across.
      const std::size_t i = entry("devices/#/fleet/lanes"), n = device().stations;
      if (ends(path, "from")) {
        ends_.first = i < n ? i : rng_.below(n);
        ends_.second = (ends_.first + (i < n ? 1 : 2)) % n;
      }
      return fmt::format("station-{}", ends(path, "from") ? ends_.first : ends_.second);
    }
    if (ends(path, "missions/#/from") || ends(path, "missions/#/to"))
      return fmt::format("station-{}", ends(path, "from") ? 1 + entry("devices/#/fleet/missions") % 2 : 3);

    if (path == "clients/#/count") {
      // Decided here, since it comes first: what the client is on.
      on_device_.reset();
      if (!devices_.empty() && rng_.chance(0.75)) on_device_ = rng_.below(devices_.size());
      if (on_device_ && !devices_[*on_device_].radio) on_device_.reset();
      return on_device_ ? Json(nullptr) : perhaps(0.4);
    }
    if (path == "clients/#/at" && on_device_) return Json{{"device", devices_[*on_device_].name}};
    if (path == "clients/#/access") return only_if(!on_device_ && rng_.chance(detail_));
    if (path == "clients/#/control") return on_device_ && devices_[*on_device_].fleet ? perhaps(0.7) : Json(nullptr);
    if (path == "clients/#/deadline") return on_device_ && devices_[*on_device_].fleet ? perhaps(1) : perhaps(0.5);

    if (path == "faults") return options_.faults ? perhaps(stormy_ ? 1 : 0.75) : Json(nullptr);
    if (path == "faults/#/kind") {
      listed_ = rng_.chance(stormy_ ? 0.3 : 0.6);
      return one(std::vector<std::string>{"node", "link", "cluster", "partition", "security"});
    }
    if (path == "faults/#/match") return pattern_of(around["kind"]);
    if (path == "faults/#/from")
      return around["kind"] == "partition" && rng_.chance(0.5) ? Json(pattern_of_clusters()) : Json(nullptr);
    if (path == "faults/#/notice") return around["kind"] == "node" ? perhaps(0.5) : Json(nullptr);
    if (path == "faults/#/outages") return only_if(listed_);
    if (path == "faults/#/renewal") return only_if(!listed_);
    if (path == "faults/#/outages/#/start") return moment();
    if (path == "faults/#/outages/#/duration" && rng_.chance(0.2)) return rng_.chance(0.5) ? "1 us" : moment();

    if (path == "control_plane") {
      if (preset_ == "oracle")
        return options_.control_plane.empty() && rng_.chance(0.5) ? Json(nullptr) : Json("oracle");
      if (rng_.chance(0.2)) return preset_;
      for (const Json& form : schema_at(path)["anyOf"])
        if (form.contains("properties")) return object(form, path, around);
      return preset_;
    }
    if (path == "control_plane/preset") return preset_;
    // What it takes for clusters to go on without their hub, and to be asked too much of it, does not often come
    // together by chance.
    if (path == "control_plane/autonomy" || path == "control_plane/neighbourhood" ||
        path == "control_plane/neighbourhood/partition")
      return perhaps(0.6);
    if (path == "control_plane/hub" || path == "control_plane/hub/queue" || path == "control_plane/hub/workers")
      return perhaps(0.5);
    if (path == "policy") return perhaps(0.8);
    if (path == "policy/placement" || path == "policy/scheduler") return perhaps(0.6);
    if (path == "policy/migration") return perhaps(moves_ ? 0.7 : 0.3);
    if (path == "policy/judged") return perhaps(0.15);
    if (path == "learning") return options_.learning ? perhaps(0.2) : Json(nullptr);
    if (path.ends_with("_expressions/#/operator")) {
      const std::string meant = one(std::vector<std::string>{"In", "NotIn", "Exists", "DoesNotExist"});
      return meant == "In" && rng_.chance(0.5) ? Json(nullptr) : Json(meant);
    }
    if (path.ends_with("_expressions/#/values") && around.value("operator", "In").ends_with("In"))
      return Json{text(path + "/#", around)};
    if (path.ends_with("_expressions/#/values")) return nullptr;
    if (path == "learning/privacy" && (!around.contains("exchange") || around["exchange"] == "none")) return nullptr;
    if (path == "learning/recommender") {
      learns_ = rng_.chance(0.6);
      return only_if(learns_);
    }
    if (path == "learning/forecaster") return perhaps(learns_ ? 0.5 : 1);
    return std::nullopt;
  }

  /// Whether a form, named by its key, suits; a plain value's is empty.
  bool suits(const std::string& path, const std::string& form) const {
    if (left_out(path, form)) return false;
    if (ends(path, "position"))
      return path == "clusters/#/position" && on_earth_ ? form == "latitude" : form != "latitude";
    if (path == "clients/#/at") return form != "device";
    return true;
  }

  // ---- By the schema alone. ----
  /// The schema, or that of its forms, that has such a key.
  static const Json& holder_of(const Json& schema, const std::string& key) {
    if (schema.contains("anyOf"))
      for (const Json& form : schema["anyOf"])
        if (form.contains("properties") && form["properties"].contains(key)) return form;
    // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): it is a part of the format's, which lasts
    return schema;
  }
  /// The schema at a path.
  static const Json& schema_at(const std::string& path) {
    const Json* at = &schema_of_format();
    for (std::size_t start = 0; start <= path.size();) {
      const std::size_t end = std::min(path.find('/', start), path.size());
      const std::string part = path.substr(start, end - start);
      if (part == "#")
        at = &(*at)["items"];
      else if (part == "*")
        at = &(*at)["additionalProperties"];
      else
        at = &holder_of(*at, part)["properties"][part];
      start = end + 1;
    }
    return *at;
  }

  Json draw(const Json& schema, const std::string& path, const Json& around) {
    if (schema.contains("enum")) return word(schema["enum"], path);
    if (schema.contains("examples")) return quantity(schema, schema, path, false);
    if (schema.contains("anyOf")) return form(schema, path, around);
    const std::string type = schema.value("type", "");
    if (type == "object") return object(schema, path, around);
    if (type == "array") return list(schema, path);
    if (type == "string") return text(path, around);
    if (type == "boolean") return rng_.chance(0.5);
    if (type == "integer" || type == "number") return number(schema, path, type == "integer");
    return nullptr;
  }
  Json word(const Json& words, const std::string& path) {
    std::vector<std::string> all;
    for (const Json& some : words)
      if (!left_out(path, some)) all.push_back(some);
    return one(all);
  }
  static std::string key_of(const Json& form) {
    if (form.contains("required")) return form["required"][0];
    return form.contains("properties") ? form["properties"].begin().key() : std::string();
  }
  Json form(const Json& schema, const std::string& path, const Json& around) {
    const Json& forms = schema["anyOf"];
    if (forms.size() == 2 && forms[0].contains("examples") && forms[1].value("type", "") == "number")
      return quantity(forms[0], schema, path, true);
    std::vector<const Json*> all;
    for (const Json& some : forms)
      if (suits(path, key_of(some))) all.push_back(&some);
    if (all.empty()) return nullptr;
    // The plain form as often as all others together, but for what does nothing then.
    const double plain = ends(path, "migration") ? 0.1 : 0.5;
    const Json& chosen = key_of(*all.front()).empty() && rng_.chance(plain) ? *all.front() : *one(all);
    return draw(chosen, path, around);
  }
  /// How likely a key is that need not be there.
  double likely(const std::string& path, const std::string& key) const {
    if (path.empty()) return 0.5;
    if (restricts(path + "/" + key)) return strict_;
    if (path.starts_with("control_plane")) return std::max(detail_, stormy_ ? 0.7 : 0.3);
    // Parameters of a policy are many, and few worlds have it.
    return path.starts_with("policy/") || path.starts_with("learning") ? std::max(detail_, 0.6) : detail_;
  }
  Json object(const Json& schema, const std::string& path, const Json& around) {
    Json made = Json::object();
    if (schema.contains("properties")) {
      std::set<std::string> required;
      if (schema.contains("required")) required.insert(schema["required"].begin(), schema["required"].end());
      for (const auto& [key, inside] : schema["properties"].items()) {
        const std::string place = path.empty() ? key : path + "/" + key;
        std::optional<Json> value = known(place, made);
        if (!value && !required.contains(key) && !rng_.chance(likely(path, key))) continue;
        if (!value) value = draw(inside, place, made);
        if (!value->is_null()) made[key] = *value;
      }
      settle(made, path);
    } else if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object()) {
      std::size_t number = 0;
      for (const std::string& name : members(path)) {
        entries_[path] = number++;
        made[name] = draw(schema["additionalProperties"], path + "/*", around);
      }
    }
    return made;
  }
  /// Puts right what the schema, which has each key alone, cannot.
  static void settle(Json& made, const std::string& path) {
    for (const auto& [less, more] : ordered) {
      if (!made.contains(less) || !made.contains(more)) continue;
      const auto first = size_of(made[less]), second = size_of(made[more]);
      if (first && second && *first > *second) std::swap(made[less], made[more]);
    }
    for (const auto& [key, by] :
         {std::pair{"outages", "start"}, {"scale", "at"}, {"rollouts", "at"}, {"tiers", "ratio"}})
      if (made.contains(key) && made[key].is_array())
        std::stable_sort(made[key].begin(), made[key].end(), [sorts = by](const Json& a, const Json& b) {
          return *size_of(a[sorts]) < *size_of(b[sorts]);
        });
    // Without a key, it tolerates every taint.
    if (ends(path, "tolerations/#") && !made.contains("key")) made["operator"] = "Exists";
    if (ends(path, "clients/#") && made.contains("control") && !made.contains("deadline")) made["deadline"] = "200 ms";
  }
  Json list(const Json& schema, const std::string& path) {
    Json made = Json::array();
    const std::size_t number = length(schema, path);
    for (std::size_t i = 0; i < number; ++i) {
      entries_[path] = i;
      Json element = draw(schema["items"], path + "/#", Json::object());
      const bool again =
          element.is_string() && !path.ends_with("#") && std::find(made.begin(), made.end(), element) != made.end();
      if (!element.is_null() && !(again && !schema["items"].contains("examples"))) made.push_back(std::move(element));
    }
    return made;
  }

  /// Powers of ten: small and large alike.
  double between(double low, double high) { return low * std::pow(high / low, rng_.uniform()); }
  static Json short_number(double value) {
    double read = 0;
    const std::string text = fmt::format("{:.4g}", value);
    std::from_chars(text.data(), text.data() + text.size(), read);
    return read;
  }

  Json quantity(const Json& schema, const Json& bounds, const std::string& path, bool bare) {
    const std::string example = schema["examples"][0];
    const Notation* notation = notation_like(example);
    if (!notation) return example;
    std::string why;
    const double usual = *parse_quantity(example, *notation, why);
    double low = usual / 10, high = usual * 10;
    unsigned extremes = zero | huge;
    const double by_default =
        bounds.contains("default") && bounds["default"].is_number() ? bounds["default"].get<double>() : 0;
    const auto size = size_like(path, *notation, by_default > 0);
    if (size) {
      low = *parse_quantity(size->low, *notation, why);
      high = *parse_quantity(size->high, *notation, why);
      extremes = size->extremes;
    } else if (by_default != 0 && std::abs(by_default) < 1e100) {
      low = by_default / 4;
      high = by_default * 8;
    }
    double value = low > 0 ? between(low, high) : rng_.uniform(std::min(low, high), std::max(low, high));
    const bool small = rng_.chance(0.06), large = rng_.chance(0.03);
    // Within a law, which is told by what is positive, only the least may be nothing.
    if (small && (extremes & zero) && (!size || ends(path, size->path) || ends(path, "low"))) value = 0;
    if (large && (extremes & huge)) value = std::abs(high) * between(10, 1e6);
    value = std::clamp(value, bounds.value("x-above", -1e300), bounds.value("x-below", 1e300));
    if (bare && rng_.chance(0.5)) return short_number(value);
    return written(value, *notation);
  }
  /// The rule for the size of what stands at this path; where there is a default, only one that names it.
  static std::optional<Size> size_like(std::string_view path, const Notation& notation, bool has_default) {
    std::string why;
    for (std::string_view at = path;; at = at.substr(0, at.rfind('/'))) {
      for (const Size& size : sizes)
        if (*size.path && ends(at, size.path) && parse_quantity(size.low, notation, why)) return size;
      if (at.find('/') == std::string_view::npos) break;
    }
    for (const Size& size : sizes)
      if (!*size.path && !has_default && parse_quantity(size.low, notation, why)) return size;
    return std::nullopt;
  }
  /// In a unit in which it is no long number.
  std::string written(double value, const Notation& notation) {
    std::vector<const Unit*> units;
    for (const Unit& unit : notation.units)
      if (const double number = std::abs(value / unit.factor); value == 0 || (number >= 0.1 && number < 1e5))
        units.push_back(&unit);
    if (units.empty()) units.push_back(&notation.units.back());
    const Unit& unit = *one(units);
    return fmt::format("{:.4g} {}", value / unit.factor, unit.name);
  }

  Json number(const Json& schema, const std::string& path, bool whole) {
    double low = schema.value("minimum", schema.value("exclusiveMinimum", -1e300));
    double high = schema.value("maximum", 1e300);
    const bool open = schema.contains("exclusiveMinimum");
    const double by_default =
        schema.contains("default") && schema["default"].is_number() ? schema["default"].get<double>() : 0;
    for (const Number& some : numbers) {
      if (!ends(path, some.path)) continue;
      const double drawn = rng_.uniform(some.low, some.high + (whole ? 0.999 : 0));
      return whole ? Json(static_cast<std::uint64_t>(drawn)) : short_number(drawn);
    }
    double value = by_default;
    if (rng_.chance(0.08) && low > -1e200 && !open) {
      value = low;
    } else if (rng_.chance(0.03) && high < 1e200) {
      value = whole ? std::min(high, std::max(low, std::max(by_default, 1.0) * 1000)) : high;
    } else if (low > -1e200 && high < 1e5) {
      const double share = std::pow(rng_.uniform(), 3);  // most near the default
      value += rng_.chance(0.5) ? (high - by_default) * share : (low - by_default) * share;
    } else {
      value = std::max(by_default, 1.0) * between(0.2, 5);
    }
    value = std::clamp(value, low, high);
    if (whole) return static_cast<std::int64_t>(std::round(value));
    if (open && value <= low) value = low + 0.01;
    return short_number(value);
  }

  const WorldOptions options_;
  Rng rng_;
  const std::uint64_t seed_;
  double detail_ = 0, strict_ = 0;
  // Much breaks, and what watches is quick to see it: what a control plane does then is where it is most likely to go
  // wrong.
  bool stormy_ = false;
  double duration_ = 0;
  std::vector<double> moments_;  // few, so that things happen at once
  std::vector<std::string> providers_, domains_, types_, data_, technologies_, radios_, clusters_;
  std::string topology_, preset_;
  std::vector<Kind> kinds_;
  std::vector<Application> applications_;
  std::vector<Device> devices_;
  std::uint32_t carried_nodes_ = 0;
  bool moves_ = false, on_earth_ = false;
  // What is being drawn.
  std::map<std::string, std::size_t> entries_;
  std::map<std::string, Json> images_;
  std::pair<std::size_t, std::size_t> ends_;
  std::optional<std::size_t> on_device_;
  bool listed_ = false, learns_ = false;
};
}  // namespace

namespace {
/// Some worlds have what runs, with its data and clients, at one or two sites.
Json at_sites(const Json& scenario, Rng rng) {
  if (!rng.chance(0.2)) return scenario;
  Json world = scenario, module = Json::object();
  for (const char* list : {"data", "applications", "clients"})
    if (world.contains(list)) {
      module[list] = world[list];
      world.erase(list);
    }
  world["modules"] = {{"part", module}};
  world["sites"] = {{{"name", "site"}, {"module", "part"}, {"count", 1 + rng.below(2)}}};
  return problems_of(world).empty() ? world : scenario;
}
}  // namespace

Json random_world(std::uint64_t seed, const WorldOptions& options) {
  const Json drawn = Author(seed, options).world();
  if (auto valid = mended(drawn)) return at_sites(*valid, Rng(seed, 0).stream("sites"));
  throw std::logic_error(
      fmt::format("world {} is not valid: {}: {}", seed, problems_of(drawn)[0].where, problems_of(drawn)[0].what));
}

}  // namespace codecosim::test
