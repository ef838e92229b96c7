#pragma once

#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"
#include "core/plan/plan.h"

namespace core {

/// The scheme that a range is chosen for where one of MXNet's types is asked for.
[[nodiscard]] Scheme schemeOf(QuantizedType type, bool goesBelowZero);

/// What is known of an activation besides its range.
enum class Provenance : std::uint8_t
{
    Unsigned, ///< written by an operator that ends in a Relu, or passed on from one
    Signed,
};

/// Unsigned: behind a fused Relu, or a Clip from 0 up; averages pass it on, Concat where all its inputs have
/// it.
[[nodiscard]] Provenance provenanceOf(const OperatorGraph& graph, const Operator& op);

/// Params of an activation as its settings ask: scheme, bits (one less with reduce_range), power-of-two
/// scale, sign, convention. Conventions:
///   noisefloor  chooseActivationParams
///   pytorch     HistogramObserver and its like: quint8; symmetric has zero point 128 (64 when reduced)
///   mxnet       scale = A / 127.5 or A / 255.5, A = max(|min|, |max|), zero point 0, u8 where min ≥ 0
///   dnnlowp     FBGEMM's ChooseQuantizationParams, unsigned codes
/// By provenance: unsigned with zero point 0 behind a Relu, else signed and symmetric.
/// Throws core::Error(Usage) where a convention does not know the width: pytorch and mxnet have 8 bits.
[[nodiscard]] QuantizationParams activationParams(Range range, const ActivationSettings& settings,
                                                  Provenance provenance);

/// Scale, zero point, type, bits and codes of one group of weights (params.scale and zeroPoint have one
/// entry).
///   symmetric   restricted: scale = A / (2^(b−1) − 1), codes −(2^(b−1) − 1)…; full: max(−min / 2^(b−1), max
///   / (2^(b−1) − 1)) asymmetric  scale = (max − min) / (highest − lowest), zero representable, zero point =
///   round(lowest − min / scale)
/// Conventions: pytorch A / 127.5 (qint8), mxnet A / 127.5, dnnlowp unsigned params shifted by 2^(b−1).
/// Power-of-two scales are rounded up. No scale below `smallestScale` (which a bias asks for) and 2⁻¹²⁶.
[[nodiscard]] QuantizationParams weightParams(Range range, const WeightSettings& settings,
                                              double smallestScale = 0.0);

/// What reads a value, where all its readers are of one kind.
enum class Follower : std::uint8_t
{
    None,
    Relu,
    Sigmoid,
    Tanh
};
[[nodiscard]] Follower followerOf(const OperatorGraph& graph, ValueId id);

/// All that a follower can tell apart: Relu [0, ∞); under DNNLOWP's convention Sigmoid −6…6 and Tanh −3…3,
/// where its tables saturate. None where it tells everything apart.
[[nodiscard]] std::optional<Range> readersRange(Follower follower, Convention convention);
/// The part of a range that lies in another.
[[nodiscard]] Range narrowed(Range range, Range to);

/// DNNLOWP's input of its tables: zero point 128, scale 6/127 (Sigmoid) or 3/127 (Tanh).
[[nodiscard]] QuantizationParams dnnlowpTableParams(Follower follower);

/// DNNLOWP's result of its tables: scale 0.5/127, zero point 0 (Sigmoid) or 1/127, 128 (Tanh).
[[nodiscard]] QuantizationParams dnnlowpTableResult(Follower follower);

/// Sigmoid or Tanh where both its source and its result have the params of DNNLOWP's tables; else None.
[[nodiscard]] Follower dnnlowpTableOf(const Operator& op, const QuantizationParams& src,
                                      const QuantizationParams& dst);

/// Bits that are left: one less where the range is reduced. Throws core::Error(Usage) where fewer than 2 are
/// left.
[[nodiscard]] int effectiveBits(const ActivationSettings& settings);
[[nodiscard]] int effectiveBits(const WeightSettings& settings);

/// The smallest power of two that is not below the scale.
[[nodiscard]] float roundedUpToPowerOfTwo(float scale);

} // namespace core
