#include "sim/base/run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
/// A pipe whose ends close by themselves.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(Failure::output, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_reader() { shut(ends[0]); }
  void close_writer() { shut(ends[1]); }

 private:
  static void shut(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

/// Reads what there is; false when there will be no more.
bool take(int from, std::string& into) {
  char buffer[65536];
  const ssize_t got = read(from, buffer, sizeof buffer);
  if (got < 0) return errno == EINTR;
  into.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}
}  // namespace

Ended run_program(const std::vector<std::string>& words, const std::string& missing, const std::string& folder) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  Pipe out, err, trouble;
  const pid_t child = fork();
  if (child < 0) throw Error(Failure::output, "cannot start " + words.front() + ": " + std::strerror(errno));
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, 0);
    dup2(out.ends[1], 1);
    dup2(err.ends[1], 2);
    int why = 0;
    if (!folder.empty() && chdir(folder.c_str()) != 0)
      why = -errno;  // below zero: it is not the program that is missing
    if (why == 0) {
      execvp(arguments.front(), arguments.data());
      why = errno;
    }
    const ssize_t told = write(trouble.ends[1], &why, sizeof why);
    _exit(told == sizeof why ? 127 : 126);
  }
  out.close_writer();
  err.close_writer();
  trouble.close_writer();
  Ended ended;
  std::array<pollfd, 2> ears{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  while (ears[0].fd >= 0 || ears[1].fd >= 0) {
    if (poll(ears.data(), ears.size(), -1) < 0 && errno != EINTR) break;
    if (ears[0].revents && !take(ears[0].fd, ended.out)) ears[0] = {-1, 0, 0};
    if (ears[1].revents && !take(ears[1].fd, ended.err)) ears[1] = {-1, 0, 0};
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  int why = 0;
  if (read(trouble.ends[0], &why, sizeof why) == sizeof why)
    throw Error(Failure::output,
                why == ENOENT ? missing : "cannot start " + words.front() + ": " + std::strerror(std::abs(why)));
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace codecosim
