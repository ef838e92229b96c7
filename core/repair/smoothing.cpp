#include "core/repair/smoothing.h"

#include "core/graph/operator_traits.h"
#include "core/network/weight_layout.h"

#include <algorithm>
#include <cmath>

namespace core {

std::vector<float> smoothingScales(const OperatorGraph& graph, const Operator& op,
                                   const TensorStatistics& source, double alpha)
{
    const WeightLayout layout(op.node, *op.constants[1]);
    const bool isLast =
        isMatMul(op.type) && graph.value(op.inputs[0]).shape.size() != 2; // statistics are by axis 1
    if (isLast || source.channels.size() != layout.sourceChannels()) {
        return {};
    }
    std::vector<double> weights(layout.sourceChannels(), 0.0);
    const auto values = op.constants[1]->as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        double& largest = weights[layout.sourceChannelOf(i)];
        largest = std::max<double>(largest, std::fabs(values[i]));
    }
    std::vector<float> scales;
    for (std::size_t j = 0; j < weights.size(); ++j) {
        const Moments& m = source.channels[j];
        const double activation = m.count > 0 ? std::max(std::fabs(m.min), std::fabs(m.max)) : 0.0;
        const bool hasBoth = activation > 0.0 && weights[j] > 0.0;
        scales.push_back(
            hasBoth ? static_cast<float>(std::pow(activation, alpha) / std::pow(weights[j], 1.0 - alpha))
                    : 1.0f);
    }
    return scales;
}

} // namespace core
