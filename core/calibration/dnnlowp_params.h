#pragma once

#include "core/params/quantization_params.h"

namespace core {

/// How DNNLOWP (Caffe2 / FBGEMM) turns a range into params; kept apart from chooseActivationParams because it
/// differs in the symmetric case, in degenerate ranges and in its smallest scale.
struct DnnlowpOptions
{
    bool symmetric = false; ///< "preserve sparsity"; applies only to ranges that straddle 0
    bool powerOfTwoScale = false; ///< scale rounded up to a power of two
    bool cutSmallScales = true; ///< FBGEMM since December 2020: no scale below 6.1e-5
};

struct DnnlowpParams
{
    float scale = 1.0f;
    std::int32_t zeroPoint = 0;
    int precision = 8;
    bool operator==(const DnnlowpParams&) const = default;
    /// The unsigned representable range.
    [[nodiscard]] double min() const { return static_cast<double>(scale) * (0.0 - zeroPoint); }
    [[nodiscard]] double max() const
    {
        return static_cast<double>(scale) * ((1 << precision) - 1.0 - zeroPoint);
    }
};

inline constexpr float kDnnlowpSmallestScale = 6.1e-5f;

/// Codes lowest…highest; [0, 2^p − 1] for activations, and for weights too (they are shifted afterwards).
/// Symmetric: the range becomes m·[−2^(b−1), 2^(b−1) − 1], zero point (lowest + highest) / 2 rounded half to
/// even. A scale of 0, or one whose reciprocal is infinite, becomes 0.1.
[[nodiscard]] DnnlowpParams chooseDnnlowpParams(float min, float max, CodeRange codes,
                                                const DnnlowpOptions& options = {});

/// The unsigned codes of a precision.
[[nodiscard]] CodeRange dnnlowpCodes(int precision);

} // namespace core
