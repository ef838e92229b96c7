#pragma once

#include "core/calibration/method.h"
#include "core/network/operator_graph.h"
#include "core/statistics/statistics.h"

#include <optional>
#include <span>
#include <vector>

namespace core {

/// What is known of the constant operand of an operator before any run.
struct WeightStatistics
{
    TensorStatistics tensor; ///< one sample; channels are output channels
    std::vector<TensorStatistics> channels; ///< by output channel, each with its own histogram
};

/// Of the folded weights of Conv, ConvTranspose, Gemm and MatMul, or of the constant operand of Add, Sub and
/// Mul (one channel). Methods that look at samples are given the weights as one sample. None where there is
/// no constant float operand.
[[nodiscard]] std::optional<WeightStatistics>
weightStatistics(const Operator& op, std::span<const CalibrationMethod> methods = {});

} // namespace core
