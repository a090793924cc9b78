#pragma once
#include <fmt/format.h>

#include <exception>
#include <new>

#include "sim/base/error.hpp"
#include "sim/base/plugin_call.hpp"
#include "sim/base/quantity_text.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// Calls a plug-in that a scenario has chosen by name. An exception that is not an Error ends the run as a failure of
/// the model; the message has the plug-in's name and the date.
template <class Call>
auto call_plugin(const Named& whom, const Call& call) {
  const PluginCall asking(whom);
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
