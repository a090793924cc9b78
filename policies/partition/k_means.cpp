#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "policies/partition/policies.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

/// Position (three coordinates), free cores and free memory of a cluster, without dimension.
using Point = std::array<double, 5>;

double square_distance(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

Point centroid(const std::vector<Point>& points) {
  Point mean{};
  for (const Point& each : points)
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += each[i] / static_cast<double>(points.size());
  return mean;
}

/// Scales the coordinates [first, last) of points of mean zero by one factor, so that their mean square distance from
/// zero becomes `weight`. Equal coordinates are left as they are.
void scale(std::vector<Point>& points, std::size_t first, std::size_t last, double weight) {
  double square = 0;
  for (const Point& each : points)
    for (std::size_t i = first; i < last; ++i) square += each[i] * each[i] / static_cast<double>(points.size());
  const double factor = square > 0 ? std::sqrt(weight / square) : 0;
  for (Point& each : points)
    for (std::size_t i = first; i < last; ++i) each[i] *= factor;
}

struct Settings {
  std::uint32_t size = 8;
  double position = 1;
  double resources = 1;
};

/// The three coordinates of a position share one scale, so that distances keep their proportions; cores and memory have
/// one each.
std::vector<Point> standardised(const PartitionProblem& problem, const Settings& settings) {
  std::vector<Point> points;
  for (const PartitionProblem::Row& row : problem.rows)
    points.push_back({row.x, row.y, row.z, row.cpu_free.value, row.memory_free.value});
  const Point mean = centroid(points);
  for (Point& each : points)
    for (std::size_t i = 0; i < mean.size(); ++i) each[i] -= mean[i];
  scale(points, 0, 3, settings.position);
  scale(points, 3, 4, settings.resources / 2);
  scale(points, 4, 5, settings.resources / 2);
  return points;
}

/// k-means++: each centre is a point, drawn in proportion to its square distance from the nearest centre before it.
/// Fewer centres where fewer points differ.
std::vector<Point> seeded(const std::vector<Point>& points, std::size_t count, Rng& rng) {
  std::vector<Point> centres{points[rng.below(points.size())]};
  std::vector<double> distance(points.size(), std::numeric_limits<double>::infinity());
  while (centres.size() < count) {
    double total = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      distance[i] = std::min(distance[i], square_distance(points[i], centres.back()));
      total += distance[i];
    }
    if (total <= 0) break;
    double left = rng.uniform() * total;
    std::size_t drawn = 0;
    // The last point of a positive distance takes what rounding leaves over.
    for (std::size_t i = 0; i < points.size() && left > 0; ++i)
      if (distance[i] > 0) {
        left -= distance[i];
        drawn = i;
      }
    centres.push_back(points[drawn]);
  }
  return centres;
}

/// Lloyd's algorithm: the group of each point. Ends when no point changes its group, or after `most_rounds`.
std::vector<std::size_t> grouped(const std::vector<Point>& points, std::vector<Point> centres) {
  constexpr int most_rounds = 100;
  std::vector<std::size_t> groups(points.size(), centres.size());
  for (int round = 0; round < most_rounds; ++round) {
    std::vector<std::vector<Point>> members(centres.size());
    bool changed = false;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto nearest = std::ranges::min_element(
          centres, {}, [&](const Point& centre) { return square_distance(points[i], centre); });
      const auto group = static_cast<std::size_t>(nearest - centres.begin());
      changed = changed || groups[i] != group;
      groups[i] = group;
      members[group].push_back(points[i]);
    }
    if (!changed) break;
    // A centre that has lost all of its points stays where it is.
    for (std::size_t group = 0; group < centres.size(); ++group)
      if (!members[group].empty()) centres[group] = centroid(members[group]);
  }
  return groups;
}

/// The group around the cluster nearest to the clients, of those that k-means finds (Lloyd, "Least squares quantization
/// in PCM", IEEE Trans. Inf. Theory 28(2), 1982; seeding by Arthur and Vassilvitskii, "k-means++", SODA 2007).
class KMeans final : public PartitionPolicy {
 public:
  explicit KMeans(Settings settings) : settings_(settings) {}

  Neighbourhood form(const PartitionProblem& problem, Rng& rng) override {
    Neighbourhood found{{}, nearest_to_clients(problem, rng)};
    const std::size_t rows = problem.rows.size();
    const std::size_t count = std::max<std::size_t>(1, (rows + settings_.size / 2) / settings_.size);
    const std::vector<Point> points = standardised(problem, settings_);
    const std::vector<std::size_t> groups = grouped(points, seeded(points, count, rng));
    for (std::uint32_t row = 0; row < rows; ++row)
      if (groups[row] == groups[found.coordinator]) found.members.push_back(row);
    return found;
  }

 private:
  Settings settings_;
};

}  // namespace

Registry<PartitionPolicy>::Make read_k_means(Reader& reader) {
  Settings settings;
  settings.size =
      reader.get<std::uint32_t>("size", settings.size, "Wanted mean number of clusters in a group.", at_least(1));
  settings.position = reader.get<double>("position", settings.position, "Weight of where clusters are.", not_negative);
  settings.resources =
      reader.get<double>("resources", settings.resources, "Weight of their free cores and memory.", not_negative);
  return [settings] { return std::make_unique<KMeans>(settings); };
}

}  // namespace codecosim
