#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "kernels/codes/requantization.h"
#include "kernels/int8/quantized_sum.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace core {

namespace {

/// Channels last where every operand is as large as the result; row-major where smaller ones repeat along
/// that; none where they do not.
std::optional<Layout> sumLayout(const IntegerContext& f)
{
    const Shape& dstShape = f.dstShape();
    const auto isSmaller = [&](ValueId id) { return f.shape(id) != dstShape; };
    if (std::ranges::none_of(f.op.inputs, isSmaller)) {
        return kernelLayout(dstShape);
    }
    const bool allRepeat = std::ranges::all_of(f.op.inputs, [&](ValueId id) {
        return !isSmaller(id) || repeatingLayout(f.shape(id), dstShape, dstShape) == Layout::RowMajor;
    });
    return allRepeat ? std::optional(Layout::RowMajor) : std::nullopt;
}

Executable compileIntegerSum(const IntegerContext& f)
{
    const Shape dstShape = f.dstShape();
    const Layout layout = *sumLayout(f);
    std::vector<kernels::QuantizedFormat> formats;
    for (const ValueId id : f.op.inputs) {
        formats.push_back(f.format(id));
    }
    const float one = 1.0f; // Relu and Clip are bounds on codes
    const auto dstFormat =
        kernels::makeRequantization({&one, 1}, f.format(f.op.outputs[0]), f.op.activation, std::nullopt).dst;
    const DataType type = f.params(f.op.outputs[0]).type;
    return Executable{"noisefloor", "sum", [=](std::span<const Tensor> inputs) {
                          std::vector<Tensor> tensors;
                          std::vector<kernels::SumOperand> operands;
                          for (std::size_t i = 0; i < formats.size(); ++i) {
                              tensors.push_back(alignedOperand(inputs[i], dstShape.size(), layout));
                              operands.push_back({bytesOf(tensors.back()), formats[i]});
                          }
                          TensorBuilder dst(type, dstShape, layout);
                          kernels::sum(operands, bytesOf(dst), dstFormat);
                          return std::vector{std::move(dst).finish()};
                      }};
}

} // namespace

IntegerForm integerSum()
{
    return {[](const IntegerContext& c) {
                return c.isOwnRange() && c.traits().kind == OperatorKind::Sum && sumLayout(c);
            },
            compileIntegerSum};
}

} // namespace core
