#pragma once

#include "kernels/emulated/emulated_convolution.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

/// The readable twin of EmulatedConvolution's sums, without bias: every element of dst, channels-last. Plain
/// loops; saturating sums through dotPairSaturating and dotAcc16. Without groups of source channels.
[[nodiscard]] std::vector<std::int64_t> emulatedSumsReference(const EmulatedConvolutionSpec& spec,
                                                              std::span<const std::byte> src,
                                                              SaturationCounts& counts);

} // namespace kernels
