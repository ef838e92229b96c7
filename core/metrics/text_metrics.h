#pragma once

#include "core/metrics/text_decoding.h"

namespace core {

/// Character error rate: edits over characters of the truth, both summed over samples, in percent (may exceed
/// 100). Lower is better.
[[nodiscard]] MetricPtr makeCharacterErrorRate(const TextDecoding& decoding);

/// The same over words, which spaces part. Needs an alphabet.
[[nodiscard]] MetricPtr makeWordErrorRate(const TextDecoding& decoding);

/// Percent of samples whose whole text is right.
[[nodiscard]] MetricPtr makeExactMatch(const TextDecoding& decoding);

/// Whether the metric reads text with an alphabet, so that its tokens are code points.
[[nodiscard]] bool readsCharacters(const Metric& metric);

} // namespace core
