#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/application/cam.hpp"
#include "sim/base/ids.hpp"

namespace codecosim {

/// The images that each node has.
class ImageStore {
 public:
  ImageStore(const std::vector<ImageSpec>& images, std::uint32_t nodes) : images_(images), on_(nodes) {}

  /// Whether an image needs no pull on this node.
  bool has(NodeId node, std::uint32_t image) const {
    const ImageSpec& spec = images_[image];
    const auto& own = on_[node.index];
    return spec.everywhere || spec.size.value <= 0 || std::binary_search(own.begin(), own.end(), image);
  }
  void add(NodeId node, std::uint32_t image) {
    auto& own = on_[node.index];
    own.insert(std::lower_bound(own.begin(), own.end(), image), image);
  }

 private:
  const std::vector<ImageSpec>& images_;
  std::vector<std::vector<std::uint32_t>> on_;  // by node, sorted
};

}  // namespace codecosim
