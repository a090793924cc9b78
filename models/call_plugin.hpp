#pragma once
#include <fmt/format.h>

#include <exception>
#include <new>

#include "sim/base/error.hpp"
#include "sim/base/plugin_call.hpp"
#include "sim/base/quantity_text.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// Takes down how long a plug-in is asked, where a profile is made.
class PluginTimer {
 public:
  explicit PluginTimer(const Named& whom) : whom_(whom) {
    if (calendar().profile()) begin_ = Profile::Clock::now();
  }
  ~PluginTimer() {
    if (Profile* profile = calendar().profile()) profile->add_call(whom_.called, Profile::Clock::now() - begin_);
  }
  PluginTimer(const PluginTimer&) = delete;
  PluginTimer& operator=(const PluginTimer&) = delete;

 private:
  const Named& whom_;
  Profile::Clock::time_point begin_;
};

/// Calls a plug-in that a scenario has chosen by name. An exception that is not an Error ends the run as a failure of
/// the model; the message has the plug-in's name and the date.
template <class Call>
auto call_plugin(const Named& whom, const Call& call) {
  const PluginCall asking(whom);
  const PluginTimer timer(whom);
  const auto failed = [&](const char* why) {
    return Error(Failure::model, fmt::format("{} failed at {}: {}", whom.called, readable(now()), why));
  };
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& wrong) {
    throw failed(wrong.what());
  } catch (...) {
    throw failed("it threw what is no std::exception");
  }
}

}  // namespace codecosim
