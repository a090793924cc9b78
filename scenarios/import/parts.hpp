#pragma once
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/import/import.hpp"
#include "scenarios/import/manifest.hpp"

namespace codecosim {

/// The state that the parts of an import share.
struct Importing {
  Import result;
  Reader::Log log;                            ///< Its problems become result.problems.
  std::set<std::string> nodes_named;          ///< Nodes that a nodeName or a hostname selector of an application names.
  std::map<std::string, std::string> nodes;   ///< Node names in the scenario; empty where two nodes have the name.
  std::map<std::string, double> image_sizes;  ///< In bytes, by full name, as nodes list them.
  std::map<std::string, Json> images;         ///< Images of the scenario, by name.
  std::vector<std::string> assumptions;

  void assume(const std::string& what);
  void note(const Reader&, const std::string& what);
  /// Ends the reading of an object: notes the keys of `idle` that are present, and reports unknown keys, which are
  /// neither in `idle`, nor in `silent`, nor read.
  void close(Reader&, std::initializer_list<const char*> idle = {}, std::initializer_list<const char*> silent = {});
};

/// `metadata` of an object.
struct Metadata {
  std::string name, name_space;
  std::map<std::string, std::string> labels;
};
Metadata read_metadata(Reader& object, Importing&);

/// `text` as a name that a scenario allows: in lower case, with '-' for characters that are not allowed.
std::string resource_name(const std::string& text);
/// `name`, or where it is taken, the first free one of name-2, name-3, ...
std::string free_name(const std::string& name, const Json& named);
/// Whether an element of `named` has this name.
bool has_name(const Json& named, const std::string& name);
/// An image's name with registry and tag, which nodes list and manifests may leave out.
std::string full_image_name(std::string name);

/// A quantity; nothing where the text is empty, or, with a problem, where it is negative or not a quantity.
std::optional<double> quantity(Reader);
std::optional<double> quantity(Reader& parent, const char* key);
/// The text under `key`; empty where it is missing.
std::string text(Reader& parent, const char* key);
/// The text under `key`, which must be one of `words`.
std::string word(Reader& parent, const char* key, const std::vector<std::string>& words);
/// Reads taints of Kubernetes or of Open Cluster Management into those of a scenario.
Json read_taints(Reader& parent, Importing&);

std::string cpu_text(double cores);
std::string memory_text(double bytes);

/// Reads the PodSpec of a microservice into the fields of a component.
void read_pod(Reader&, Json& component, Importing&);
/// Reads a CodecoApp into an application and its clients.
void read_codecoapp(Reader, Importing&);

/// Nodes and managed clusters as they are read, until they become clusters of the scenario.
class Machines {
 public:
  explicit Machines(Importing& importing) : importing_(importing) {}
  void read_node(Reader, const std::string& cluster);
  void read_managed_cluster(Reader);
  void write();

 private:
  struct Pool {
    std::string first_node;
    Json type;
    std::uint32_t count;
    bool alone;  ///< A pool of its own, because an application names the node.
  };
  struct Cluster {
    std::string name;
    Json labels = Json::object(), taints = Json::array();
    std::set<std::string> nodes;
    std::vector<Pool> pools;
    Json whole;  ///< The allocatable resources of a ManagedCluster, as one node.
    bool managed = false, hub = false, refused = false;
  };
  Cluster& cluster(const std::string& name);
  std::string add_type(const Cluster&, const Pool&);
  void write(const Cluster&, const std::string& provider);

  Importing& importing_;
  std::vector<Cluster> clusters_;
};

}  // namespace codecosim
