#pragma once
#include <string>

namespace codecosim {

/// A library of this build that is loaded when something in it is first needed, so that a run without it does not pay
/// for the large libraries that it uses. It uses what the program itself consists of.
class Extension {
 public:
  /// `package` is what it needs to be built; `built` says whether it was there.
  Extension(std::string file, std::string package, bool built)
      : file_(std::move(file)), package_(std::move(package)), built_(built) {}
  /// Why it cannot be had, or nothing. The file is looked for, and not loaded.
  std::string why_missing() const;
  /// What it offers by name; throws Error(model) where it cannot be loaded.
  template <class Function>
  Function* function(const char* name) {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  std::string path() const;
  void* symbol(const char* name);
  std::string file_, package_;
  bool built_;
  void* loaded_ = nullptr;
};

}  // namespace codecosim
