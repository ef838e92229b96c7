#include "core/execution/movement_executable.h"

#include "core/execution/executable_support.h"
#include "core/graph/ops/resize_taps.h"
#include "kernels/float/movement.h"
#include "kernels/int8/quantized_resize.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace core {

Executable compileReshape(const OperatorGraph& graph, const Operator& op)
{
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    const bool keeps = graph.value(op.inputs[0]).shape == dstShape;
    return {"noisefloor", "reshape", [=](std::span<const Tensor> inputs) {
                return std::vector{keeps ? inputs[0]
                                         : toLayout(inputs[0], Layout::RowMajor).reshaped(dstShape)};
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
                return std::vector{std::move(dst).finish()};
            }};
}

Executable compileTranspose(const OperatorGraph& graph, const Operator& op)
{
    const Shape shape = graph.value(op.inputs[0]).shape;
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    std::vector<std::int64_t> given = op.node.integers("perm");
    if (given.empty()) {
        for (std::size_t i = shape.size(); i-- > 0;) {
            given.push_back(static_cast<std::int64_t>(i));
        }
    }
    std::vector<int> permutation(given.size());
    std::ranges::transform(given, permutation.begin(), [&](std::int64_t axis) {
        return static_cast<int>(normalizedAxis(axis, shape.size()));
    });
    return {"noisefloor", "transpose", [=](std::span<const Tensor> inputs) {
                const Tensor& src = inputs[0];
                Shape inMemory = shape;
                std::vector<int> from = permutation;
                if (src.layout() == Layout::ChannelsLast && shape.size() >= 3) { // axis 1 lies last
                    std::rotate(inMemory.begin() + 1, inMemory.begin() + 2, inMemory.end());
                    for (int& axis : from) {
                        axis = axis == 0 ? 0 : axis == 1 ? static_cast<int>(shape.size()) - 1 : axis - 1;
                    }
                }
                TensorBuilder dst(src.type(), dstShape);
                kernels::transpose(bytesOf(src), inMemory, from, sizeOf(src.type()), bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

namespace {

/// What one output position takes: at most two neighbours.
std::optional<kernels::LinearTap> linearTap(const std::vector<std::pair<std::int64_t, double>>& parts)
{
    std::map<std::int64_t, double> weights;
    for (const auto& [index, weight] : parts) {
        if (weight != 0.0) {
            weights[index] += weight;
        }
    }
    if (weights.empty() || weights.size() > 2) {
        return std::nullopt;
    }
    const auto [upper, weight] = *weights.rbegin();
    return kernels::LinearTap{weights.begin()->first, upper,
                              weights.size() == 1 ? 0.0f : static_cast<float>(weight)};
}

struct ResizeTables
{
    kernels::ResizeShape shape;
    std::array<std::vector<kernels::LinearTap>, 3> taps;
    std::array<std::vector<std::int64_t>, 3> nearest;
};

/// Of spatial axes, everything but the source known beforehand; none otherwise.
std::optional<ResizeTables> resizeTables(const OperatorGraph& graph, const Operator& op)
{
    const Shape& src = graph.value(op.inputs[0]).shape;
    std::vector<Tensor> inputs(op.inputs.size());
    for (std::size_t i = 1; i < op.inputs.size(); ++i) {
        if (op.inputs[i] != kNoValue && !op.constants[i]) {
            return std::nullopt;
        }
        inputs[i] = op.constants[i].value_or(Tensor());
    }
    if (src.size() < 3 || src.size() > 5) {
        return std::nullopt;
    }
    const auto axes = ops::resizeTaps(op.node, src, inputs);
    if (!axes[0].isIdentity || !axes[1].isIdentity) {
        return std::nullopt;
    }
    ResizeTables tables;
    tables.shape.batch = src[0];
    tables.shape.channels = src[1];
    const std::size_t lead = 5 - src.size(); // leading spatial axes that are not there
    for (std::size_t k = 0; k < 3; ++k) {
        if (k < lead) {
            tables.taps[k] = {{}};
            tables.nearest[k] = {0};
            continue;
        }
        const std::size_t axis = k - lead + 2;
        tables.shape.src[k] = src[axis];
        tables.shape.dst[k] = static_cast<std::int64_t>(axes[axis].parts.size());
        for (const auto& parts : axes[axis].parts) {
            const auto tap = linearTap(parts);
            if (!tap) {
                return std::nullopt;
            }
            tables.taps[k].push_back(*tap);
            tables.nearest[k].push_back(tap->lower);
        }
    }
    return tables;
}

} // namespace

std::optional<Executable> compileResize(const OperatorGraph& graph, const Operator& op)
{
    const std::string mode = op.node.text("mode", "nearest");
    const bool isLinear = mode == "linear";
    auto found = isLinear || mode == "nearest" ? resizeTables(graph, op) : std::nullopt;
    if (!found) {
        return std::nullopt;
    }
    const auto tables = std::make_shared<const ResizeTables>(std::move(*found));
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    return Executable{
        "noisefloor", isLinear ? "resize-linear" : "resize-nearest", [=](std::span<const Tensor> run) {
            const Tensor x = toLayout(run[0], Layout::ChannelsLast);
            TensorBuilder dst(x.type(), dstShape, Layout::ChannelsLast);
            if (isLinear) {
                kernels::resizeLinear(tables->shape, {tables->taps[0], tables->taps[1], tables->taps[2]},
                                      x.as<float>(), dst.as<float>());
            } else {
                kernels::resizeNearest(tables->shape,
                                       {tables->nearest[0], tables->nearest[1], tables->nearest[2]},
                                       sizeOf(x.type()), bytesOf(x), bytesOf(dst));
            }
            return std::vector{std::move(dst).finish()};
        }};
}

std::optional<Executable> compileLinearResize(const OperatorGraph& graph, const Operator& op,
                                              const QuantizationParams& src, const QuantizationParams& dst)
{
    auto found = op.node.text("mode", "nearest") == "linear" ? resizeTables(graph, op) : std::nullopt;
    if (!found) {
        return std::nullopt;
    }
    const auto tables = std::make_shared<const ResizeTables>(std::move(*found));
    const Shape dstShape = graph.value(op.outputs[0]).shape;
    const auto srcFormat = formatOf(src);
    const auto dstFormat = formatOf(dst);
    const DataType dstType = dst.type;
    return Executable{"noisefloor", "resize-linear-int8", [=](std::span<const Tensor> run) {
                          const Tensor x = toLayout(run[0], Layout::ChannelsLast);
                          TensorBuilder codes(dstType, dstShape, Layout::ChannelsLast);
                          kernels::resizeLinear(tables->shape,
                                                {tables->taps[0], tables->taps[1], tables->taps[2]},
                                                bytesOf(x), srcFormat, bytesOf(codes), dstFormat);
                          return std::vector{std::move(codes).finish()};
                      }};
}

} // namespace core
