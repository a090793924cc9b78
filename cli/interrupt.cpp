#include "cli/interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace codecosim {

namespace {
volatile std::sig_atomic_t caught = 0;
void on_signal(int) { caught = 1; }
}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, on_signal);
}

bool interrupted() { return caught != 0; }

}  // namespace codecosim
