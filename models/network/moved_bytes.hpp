#pragma once
#include <algorithm>

#include "models/network/network.hpp"
#include "sim/base/intrusive_list.hpp"

namespace codecosim {

/// Bytes that transfers for one purpose have moved, by transfers that have ended and by those under way.
class MovedBytes {
 public:
  /// Counts the transfer of a message, for as long as both objects live.
  class Counting : public IntrusiveList<Counting>::Hook {
   public:
    Counting(MovedBytes& bytes, const Message& message) : bytes_(bytes), message_(message) {
      bytes_.open_.append(*this);
    }
    ~Counting() {
      bytes_.ended_ += message_.moved();
      bytes_.open_.remove(*this);
    }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

   private:
    friend class MovedBytes;
    MovedBytes& bytes_;
    const Message& message_;
  };
  Bytes total() const {
    Bytes sum = ended_;
    for (const Counting* one = open_.first(); one; one = open_.next(*one)) sum += one->message_.moved();
    return std::max(sum, Bytes(0));  // after a reset, rounding may leave a value below zero
  }
  /// Begins anew: bytes of transfers under way count from now on.
  void reset() {
    ended_ = Bytes(0);
    ended_ -= total();
  }

 private:
  Bytes ended_;
  IntrusiveList<Counting> open_;
};

}  // namespace codecosim
