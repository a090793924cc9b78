#include "scenarios/import/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "scenarios/document.hpp"
#include "scenarios/import/parts.hpp"

namespace codecosim {

namespace {
enum class Kind { codecoapp, node, managed_cluster, beside, unknown };

/// An object of a file, with its kind, its problems and its notes.
struct Object {
  const Manifest* manifest;
  std::string cluster;  ///< Cluster of its nodes: the file's name.
  Reader reader;
  const Json* content;
  Kind kind;
  std::vector<Problem> problems, notes;
};

Kind kind_of(Reader& r, const std::string& kind, const std::string& version, Importing& all) {
  const std::string group = version.substr(0, version.find('/') == std::string::npos ? 0 : version.find('/'));
  struct Known {
    const char *kind, *group;
    Kind is;
  };
  for (const Known& known : {Known{"CodecoApp", "codeco.he-codeco.eu", Kind::codecoapp}, Known{"Node", "", Kind::node},
                             Known{"ManagedCluster", "cluster.open-cluster-management.io", Kind::managed_cluster}}) {
    if (kind != known.kind) continue;
    if (group == known.group) return known.is;
    r.problem_at("apiVersion",
                 fmt::format("\"{}\": a {} has \"{}{}\"", version, kind, known.group, *known.group ? "/..." : "v1"));
    return Kind::unknown;
  }
  for (const char* beside : {"ClusterRole", "ClusterRoleBinding", "ConfigMap", "CustomResourceDefinition",
                             "ManagedClusterSet", "ManagedClusterSetBinding", "Namespace", "NetworkPolicy",
                             "PersistentVolumeClaim", "Role", "RoleBinding", "Secret", "Service", "ServiceAccount"}) {
    if (kind != beside) continue;
    all.note(r, fmt::format("no effect in the simulation: {}", kind));
    return Kind::beside;
  }
  if (!kind.empty())
    r.problem_at("kind", fmt::format("\"{}\" cannot be imported; CodecoApp, Node and ManagedCluster can", kind));
  return Kind::unknown;
}

/// The problems in the order of the file; empties the log.
std::vector<Problem> take(Reader::Log& log, const Json& document) {
  std::vector<Problem> sorted = in_file_order(log, document);
  log.pointers.clear();
  log.problems.clear();
  return sorted;
}

/// Collects the objects of a document: the document itself, or the items of a list.
class Gathering {
 public:
  Gathering(Importing& importing, std::vector<Object>& objects) : all_(importing), objects_(objects) {}

  void document(const Manifest& manifest, const std::string& cluster) {
    manifest_ = &manifest;
    cluster_ = cluster;
    gather(Reader(manifest.content, all_.log), manifest.content, "", "");
  }

 private:
  void gather(Reader r, const Json& content, std::string kind, std::string version) {
    if (const std::string stated = text(r, "kind"); !stated.empty()) kind = stated;
    if (const std::string stated = text(r, "apiVersion"); !stated.empty()) version = stated;
    if (content.is_object() && kind.empty())
      r.problem("\"kind\" is missing: expected CodecoApp, Node, ManagedCluster or List");
    if (!kind.ends_with("List")) {
      const Kind is = kind_of(r, kind, version, all_);
      objects_.push_back({manifest_, cluster_, r, &content, is, take(all_.log, manifest_->content),
                          std::exchange(all_.result.notes, {})});
      return;
    }
    // The elements of a CodecoAppList need not repeat their kind.
    if (kind == "List") version.clear();
    const std::string element = kind.substr(0, kind.size() - 4);
    std::vector<Reader> items = r.items("items", "What the list holds.", true);
    all_.close(r, {}, {"metadata"});
    for (std::size_t i = 0; i < items.size(); ++i) gather(items[i], content["items"][i], element, version);
  }

  Importing& all_;
  std::vector<Object>& objects_;
  const Manifest* manifest_ = nullptr;
  std::string cluster_;
};

void find_named_nodes(const Json& value, std::set<std::string>& names) {
  if (!value.is_structured()) return;
  for (const auto& [key, inside] : value.items()) {
    if (inside.is_string() && value.is_object() && (key == "nodeName" || key == "kubernetes.io/hostname"))
      names.insert(inside.get<std::string>());
    find_named_nodes(inside, names);
  }
}

void find_images(const Json& scenario, std::map<std::string, Json>& images) {
  for (const Json& app : scenario["applications"])
    for (const Json& component : app["components"]) images.emplace(component["image"]["name"], component["image"]);
}

/// The keys of a scenario in reading order.
Json empty_scenario() {
  return {{"name", "imported"},          {"description", ""},
          {"duration", "10 min"},        {"warmup", "2 min"},
          {"providers", Json::object()}, {"node_types", Json::object()},
          {"clusters", Json::array()},   {"applications", Json::array()},
          {"clients", Json::array()}};
}

void describe(Importing& all, const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& file : files)
    names.push_back(file == "-" ? "standard input" : std::filesystem::path(file).filename().string());
  std::string text = fmt::format("Imported from {}.", fmt::join(names, ", "));
  if (!all.assumptions.empty()) text += fmt::format(" Assumed: {}.", fmt::join(all.assumptions, "; "));
  const std::string before = all.result.scenario.value("description", "");
  all.result.scenario["description"] = printable(before.empty() ? text : before + " " + text);
}

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Merges equal notes on a document into one.
std::vector<Problem> folded(const std::vector<Problem>& notes) {
  std::vector<std::pair<Problem, int>> all;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const Problem& note : notes) {
    const auto [place, first] =
        places.emplace(std::pair{note.where.substr(0, note.where.rfind('#')), note.what}, all.size());
    if (first)
      all.emplace_back(note, 0);
    else
      ++all[place->second].second;
  }
  std::vector<Problem> shorter;
  for (auto& [note, more] : all)
    shorter.push_back({note.where, more == 0 ? note.what : fmt::format("{} (and {} more)", note.what, more)});
  return shorter;
}

void read_objects(std::vector<Object>& objects, Importing& all) {
  const auto each = [&](auto wanted, auto read) {
    for (Object& object : objects) {
      if (!wanted(object.kind)) continue;
      all.log.place = [&](const std::string& pointer) { return object.manifest->name + "#" + pointer; };
      read(object);
      append(object.problems, take(all.log, object.manifest->content));
      append(object.notes, std::exchange(all.result.notes, {}));
    }
  };
  for (const Object& object : objects)
    if (object.kind == Kind::codecoapp) find_named_nodes(*object.content, all.nodes_named);
  Machines machines(all);
  each([](Kind kind) { return kind == Kind::node; }, [&](Object& one) { machines.read_node(one.reader, one.cluster); });
  each([](Kind kind) { return kind == Kind::managed_cluster; },
       [&](Object& one) { machines.read_managed_cluster(one.reader); });
  machines.write();
  each([](Kind kind) { return kind == Kind::codecoapp; }, [&](Object& one) { read_codecoapp(one.reader, all); });
}
}  // namespace

Import import_kubernetes(const std::vector<std::string>& files, Json into) {
  Importing all;
  const bool fresh = into.empty();
  all.result.scenario = fresh ? empty_scenario() : std::move(into);
  // A scenario may have all of a kind at its sites.
  const Json parts = empty_scenario();
  for (const char* part : {"providers", "node_types", "clusters", "applications", "clients"})
    if (!all.result.scenario.contains(part)) all.result.scenario[part] = parts[part];
  find_images(all.result.scenario, all.images);

  std::vector<ManifestFile> read;
  std::vector<std::string> clusters;
  for (const std::string& file : files) {
    try {
      read.push_back(read_manifests(file));
      clusters.push_back(file == "-" ? "cluster" : std::filesystem::path(file).stem().string());
      append(all.result.problems, read.back().problems);
    } catch (const ScenarioError& wrong) {
      append(all.result.fatal, wrong.problems);
    }
  }
  std::vector<Object> objects;
  Gathering gathering(all, objects);
  for (std::size_t i = 0; i < read.size(); ++i) {
    for (const Manifest& manifest : read[i].documents) {
      all.log.place = [&](const std::string& pointer) { return manifest.name + "#" + pointer; };
      gathering.document(manifest, clusters[i]);
      append(all.result.problems, take(all.log, manifest.content));
    }
  }
  const bool any =
      std::any_of(objects.begin(), objects.end(), [](const Object& one) { return one.kind < Kind::beside; });
  if (!any && all.result.fatal.empty())
    all.result.fatal.push_back({"these files", "there is no CodecoApp, Node or ManagedCluster in them"});
  if (any) read_objects(objects, all);
  for (Object& object : objects) {
    append(all.result.problems, std::move(object.problems));
    append(all.result.notes, std::move(object.notes));
  }
  all.result.notes = folded(all.result.notes);
  if (fresh && !all.result.scenario["applications"].empty())
    all.result.scenario["name"] = all.result.scenario["applications"][0]["name"];
  describe(all, files);
  return std::move(all.result);
}

}  // namespace codecosim
