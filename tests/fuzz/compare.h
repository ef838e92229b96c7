#pragma once

#include "core/tensor/tensor.h"

#include <optional>
#include <string>
#include <vector>

namespace fuzz {

/// How far two tensors may lie apart, and what is not judged at all.
struct Tolerance
{
    double ofRange = 1e-5; ///< of the largest finite |y| of the expected tensor
    bool skipsNonFinite = false; ///< elements where either is infinite or NaN are not judged
    std::vector<double>
        allowed{}; ///< more, by element: what a rounding of the inputs does; infinity: not judged
};

/// The first element that differs too much: "[3]: 1.5 is expected, 1.25 found (0.1 of the range)"; none when
/// equal.
[[nodiscard]] std::optional<std::string> difference(const core::Tensor& found, const core::Tensor& expected,
                                                    const Tolerance& tolerance);

} // namespace fuzz
