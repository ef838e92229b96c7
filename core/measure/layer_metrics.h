#pragma once

#include "core/measure/output_analysis.h"
#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"
#include "core/report/report.h"
#include "core/tensor/tensor.h"
#include "kernels/statistics/error_metrics.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace core {

/// Where the channels (axis 1) of a tensor lie in memory; one channel below rank 2.
[[nodiscard]] kernels::ChannelLayout channelLayoutOf(const Tensor& tensor);

/// y against ŷ, which is float or, with params, codes. Layouts may differ. `items` of the leading axis count,
/// which matters for the last sample of a static batch; 0 counts all.
[[nodiscard]] kernels::ErrorSums compareTensors(const Tensor& y, const Tensor& approximation,
                                                const QuantizationParams* params, std::int64_t items);

/// The same at an output of the network, whole where its shape is known at run time only. Nothing is counted
/// where it turns out not to be float.
[[nodiscard]] kernels::ErrorSums compareOutputs(const MeasuredOutput& output, const Tensor& y,
                                                const Tensor& approximation, std::int64_t items);

/// The quantization of y alone, over the same items.
[[nodiscard]] kernels::QuantizationSplit splitOf(const Tensor& y, const QuantizationParams& params,
                                                 std::int64_t items);

/// Formulas of the report. `scale`: of the output's codes, for rmseLsb.
[[nodiscard]] ErrorMetrics metricsOf(const kernels::ErrorSums& sums, std::optional<float> scale,
                                     std::uint64_t samples);

/// ‖y_c−ŷ_c‖/‖y_c‖ by channel; 0 for 0/0, infinity for x/0.
[[nodiscard]] std::vector<float> channelRelativeL2(const kernels::ErrorSums& sums);

[[nodiscard]] OutputQuantization outputQuantizationOf(const kernels::QuantizationSplit& split,
                                                      const Range& spanned, const QuantizationParams& params);

} // namespace core
