#pragma once
#include <string>
#include <vector>

#include "models/learner.hpp"

/// What a learner has learnt, as a file: a run can begin with what another has ended with. A text of five lines
///
///   codecosim-model
///   version 1
///   shape SHAPE
///   count COUNT
///   checksum DIGITS
///
/// and then COUNT numbers, each a little-endian float of IEEE 754. SHAPE is Learner::shape(); DIGITS are 16 hexadecimal
/// ones, FNV-1a (64 bits) of the lines before and the numbers.
namespace codecosim {

/// Writes the file as a whole or not at all. Throws Error(Failure::output).
void save_model(const std::string& path, const Learner& learner);

/// The parameters in the file, for learners like this one. Throws Error(Failure::scenario) that says what is wrong with
/// the file, and what would fit, where it cannot be read, is none, is damaged, is of another shape, or has a number
/// that is none.
std::vector<float> read_model(const std::string& path, const Learner& like);

}  // namespace codecosim
