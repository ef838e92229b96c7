#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "kernels/float/elementwise.h"

#include <optional>
#include <span>
#include <vector>

namespace core {

namespace {

std::optional<Layout> binaryLayout(const IntegerContext& c)
{
    return repeatingLayout(c.shape(c.op.inputs[0]), c.shape(c.op.inputs[1]), c.dstShape());
}

Executable compileIntegerBinary(const IntegerContext& c)
{
    const Shape dstShape = c.dstShape();
    const auto layout = binaryLayout(c);
    std::vector<Tensor> constants(2);
    std::vector<kernels::QuantizedFormat> formats(2);
    for (std::size_t i = 0; i < 2; ++i) {
        if (c.op.constants[i]) {
            constants[i] =
                alignedOperand(makeTensor<std::int8_t>(c.op.constants[i]->shape(), c.resolved.weights->codes),
                               dstShape.size(), *layout);
            formats[i] = formatOf(c.resolved.weights->params);
        } else {
            formats[i] = c.format(c.op.inputs[i]);
        }
    }
    const auto operation = *c.traits().binary;
    const auto activation = c.op.activation;
    const auto dstFormat = c.dstFormat();
    const DataType dstType = c.dstType();
    return {"noisefloor", "elementwise", [=](std::span<const Tensor> inputs) {
                const auto operand = [&](std::size_t i) {
                    return alignedOperand(constants[i].isDefined() ? constants[i] : inputs[i],
                                          dstShape.size(), *layout);
                };
                const Tensor a = operand(0);
                const Tensor b = operand(1);
                TensorBuilder dst(dstType, dstShape, *layout);
                kernels::binary(operation, bytesOf(a), formats[0], bytesOf(b), formats[1], bytesOf(dst),
                                dstFormat, activation);
                return std::vector{std::move(dst).finish()};
            }};
}

} // namespace

IntegerForm integerBinary()
{
    return {[](const IntegerContext& c) {
                using Kind = kernels::Activation::Kind;
                const Kind kind = c.op.activation.kind;
                return c.is(QuantizedKind::Binary) && c.isPlain() && binaryLayout(c)
                    && (kind == Kind::None || kind == Kind::Relu || kind == Kind::Clip);
            },
            compileIntegerBinary};
}

} // namespace core
