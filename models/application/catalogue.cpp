#include "models/application/catalogue.hpp"

#include <fmt/format.h>

#include <utility>

namespace codecosim {

Catalogue::Catalogue(std::vector<ImageSpec> images, std::vector<ApplicationSpec> specs)
    : images_(std::move(images)), specs_(std::move(specs)) {
  for (std::uint32_t s = 0; s < specs_.size(); ++s) {
    first_instance_.push_back(count());
    for (std::uint32_t i = 0; i < specs_[s].count; ++i) {
      const ApplicationId id{count()};
      instances_.push_back({s, i, service_count()});
      for (std::uint32_t c = 0; c < specs_[s].components.size(); ++c) services_.push_back({id, c});
    }
  }
}

std::string Catalogue::name(ApplicationId app) const {
  return spec(app).numbered ? fmt::format("{}-{}", spec(app).name, number(app)) : spec(app).name;
}

std::string Catalogue::name(ServiceId service) const {
  return fmt::format("{}/{}", name(application(service)), component(service).name);
}

std::string numbered(const std::string& text, std::uint32_t number) {
  std::string out = text;
  const std::string digits = std::to_string(number);
  for (std::size_t at = out.find("{i}"); at != std::string::npos; at = out.find("{i}", at + digits.size()))
    out.replace(at, 3, digits);
  return out;
}

}  // namespace codecosim
