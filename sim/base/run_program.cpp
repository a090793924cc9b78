#include "sim/base/run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sim/base/descriptor.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

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
    dup2(out.writer.get(), 1);
    dup2(err.writer.get(), 2);
    int why = 0;
    if (!folder.empty() && chdir(folder.c_str()) != 0) why = -errno;  // below zero: the cause is not a missing program
    if (why == 0) {
      execvp(arguments.front(), arguments.data());
      why = errno;
    }
    const ssize_t told = write(trouble.writer.get(), &why, sizeof why);
    _exit(told == sizeof why ? 127 : 126);
  }
  out.writer.close();
  err.writer.close();
  trouble.writer.close();
  Ended ended;
  std::array<pollfd, 2> readers{pollfd{out.reader.get(), POLLIN, 0}, pollfd{err.reader.get(), POLLIN, 0}};
  while (readers[0].fd >= 0 || readers[1].fd >= 0) {
    if (poll(readers.data(), readers.size(), -1) < 0 && errno != EINTR) break;
    if (readers[0].revents && !read_some(readers[0].fd, ended.out)) readers[0] = {-1, 0, 0};
    if (readers[1].revents && !read_some(readers[1].fd, ended.err)) readers[1] = {-1, 0, 0};
  }
  const int status = wait_for(child);
  int why = 0;
  if (read(trouble.reader.get(), &why, sizeof why) == sizeof why)
    throw Error(Failure::output,
                why == ENOENT ? missing : "cannot start " + words.front() + ": " + std::strerror(std::abs(why)));
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace codecosim
