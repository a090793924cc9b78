#pragma once

namespace codecosim {

/// Exit status of a command that SIGINT or SIGTERM has stopped, as a shell reports SIGINT.
constexpr int exit_interrupted = 130;

/// Makes SIGINT and SIGTERM only set the flag that interrupted() returns.
void catch_interrupts();
bool interrupted();

}  // namespace codecosim
