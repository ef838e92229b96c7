#include "core/execution/executable.h"
#include "core/graph/operator_traits.h"
#include "core/sensitivity/reverse_parts.h"

#include <algorithm>
#include <memory>

namespace core {

namespace {

constexpr std::int64_t kMostNumbers = std::int64_t{1} << 24; // float32 counts exactly up to here

/// Where one operator takes its numbers from, found by moving numbers that say where they stand.
struct Movement
{
    std::vector<std::size_t> offsets; ///< by input: position of its first element among all of them
    std::vector<std::size_t> from; ///< by element of the result, row-major; 0: a constant, else position + 1
};

/// None where the operator does more than move.
std::optional<Movement> movementOf(const OperatorGraph& graph, const Operator& op)
{
    const Executable form = compileFloat(graph, op, Backend::Real);
    Movement movement;
    std::int64_t count = 0;
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
        movement.offsets.push_back(static_cast<std::size_t>(count));
        if (op.inputs[k] != kNoValue && !op.constants[k]) {
            if (graph.value(op.inputs[k]).type != DataType::Float32) {
                return std::nullopt; // indices that are computed
            }
            count += elementCount(graph.value(op.inputs[k]).shape);
        }
    }
    if (count >= kMostNumbers) {
        return std::nullopt;
    }
    const auto moved = [&](float sign) {
        std::vector<Tensor> inputs(op.inputs.size());
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            if (op.inputs[k] != kNoValue && !op.constants[k]) {
                const Shape& shape = graph.value(op.inputs[k]).shape;
                inputs[k] = inKernelLayout(filled(shape, Layout::RowMajor, [&](std::size_t i) {
                    return sign * static_cast<float>(movement.offsets[k] + i + 1);
                }));
            }
        }
        return toLayout(form.run(inputs)[0], Layout::RowMajor);
    };
    const Tensor up = moved(1.0f);
    const Tensor down = moved(-1.0f);
    for (std::size_t i = 0; i < up.as<float>().size(); ++i) {
        const float number = up.as<float>()[i];
        const bool isMoved = number == -down.as<float>()[i];
        if (!isMoved && number != down.as<float>()[i]) {
            return std::nullopt;
        }
        const auto position = static_cast<std::size_t>(isMoved ? number : 0.0f);
        if (isMoved && static_cast<float>(position) != number) {
            return std::nullopt; // a mixture
        }
        movement.from.push_back(position);
    }
    return movement;
}

ReverseRule movementRule(const OperatorGraph& graph, const Operator& op, Movement movement)
{
    std::vector<std::optional<Shape>> shapes;
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
        const bool isMoved = op.inputs[k] != kNoValue && !op.constants[k];
        shapes.push_back(isMoved ? std::optional(graph.value(op.inputs[k]).shape) : std::nullopt);
    }
    return [shapes, movement = std::move(movement)](const ReversePoint& at, const Tensor& gradient) {
        std::size_t count = 1;
        for (const auto& shape : shapes) {
            count += shape ? static_cast<std::size_t>(elementCount(*shape)) : 0;
        }
        const Tensor g = toLayout(gradient, Layout::RowMajor);
        std::vector<float> sums(count, 0.0f);
        for (std::size_t i = 0; i < movement.from.size(); ++i) {
            sums[movement.from[i]] += g.as<float>()[i];
        }
        std::vector<Tensor> result(at.inputs.size());
        for (std::size_t k = 0; k < shapes.size(); ++k) {
            if (shapes[k]) {
                result[k] = inKernelLayout(filled(*shapes[k], Layout::RowMajor, [&](std::size_t i) {
                    return sums[movement.offsets[k] + i + 1];
                }));
            }
        }
        return result;
    };
}

} // namespace

std::optional<ReverseRule> reverseOfMovement(const OperatorGraph& graph, const Operator& op)
{
    const Shape src = graph.value(op.inputs[0]).shape;
    if (op.inputs[0] != kNoValue && !op.constants[0] && isReshape(op)) {
        return [src](const ReversePoint& at, const Tensor& gradient) {
            std::vector<Tensor> result(at.inputs.size());
            result[0] = inKernelLayout(toLayout(gradient, Layout::RowMajor).reshaped(src));
            return result;
        };
    }
    if (traitsOf(op.type).elements != ElementFlow::Placed) {
        return std::nullopt;
    }
    auto movement = movementOf(graph, op);
    return movement ? std::optional(movementRule(graph, op, std::move(*movement))) : std::nullopt;
}

std::optional<ReverseRule> reverseOfReduction(const OperatorGraph& graph, const Operator& op)
{
    if (op.type != "ReduceMean" && op.type != "ReduceSum") {
        return std::nullopt;
    }
    const Shape src = graph.value(op.inputs[0]).shape;
    const Shape& dst = graph.value(op.result()).shape;
    std::vector<std::int64_t> axes = op.node.integers("axes");
    if (axes.empty() && op.inputs.size() > 1 && op.constants[1]) {
        axes = integersOf(*op.constants[1]);
    }
    if (axes.empty()) {
        return std::nullopt;
    }
    Shape kept = src;
    for (const std::int64_t axis : axes) {
        kept[static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(src.size()) : axis)] = 1;
    }
    const float share = op.type == "ReduceSum"
        ? 1.0f
        : static_cast<float>(elementCount(dst)) / static_cast<float>(elementCount(src));
    return [src, share, indices = broadcastIndices(kept, src)](const ReversePoint& at,
                                                               const Tensor& gradient) {
        const Tensor g = toLayout(gradient, Layout::RowMajor);
        std::vector<Tensor> result(at.inputs.size());
        result[0] = inKernelLayout(
            filled(src, Layout::RowMajor, [&](std::size_t i) { return share * g.as<float>()[indices[i]]; }));
        return result;
    };
}

} // namespace core
