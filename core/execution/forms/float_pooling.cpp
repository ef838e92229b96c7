#include "core/execution/forms/float_form.h"

#include "core/execution/executable_support.h"
#include "core/network/window_shapes.h"
#include "kernels/float/pooling.h"

namespace core {

namespace {

Executable compileFloatPooling(const FloatContext& c)
{
    const auto shape = poolingShapeOf(c.graph, c.op);
    const Shape dstShape = c.dstShape();
    const bool isMax = traitsOf(c.op.type).pool == PoolForm::Max;
    const auto padding = c.op.node.integer("count_include_pad", 0) ? kernels::PaddingCount::Include
                                                                   : kernels::PaddingCount::Exclude;
    return {"noisefloor", "pooling", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::ChannelsLast);
                TensorBuilder dst(DataType::Float32, dstShape, Layout::ChannelsLast);
                if (isMax) {
                    kernels::maxPool(shape, src.as<float>(), dst.as<float>());
                } else {
                    kernels::averagePool(shape, padding, src.as<float>(), dst.as<float>());
                }
                return std::vector{std::move(dst).finish()};
            }};
}

} // namespace

FloatForm floatPooling()
{
    return {[](const FloatContext& c) { return c.isFast() && c.traits().pool != PoolForm::None; },
            compileFloatPooling};
}

} // namespace core
