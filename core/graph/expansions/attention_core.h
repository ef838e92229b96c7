#pragma once

#include "core/graph/expansion.h"

#include <limits>
#include <vector>

namespace core::expansions {

/// The summand of a score that has no share at all.
inline constexpr float kHidden = std::numeric_limits<float>::lowest();

/// How scores become probabilities. Source: Vaswani et al. 2017; softcap: Gemma 2 (2024).
struct ScoreRule
{
    float scale = 1; ///< of Q·Kᵀ
    std::vector<ValueId> masks; ///< summands, each broadcasts to [B, N, S, T]
    float softcap = 0; ///< c·tanh(score / c); 0: none
    bool isCappedFirst = false; ///< before the masks are added
    ValueId sink = kNoValue; ///< one more score a row, [B, N, S, 1], which has no value
};

/// What one attention computes, [B, N, S, T] but for the context [B, N, S, Hv].
struct Attended
{
    ValueId context = kNoValue;
    ValueId scores = kNoValue; ///< scaled, without masks
    ValueId masked = kNoValue;
    ValueId capped = kNoValue;
    ValueId probabilities = kNoValue;
};

/// softmax(scale·Q·Kᵀ + masks)·V of Q [B, N, S, H], K [B, N, T, H], V [B, N, T, Hv].
[[nodiscard]] Attended attend(Expansion& e, ValueId q, ValueId k, ValueId v, const ScoreRule& rule);

/// [B, S, N·H] → [B, N, S, H]
[[nodiscard]] ValueId splitHeads(Expansion& e, std::string_view label, ValueId x, std::int64_t heads);
/// [B, N, S, H] → [B, S, N·H]
[[nodiscard]] ValueId mergeHeads(Expansion& e, ValueId x);
/// Heads [B, G, T, H] read by several queries each: [B, N, T, H], head n reads n / (N / G).
[[nodiscard]] ValueId repeatHeads(Expansion& e, std::string_view label, ValueId x, std::int64_t heads);

/// A summand [S, T] that hides from query i all keys behind i + past, and those more than `window` keys back
/// (0: none).
[[nodiscard]] ValueId causalMask(Expansion& e, std::int64_t queries, std::int64_t keys, std::int64_t past,
                                 float hidden, std::int64_t window = 0);
/// A summand of a mask of integers or truths: 0 where it is set, else `hidden`; same shape.
[[nodiscard]] ValueId summandOf(Expansion& e, std::string_view label, ValueId mask, float hidden);
/// Ones where key t < lengths[b], [B, T] of int64, from lengths [B].
[[nodiscard]] ValueId keysBefore(Expansion& e, ValueId lengths, std::int64_t keys);

/// How an embedding turns pairs of elements.
struct Rotation
{
    ValueId cos = kNoValue; ///< [.., R/2], broadcasts with x but for the last axis
    ValueId sin = kNoValue;
    std::int64_t dimensions = 0; ///< R: the first of the last axis that turn
    bool isInterleaved = false; ///< pairs are neighbours, else halves
};
/// x [.., H] with its first R elements turned by the angles. Source: Su et al. 2021 (RoFormer).
[[nodiscard]] ValueId rotate(Expansion& e, std::string_view label, ValueId x, const Rotation& rotation);

} // namespace core::expansions
