#include "core/repair/empirical_bias.h"

#include "core/execution/bounded_executable.h"
#include "core/execution/executable.h"
#include "core/network/plan_entry.h"
#include "core/quantization/weight_quantization.h"
#include "core/statistics/statistics.h"

#include <algorithm>
#include <cassert>

namespace core {

namespace {

/// In row-major order.
Tensor meanOf(std::span<const Tensor> tensors)
{
    std::vector<double> sum(static_cast<std::size_t>(tensors[0].count()), 0.0);
    for (const Tensor& tensor : tensors) {
        const Tensor rows = toLayout(tensor, Layout::RowMajor);
        const auto values = rows.as<float>();
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += values[i];
        }
    }
    TensorBuilder mean(DataType::Float32, tensors[0].shape());
    const auto dst = mean.as<float>();
    for (std::size_t i = 0; i < sum.size(); ++i) {
        dst[i] = static_cast<float>(sum[i] / static_cast<double>(tensors.size()));
    }
    return std::move(mean).finish();
}

/// Nothing but weights.
Operator productOf(const Operator& op)
{
    Operator product = op;
    product.inputs.resize(2);
    product.node.inputs.resize(2);
    product.constants.resize(2);
    product.residual.reset();
    product.activation = {};
    product.upperBounds.clear();
    return product;
}

Tensor dequantizedTensor(const Operator& op, const QuantizedWeights& weights)
{
    const DequantizedWeights reals(op, weights);
    TensorBuilder tensor(DataType::Float32, op.constants[1]->shape());
    const auto dst = tensor.as<float>();
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = static_cast<float>(reals.at(i));
    }
    return std::move(tensor).finish();
}

std::vector<double> channelMeans(const OperatorGraph& graph, const Operator& op, const Tensor& source)
{
    const Executable form = compileFloat(graph, op, Backend::Real);
    const std::vector<Tensor> inputs{source, Tensor()};
    const Tensor result = toLayout(form.run(inputs)[0], Layout::RowMajor);
    const std::size_t axis = resultChannelAxis(graph, op);
    const auto channels = static_cast<std::size_t>(result.shape()[axis]);
    const auto stride = static_cast<std::size_t>(rowMajorStrides(result.shape())[axis]);
    std::vector<double> means;
    for (const Moments& m : statisticsOf(result.as<float>(), {channels, stride}).channels) {
        means.push_back(m.mean());
    }
    return means;
}

} // namespace

std::vector<float> meanResultError(const WalkStep& step)
{
    assert(!step.fp32.empty());
    Operator op = productOf(step.op());
    const std::vector<double> exact = channelMeans(step.graph, op, meanOf(step.fp32));
    op.constants[1] = dequantizedTensor(step.op(), *step.resolvedOp().weights);
    const std::vector<double> found = channelMeans(step.graph, op, meanOf(step.quantized));
    std::vector<float> error;
    for (std::size_t c = 0; c < exact.size(); ++c) {
        error.push_back(static_cast<float>(found[c] - exact[c]));
    }
    return error;
}

bool correctBiasEmpirically(Session& session, QuantizationPlan& plan,
                            const std::function<bool(const Operator&)>& isWanted, std::size_t samples,
                            const std::stop_token& stop, const ProgressCallback& progress)
{
    return walkOperators(
        session, plan, samples,
        [&](const WalkStep& step, QuantizationPlan& changed) {
            if (!isWanted(step.op())) {
                return false;
            }
            entryOf(changed, step.op()).weight.biasCorrection =
                BiasCorrection{BiasCorrection::Kind::Given, meanResultError(step)};
            return true;
        },
        stop, progress);
}

} // namespace core
