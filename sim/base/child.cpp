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
int answers = -1;  // in a copy: the descriptor to which it writes its answer

constexpr std::size_t longest_answer = 16 << 20;
constexpr int silent = 1;

/// Connects all descriptors but that of the answer to the null device.
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
  if (getppid() != parent) _exit(silent);  // the parent has ended already
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  if (const double space = address_space() + most.value; space < 1e18) {
    const rlimit memory{static_cast<rlim_t>(space), static_cast<rlim_t>(space)};
    setrlimit(RLIMIT_AS, &memory);
  }
  cut_off(to);
  answers = to;
}
}  // namespace

std::optional<Child> Child::fork(const Limits& limits) {
  Pipe pipe;
  const pid_t parent = getpid();
  std::fflush(nullptr);
  const pid_t id = ::fork();
  if (id == 0) {
    pipe.reader.close();
    static Descriptor writer;
    writer = std::move(pipe.writer);
    become_copy(writer.get(), parent, limits.memory);
    return std::nullopt;
  }
  if (id < 0) throw Error(Failure::model, std::string("cannot copy the process: ") + std::strerror(errno));
  const auto time =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(limits.time.value, 1e8)));
  return Child(parent, id, std::move(pipe.reader), Clock::now() + time);
}

Child::~Child() {
  if (id_ < 0 || maker_ != getpid()) return;  // a copy must not end the children of its parent
  kill();
  (void)reap();
}

void Child::kill() {
  ::kill(id_, SIGKILL);
  ended_ = true;
}

void Child::read() {
  ended_ = !read_some(reader_.get(), said_);
  if (said_.size() > longest_answer) kill();
}

void Child::listen(std::span<Child* const> children) {
  std::vector<pollfd> readers;
  Clock::time_point first = Clock::now() + std::chrono::milliseconds(200);
  for (const Child* one : children) {
    readers.push_back({one->reader_.get(), POLLIN, 0});
    first = std::min(first, one->deadline_);
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(first - Clock::now()).count() + 1;
  poll(readers.data(), readers.size(), static_cast<int>(std::clamp<long>(left, 0, 200)));
  for (std::size_t i = 0; i < readers.size(); ++i) {
    Child& one = *children[i];
    if (readers[i].revents != 0) one.read();
    if (!one.ended_ && Clock::now() > one.deadline_) {
      one.late_ = true;
      one.kill();
    }
  }
}

Child::End Child::reap() {
  const int status = wait_for(id_);
  reader_.close();
  id_ = -1;
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
  ensure(answers >= 0, "an answer of the process itself");
  if (!write_all(answers, text)) abandon();
  _exit(0);
}

bool Child::is_copy() { return answers >= 0; }

void Child::last_words(const char* text) {
  if (is_copy()) (void)!write(answers, text, std::strlen(text));
}

void Child::abandon(int status) { _exit(status); }

}  // namespace codecosim
