#include "core/execution/executable.h"
#include "core/graph/operator_traits.h"
#include "core/sensitivity/reverse_parts.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace core {

namespace {

using kernels::BinaryOperation;

/// (f(x + h) − f(x − h)) / 2h, h a thousandth of the largest |x|.
ReverseRule functionRule(const OperatorGraph& graph, const Operator& op)
{
    const auto form = std::make_shared<const Executable>(compileFloat(graph, op, Backend::Real));
    return [form](const ReversePoint& at, const Tensor& gradient) {
        const Tensor x = inKernelLayout(at.inputs[0]);
        const auto values = x.as<float>();
        float largest = 0.0f;
        for (const float value : values) {
            largest = std::max(largest, std::abs(value));
        }
        const float h = largest > 0.0f ? largest * 1e-3f : 1e-3f;
        const auto shifted = [&](float by) {
            std::vector<Tensor> inputs(at.inputs.begin(), at.inputs.end());
            inputs[0] = filled(x.shape(), x.layout(), [&](std::size_t i) { return values[i] + by; });
            return inKernelLayout(form->run(inputs)[0]);
        };
        const Tensor above = shifted(h);
        const Tensor below = shifted(-h);
        std::vector<Tensor> result(at.inputs.size());
        result[0] = filled(x.shape(), x.layout(), [&](std::size_t i) {
            return gradient.as<float>()[i] * (above.as<float>()[i] - below.as<float>()[i]) / (2.0f * h);
        });
        return result;
    };
}

/// An operand of a binary operator as many times as the result repeats it, row-major.
Tensor spread(const Tensor& operand, const Shape& shape)
{
    const Tensor rows = toLayout(operand, Layout::RowMajor);
    if (rows.shape() == shape) {
        return rows;
    }
    const std::vector<std::size_t> indices = broadcastIndices(rows.shape(), shape);
    return filled(shape, Layout::RowMajor, [&](std::size_t i) { return rows.as<float>()[indices[i]]; });
}

/// Add, Sub: the gradient; Mul: times the other operand; Div: over the divisor, and −y over the divisor.
ReverseRule binaryRule(const Operator& op)
{
    return [&op](const ReversePoint& at, const Tensor& gradient) {
        std::vector<Tensor> result(at.inputs.size());
        const Tensor g = throughActivation(op, at.output, gradient);
        const auto operation = *traitsOf(op.type).binary;
        const bool isSum = operation == BinaryOperation::Add || operation == BinaryOperation::Sub;
        for (std::size_t k = 0; k < 2; ++k) {
            if (op.constants[k]) {
                continue;
            }
            const Shape& shape = at.inputs[k].shape();
            if (isSum && (k == 0 || operation == BinaryOperation::Add)) {
                result[k] = reducedTo(shape, g);
                continue;
            }
            const Tensor rows = toLayout(g, Layout::RowMajor);
            const auto from = rows.as<float>();
            const auto operand = [&](std::size_t i) {
                return spread(op.constants[i] ? *op.constants[i] : at.inputs[i], rows.shape());
            };
            Tensor whole;
            if (isSum) {
                whole = filled(rows.shape(), Layout::RowMajor, [&](std::size_t i) { return -from[i]; });
            } else if (operation == BinaryOperation::Mul) {
                const Tensor other = operand(1 - k);
                whole = filled(rows.shape(), Layout::RowMajor,
                               [&](std::size_t i) { return from[i] * other.as<float>()[i]; });
            } else {
                const Tensor divisor = operand(1);
                const Tensor dividend = operand(0);
                whole = filled(rows.shape(), Layout::RowMajor, [&](std::size_t i) {
                    const float d = divisor.as<float>()[i];
                    return k == 0 ? from[i] / d : -from[i] * dividend.as<float>()[i] / (d * d);
                });
            }
            result[k] = reducedTo(shape, inKernelLayout(whole));
        }
        return result;
    };
}

/// y·(g − Σ g·y) along the axis; before opset 13 over all axes from it on.
ReverseRule softmaxRule(const Operator& op, const Shape& shape)
{
    const bool isOld = op.node.version < 13;
    const std::int64_t given = op.node.integer("axis", isOld ? 1 : -1);
    const auto axis =
        static_cast<std::size_t>(given < 0 ? given + static_cast<std::int64_t>(shape.size()) : given);
    std::size_t size = 1;
    std::size_t inner = 1;
    for (std::size_t i = axis; i < shape.size(); ++i) {
        (i == axis || isOld ? size : inner) *= static_cast<std::size_t>(shape[i]);
    }
    return [size, inner](const ReversePoint& at, const Tensor& gradient) {
        const Tensor output = toLayout(at.output, Layout::RowMajor);
        const Tensor rows = toLayout(gradient, Layout::RowMajor);
        const auto y = output.as<float>();
        const auto g = rows.as<float>();
        std::vector<float> sums(y.size());
        for (std::size_t start = 0; start < y.size(); start += size * inner) {
            for (std::size_t i = 0; i < inner; ++i) {
                double sum = 0.0;
                for (std::size_t k = 0; k < size; ++k) {
                    sum += static_cast<double>(g[start + k * inner + i]) * y[start + k * inner + i];
                }
                for (std::size_t k = 0; k < size; ++k) {
                    sums[start + k * inner + i] = static_cast<float>(sum);
                }
            }
        }
        std::vector<Tensor> result(at.inputs.size());
        result[0] = inKernelLayout(
            filled(rows.shape(), Layout::RowMajor, [&](std::size_t i) { return y[i] * (g[i] - sums[i]); }));
        return result;
    };
}

/// scale / √(variance + ε) by channel.
ReverseRule normalizationRule(const Operator& op)
{
    std::vector<float> factors;
    for (std::size_t c = 0; c < op.constants[1]->as<float>().size(); ++c) {
        factors.push_back(op.constants[1]->as<float>()[c]
                          / std::sqrt(op.constants[4]->as<float>()[c] + op.node.real("epsilon", 1e-5f)));
    }
    return [factors, &op](const ReversePoint& at, const Tensor& gradient) {
        const Tensor g = throughActivation(op, at.output, gradient); // channels are the last axis in memory
        std::vector<Tensor> result(at.inputs.size());
        result[0] = filled(g.shape(), g.layout(),
                           [&](std::size_t i) { return g.as<float>()[i] * factors[i % factors.size()]; });
        return result;
    };
}

bool hasConstants(const Operator& op, std::size_t first, std::size_t last)
{
    for (std::size_t i = first; i <= last; ++i) {
        if (i >= op.constants.size() || !op.constants[i] || op.constants[i]->type() != DataType::Float32) {
            return false;
        }
    }
    return true;
}

} // namespace

std::optional<ReverseRule> reverseOfElementwise(const OperatorGraph& graph, const Operator& op)
{
    const Shape& shape = graph.value(op.result()).shape;
    const OperatorTraits& traits = traitsOf(op.type);
    if (op.inputs.size() == 2 && traits.binary) {
        return binaryRule(op);
    }
    if (traits.isContinuous && graph.value(op.inputs[0]).shape == shape) {
        return functionRule(graph, op);
    }
    if (op.type == "Softmax") {
        return softmaxRule(op, shape);
    }
    if (op.type == "BatchNormalization" && shape.size() >= 2 && hasConstants(op, 1, 4)) {
        return normalizationRule(op);
    }
    return std::nullopt;
}

} // namespace core
