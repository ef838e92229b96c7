#include "core/quantization/weight_statistics.h"

#include "core/calibration/collector.h"
#include "core/network/fold_constants.h"

#include <algorithm>
#include <iterator>

namespace core {

namespace {

bool isLinear(const std::string& type)
{
    return type == "Conv" || type == "ConvTranspose" || type == "Gemm" || type == "MatMul";
}

const Tensor* constantOperand(const Operator& op)
{
    const bool elementwise = op.type == "Add" || op.type == "Sub" || op.type == "Mul";
    for (std::size_t i = elementwise ? 0 : 1; i < std::min<std::size_t>(op.constants.size(), 2); ++i) {
        if ((elementwise || isLinear(op.type)) && op.constants[i]
            && op.constants[i]->type() == DataType::Float32) {
            return &*op.constants[i];
        }
    }
    return nullptr;
}

/// Output channels of weights: the leading axis, the last one of a matrix that is not transposed, and axis 1
/// of a ConvTranspose, whose groups lie one after the other on axis 0.
std::vector<std::vector<float>> channelsOf(const Operator& op, const Tensor& weights)
{
    const auto values = weights.as<float>();
    const auto channels = static_cast<std::size_t>(outputChannels(op.node, weights));
    const bool transposed = op.type == "ConvTranspose";
    const bool last = op.type == "MatMul" || (op.type == "Gemm" && !op.node.integer("transB", 0));
    const std::size_t groups = transposed ? static_cast<std::size_t>(op.node.integer("group", 1)) : 1;
    const auto inner = static_cast<std::size_t>(
        transposed ? weights.count() / (weights.shape()[0] * weights.shape()[1]) : 1);
    std::vector<std::vector<float>> result(channels);
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::size_t channel = i / (values.size() / channels);
        if (last) {
            channel = i % channels;
        } else if (transposed) {
            channel = i / (values.size() / groups) * (channels / groups) + i / inner % (channels / groups);
        }
        result[channel].push_back(values[i]);
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
                         [](const auto& method) { return !isCustom(method) && method.name != "dynamic"; });
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
