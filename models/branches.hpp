#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/policy.hpp"
#include "sim/base/figure.hpp"
#include "sim/kernel/fork.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The figure by which a simulated future is judged, and the resources that its simulation may take.
struct FutureSpec {
  /// Name of a figure of the summary, measured from the branching on. The figure says which direction is better; else
  /// lower is, or higher with "-" before the name.
  std::string figure = "request.latency";
  Copies::Limits limits;
};

/// Futures of a run, each in a copy of the process. A copy measures anew from the branching on, and does not branch
/// again.
class Branches : public Futures {
 public:
  /// The run that branches.
  class Run {
   public:
    virtual ~Run() = default;
    virtual std::vector<Figure> summary() = 0;
    /// In a copy: everything is measured anew from here, and policies get no futures any more.
    virtual void restart() = 0;
    /// The date at which the run ends.
    virtual Seconds end() const = 0;
  };
  Branches(Run& run, const FutureSpec& spec) : run_(run), spec_(spec) {}

  /// Simulates from here on, once for each alternative. Each copy reports the figure by which it is judged after
  /// `horizon`, or at the end of the run.
  Answer play(std::uint32_t alternatives, Seconds horizon) override;
  /// Makes one copy for each change, at the date `at`. Each copy makes its change, goes on to the end of the run and
  /// reports. Then this run ends. It must be called before the run begins.
  Process fork_at(Seconds at, std::vector<std::function<void()>> changes);
  /// Sets the function whose result a copy reports at the end of its run.
  void report_by(std::function<std::string()> report) { report_ = std::move(report); }
  /// In a copy: reports, and ends the process.
  [[noreturn]] void report() const;
  /// The reports of the copies of fork_at; nothing for a copy that failed.
  const std::vector<std::optional<std::string>>& reports() const { return reports_; }

 private:
  Process report_at(Seconds);
  /// The figure as a cost (lower is better); NaN where nothing was measured.
  double judged_by() const;

  Run& run_;
  const FutureSpec& spec_;
  std::function<std::string()> report_;
  std::vector<std::optional<std::string>> reports_;
};

}  // namespace codecosim
