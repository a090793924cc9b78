#pragma once
#include <string>
#include <vector>

#include "models/learner.hpp"

/// The parameters of a learner as a file, so that a run can begin with the model that another run ended with. A text of
/// five lines
///
///   codecosim-model
///   version 1
///   shape SHAPE
///   count COUNT
///   checksum DIGITS
///
/// and then COUNT numbers, each a little-endian float of IEEE 754. SHAPE is Learner::shape(); DIGITS are 16 hexadecimal
/// ones, FNV-1a (64 bits) of the preceding lines and the numbers.
namespace codecosim {

/// Writes the file as a whole or not at all. Throws Error(Failure::output).
void save_model(const std::string& path, const Learner& learner);

/// The parameters in the file, for learners like this one. Throws Error(Failure::scenario), with the reason and the
/// expected shape, where the file cannot be read, is not a model, is damaged, has another shape, or holds a value that
/// is not a number.
std::vector<float> read_model(const std::string& path, const Learner& like);

}  // namespace codecosim
