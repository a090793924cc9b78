#include "sim/kernel/fork.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
using Clock = std::chrono::steady_clock;

int mouth = -1;  // in a copy: where it answers

constexpr std::size_t longest_answer = 16 << 20;

/// Everything but the answer leads to nowhere.
void cut_off(int keep) {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) _exit(1);
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) _exit(1);
  std::vector<int> all;
  while (const dirent* entry = readdir(folder))
    if (const int fd = std::atoi(entry->d_name); entry->d_name[0] != '.' && fd != keep && fd != nowhere && fd != dirfd(folder))
      all.push_back(fd);
  closedir(folder);
  for (const int fd : all) dup2(nowhere, fd);
}

Bytes address_space() {
  long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return Bytes(static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

void become_copy(int to, pid_t parent, const Copies::Limits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it has ended already
  std::signal(SIGINT, SIG_IGN);       // its parent stops it
  std::signal(SIGTERM, SIG_DFL);
  const auto most = static_cast<rlim_t>(std::min((address_space() + limits.memory).value, 1e18));
  const rlimit memory{most, most};
  setrlimit(RLIMIT_AS, &memory);
  cut_off(to);
  mouth = to;
}

struct Child {
  pid_t id = -1;
  int from = -1;
  std::uint32_t number = 0;
  Clock::time_point end;
  std::string said;
  bool failed = false;
};

void reap(Child& child, std::vector<std::optional<std::string>>& answers) {
  if (child.failed) kill(child.id, SIGKILL);
  int status = 0;
  while (waitpid(child.id, &status, 0) < 0 && errno == EINTR) {}
  close(child.from);
  if (!child.failed && WIFEXITED(status) && WEXITSTATUS(status) == 0) answers[child.number] = std::move(child.said);
}

/// Reads what there is; false when there will be no more.
bool listen(Child& child) {
  char buffer[65536];
  const ssize_t got = read(child.from, buffer, sizeof buffer);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  child.said.append(buffer, static_cast<std::size_t>(got));
  if (child.said.size() > longest_answer) child.failed = true;
  return got > 0 && !child.failed;
}
}  // namespace

Copies::Split Copies::split(std::uint32_t copies, const Limits& limits) {
  ensure(!here(), "a copy was copied");
  ensure(limits.jobs > 0, "no copy may run");
  Split split;
  split.answers.resize(copies);
  std::vector<Child> running;
  const pid_t parent = getpid();
  std::fflush(nullptr);
  for (std::uint32_t next = 0; next < copies || !running.empty();) {
    while (next < copies && running.size() < limits.jobs) {
      int ends[2];
      if (pipe2(ends, O_CLOEXEC) != 0) throw Error(Failure::model, std::string("cannot make a pipe: ") + std::strerror(errno));
      const pid_t child = fork();
      if (child == 0) {
        close(ends[0]);
        become_copy(ends[1], parent, limits);
        split.number = next;
        return split;
      }
      const int why = errno;
      close(ends[1]);
      if (child < 0) {
        close(ends[0]);
        for (Child& one : running) one.failed = true, reap(one, split.answers);
        throw Error(Failure::model, std::string("cannot copy the process: ") + std::strerror(why));
      }
      const auto time =
          std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(limits.time.value, 1e6)));
      running.push_back({child, ends[0], next++, Clock::now() + time, {}, false});
    }
    std::vector<pollfd> ears;
    Clock::time_point first = running.front().end;
    for (const Child& one : running) ears.push_back({one.from, POLLIN, 0}), first = std::min(first, one.end);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(first - Clock::now()).count() + 1;
    poll(ears.data(), ears.size(), static_cast<int>(std::clamp<long>(left, 0, 200)));
    const bool stop = limits.stop && limits.stop();
    if (stop) next = copies;
    for (std::size_t i = running.size(); i-- > 0;) {
      Child& one = running[i];
      bool more = ears[i].revents == 0 || listen(one);
      if (more && (stop || Clock::now() > one.end)) one.failed = true, more = false;
      if (more) continue;
      reap(one, split.answers);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  return split;
}

bool Copies::here() { return mouth >= 0; }

void Copies::answer(const std::string& text) {
  ensure(here(), "an answer of the process itself");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = write(mouth, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) abandon();
    done += static_cast<std::size_t>(written);
  }
  _exit(0);
}

void Copies::abandon() { _exit(1); }

}  // namespace codecosim
