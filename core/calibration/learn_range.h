#pragma once

#include "core/params/quantization_params.h"
#include "core/tensor/tensor.h"

#include <span>

namespace core {

struct LearnRangeOptions
{
    int steps = 100;
    double rate = 0.02; ///< of Adam: change of ln(scale) per step, and of the zero point in 1/16 of the codes
};

struct LearnedRange
{
    Range range;
    double before = 0.0; ///< relative L2 error of the start
    double after = 0.0; ///< of the range; never more than before
    int step = 0; ///< at which it was found; 0: nothing was better than the start
};

/// The range whose quantization changes these float tensors least, by gradient from `start` on: scale and
/// zero point are learnt through fake quantization with PyTorch's straight-through gradients (LSQ), all
/// samples in every step, the best step kept. Zero points stay 0 where the start's is 0 by scheme or sign.
/// Deterministic. Preconditions: float32 tensors, start as activationParams() of the same values.
[[nodiscard]] LearnedRange learnRange(std::span<const Tensor> samples, const QuantizationParams& start,
                                      const LearnRangeOptions& options = {});

} // namespace core
