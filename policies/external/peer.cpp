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

extern char** environ;

namespace codecosim {

namespace {
/// Between two looks at whether the child has ended, or the user wants to stop.
constexpr int slice_ms = 100;

int left_ms(Peer::Clock::time_point deadline) {
  if (deadline == Peer::whenever) return slice_ms;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Peer::Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, slice_ms));
}

/// The two ends of a pipe, which no program that is started inherits.
struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(Failure::model, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int keep(std::size_t which) { return std::exchange(ends[which], -1); }
  std::array<int, 2> ends{-1, -1};
};

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
  posix_spawn_file_actions_adddup2(&files, in.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.ends[1], STDOUT_FILENO);
  // Also what others have opened, or left open for us.
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t as_usual;
  sigemptyset(&as_usual);
  posix_spawnattr_setsigmask(&attributes, &as_usual);
  sigaddset(&as_usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &as_usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> arguments;
  // posix_spawn promises not to change them.
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int wrong = posix_spawnp(&child_, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (wrong != 0) throw Error(Failure::usage, fmt::format("cannot start \"{}\": {}", words[0], std::strerror(wrong)));
  to_ = in.keep(1);
  from_ = out.keep(0);
}

Peer::Peer(std::function<bool()> interrupted) : interrupted_(std::move(interrupted)), owner_(getpid()) {
  ignore_broken_pipes();
  from_ = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  to_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (from_ < 0 || to_ < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    const int reason = errno;
    close_input();
    if (from_ >= 0) close(from_);
    throw Error(Failure::usage, fmt::format("cannot use standard input and output: {}", std::strerror(reason)));
  }
}

Peer::~Peer() {
  if (ours()) kill();
  close_input();
  if (from_ >= 0) close(from_);
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
    pollfd way{to_, POLLOUT, 0};
    if (poll(&way, 1, 0) != 1) return;
    write_some();
  }
}

// A pipe that poll() says can be written to takes this much without blocking; so nothing has to be set to non-blocking,
// which others who have the same terminal or pipe open would notice.
void Peer::write_some() {
  const ssize_t written = write(to_, unsent_.data() + sent_, std::min<std::size_t>(unsent_.size() - sent_, PIPE_BUF));
  if (written > 0)
    sent_ += static_cast<std::size_t>(written);
  else if (written < 0 && errno != EINTR && errno != EAGAIN)
    ended_ = true;  // It cannot get what it is asked.
  if (sent_ == unsent_.size()) {
    unsent_.clear();
    sent_ = 0;
  }
}

bool Peer::read_some() {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
  const ssize_t got = read(from_, buffer.data(), buffer.size());
  if (got > 0) unread_.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

bool Peer::exchange(int milliseconds) {
  const auto wanted = static_cast<short>(unsent_.empty() ? 0 : POLLOUT);
  std::array<pollfd, 2> ways{pollfd{from_, POLLIN, 0}, pollfd{to_, wanted, 0}};
  const int ready = poll(ways.data(), ways.size(), milliseconds);
  // One of its children may hold the pipe open when it is gone itself.
  if (ready == 0) return !exited();
  if (ready < 0) return errno == EINTR;
  if ((ways[1].revents & POLLOUT) != 0) write_some();
  if (ways[0].revents != 0) return read_some();
  // It has closed what we write to.
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
    if (from_ < 0) return Got::ended;
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

void Peer::close_input() {
  if (to_ >= 0) close(std::exchange(to_, -1));
}

void Peer::finish(Clock::time_point deadline) {
  if (!ours()) return;
  bool readable = true;
  while (!ended_ && !unsent_.empty() && readable && left_ms(deadline) > 0 && !interrupted_()) {
    readable = exchange(left_ms(deadline));
    unread_.clear();
  }
  close_input();
  unsent_.clear();
  constexpr int look_ms = 10;
  while (child_ != 0 && !exited() && left_ms(deadline) > 0 && !interrupted_()) {
    // What it still says is read, so that it need not wait for us.
    if (readable) {
      readable = exchange(std::min(look_ms, left_ms(deadline)));
      unread_.clear();
    } else
      std::this_thread::sleep_for(std::chrono::milliseconds(look_ms));
  }
  kill();
}

// The group goes before its leader is waited for: until then its number belongs to nobody else.
void Peer::kill() {
  if (child_ == 0) return;
  ::kill(-child_, SIGKILL);
  while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {}
  child_ = 0;
  ended_ = true;
}

}  // namespace codecosim
