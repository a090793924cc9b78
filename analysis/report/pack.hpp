#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace codecosim {

/// Hands the content of a zstd file to `take`, piece by piece. Throws Error(scenario) naming the file where it cannot
/// be read or is broken.
void read_zstd(const std::string& file, const std::function<void(std::string_view)>& take);

/// Compresses in the format that browsers decompress natively (gzip, RFC 1952), without a date.
std::string gzip(std::string_view);
/// Base64 of RFC 4648, section 4.
std::string base64(std::string_view);

}  // namespace codecosim
