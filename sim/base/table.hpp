#pragma once
#include <sys/mman.h>

#include <cstdlib>
#include <new>
#include <vector>

namespace codecosim {

/// Memory for large tables that are read at random. From 4 MiB on it asks for huge pages, since at hundreds of
/// thousands of entities most of the time of a random access is spent on address translation.
inline void* allocate_table(std::size_t bytes) {
  constexpr std::size_t page = 2 << 20;
  void* memory = bytes < 2 * page ? std::aligned_alloc(64, (bytes + 63) / 64 * 64)
                                  : std::aligned_alloc(page, (bytes + page - 1) / page * page);
  if (!memory) throw std::bad_alloc();
  if (bytes >= 2 * page) madvise(memory, (bytes + page - 1) / page * page, MADV_HUGEPAGE);  // a hint: it may be refused
  return memory;
}

template <class T>
struct TableAllocator {
  using value_type = T;
  TableAllocator() = default;
  template <class U>
  TableAllocator(const TableAllocator<U>&) {}
  // NOLINTNEXTLINE(bugprone-sizeof-expression): T may be a pointer
  T* allocate(std::size_t n) { return static_cast<T*>(allocate_table(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t) { std::free(static_cast<void*>(memory)); }
  bool operator==(const TableAllocator&) const { return true; }
};

/// A vector for a table of entities.
template <class T>
using Table = std::vector<T, TableAllocator<T>>;

}  // namespace codecosim
