#pragma once
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/import/import.hpp"
#include "scenarios/import/manifest.hpp"

namespace codecosim {

/// What the parts of an import share.
struct Importing {
  Import result;
  Reader::Log log;                            ///< Its problems become result.problems.
  std::set<std::string> nodes_named;          ///< By a nodeName or a hostname selector of an application.
  std::map<std::string, std::string> nodes;   ///< Their names in the scenario; empty where two nodes have the name.
  std::map<std::string, double> image_sizes;  ///< In bytes, by full name, as nodes list them.
  std::map<std::string, Json> images;         ///< Of the scenario, by name.
  std::vector<std::string> assumptions;

  void assume(const std::string& what);
  void note(const Reader&, const std::string& what);
  /// Ends the reading of an object: notes which of `idle` are there, and reports what is neither these, nor `silent`,
  /// nor read.
  void close(Reader&, std::initializer_list<const char*> idle = {}, std::initializer_list<const char*> silent = {});
};

/// `metadata` of an object.
struct Metadata {
  std::string name, name_space;
  std::map<std::string, std::string> labels;
};
Metadata read_metadata(Reader& object, Importing&);

/// `text` as a name that a scenario allows: in lower case, with '-' for what is not allowed.
std::string resource_name(const std::string& text);
/// `name`, or where it is taken, the first of name-2, name-3, ... that is not.
std::string free_name(const std::string& name, const Json& named);
/// Whether an element of `named` has the name.
bool has_name(const Json& named, const std::string& name);
/// An image's name with registry and tag, which nodes list and manifests may leave out.
std::string full_image_name(std::string name);

/// A quantity; nothing where the text is empty, or, with a problem, negative or none.
std::optional<double> quantity(Reader);
std::optional<double> quantity(Reader& parent, const char* key);
/// The text under `key`, or nothing where it is missing or empty.
std::string text(Reader& parent, const char* key);
/// The same, where it must be one of `words`.
std::string word(Reader& parent, const char* key, const std::vector<std::string>& words);
/// Taints of Kubernetes or of Open Cluster Management, as those of a scenario.
Json read_taints(Reader& parent, Importing&);

std::string cpu_text(double cores);
std::string memory_text(double bytes);

/// The PodSpec of a microservice, as what a component says of it.
void read_pod(Reader&, Json& component, Importing&);
/// A CodecoApp, as an application and its clients.
void read_codecoapp(Reader, Importing&);

/// Machines as they are found, until they become clusters of the scenario.
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
    bool alone;  ///< Because an application names it.
  };
  struct Cluster {
    std::string name;
    Json labels = Json::object(), taints = Json::array();
    std::set<std::string> nodes;
    std::vector<Pool> pools;
    Json whole;  ///< All that a ManagedCluster can allocate, as one node.
    bool managed = false, hub = false, refused = false;
  };
  Cluster& cluster(const std::string& name);
  std::string add_type(const Cluster&, const Pool&);
  void write(const Cluster&, const std::string& provider);

  Importing& importing_;
  std::vector<Cluster> clusters_;
};

}  // namespace codecosim
