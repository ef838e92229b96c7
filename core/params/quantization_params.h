#pragma once

#include "core/params/arithmetic.h"
#include "core/tensor/data_type.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace core {

/// A closed interval of real numbers: the thresholds that calibration chooses.
struct Range
{
    double min = 0.0;
    double max = 0.0;
    bool operator==(const Range&) const = default;
};

enum class Scheme : std::uint8_t
{
    Asymmetric, ///< any zero point; zero is exactly representable
    Symmetric, ///< zero point 0 of a signed type, codes −(2^(b−1)−1) … 2^(b−1)−1
};

/// The integer codes that a tensor is quantized to.
struct CodeRange
{
    std::int32_t lowest = 0;
    std::int32_t highest = 255;
    bool operator==(const CodeRange&) const = default;
};

/// real = scale × (q − zeroPoint). How the numbers were chosen is not kept here.
struct QuantizationParams
{
    DataType type = DataType::UInt8; ///< storage: UInt8, Int8, UInt16, Int16
    int bits = 8; ///< 2…16; codes use the low `bits` of the storage type
    CodeRange codes; ///< saturation bounds
    std::vector<float> scale; ///< one, or one per index of `axis`; always finite and > 0
    std::vector<std::int32_t> zeroPoint; ///< as many as scales
    std::optional<int> axis; ///< set when per-channel
    int group = 0; ///< > 0: scales are [channel][group of that many source channels]
    Rounding rounding = Rounding::HalfEven; ///< how reals become codes

    bool operator==(const QuantizationParams&) const = default;
    [[nodiscard]] bool isPerChannel() const { return axis.has_value(); }
    /// Smallest and largest representable real value of channel c.
    [[nodiscard]] Range range(std::size_t c = 0) const;
};

/// Smallest scale in use: the smallest normal float, so that 1/scale is finite.
inline constexpr float kSmallestScale = 1.17549435e-38f;

/// Params of an activation for a calibrated range.
///
/// The range is first widened to contain 0, so that zero padding stays exact.
/// Asymmetric: range ≥ 0 gives unsigned codes with zero point 0, scale = max / (2^b − 1);
///   otherwise unsigned, scale = (max − min) / (2^b − 1), zeroPoint = roundHalfEven(−min / scale), clamped.
/// Symmetric: signed, zero point 0, scale = max(|min|, |max|) / (2^(b−1) − 1).
/// A degenerate range (0, 0) gives scale 1. Precondition: finite, min ≤ max, bits in 2…16.
[[nodiscard]] QuantizationParams chooseActivationParams(Range range, Scheme scheme, int bits);

} // namespace core
