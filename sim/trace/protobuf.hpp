#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace codecosim {

/// A message in the wire format of protocol buffers (protobuf.dev/programming-guides/encoding), field by field.
class ProtobufMessage {
 public:
  void add(int field, std::uint64_t number) {
    tag(field, 0);
    varint(number);
  }
  void add(int field, double number) {
    tag(field, 1);
    for (std::uint64_t bits = std::bit_cast<std::uint64_t>(number), byte = 0; byte < 8; ++byte, bits >>= 8)
      bytes_ += static_cast<char>(bits & 0xff);
  }
  void add(int field, std::string_view text) {
    tag(field, 2);
    varint(text.size());
    bytes_ += text;
  }
  void add(int field, const ProtobufMessage& message) { add(field, std::string_view(message.bytes_)); }
  void clear() { bytes_.clear(); }
  bool empty() const { return bytes_.empty(); }
  const std::string& bytes() const { return bytes_; }

 private:
  void tag(int field, unsigned wire_type) { varint(static_cast<unsigned>(field) << 3 | wire_type); }
  void varint(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes_ += static_cast<char>(number | 0x80);
    bytes_ += static_cast<char>(number);
  }
  std::string bytes_;
};

}  // namespace codecosim
