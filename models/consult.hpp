#pragma once
#include <fmt/format.h>

#include <exception>
#include <new>

#include "sim/base/asking.hpp"
#include "sim/base/error.hpp"
#include "sim/base/quantity_text.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// Calls into what a scenario has chosen by name. An exception that is no Error of ours ends the run as a failure of
/// the model, told with this name and the date.
template <class Call>
auto consult(const Named& whom, const Call& call) {
  const Asking asking(whom);
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
