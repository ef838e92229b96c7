#pragma once

#include "core/metrics/metric.h"

#include <string_view>

namespace core {

/// The only output a metric reads. Throws core::Error(ShapeMismatch) where there is none.
[[nodiscard]] const Tensor& onlyOutput(const MetricSample& sample);

/// Elements as double; two tensors that must have equally many, else core::Error(ShapeMismatch) naming
/// `what` and both shapes.
void refuseOtherCount(std::string_view what, const Tensor& output, const Tensor& truth);

/// Index of the largest element, the first among equals.
[[nodiscard]] std::int64_t argmaxOf(std::span<const double> values);

/// A tensor as rows × columns: its last axis, or `axis`, is the columns' (of [1,C,H,W] and axis 1: H·W rows
/// of C).
struct Rows
{
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;
    [[nodiscard]] std::span<const double> row(std::size_t i) const
    {
        return std::span(values).subspan(i * columns, columns);
    }
};
[[nodiscard]] Rows rowsOf(const Tensor& tensor, std::optional<std::size_t> axis = {});

} // namespace core
