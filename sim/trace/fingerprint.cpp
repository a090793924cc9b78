#include "sim/trace/fingerprint.hpp"

#include <fmt/format.h>

namespace codecosim {

std::string Fingerprint::text() const { return fmt::format("{:016x}-{:016x}-{:016x}", order_, times_, values_); }

}  // namespace codecosim
