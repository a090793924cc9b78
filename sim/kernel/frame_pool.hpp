#pragma once
#include <cstddef>
#include <cstdint>

namespace codecosim {

/// Memory of coroutine frames: free lists by size in steps of 64 bytes, never returned to the system while the process
/// runs. Each frame carries a mark, so that the detached ones still alive can be found and destroyed at the end of a
/// run.
namespace frames {

enum class Kind : std::uint32_t { free, task, process };

void* allocate(std::size_t size, Kind kind);
void release(void* frame) noexcept;
/// The number of times that this frame's memory has been used. With the address it identifies one process for ever.
std::uint32_t generation(const void* frame);
Kind kind(const void* frame);
/// Frames in use.
std::size_t alive();
/// Destroys every suspended process; their tasks go with them.
void destroy_processes();

}  // namespace frames

}  // namespace codecosim
