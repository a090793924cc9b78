#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/application/cam.hpp"
#include "sim/base/ids.hpp"

namespace codecosim {

/// The specified part of applications, which is known before anything runs: their instances, and the services
/// (components) of these. It has no run-time state, so a decision maker may hold it without knowing more than it
/// should.
class Catalogue {
 public:
  Catalogue(std::vector<ImageSpec>, std::vector<ApplicationSpec>);

  const std::vector<ImageSpec>& images() const { return images_; }
  const std::vector<ApplicationSpec>& specs() const { return specs_; }
  std::uint32_t count() const { return static_cast<std::uint32_t>(instances_.size()); }
  std::uint32_t service_count() const { return static_cast<std::uint32_t>(services_.size()); }
  ApplicationId instance(std::uint32_t spec, std::uint32_t index) const { return {first_instance_[spec] + index}; }
  std::uint32_t spec_number(ApplicationId app) const { return instances_[app.index].spec; }
  const ApplicationSpec& spec(ApplicationId app) const { return specs_[spec_number(app)]; }
  std::uint32_t number(ApplicationId app) const { return instances_[app.index].index; }
  /// The service of a component. The services of an application have consecutive ids.
  ServiceId service(ApplicationId app, std::uint32_t component) const {
    return {instances_[app.index].first_service + component};
  }
  ApplicationId application(ServiceId service) const { return services_[service.index].application; }
  std::uint32_t component_number(ServiceId service) const { return services_[service.index].component; }
  const ComponentSpec& component(ServiceId service) const {
    return spec(application(service)).components[component_number(service)];
  }
  std::string name(ApplicationId) const;  ///< "inspection-3"
  std::string name(ServiceId) const;      ///< "inspection-3/detect"

 private:
  struct Instance {
    std::uint32_t spec, index, first_service;
  };
  struct Service {
    ApplicationId application;
    std::uint32_t component;
  };
  std::vector<ImageSpec> images_;
  std::vector<ApplicationSpec> specs_;
  std::vector<std::uint32_t> first_instance_;
  std::vector<Instance> instances_;
  std::vector<Service> services_;
};

/// `text` with every `{i}` replaced by the number.
std::string numbered(const std::string& text, std::uint32_t number);

}  // namespace codecosim
