#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/tensor/shape.h"
#include "kernels/int8/quantized_softmax.h"

#include <memory>
#include <span>
#include <vector>

namespace core {

namespace {

/// Along any axis; up to opset 12 everything from the axis on is one row.
Executable compileIntegerSoftmax(const IntegerContext& f)
{
    const Shape& shape = f.shape(f.op.inputs[0]);
    const bool isFlattened = f.op.node.version < 13;
    const std::int64_t given = f.op.node.integer("axis", isFlattened ? 1 : -1);
    const auto axis = given == std::ssize(shape)
        ? shape.size()
        : static_cast<std::size_t>(normalizedAxis(given, shape.size()));
    kernels::SoftmaxShape rows;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        (i < axis                       ? rows.outer
             : i == axis || isFlattened ? rows.n
                                        : rows.inner) *= static_cast<std::size_t>(shape[i]);
    }
    const QuantizationParams& dstParams = f.params(f.op.outputs[0]);
    const auto kernel = std::make_shared<const kernels::QuantizedSoftmax>(rows, f.format(f.op.inputs[0]),
                                                                          formatOf(dstParams));
    const DataType type = dstParams.type;
    return Executable{"noisefloor", "softmax-int8", [=](std::span<const Tensor> inputs) {
                          const Tensor src = toLayout(inputs[0], Layout::RowMajor);
                          TensorBuilder dst(type, src.shape());
                          kernel->execute(bytesOf(src), bytesOf(dst));
                          return std::vector{std::move(dst).finish()};
                      }};
}

} // namespace

IntegerForm integerSoftmax()
{
    return {[](const IntegerContext& c) { return c.isOwnRange() && c.op.type == "Softmax"; },
            compileIntegerSoftmax};
}

} // namespace core
