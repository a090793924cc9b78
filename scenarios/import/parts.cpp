#include "scenarios/import/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace codecosim {

void Importing::assume(const std::string& what) {
  if (std::find(assumptions.begin(), assumptions.end(), what) == assumptions.end()) assumptions.push_back(what);
}

void Importing::note(const Reader& r, const std::string& what) {
  result.notes.push_back({printable(r.place()), printable(what)});
}

void Importing::close(Reader& r, std::initializer_list<const char*> idle, std::initializer_list<const char*> silent) {
  (void)r.ignore({silent.begin(), silent.size()});
  const std::vector<std::string> found = r.ignore({idle.begin(), idle.size()});
  if (!found.empty()) note(r, fmt::format("no effect in the simulation: {}", fmt::join(found, ", ")));
  r.close();
}

Metadata read_metadata(Reader& object, Importing& all) {
  Metadata metadata;
  auto r = object.object("metadata", "Name and labels.", true);
  if (!r) return metadata;
  metadata.name = r->need<std::string>("name", "Of the object.");
  metadata.name_space = text(*r, "namespace");
  for (auto& [key, value] : r->members("labels", "")) metadata.labels[key] = value.value<std::string>();
  all.close(*r, {},
            {"annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers",
             "generateName", "generation", "managedFields", "ownerReferences", "resourceVersion", "selfLink", "uid"});
  return metadata;
}

std::string resource_name(const std::string& text) {
  constexpr std::size_t most = 63;
  std::string name;
  for (const char c : text.substr(0, most)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '.';
    name += plain ? lower : '-';
  }
  const std::size_t first = name.find_first_not_of("-."), last = name.find_last_not_of("-.");
  return first == std::string::npos ? "unnamed" : name.substr(first, last - first + 1);
}

bool has_name(const Json& named, const std::string& name) {
  return std::any_of(named.begin(), named.end(), [&](const Json& one) { return one.value("name", "") == name; });
}

std::string free_name(const std::string& name, const Json& named) {
  std::string free = name;
  for (int i = 2; has_name(named, free); ++i) free = resource_name(fmt::format("{}-{}", name.substr(0, 56), i));
  return free;
}

std::string full_image_name(std::string name) {
  const std::size_t slash = name.find('/');
  const std::string first = name.substr(0, slash);
  if (slash == std::string::npos)
    name.insert(0, "docker.io/library/");
  else if (first.find_first_of(".:") == std::string::npos && first != "localhost")
    name.insert(0, "docker.io/");
  return name.find_first_of(":@", name.rfind('/')) == std::string::npos ? name + ":latest" : name;
}

std::optional<double> quantity(Reader r) {
  constexpr double largest = 1e15;
  const std::string text = r.scalar();
  if (text.empty()) return std::nullopt;
  const auto number = kubernetes_quantity(text);
  if (!number) r.problem(fmt::format("\"{}\" is no Kubernetes quantity, such as \"500m\", \"2\" or \"4Gi\"", text));
  if (!number || (*number >= 0 && *number <= largest)) return number;
  r.problem(fmt::format("\"{}\" {}", text, *number < 0 ? "must not be negative" : "is more than there can be"));
  return std::nullopt;
}

std::optional<double> quantity(Reader& parent, const char* key) {
  const auto found = parent.find(key);
  return found ? quantity(*found) : std::nullopt;
}

std::string text(Reader& parent, const char* key) { return parent.get<std::string>(key, "", ""); }

std::string word(Reader& parent, const char* key, const std::vector<std::string>& words) {
  std::string found = text(parent, key);
  if (found.empty() || std::find(words.begin(), words.end(), found) != words.end()) return found;
  const std::string close = nearest(found, words);
  parent.problem_at(key, fmt::format("\"{}\" is not one of {}{}", found, fmt::join(words, ", "),
                                     close.empty() ? "" : fmt::format("; did you mean \"{}\"?", close)));
  return "";
}

Json read_taints(Reader& parent, Importing& all) {
  Json taints = Json::array();
  for (Reader& r : parent.items("taints", "")) {
    Json taint = {{"key", r.need<std::string>("key", "Of the taint.")}};
    const std::string value = text(r, "value");
    if (!value.empty()) taint["value"] = value;
    const std::string effect = word(
        r, "effect", {"NoSchedule", "PreferNoSchedule", "NoExecute", "NoSelect", "PreferNoSelect", "NoSelectIfNew"});
    taint["effect"] = effect == "PreferNoSelect"       ? "PreferNoSchedule"
                      : effect.starts_with("NoSelect") ? "NoSchedule"
                                                       : effect;
    all.close(r, {}, {"timeAdded"});
    if (effect.empty())
      r.problem("a taint needs an \"effect\"");
    else if (!taint["key"].get_ref<const std::string&>().empty())
      taints.push_back(std::move(taint));
  }
  return taints;
}

std::string cpu_text(double cores) {
  const double milli = std::ceil(cores * 1000 - 1e-6);
  return std::fmod(milli, 1000) == 0 ? fmt::format("{:.15g}", milli / 1000) : fmt::format("{:.15g}m", milli);
}

std::string memory_text(double bytes) {
  const double whole = std::ceil(bytes);
  for (const auto& [unit, size] : {std::pair{"Gi", 0x1p30}, {"Mi", 0x1p20}, {"Ki", 0x1p10}})
    if (whole >= size && std::fmod(whole, size) == 0) return fmt::format("{:.15g}{}", whole / size, unit);
  return fmt::format("{:.15g} B", whole);
}

}  // namespace codecosim
