#include "models/orchestration/codeco/spec.hpp"

#include "models/orchestration/codeco/codeco.hpp"

namespace codecosim {

namespace {
class Settings : public ControlPlaneSettings {
 public:
  explicit Settings(CodecoSpec spec) : spec_(std::move(spec)) {}
  void fields(Parameters& parameters) override { spec_.fields(parameters); }
  std::unique_ptr<ControlPlane> make(const Parts& parts) const override {
    return std::make_unique<Codeco>(parts, spec_);
  }
  bool hubs_run_applications() const override { return spec_.ocm.local_cluster; }

 private:
  CodecoSpec spec_;
};
}  // namespace

std::shared_ptr<ControlPlaneSettings> codeco_as_implemented(const Policies& policies) {
  CodecoSpec spec;
  spec.neighbourhood.partition = policies.partition.choose("none");
  return std::make_shared<Settings>(std::move(spec));
}

std::shared_ptr<ControlPlaneSettings> codeco_as_designed(const Policies& policies) {
  CodecoSpec spec;
  spec.acm.wait = Seconds(0);
  spec.ocm.toleration = Seconds(3600);
  spec.ocm.watch = true;
  spec.context = CodecoSpec::Context::local;
  spec.autonomy = CodecoSpec::Autonomy::neighbourhood;
  spec.netma.export_period = Seconds(30);
  spec.neighbourhood.partition = policies.partition.choose("k-nearest");
  return std::make_shared<Settings>(std::move(spec));
}

}  // namespace codecosim
