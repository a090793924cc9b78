#include "sim/base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "sim/base/error.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
constexpr std::size_t block = 1 << 17;

[[noreturn]] void fail_to_write(const std::string& name) {
  throw Error(Failure::output, fmt::format("cannot write {}: {}", name, std::strerror(errno)));
}

/// Writes the content of a file, or the entries of a directory, to the disk.
void sync(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  // Some file systems cannot sync directories.
  if (!file || (fsync(file.get()) != 0 && errno != EINVAL)) fail_to_write(path);
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

[[noreturn]] void fail_to_rename(const std::string& partial, const std::string& path) {
  throw Error(Failure::output, fmt::format("cannot rename {} to {}: {}", partial, path, std::strerror(errno)));
}
}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string unique_name() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return fmt::format("{}-{}-{}", host_name(), getpid(),
                     std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

OutputFile::OutputFile(const std::string& path, std::string name)
    : name_(std::move(name)), file_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (!file_) fail_to_write(name_);
}

void OutputFile::append(std::string_view text) {
  pending_ += text;
  if (pending_.size() < block) return;
  if (!write_all(file_.get(), pending_)) fail_to_write(name_);
  pending_.clear();
}

void OutputFile::close() {
  // A pipe, for example, is not on a disk and cannot be synced.
  const bool written = write_all(file_.get(), pending_) && (fsync(file_.get()) == 0 || errno == EINVAL);
  if (!written || !file_.close()) fail_to_write(name_);
}

void publish(const std::string& partial, const std::string& path) {
  sync(partial);
  if (std::rename(partial.c_str(), path.c_str()) != 0) fail_to_rename(partial, path);
  sync(folder_of(path));
}

bool publish_new(const std::string& partial, const std::string& path) {
  sync(partial);
  if (renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return false;
    // Some file systems, such as NFS, do not support RENAME_NOREPLACE.
    if (errno != EINVAL && errno != ENOSYS) fail_to_rename(partial, path);
    std::error_code error;
    if (fs::exists(path, error)) return false;
    if (std::rename(partial.c_str(), path.c_str()) != 0) fail_to_rename(partial, path);
  }
  sync(folder_of(path));
  return true;
}

WholeFile::WholeFile(const std::string& path)
    : path_(path), partial_(path + "." + unique_name()), file_(partial_, path_) {}

WholeFile::~WholeFile() { std::remove(partial_.c_str()); }

void WholeFile::finish() {
  file_.close();
  publish(partial_, path_);
}

bool WholeFile::finish_new() {
  file_.close();
  return publish_new(partial_, path_);
}

void write_whole(const std::string& path, std::string_view text) {
  WholeFile file(path);
  file.append(text);
  file.finish();
}

bool write_new(const std::string& path, std::string_view text) {
  WholeFile file(path);
  file.append(text);
  return file.finish_new();
}

}  // namespace codecosim
