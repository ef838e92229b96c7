#pragma once

#include "core/base/progress.h"
#include "core/execution/pipeline.h"
#include "core/measure/output_analysis.h"
#include "core/network/sequence.h"
#include "core/quantization/resolved_plan.h"
#include "core/tensor/dataset.h"
#include "kernels/statistics/error_metrics.h"

#include <memory>
#include <optional>
#include <vector>

namespace core {

/// Leave-one-in: for each wanted operator, the network runs in FP32 except that this operator runs on codes
/// (its inputs quantized, its output dequantized). Sums of the error at each measured output, by OperatorId.
/// None when stopped.
[[nodiscard]] std::optional<std::vector<std::vector<kernels::ErrorSums>>>
measureSensitivity(const Pipeline& pipeline, const ResolvedPlan& plan,
                   const std::vector<std::shared_ptr<const Executable>>& forms,
                   const std::vector<bool>& wanted, const std::vector<MeasuredOutput>& outputs,
                   const Dataset& data, std::size_t samples, int threads, const std::stop_token& stop,
                   const ProgressCallback& progress, const std::vector<StateLink>& states = kNoStates);

/// The error that stands for an operator: at the logits where there are any, else at the worst output.
[[nodiscard]] const kernels::ErrorSums& decisiveError(const std::vector<kernels::ErrorSums>& sums,
                                                      const std::vector<MeasuredOutput>& outputs);

} // namespace core
