#include "policies/external/peer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "sim/base/error.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has programs declare it

namespace codecosim {

namespace {
/// Time between two checks whether the child has ended, or the user wants to stop.
constexpr int slice_ms = 100;

int left_ms(Peer::Clock::time_point deadline) {
  if (deadline == Peer::whenever) return slice_ms;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Peer::Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, slice_ms));
}

/// Writing to a peer that is gone is an error to be handled, not the end of this process.
void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }
}  // namespace

std::vector<std::string> split_words(const std::string& command) {
  std::vector<std::string> words;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      inside = false;
      continue;
    }
    if (!std::exchange(inside, true)) words.emplace_back();
    if (c == quote)
      quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == '\\' && quote != '\'' && i + 1 < command.size())
      words.back() += command[++i];
    else
      words.back() += c;
  }
  if (quote != 0) throw Error(Failure::usage, fmt::format("exec:{}: a quote is not closed", command));
  if (words.empty() || words.front().empty())
    throw Error(Failure::usage, "exec: needs a program, such as \"exec:python3 mine.py\"");
  return words;
}

Peer::Peer(const std::vector<std::string>& words, std::function<bool()> interrupted)
    : interrupted_(std::move(interrupted)), owner_(getpid()) {
  ignore_broken_pipes();
  Pipe in, out;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, in.reader.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.writer.get(), STDOUT_FILENO);
  // All other files are closed too, also inherited ones.
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t as_usual;
  sigemptyset(&as_usual);
  posix_spawnattr_setsigmask(&attributes, &as_usual);
  sigaddset(&as_usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &as_usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> arguments;
  // posix_spawn promises not to change the arguments.
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int wrong = posix_spawnp(&child_, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (wrong != 0) throw Error(Failure::usage, fmt::format("cannot start \"{}\": {}", words[0], std::strerror(wrong)));
  to_ = std::move(in.writer);
  from_ = std::move(out.reader);
}

Peer::Peer(std::function<bool()> interrupted) : interrupted_(std::move(interrupted)), owner_(getpid()) {
  ignore_broken_pipes();
  from_ = Descriptor(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  to_ = Descriptor(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!from_ || !to_ || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
    throw Error(Failure::usage, fmt::format("cannot use standard input and output: {}", std::strerror(errno)));
}

Peer::~Peer() {
  if (ours()) kill();
}

bool Peer::ours() const { return getpid() == owner_; }

Peer::Clock::time_point Peer::in(Seconds span) {
  constexpr Seconds longest{1e8};  // more than three years
  if (span > longest) return whenever;
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(span.value));
}

void Peer::send(const std::string& line) {
  unsent_.erase(0, std::exchange(sent_, 0));
  unsent_ += line;
  unsent_ += '\n';
  while (!ended_ && sent_ < unsent_.size()) {
    pollfd way{to_.get(), POLLOUT, 0};
    if (poll(&way, 1, 0) != 1) return;
    write_some();
  }
}

// A pipe that poll() reports as writable takes this much without blocking. So no descriptor needs O_NONBLOCK, which
// would affect other processes that have the same terminal or pipe open.
void Peer::write_some() {
  const ssize_t written =
      write(to_.get(), unsent_.data() + sent_, std::min<std::size_t>(unsent_.size() - sent_, PIPE_BUF));
  if (written > 0)
    sent_ += static_cast<std::size_t>(written);
  else if (written < 0 && errno != EINTR && errno != EAGAIN)
    ended_ = true;  // The peer no longer reads.
  if (sent_ == unsent_.size()) {
    unsent_.clear();
    sent_ = 0;
  }
}

bool Peer::exchange(int milliseconds) {
  const auto wanted = static_cast<short>(unsent_.empty() ? 0 : POLLOUT);
  std::array<pollfd, 2> ways{pollfd{from_.get(), POLLIN, 0}, pollfd{to_.get(), wanted, 0}};
  const int ready = poll(ways.data(), ways.size(), milliseconds);
  // A child of the peer may hold the pipe open after the peer has ended.
  if (ready == 0) return !exited();
  if (ready < 0) return errno == EINTR;
  if ((ways[1].revents & POLLOUT) != 0) write_some();
  if (ways[0].revents != 0) return read_some(from_.get(), unread_);
  // The peer may have closed its input.
  return (ways[1].revents & (POLLERR | POLLNVAL)) == 0;
}

bool Peer::take(std::string& line) {
  const std::size_t end = unread_.find('\n', searched_);
  searched_ = unread_.size();
  if (end == std::string::npos) return false;
  line.assign(unread_, 0, end);
  unread_.erase(0, end + 1);
  searched_ = 0;
  return true;
}

Peer::Got Peer::receive(std::string& line, Clock::time_point deadline) {
  for (;;) {
    if (!from_) return Got::ended;
    if (take(line)) return line.size() > longest_line ? Got::too_long : Got::line;
    if (unread_.size() > longest_line) return Got::too_long;
    if (ended_) return Got::ended;
    const int wait = left_ms(deadline);
    if (wait == 0) return Got::timed_out;
    if (!exchange(wait)) ended_ = true;
    if (interrupted_()) return Got::interrupted;
  }
}

bool Peer::exited() const {
  if (child_ == 0) return false;
  siginfo_t state{};
  return waitid(P_PID, static_cast<id_t>(child_), &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid == child_;
}

void Peer::finish(Clock::time_point deadline) {
  if (!ours()) return;
  bool readable = true;
  while (!ended_ && !unsent_.empty() && readable && left_ms(deadline) > 0 && !interrupted_()) {
    readable = exchange(left_ms(deadline));
    unread_.clear();
  }
  to_.close();
  unsent_.clear();
  constexpr int look_ms = 10;
  while (child_ != 0 && !exited() && left_ms(deadline) > 0 && !interrupted_()) {
    // Its remaining output is read, so that it does not block on a full pipe.
    if (readable) {
      readable = exchange(std::min(look_ms, left_ms(deadline)));
      unread_.clear();
    } else
      std::this_thread::sleep_for(std::chrono::milliseconds(look_ms));
  }
  kill();
}

// The process group is killed before its leader is waited for: until then its number cannot be reused.
void Peer::kill() {
  if (child_ == 0) return;
  ::kill(-child_, SIGKILL);
  (void)wait_for(child_);
  child_ = 0;
  ended_ = true;
}

}  // namespace codecosim
