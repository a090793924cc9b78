#include "policies/extension.hpp"

#include <dlfcn.h>

#include <filesystem>

#include "sim/base/error.hpp"

namespace codecosim {

std::string Extension::why_missing() const {
  if (!built_) return "this program was built without it: install the package " + package_ + " and build it again";
  if (path().empty())
    return "needs " + file_ + " beside the program: it is built where the package " + package_ + " is installed";
  return "";
}

// Beside the program; tests are in a folder below it, and an installed program is in `bin`. Empty where there is none.
std::string Extension::path() const {
  std::error_code none;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
  for (const char* way : {".", "..", "../..", "../lib/codecosim"}) {
    const std::filesystem::path path = folder / way / file_;
    if (std::filesystem::exists(path, none)) return path.string();
  }
  return "";
}

void* Extension::symbol(const char* name) {
  if (!loaded_) loaded_ = dlopen(path().c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const found = loaded_ ? dlsym(loaded_, name) : nullptr;
  if (!found) throw Error(Failure::model, "cannot load " + file_ + ", of the package " + package_ + ": " + dlerror());
  return found;
}

}  // namespace codecosim
