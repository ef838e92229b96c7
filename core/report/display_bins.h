#pragma once

#include "core/params/quantization_params.h"
#include "core/report/report.h"
#include "core/statistics/statistics.h"

#include <vector>

namespace core {

/// Equal bins that both curves of a distribution are drawn in.
struct DisplayGrid
{
    double lower = 0.0;
    double width = 1.0;
    int bins = 0;
    [[nodiscard]] double upper() const { return lower + width * bins; }
    [[nodiscard]] double edge(int bin) const { return lower + width * bin; }
};

/// About `wanted` bins over the tensor's span and the representable range. The width is a whole number of the
/// histogram's own bins and an edge lies at zero, so that each of its bins falls into one bin of the grid.
[[nodiscard]] DisplayGrid displayGrid(const TensorStatistics& statistics, Range representable, int wanted);

/// Counts of the FP32 values; exact zeros stand in the bin that starts at zero.
[[nodiscard]] std::vector<double> binnedValues(const TensorStatistics& statistics, const DisplayGrid& grid);

/// Counts of dequantized codes. A code stands for the values that round to it, so its count is spread evenly
/// over its cell of one scale; `exactZeros` of code zero are drawn like the zeros of FP32. Per-tensor params
/// only.
[[nodiscard]] std::vector<double> binnedCodes(const CodeCounts& codes, const QuantizationParams& params,
                                              std::uint64_t exactZeros, const DisplayGrid& grid);

/// What the codes would be if the FP32 values themselves were quantized with these params (values at bin
/// centres).
[[nodiscard]] CodeCounts simulatedCodes(const TensorStatistics& statistics, const QuantizationParams& params);

} // namespace core
