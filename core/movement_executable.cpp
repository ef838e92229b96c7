#include "core/movement_executable.h"

#include "core/executable_support.h"
#include "kernels/movement.h"

namespace core {

Executable compileReshape(const OperatorGraph& graph, const Operator& op)
{
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    const bool keeps = graph.value(op.inputs[0]).shape == dstShape;
    return {"noisefloor", "reshape", [=](std::span<const Tensor> inputs) {
                return std::vector {keeps ? inputs[0] : toLayout(inputs[0], Layout::RowMajor).reshaped(dstShape)};
            }};
}

Executable compileConcat(const OperatorGraph& graph, const Operator& op)
{
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    const auto axis = static_cast<std::size_t>(normalizedAxis(op.node.integer("axis", 1), dstShape.size()));
    const Layout layout = axis == 1 ? kernelLayout(dstShape) : Layout::RowMajor;
    const auto constants = op.constants;
    const std::size_t count = op.inputs.size();
    return {"noisefloor", "concat", [=](std::span<const Tensor> inputs) {
                std::vector<Tensor> parts;
                for (std::size_t i = 0; i < count; ++i) {
                    parts.push_back(toLayout(constants[i] ? *constants[i] : inputs[i], layout));
                }
                std::vector<kernels::ConcatenationSource> sources;
                for (const Tensor& part : parts) {
                    if (part.isEmpty()) {
                        continue;
                    }
                    std::int64_t row = 1; // elements from the axis on, in memory order
                    if (layout == Layout::ChannelsLast) {
                        row = part.shape()[1];
                    } else {
                        for (std::size_t k = axis; k < part.rank(); ++k) {
                            row *= part.shape()[k];
                        }
                    }
                    sources.push_back({bytesOf(part), static_cast<std::size_t>(row) * sizeOf(part.type())});
                }
                TensorBuilder dst(parts[0].type(), dstShape, layout);
                kernels::concatenate(sources, bytesOf(dst));
                return std::vector {std::move(dst).finish()};
            }};
}

} // namespace core
