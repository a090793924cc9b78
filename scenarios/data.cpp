#include <fmt/format.h>

#include <algorithm>

#include "scenarios/fields.hpp"

namespace codecosim {

void read_data(Reader& root, Loading& loading, const Federation& federation) {
  const auto cluster = [&](Reader& r, const char* key, const std::string& name) -> std::optional<ClusterId> {
    if (r.describing() || name.empty()) return std::nullopt;
    const auto found = find_cluster(loading, federation, name);
    if (!found) no_cluster(r, key, name, federation, loading);
    return found;
  };
  for (Reader& r : root.items("data", "Data sets that components read or write.")) {
    DatasetSpec data;
    data.name = name_at(r, "Of the data set.", loading.data, "data sets", loading);
    read_fields(r, data);
    const auto source = r.need<std::string>("source", "Cluster in which its new versions appear.");
    if (const auto found = cluster(r, "source", source)) data.source = *found;
    for (Reader& one : r.items("copies", "Clusters that have a copy from the start, besides the source."))
      if (const auto name = one.filled_text(); !one.describing() && !name.empty()) {
        const auto found = find_cluster(loading, federation, name);
        if (found)
          data.copies.push_back(*found);
        else if (!loading.names_unsure)
          one.problem(no_cluster(name, federation));
      }
    data.allowed_domains = read_domains(r, "Domains of providers in which it may be; missing: all.", loading);
    if (auto update = r.object("update", "New versions; missing: none.")) {
      data.update_period = update->need<Seconds>("period", "Between two versions.", positive);
      data.update_size = update->need<Bytes>("size", "What each copy is sent.", not_negative);
      update->close();
    }
    r.close();
    if (!r.describing() && !data.allowed_domains.empty() && federation.cluster_count() > 0) {
      std::vector<ClusterId> holders = data.copies;
      if (data.source) holders.push_back(data.source);
      for (const ClusterId one : holders) {
        if (federation.cluster_spec(one).provider >= federation.spec().providers.size()) continue;  // known problem
        const std::string& domain = federation.provider(one).domain;
        if (std::find(data.allowed_domains.begin(), data.allowed_domains.end(), domain) == data.allowed_domains.end())
          r.problem_at("allowed_domains",
                       fmt::format("\"{}\" has a copy and is in the domain \"{}\", which is not allowed",
                                   federation.name(one), domain));
      }
    }
    loading.scenario.data.push_back(std::move(data));
  }
}

}  // namespace codecosim
