#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace codecosim {

/// 32 hexadecimal digits that tell whether something has changed (XXH3, 128 bits). Not against an adversary.
std::string digest(std::string_view text);
/// The digest of a file's contents; throws Error(scenario) where it cannot be read.
std::string digest_of_file(const std::string& path);
/// The digest of the running program, and of libraries that it loads on demand.
std::string digest_of_program(const std::vector<std::string>& libraries);

}  // namespace codecosim
