#pragma once

#include "core/plan/plan.h"
#include "core/sensitivity/output_effect.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// What a search is to reach; exactly one is set.
struct SearchGoal
{
    std::optional<double> sqnrDb; ///< output SQNR of at least this, with as much int8 as possible
    std::optional<double> top1Drop; ///< at most these points of top-1 lost, with as much int8 as possible
    std::optional<double>
        int8Share; ///< at least this share (0…1) of the MACs in int8, with as little error as possible
    std::optional<double>
        metricDrop{}; ///< at most this loss of the user's own number, as much int8 as possible
    bool isOfUpperEnd = false; ///< metricDrop bounds the upper end of the loss's 95 % interval
    bool operator==(const SearchGoal&) const = default;
};

/// One plan that was tried.
struct Trial
{
    std::size_t number = 0; ///< from 1
    std::string what; ///< the step in words
    QuantizationPlan plan;
    double int8Share = 0.0; ///< of the MACs, 0…1
    std::optional<double> sqnrDb; ///< of the output; none: exact
    std::optional<double> top1Drop; ///< points; none without labels
    bool isKnown = false; ///< measured by an earlier search and taken from its journal
    std::optional<OutputEffect::MetricLoss> metric{}; ///< of the user's own number; none without one
};

/// Whether it reaches the goal.
[[nodiscard]] bool reaches(const Trial& trial, const SearchGoal& goal);

/// Whether `a` is better than `b`. One that reaches the goal beats one that does not; of two that do, under a
/// target of quality more int8 wins, then quality; under a target of int8, quality; of two that do not,
/// whichever is closer.
[[nodiscard]] bool isBetter(const Trial& a, const Trial& b, const SearchGoal& goal);

/// Smaller loss of quality in the goal's terms: points of top-1 where the goal speaks of them, then output
/// SQNR.
[[nodiscard]] bool hasLessError(const Trial& a, const Trial& b, const SearchGoal& goal);

/// Indices of the trials that no other beats in share of int8 and in quality at once, most int8 first:
/// quality rises along it.
[[nodiscard]] std::vector<std::size_t> paretoFront(const std::vector<Trial>& trials, const SearchGoal& goal);

} // namespace core
