#pragma once

#include "core/session/session.h"

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

/// Repeated measurements of one time, in milliseconds.
struct TimeSpread
{
    double median = 0.0;
    double lowerQuartile = 0.0;
    double upperQuartile = 0.0;
    double least = 0.0;
};

/// Quartiles by linear interpolation between neighbours of the sorted times (R's type 7, NumPy's default).
/// At least one time.
[[nodiscard]] TimeSpread spreadOf(std::vector<double> times);

struct SideBySideRequest
{
    std::size_t samples = 4; ///< timed in every repetition, at most: those that have the shapes of the graph
    std::size_t warmUp = 2; ///< repetitions before the first that counts
    std::size_t repetitions = 11;
};

/// One network three times: every ONNX node by itself in FP32, fused as the plan's runtime does in FP32, and
/// quantized.
struct SideBySide
{
    std::string modelFile;
    std::size_t operatorsUnfused = 0; ///< inputs not counted
    std::size_t operatorsFused = 0;
    std::size_t timedSamples = 0;
    TimeSpread unfused; ///< of one sample, on one thread
    TimeSpread fused;
    TimeSpread quantized;
    std::size_t samples = 0; ///< evaluated
    std::optional<Accuracy> accuracy; ///< none without a classifier output
    std::optional<double> outputDb; ///< of the output that decides (network_comparison.h); none where exact
};

/// Errors and accuracy over the evaluation data, then inference for the outputs alone, in turn: each
/// repetition runs all three, beginning with another one, so that what slows the machine down slows all of
/// them. None when stopped. Throws core::Error(ShapeMismatch) where no sample has the shapes of the graph.
[[nodiscard]] std::optional<SideBySide> runSideBySide(Session& session, const QuantizationPlan& plan,
                                                      const SideBySideRequest& request,
                                                      const std::stop_token& stop,
                                                      const ProgressCallback& progress);

} // namespace core
