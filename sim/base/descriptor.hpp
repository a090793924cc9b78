#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace codecosim {

/// A file descriptor that closes by itself.
class Descriptor {
 public:
  Descriptor() = default;
  /// Takes the descriptor over; a number below zero is none.
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }
  /// Returns whether the system could close it; errno says why not. The object holds no descriptor afterwards.
  bool close();

 private:
  int number_ = -1;
};

/// The two ends of a pipe, which no program that is started inherits. Throws Error(model) where the system gives none.
struct Pipe {
  Pipe();
  Descriptor reader, writer;
};

/// Whether all of it was written; errno says why not.
bool write_all(int descriptor, std::string_view);

/// Appends the bytes that can be read to `into`, and waits for some where there are none. False when there will be no
/// more.
bool read_some(int descriptor, std::string& into);

/// Waits for a child process to end; its status as waitpid gives it.
int wait_for(pid_t child);

}  // namespace codecosim
