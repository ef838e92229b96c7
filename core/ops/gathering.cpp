#include "core/ops/definitions.h"
#include "core/ops/element_types.h"
#include "core/ops/infer.h"
#include "core/ops/strided.h"

#include <cstring>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// index in [−size, size) → [0, size).
std::int64_t position(const Node& node, std::int64_t index, std::int64_t size)
{
    if (index < -size || index >= size) {
        fail(node, fmt::format("index {} is outside an axis of {}", index, size));
    }
    return index < 0 ? index + size : index;
}

Shape gatheredShape(const Shape& src, const Shape& indices, std::size_t axis)
{
    Shape shape(src.begin(), src.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), indices.begin(), indices.end());
    shape.insert(shape.end(), src.begin() + static_cast<std::ptrdiff_t>(axis) + 1, src.end());
    return shape;
}

std::vector<ValueInfo> inferGather(const InferContext& c)
{
    requireInputs(c, 2);
    const ValueInfo& src = inputOfRank(c, 0, 1);
    const auto axis = static_cast<std::size_t>(normalizedAxis(c.node.integer("axis", 0), src.shape.size()));
    return {{src.type, gatheredShape(src.shape, c.inputs[1].shape, axis)}};
}

/// dst[outer, indices…, inner] = src[outer, index, inner].
Outputs evaluateGather(const Node& node, Inputs in)
{
    const Shape& src = in[0].shape();
    const auto axis = static_cast<std::size_t>(normalizedAxis(node.integer("axis", 0), src.size()));
    const auto indices = core::integersOf(in[1]);
    TensorBuilder builder(in[0].type(), gatheredShape(src, in[1].shape(), axis));
    const auto inner = static_cast<std::size_t>(extent(src, axis + 1, src.size())) * sizeOf(in[0].type());
    std::byte* to = builder.data();
    for (std::int64_t o = 0; o < extent(src, 0, axis); ++o) {
        for (const std::int64_t index : indices) {
            const std::int64_t at = o * src[axis] + position(node, index, src[axis]);
            if (inner > 0) {
                std::memcpy(to, in[0].data() + static_cast<std::size_t>(at) * inner, inner);
                to += inner;
            }
        }
    }
    return {std::move(builder).finish()};
}

constexpr OperatorDefinition kDefinitions[] = {
    {"", "Gather", 1, inferGather, evaluateGather},
};

} // namespace

std::span<const OperatorDefinition> gatheringOperators() { return kDefinitions; }

} // namespace core::ops
