#include "sim/base/plugin_call.hpp"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "sim/base/child.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
constexpr std::array crashes{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

// Calls only functions that POSIX allows in a signal handler.
void tell(int signal) {
  std::signal(signal, SIG_DFL);
  if (const char* whom = PluginCall::whom()) {
    std::array<char, 512> words{};
    std::strncat(words.data(), whom, words.size() - 32);
    std::strcat(words.data(), " crashed");
    Child::last_words(words.data());
    std::strcat(words.data(), ": ");
    const char* name = sigabbrev_np(signal);
    std::strcat(words.data(), "SIG");
    std::strncat(words.data(), name ? name : "?", 8);
    std::strcat(words.data(), "\n");
    if (!Child::is_copy()) {
      (void)!write(STDERR_FILENO, words.data(), std::strlen(words.data()));
      _exit(static_cast<int>(Failure::model));
    }
  }
  raise(signal);
}
}  // namespace

void report_crashes() {
#ifndef __SANITIZE_ADDRESS__
  // The handler has a stack of its own, since a stack that has overflowed has no room for it.
  static std::array<char, 65536> stack;
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  sigaltstack(&other, nullptr);
  struct sigaction act{};
  act.sa_handler = tell;
  act.sa_flags = SA_ONSTACK;
  for (const int signal : crashes) sigaction(signal, &act, nullptr);
#endif
}

}  // namespace codecosim
