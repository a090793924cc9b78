#include "policies/extension.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "sim/base/error.hpp"
#include "sim/base/run_program.hpp"

namespace codecosim {

namespace {
/// The program that builds extensions; null where there is none.
const char* builder() { return std::getenv("CODECOSIM_EXTENSIONS"); }
}  // namespace

std::string Extension::why_missing() const {
  if (!path().empty() || builder()) return "";
  return "needs " + file() + " beside the program, which is built where the package " + package_ + " is installed";
}

void Extension::provide() const {
  if (!path().empty() || !builder()) return;
  fmt::print(stderr, "codecosim: building {}, once\n", file());
  const Ended ended = run_program({builder(), "extension", name_}, fmt::format("there is no program {}", builder()));
  if (ended.status != 0 || path().empty())
    throw Error(Failure::model, fmt::format("cannot build {} (status {}):\n{}", file(), ended.status, ended.err));
}

// The file is beside the program; tests are in a folder below it, and an installed program is in `bin`. Empty where
// there is no such file.
std::string Extension::path() const {
  std::error_code none;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
  for (const char* way : {".", "..", "../..", "../lib/codecosim"}) {
    const std::filesystem::path path = folder / way / file();
    if (std::filesystem::exists(path, none)) return path.string();
  }
  return "";
}

void* Extension::symbol(const char* name) {
  provide();
  if (!loaded_) loaded_ = dlopen(path().c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const found = loaded_ ? dlsym(loaded_, name) : nullptr;
  if (!found) throw Error(Failure::model, "cannot load " + file() + ", of the package " + package_ + ": " + dlerror());
  return found;
}

}  // namespace codecosim
