#include "core/sensitivity/reverse_rules.h"

#include "core/network/activation_rules.h"
#include "core/sensitivity/reverse_parts.h"

#include <algorithm>

namespace core {

namespace {

using Kind = kernels::Activation::Kind;

} // namespace

Tensor throughActivation(const Operator& op, const Tensor& output, const Tensor& gradient)
{
    const bool isBounded = !op.upperBounds.empty();
    if (op.activation.kind == Kind::None && !isBounded) {
        return gradient;
    }
    const Tensor at = inKernelLayout(output);
    const auto y = at.as<float>();
    const auto g = gradient.as<float>();
    const auto activation = op.activation;
    if (!isBounded && activation.kind == Kind::Relu) { // most networks: a loop without branches
        return filled(gradient.shape(), gradient.layout(),
                      [&](std::size_t i) { return g[i] * static_cast<float>(y[i] > 0.0f); });
    }
    if (!isBounded && activation.kind == Kind::Clip) {
        return filled(gradient.shape(), gradient.layout(), [&](std::size_t i) {
            return g[i] * static_cast<float>((y[i] > activation.alpha) & (y[i] < activation.beta));
        });
    }
    if (!isBounded) {
        return filled(gradient.shape(), gradient.layout(),
                      [&](std::size_t i) { return g[i] * slopeAt(activation, y[i]); });
    }
    const std::size_t channels = op.upperBounds.size(); // the last axis in memory
    return filled(gradient.shape(), gradient.layout(), [&](std::size_t i) {
        return y[i] < op.upperBounds[i % channels] ? g[i] * slopeAt(activation, y[i]) : 0.0f;
    });
}

std::vector<std::size_t> broadcastIndices(const Shape& shape, const Shape& from)
{
    std::vector<std::size_t> result(static_cast<std::size_t>(elementCount(from)));
    const std::size_t lead = from.size() - shape.size();
    std::vector<std::int64_t> position(from.size(), 0);
    for (std::size_t& index : result) {
        index = 0;
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            index = index * static_cast<std::size_t>(shape[axis])
                + static_cast<std::size_t>(shape[axis] == 1 ? 0 : position[axis + lead]);
        }
        for (std::size_t axis = from.size(); axis-- > 0;) {
            if (++position[axis] < from[axis]) {
                break;
            }
            position[axis] = 0;
        }
    }
    return result;
}

Tensor reducedTo(const Shape& shape, const Tensor& gradient)
{
    if (gradient.shape() == shape) {
        return gradient;
    }
    const Tensor whole = toLayout(gradient, Layout::RowMajor);
    std::vector<double> sums(static_cast<std::size_t>(elementCount(shape)), 0.0);
    const std::vector<std::size_t> indices = broadcastIndices(shape, gradient.shape());
    for (std::size_t i = 0; i < indices.size(); ++i) {
        sums[indices[i]] += whole.as<float>()[i];
    }
    return inKernelLayout(
        filled(shape, Layout::RowMajor, [&](std::size_t i) { return static_cast<float>(sums[i]); }));
}

bool hasOneResult(const OperatorGraph& graph, const Operator& op)
{
    return op.type != "Input" && op.node.domain.empty() && !op.inputs.empty()
        && std::ranges::count_if(op.outputs, [](ValueId id) { return id != kNoValue; }) == 1
        && graph.value(op.result()).type == DataType::Float32;
}

std::optional<ReverseRule> reverseRuleOf(const OperatorGraph& graph, const Operator& op)
{
    if (!hasOneResult(graph, op)) {
        return std::nullopt;
    }
    for (const auto& family :
         {reverseOfLinear, reverseOfPool, reverseOfElementwise, reverseOfReduction, reverseOfMovement}) {
        if (auto rule = family(graph, op)) {
            return rule;
        }
    }
    return std::nullopt;
}

} // namespace core
