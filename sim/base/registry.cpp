#include "sim/base/registry.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {

void read_defaults(const std::function<void(Reader&)>& read) {
  const Json nothing = Json::object();
  Reader::Log log;
  Reader defaults(nothing, log);
  read(defaults);
}

}  // namespace codecosim
