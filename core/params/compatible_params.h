#pragma once

#include "core/params/quantization_params.h"

namespace core {

// How other runtimes turn a range into numbers. chooseActivationParams is ours; DNNLOWP's is in
// core/calibration/dnnlowp_params.h.

/// chooseActivationParams with every scale rounded up to a power of two, so that rescaling is a shift: no
/// range is lost, up to one bit of resolution is. The zero point follows the new scale.
[[nodiscard]] QuantizationParams choosePowerOfTwoParams(Range range, Scheme scheme, int bits);

struct PytorchObserverOptions
{
    bool isSigned = false; ///< qint8, else quint8
    bool reduceRange = false; ///< 7 bits: −64…63 or 0…127, against pair saturation
    double smallestStep = 1.1920928955078125e-07; ///< eps
};

/// PyTorch's observers. Symmetric: step = max(|min|, |max|) / ((highest − lowest) / 2), a half-integer
/// divisor; zero point 0 (qint8), 128 or 64 (quint8). Asymmetric: step = (max − min) / (highest − lowest),
/// zero point lowest − round(min / step), clamped.
[[nodiscard]] QuantizationParams choosePytorchParams(Range range, Scheme scheme,
                                                     const PytorchObserverOptions& options);

// MXNet has multiplicative scales (q = scale·x) and no zero points on this path; the minimum is ignored.

/// 127.5 / A or 255.5 / A, A = max(|min|, |max|) (127 and 255 up to MXNet 1.5); 2^31 − 1 for a range of zero.
[[nodiscard]] double mxnetScale(Range range, bool isUnsigned);
/// Factor of a requantize that is not fused: it uses 127 and 255 where everything else has 127.5 and 255.5.
[[nodiscard]] double mxnetRequantizeFactor(double accumulatorRange, double calibratedRange, bool isUnsigned);
/// Largest weight scale that keeps a bias within half of int32: (2^31 − 1) / 2 / |bias| / dataScale; +inf for
/// bias 0.
[[nodiscard]] double mxnetWeightScaleLimit(double bias, double dataScale);
/// A bound as MXNet stores it: decimal text with six digits after the point.
[[nodiscard]] double mxnetStoredBound(double bound);

} // namespace core
