#pragma once
#include <string>

namespace codecosim {

/// Base of every plug-in that a registry makes. It has a name, so that messages can say in which plug-in an error
/// occurred.
struct Named {
  std::string called = "a policy";  ///< For people, such as `"mine" of the plug-in mine.so`.
};

/// Records, as long as it lives, which plug-in is being called, in case that the plug-in crashes.
class PluginCall {
 public:
  explicit PluginCall(const Named& whom) : before_(whom_) { whom_ = whom.called.c_str(); }
  ~PluginCall() { whom_ = before_; }
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;
  /// The name of the plug-in that is being called; null while none is.
  static const char* whom() { return whom_; }

 private:
  inline static const char* volatile whom_ = nullptr;
  const char* before_;
};

/// From now on, a crash inside a plug-in that is being called ends the process as a failure of the model and prints the
/// plug-in's name on the error output. In a copy of a process (Child), the parent process is told. Other crashes end
/// the process as they do without this. Signal handlers that are installed later, as SimGrid's engine does, undo it.
void report_crashes();

}  // namespace codecosim
