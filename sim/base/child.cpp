#include "sim/base/child.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
int mouth = -1;  // in a copy: where it answers

constexpr std::size_t longest_answer = 16 << 20;
constexpr int silent = 1;

/// Everything but the answer leads to nowhere.
void cut_off(int keep) {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) _exit(silent);
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) _exit(silent);
  std::vector<int> all;
  while (const dirent* entry = readdir(folder))
    if (const int fd = std::atoi(entry->d_name);
        entry->d_name[0] != '.' && fd != keep && fd != nowhere && fd != dirfd(folder))
      all.push_back(fd);
  closedir(folder);
  for (const int fd : all) dup2(nowhere, fd);
}

double address_space() {
  long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void become_copy(int to, pid_t parent, Bytes most) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(silent);  // it has ended already
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  if (const double space = address_space() + most.value; space < 1e18) {
    const rlimit memory{static_cast<rlim_t>(space), static_cast<rlim_t>(space)};
    setrlimit(RLIMIT_AS, &memory);
  }
  cut_off(to);
  mouth = to;
}
}  // namespace

std::optional<Child> Child::fork(const Limits& limits) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error(Failure::model, std::string("cannot make a pipe: ") + std::strerror(errno));
  const pid_t parent = getpid();
  std::fflush(nullptr);
  const pid_t id = ::fork();
  if (id == 0) {
    close(ends[0]);
    become_copy(ends[1], parent, limits.memory);
    return std::nullopt;
  }
  const int why = errno;
  close(ends[1]);
  if (id < 0) {
    close(ends[0]);
    throw Error(Failure::model, std::string("cannot copy the process: ") + std::strerror(why));
  }
  const auto time =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(limits.time.value, 1e8)));
  return Child(parent, id, ends[0], Clock::now() + time);
}

Child::~Child() {
  if (id_ < 0 || maker_ != getpid()) return;  // to a copy, those of its parent are nothing
  kill();
  (void)reap();
}

void Child::kill() {
  ::kill(id_, SIGKILL);
  ended_ = true;
}

/// Reads what there is.
void Child::hear() {
  char buffer[65536];
  const ssize_t got = read(ear_, buffer, sizeof buffer);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got > 0) said_.append(buffer, static_cast<std::size_t>(got));
  ended_ = got <= 0;
  if (said_.size() > longest_answer) kill();
}

void Child::listen(std::span<Child* const> children) {
  std::vector<pollfd> ears;
  Clock::time_point first = Clock::now() + std::chrono::milliseconds(200);
  for (const Child* one : children) {
    ears.push_back({one->ear_, POLLIN, 0});
    first = std::min(first, one->deadline_);
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(first - Clock::now()).count() + 1;
  poll(ears.data(), ears.size(), static_cast<int>(std::clamp<long>(left, 0, 200)));
  for (std::size_t i = 0; i < ears.size(); ++i) {
    Child& one = *children[i];
    if (ears[i].revents != 0) one.hear();
    if (!one.ended_ && Clock::now() > one.deadline_) {
      one.late_ = true;
      one.kill();
    }
  }
}

Child::End Child::reap() {
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {}
  close(ear_);
  id_ = ear_ = -1;
  End end;
  end.out_of_time = late_;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  if (WIFEXITED(status) && end.status == 0 && !late_)
    end.said = std::move(said_);
  else
    end.last_words = std::move(said_);
  return end;
}

void Child::answer(const std::string& text) {
  ensure(mouth >= 0, "an answer of the process itself");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = write(mouth, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) abandon();
    done += static_cast<std::size_t>(written);
  }
  _exit(0);
}

bool Child::is_copy() { return mouth >= 0; }

void Child::last_words(const char* text) {
  if (is_copy()) (void)!write(mouth, text, std::strlen(text));
}

void Child::abandon(int status) { _exit(status); }

}  // namespace codecosim
