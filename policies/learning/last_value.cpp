#include <limits>

#include "policies/learning/policies.hpp"
#include "policies/learning/series.hpp"

namespace codecosim {
namespace {

/// Persistence: the baseline that every other forecaster has to beat.
class LastValue final : public SeriesForecaster {
 public:
  std::string shape() const override { return "last-value"; }

 private:
  void start(std::size_t series) override { last_.assign(series, std::numeric_limits<double>::quiet_NaN()); }
  void take(const std::vector<double>& values) override { last_ = values; }
  std::vector<double> ahead(std::uint32_t) const override { return last_; }

  std::vector<double> last_;
};

}  // namespace

std::unique_ptr<Forecaster> make_last_value() { return std::make_unique<LastValue>(); }

}  // namespace codecosim
