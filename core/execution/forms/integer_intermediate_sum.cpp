#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/graph/ops/strided.h"
#include "kernels/codes/requantization.h"
#include "kernels/emulated/intermediate_sum.h"

#include <vector>

namespace core {

namespace {

Executable compileIntermediateSum(const IntegerContext& c)
{
    std::vector<kernels::QuantizedFormat> formats;
    for (const ValueId id : c.op.inputs) {
        formats.push_back(c.format(id));
    }
    const QuantizationParams& params = *c.resolved.intermediate;
    const kernels::SumIntermediate through{params.scale[0], params.zeroPoint[0], params.bits};
    const float one = 1.0f; // Relu and Clip are bounds on codes
    const auto dstFormat =
        kernels::makeRequantization({&one, 1}, c.dstFormat(), c.op.activation, std::nullopt).dst;
    const Shape dstShape = c.dstShape();
    const DataType dstType = c.dstType();
    const bool isReference = c.resolved.backend == Backend::Reference;
    return {"noisefloor", "sum:dnnlowp", [=](std::span<const Tensor> inputs) {
                std::vector<Tensor> tensors;
                std::vector<kernels::IntermediateOperand> operands;
                for (std::size_t i = 0; i < formats.size(); ++i) {
                    const Tensor rows = toLayout(inputs[i], Layout::RowMajor);
                    tensors.push_back(rows.shape() == dstShape ? rows : ops::broadcastTo(rows, dstShape));
                    operands.push_back({bytesOf(tensors.back()), formats[i]});
                }
                TensorBuilder dst(dstType, dstShape);
                const auto sum = isReference ? kernels::referenceSumThrough : kernels::sumThrough;
                sum(through, operands, bytesOf(dst), dstFormat);
                return std::vector{std::move(dst).finish()};
            }};
}

} // namespace

IntegerForm integerIntermediateSum()
{
    return {[](const IntegerContext& c) { return c.resolved.intermediate.has_value(); },
            compileIntermediateSum};
}

} // namespace core
