#pragma once
#include <string>

namespace codecosim {

/// What a registry makes: it knows what it is called, so that what goes wrong in it can be told.
struct Named {
  std::string called = "a policy";  ///< For people, such as `"mine" of the plug-in mine.so`.
};

/// Says who is asked, as long as it lives, in case that one crashes.
class Asking {
 public:
  explicit Asking(const Named& whom) : before_(whom_) { whom_ = whom.called.c_str(); }
  ~Asking() { whom_ = before_; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  /// Null while nobody is asked.
  static const char* whom() { return whom_; }

 private:
  inline static const char* volatile whom_ = nullptr;
  const char* before_;
};

/// From now on a crash of who is asked ends the process as a failure of the model, with its name on the error output;
/// in a copy of a process (Child), its maker is told. Other crashes end it as they do without this. What comes later
/// and installs handlers of signals, as SimGrid's engine does, undoes it.
void report_crashes();

}  // namespace codecosim
