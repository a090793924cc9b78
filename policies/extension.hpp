#pragma once
#include <string>

namespace codecosim {

/// A shared library of this build that is loaded when it is first needed, so that a run without it does not load the
/// large libraries it depends on. It uses the symbols of the program itself. Where it is missing and the environment
/// variable CODECOSIM_EXTENSIONS names a program, as `./dev` does, that program builds it, given its name.
class Extension {
 public:
  /// The file is `libNAME.so`; `package` is the system package that building it needs.
  Extension(std::string name, std::string package) : name_(std::move(name)), package_(std::move(package)) {}
  /// The reason why it is not available, or an empty text. Looks for the file, and neither builds nor loads it.
  std::string why_missing() const;
  /// Builds it if it is not there; throws Error(model) where it cannot.
  void provide() const;
  /// The function of this name in the library; throws Error(model) where it cannot be loaded.
  template <class Function>
  Function* function(const char* name) {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  std::string file() const { return "lib" + name_ + ".so"; }
  std::string path() const;
  void* symbol(const char* name);
  std::string name_, package_;
  void* loaded_ = nullptr;
};

}  // namespace codecosim
