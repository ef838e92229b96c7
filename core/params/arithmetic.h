#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace core {

/// How products of codes are summed.
struct Accumulator
{
    enum class Kind : std::uint8_t
    {
        S32, ///< exact, except where `target` says that the processor's own s32 saturates
        PairSaturating, ///< u8×s8 without VNNI: sums of two products saturate to 16 bits
        S16Outlier, ///< DNNLOWP's 16-bit sums; weights of more than `bits` bits are summed apart
    };
    Kind kind = Kind::S32;
    int bits = 8; ///< of S16Outlier: bits of a weight that is not an outlier, 0…8
    bool operator==(const Accumulator&) const = default;
};

/// How a real number becomes a code.
enum class Rounding : std::uint8_t
{
    HalfEven, ///< z + round(x / s): ONNX
    Pytorch, ///< z + round(x·(1/s)), the reciprocal in FP32
    Dnnlowp, ///< round(z + x·(1/s)) where reals are quantized; matrix products z + round(acc·m)
};

/// How an accumulator becomes a code.
enum class Requantization : std::uint8_t
{
    Float,
    Gemmlowp, ///< 31-bit multiplier and shift, rounds twice
    Qnnpack, ///< the float's own 24 bits and a shift
    Dnnlowp, ///< 32-bit multiplier and shift, half up
};

/// Whose arithmetic an s32 accumulator stands for.
enum class Target : std::uint8_t
{
    Ideal, ///< exact sums
    ThisCpu, ///< what oneDNN does on this processor
    Avx2, ///< what oneDNN does with AVX2 and no VNNI: saturating pairs; weights of s8 sources lose a bit
};

/// Whose formulas turn a range into scale and zero point.
enum class Convention : std::uint8_t
{
    Noisefloor,
    Mxnet,
    Pytorch,
    Dnnlowp
};

/// What decides between u8 and s8.
enum class Signedness : std::uint8_t
{
    ByRange, ///< unsigned; signed for the symmetric scheme
    ByProvenance, ///< unsigned behind a Relu, else signed and symmetric (Paddle)
};

/// Which of MXNet's 8-bit types codes have, all with zero point 0.
enum class QuantizedType : std::uint8_t
{
    Auto, ///< u8 where the calibration data hold nothing below 0, else s8
    Int8,
    Uint8, ///< what goes below 0 stays float
};

/// Which of the operators with an integer form run in it.
enum class QuantizeMode : std::uint8_t
{
    Full, ///< all
    Smart, ///< products, and what lies between two of them (MXNet)
};

/// Whether an operator runs in bf16 when nothing beside it does.
enum class LowFloatOrphans : std::uint8_t
{
    Keep,
    Unmark, ///< it runs in FP32 (Paddle)
};

enum class WeightRange : std::uint8_t
{
    Restricted, ///< −127…127
    Full, ///< −128…127
};

[[nodiscard]] std::string
toString(Accumulator accumulator); ///< "s32", "s32-pair-saturating", "s16-outlier:7"
[[nodiscard]] std::string toString(Rounding rounding); ///< "half-even", "pytorch", "dnnlowp"
[[nodiscard]] std::string toString(Requantization form); ///< "float", "gemmlowp", "qnnpack", "dnnlowp"
[[nodiscard]] std::string toString(Target target); ///< "ideal", "this-cpu", "avx2"
[[nodiscard]] std::string toString(Convention convention); ///< "noisefloor", "mxnet", "pytorch", "dnnlowp"
[[nodiscard]] std::string toString(Signedness sign); ///< "range", "provenance"
[[nodiscard]] std::string toString(WeightRange range); ///< "restricted", "full"
[[nodiscard]] std::string toString(QuantizedType type); ///< "auto", "int8", "uint8"
[[nodiscard]] std::string toString(QuantizeMode mode); ///< "full", "smart"
[[nodiscard]] std::string toString(LowFloatOrphans orphans); ///< "keep", "unmark"

/// Inverses. Throw core::Error(Usage) listing what is accepted.
[[nodiscard]] Accumulator parseAccumulator(std::string_view text);
[[nodiscard]] Rounding parseRounding(std::string_view text);
[[nodiscard]] Requantization parseRequantization(std::string_view text);
[[nodiscard]] Target parseTarget(std::string_view text);
[[nodiscard]] Convention parseConvention(std::string_view text);
[[nodiscard]] Signedness parseSignedness(std::string_view text);
[[nodiscard]] WeightRange parseWeightRange(std::string_view text);
[[nodiscard]] QuantizedType parseQuantizedType(std::string_view text);
[[nodiscard]] QuantizeMode parseQuantizeMode(std::string_view text);
[[nodiscard]] LowFloatOrphans parseLowFloatOrphans(std::string_view text);

} // namespace core
