#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/network/window_shapes.h"
#include "kernels/float/pooling.h"

namespace core {

namespace {

Executable compileIntegerMaxPool(const IntegerContext& c)
{
    const auto shape = poolingShapeOf(c.graph, c.op);
    const Shape dstShape = c.dstShape();
    const auto type = c.format(c.op.inputs[0]).type;
    const DataType dstType = c.dstType();
    return {"noisefloor", "pooling", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::ChannelsLast);
                TensorBuilder dst(dstType, dstShape, Layout::ChannelsLast);
                kernels::maxPool(shape, type, bytesOf(src), bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

Executable compileIntegerAveragePool(const IntegerContext& c)
{
    const auto shape = poolingShapeOf(c.graph, c.op);
    const Shape dstShape = c.dstShape();
    const auto srcFormat = c.format(c.op.inputs[0]);
    const auto dstFormat = c.dstFormat();
    const DataType dstType = c.dstType();
    const auto padding = c.op.node.integer("count_include_pad", 0) ? kernels::PaddingCount::Include
                                                                   : kernels::PaddingCount::Exclude;
    return {"noisefloor", "pooling", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::ChannelsLast);
                TensorBuilder dst(dstType, dstShape, Layout::ChannelsLast);
                kernels::averagePool(shape, padding, srcFormat, bytesOf(src), dstFormat, bytesOf(dst));
                return std::vector{std::move(dst).finish()};
            }};
}

bool isSpatial(const Shape& shape) { return shape.size() >= 3 && shape.size() <= 5; }

} // namespace

IntegerForm integerMaxPool()
{
    return {[](const IntegerContext& c) {
                return c.is(QuantizedKind::Inherits) && c.traits().pool == PoolForm::Max
                    && isSpatial(c.srcShape()) && !c.hasWideInput();
            },
            compileIntegerMaxPool};
}

IntegerForm integerAveragePool()
{
    return {[](const IntegerContext& c) {
                return c.isOwnRange() && c.traits().pool == PoolForm::Average && isSpatial(c.srcShape());
            },
            compileIntegerAveragePool};
}

} // namespace core
