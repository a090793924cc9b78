#include "sim/kernel/frame_pool.hpp"

#include <array>
#include <coroutine>
#include <new>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/table.hpp"

namespace codecosim::frames {

namespace {
struct Header {
  std::uint32_t generation;
  Kind kind;
  std::uint32_t size_class;
  std::uint32_t unused;
};
static_assert(sizeof(Header) == 16);

constexpr std::size_t step = 64, classes = 129, frames_a_chunk = 64;
constexpr std::size_t arena_bytes = 8 << 20;

struct SizeClass {
  std::vector<Header*> free;
  std::vector<std::byte*> chunks;
};
// The pool is never destroyed: a coroutine may be suspended until the process ends.
std::array<SizeClass, classes>& pool = *new std::array<SizeClass, classes>;
std::size_t in_use = 0;

/// Cuts a chunk from an arena in huge pages, which is never given back.
std::byte* cut(std::size_t bytes) {
  static std::byte* arena = nullptr;
  static std::size_t left = 0;
  if (left < bytes) {
    arena = static_cast<std::byte*>(allocate_table(arena_bytes));
    left = arena_bytes;
  }
  left -= bytes;
  return std::exchange(arena, arena + bytes);
}

Header* header(const void* frame) { return const_cast<Header*>(static_cast<const Header*>(frame)) - 1; }
}  // namespace

void* allocate(std::size_t size, Kind kind) {
  const std::size_t size_class = (size + sizeof(Header) + step - 1) / step;
  ensure(size_class < classes, "a coroutine's frame is larger than 8 KiB");
  SizeClass& slot = pool[size_class];
  if (slot.free.empty()) {
    const std::size_t bytes = size_class * step;
    slot.chunks.push_back(cut(bytes * frames_a_chunk));
    slot.free.reserve(slot.chunks.size() * frames_a_chunk);
    for (std::size_t i = frames_a_chunk; i > 0; --i)
      slot.free.push_back(new (slot.chunks.back() + (i - 1) * bytes)
                              Header{0, Kind::free, static_cast<std::uint32_t>(size_class), 0});
  }
  Header* found = slot.free.back();
  slot.free.pop_back();
  ++found->generation;
  found->kind = kind;
  ++in_use;
  return found + 1;
}

void release(void* frame) noexcept {
  Header* found = header(frame);
  found->kind = Kind::free;
  --in_use;
  pool[found->size_class].free.push_back(found);
}

std::uint32_t generation(const void* frame) { return header(frame)->generation; }

Kind kind(const void* frame) { return header(frame)->kind; }

std::size_t alive() { return in_use; }

void destroy_processes() {
  for (std::size_t size_class = 0; size_class < classes; ++size_class) {
    for (std::byte* chunk : pool[size_class].chunks) {
      for (std::size_t i = 0; i < frames_a_chunk; ++i) {
        auto* found = reinterpret_cast<Header*>(chunk + i * size_class * step);
        if (found->kind == Kind::process) std::coroutine_handle<>::from_address(found + 1).destroy();
      }
    }
  }
}

}  // namespace codecosim::frames
