#pragma once

#include "core/metrics/metric.h"

namespace core {

/// exp of the mean of −log p(token) over all positions of all samples, p the softmax of the output's logits
/// [1,T,V]. Truth: T tokens, the one that each position is to predict, negative ones left out; without labels
/// the tokens that FP32 holds most probable. Lower is better.
[[nodiscard]] MetricPtr makePerplexity();

/// Kullback–Leibler divergence Σ p·log(p / q) of the softmax q from FP32's p, in nats, averaged over
/// positions. Lower is better; 0 is FP32 itself.
[[nodiscard]] MetricPtr makeKlToFloat();

/// Percent of positions whose most probable token is FP32's.
[[nodiscard]] MetricPtr makeSameTop();

} // namespace core
