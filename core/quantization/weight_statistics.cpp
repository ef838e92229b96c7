#include "core/quantization/weight_statistics.h"
#include "core/calibration/run_time_range.h"

#include "core/calibration/collector.h"
#include "core/graph/operator_traits.h"
#include "core/network/weight_layout.h"

#include <algorithm>
#include <iterator>

namespace core {

namespace {

const Tensor* constantOperand(const Operator& op)
{
    const bool elementwise = traitsOf(op.type).kind == OperatorKind::Binary;
    for (std::size_t i = elementwise ? 0 : 1; i < std::min<std::size_t>(op.constants.size(), 2); ++i) {
        if ((elementwise || isLinear(op.type)) && op.constants[i]
            && op.constants[i]->type() == DataType::Float32) {
            return &*op.constants[i];
        }
    }
    return nullptr;
}

std::vector<std::vector<float>> channelsOf(const Operator& op, const Tensor& weights)
{
    const auto values = weights.as<float>();
    const WeightLayout layout(op.node, weights);
    std::vector<std::vector<float>> result(layout.channels());
    for (std::size_t i = 0; i < values.size(); ++i) {
        result[layout.channelOf(i)].push_back(values[i]);
    }
    return result;
}

} // namespace

std::optional<WeightStatistics> weightStatistics(const Operator& op,
                                                 std::span<const CalibrationMethod> methods)
{
    const Tensor* weights = constantOperand(op);
    if (!weights || weights->count() == 0) {
        return std::nullopt;
    }
    std::vector<CalibrationMethod> own;
    std::ranges::copy_if(methods, std::back_inserter(own),
                         [](const auto& method) { return !isCustom(method) && !isRunTime(method); });
    const auto sketch = [&](std::span<const float> values) {
        TensorStatistics statistics = statisticsOf(values, {0, 1});
        collectValues(statistics, values, own, op.name, {});
        return statistics;
    };
    WeightStatistics result;
    result.tensor = sketch(weights->as<float>());
    if (!isLinear(op.type)) {
        result.channels = {result.tensor};
    } else {
        std::ranges::transform(channelsOf(op, *weights), std::back_inserter(result.channels), sketch);
    }
    for (const TensorStatistics& channel : result.channels) {
        result.tensor.channels.push_back(channel.total);
    }
    return result;
}

} // namespace core
