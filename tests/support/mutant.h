#pragma once

#include <random>
#include <string>
#include <vector>

namespace support {

/// One of the seeds with one to five changes: cut, filled, flipped, spliced with another, a number grown.
/// More often near the beginning, where headers are.
[[nodiscard]] std::string mutant(const std::vector<std::string>& seeds, std::mt19937& random);

} // namespace support
