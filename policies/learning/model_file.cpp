#include "policies/learning/model_file.hpp"

#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>

#include "sim/base/file.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

constexpr std::string_view magic = "codecosim-model\n";

std::uint64_t fnv(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::string checksum(std::string_view head, std::string_view numbers) {
  return fmt::format("{:016x}", fnv(numbers, fnv(head, 0xcbf29ce484222325ULL)));
}

std::string encoded(const std::vector<float>& numbers) {
  std::string bytes;
  bytes.reserve(4 * numbers.size());
  for (const float each : numbers)
    for (int shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(std::bit_cast<std::uint32_t>(each) >> shift & 0xff);
  return bytes;
}

std::vector<float> decoded(std::string_view bytes) {
  std::vector<float> numbers;
  numbers.reserve(bytes.size() / 4);
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) bits |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    numbers.push_back(std::bit_cast<float>(bits));
  }
  return numbers;
}

std::string head_of(const std::string& shape, std::size_t count) {
  return fmt::format("{}version 1\nshape {}\ncount {}\n", magic, shape, count);
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(Failure::scenario, fmt::format("{}: {}", path, why));
}

/// Removes the line `key VALUE` from the text.
std::string take_line(std::string_view& text, std::string_view key, const std::string& path) {
  const std::size_t end = text.find('\n');
  if (end == text.npos || !text.starts_with(key) || end < key.size() + 1 || text[key.size()] != ' ')
    refuse(path, fmt::format("expected the line \"{} ...\" of a model file", key));
  const std::string value(text.substr(key.size() + 1, end - key.size() - 1));
  text.remove_prefix(end + 1);
  return value;
}

/// The content of the file; a file that is too long is read only as far as shows it.
std::string content(const std::string& path, std::size_t most) {
  std::ifstream in(path, std::ios::binary);
  std::string text(most + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof() && in.fail()) refuse(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

void save_model(const std::string& path, const Learner& learner) {
  const std::vector<float> numbers = learner.parameters();
  const std::string head = head_of(learner.shape(), numbers.size()), bytes = encoded(numbers);
  write_whole(path, fmt::format("{}checksum {}\n{}", head, checksum(head, bytes), bytes));
}

std::vector<float> read_model(const std::string& path, const Learner& like) {
  const std::string shape = like.shape();
  const std::size_t count = like.parameters().size();
  constexpr std::size_t longest_head = 4096;
  const std::string whole = content(path, longest_head + 4 * count);
  std::string_view rest = whole;
  if (!rest.starts_with(magic)) refuse(path, "is no model file: it does not begin with \"codecosim-model\"");
  rest.remove_prefix(magic.size());
  if (const auto version = take_line(rest, "version", path); version != "1")
    refuse(path, fmt::format("is of version \"{}\"; this program reads version 1", printable(version)));
  if (const auto found = take_line(rest, "shape", path); found != shape)
    refuse(path, fmt::format("is of the shape \"{}\"; what fits here is \"{}\"", printable(found), shape));
  if (const auto found = take_line(rest, "count", path); found != std::to_string(count))
    refuse(path, fmt::format("has {} numbers; what fits here has {}", printable(found), count));
  const std::string_view head = std::string_view(whole).substr(0, whole.size() - rest.size());
  const std::string expected = take_line(rest, "checksum", path);
  if (rest.size() != 4 * count)
    refuse(path, fmt::format("has {} bytes of numbers; {} numbers are {} bytes", rest.size(), count, 4 * count));
  if (expected != checksum(head, rest)) refuse(path, "is damaged: its checksum is another");
  const std::vector<float> numbers = decoded(rest);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (!std::isfinite(numbers[i])) refuse(path, fmt::format("number {} of {} is not finite", i + 1, count));
  return numbers;
}

}  // namespace codecosim
