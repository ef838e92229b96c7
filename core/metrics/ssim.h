#pragma once

#include <cstddef>
#include <span>

namespace core {

/// One channel of two pictures, row by row; see makeSsim. Pictures are at least 11×11.
[[nodiscard]] double ssimOf(std::span<const double> a, std::span<const double> b, std::size_t height,
                            std::size_t width, double peak);

} // namespace core
