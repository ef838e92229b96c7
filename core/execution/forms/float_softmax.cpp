#include "core/execution/forms/float_form.h"

#include "core/execution/executable_support.h"
#include "core/tensor/shape.h"
#include "kernels/float/elementwise.h"

namespace core {

namespace {

Executable compileFloatSoftmax(const FloatContext& c)
{
    const Shape shape = c.graph.value(c.op.inputs[0]).shape;
    const bool perAxis = c.op.node.version >= 13; // before, everything from the axis on is one vector
    const auto axis =
        static_cast<std::size_t>(normalizedAxis(c.op.node.integer("axis", perAxis ? -1 : 1), shape.size()));
    std::int64_t outer = 1;
    std::int64_t n = 1;
    std::int64_t inner = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        (i < axis ? outer : i == axis || !perAxis ? n : inner) *= shape[i];
    }
    return {"noisefloor", "softmax", [=](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::RowMajor);
                TensorBuilder dst(DataType::Float32, shape);
                kernels::softmax(src.as<float>(), outer, n, inner, dst.as<float>());
                return std::vector{std::move(dst).finish()};
            }};
}

} // namespace

FloatForm floatSoftmax()
{
    return {[](const FloatContext& c) { return c.isFast() && c.op.type == "Softmax"; }, compileFloatSoftmax};
}

} // namespace core
