#include "core/metrics/tensor_reading.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace core {

const Tensor& onlyOutput(const MetricSample& sample)
{
    if (sample.outputs.empty() || sample.outputs.front().isEmpty()) {
        throw Error(ErrorKind::ShapeMismatch, "metric: the output it reads is empty");
    }
    return sample.outputs.front();
}

void refuseOtherCount(std::string_view what, const Tensor& output, const Tensor& truth)
{
    if (output.count() != truth.count()) {
        throw Error(ErrorKind::ShapeMismatch,
                    fmt::format("metric: the output is {}, the {} {}", toString(output.shape()), what,
                                toString(truth.shape())));
    }
}

std::int64_t argmaxOf(std::span<const double> values)
{
    return std::ranges::max_element(values) - values.begin();
}

Rows rowsOf(const Tensor& tensor, std::optional<std::size_t> axis)
{
    const std::size_t rank = tensor.rank();
    const std::size_t at = std::min(axis.value_or(rank > 0 ? rank - 1 : 0), rank > 0 ? rank - 1 : 0);
    Rows result;
    const std::vector<double> flat = doublesOf(tensor);
    result.columns = rank > 0 ? static_cast<std::size_t>(tensor.shape()[at]) : 1;
    result.rows = result.columns > 0 ? flat.size() / result.columns : 0;
    std::size_t inner = 1;
    for (std::size_t i = at + 1; i < rank; ++i) {
        inner *= static_cast<std::size_t>(tensor.shape()[i]);
    }
    result.values.resize(flat.size());
    for (std::size_t i = 0; i < flat.size(); ++i) {
        const std::size_t column = i / inner % result.columns;
        const std::size_t row = i / (inner * result.columns) * inner + i % inner;
        result.values[row * result.columns + column] = flat[i];
    }
    return result;
}

} // namespace core
