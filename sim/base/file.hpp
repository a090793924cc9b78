#pragma once
#include <string>
#include <string_view>

#include "sim/base/descriptor.hpp"

namespace codecosim {

/// The name of this machine.
std::string host_name();
/// A word that no other process on any machine makes. It consists of the host, the process and the time.
std::string unique_name();

/// A file that is written from its beginning to its end. Throws Error(output) where the system refuses.
class OutputFile {
 public:
  /// Replaces a file that exists. Error messages call the file `name`.
  OutputFile(const std::string& path, std::string name);
  explicit OutputFile(const std::string& path) : OutputFile(path, path) {}
  void append(std::string_view);
  /// Writes all that was appended to the disk.
  void close();

 private:
  std::string name_;
  Descriptor file_;
  std::string pending_;
};

/// Renames a complete file or directory, which is on the disk, to its final name. This is one step, so that nobody sees
/// half of it. A file of that name is replaced. Throws Error(output) where it cannot.
void publish(const std::string& partial, const std::string& path);
/// The same, but it changes nothing and returns false where a file or directory has that name.
[[nodiscard]] bool publish_new(const std::string& partial, const std::string& path);

/// A file that gets its name only when it is complete. Throws Error(output) where it cannot be written.
class WholeFile {
 public:
  explicit WholeFile(const std::string& path);
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  void append(std::string_view text) { file_.append(text); }
  /// Gives the file its name. A file of that name is replaced.
  void finish();
  /// The same, but returns false where a file has that name.
  [[nodiscard]] bool finish_new();

 private:
  std::string path_, partial_;
  OutputFile file_;
};

/// Writes a file whole or not at all. A file of that name is replaced.
void write_whole(const std::string& path, std::string_view text);
/// The same, but returns false where a file has that name.
[[nodiscard]] bool write_new(const std::string& path, std::string_view text);

}  // namespace codecosim
