#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "kernels/int8/quantized_matmul.h"

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

namespace core {

namespace {

/// Leading axes of both operands must agree, or B is one matrix for all of them.
bool hasMatrixForm(const IntegerContext& f)
{
    const Shape& a = f.shape(f.op.inputs[0]);
    const Shape& b = f.shape(f.op.inputs[1]);
    if (f.constant(0) || f.constant(1) || a.size() < 2 || b.size() < 2) {
        return false;
    }
    const bool sameBatch = a.size() == b.size() && std::equal(a.begin(), a.end() - 2, b.begin());
    return sameBatch || b.size() == 2;
}

Executable compileIntegerMatMul(const IntegerContext& f)
{
    const Shape& a = f.shape(f.op.inputs[0]);
    const Shape& b = f.shape(f.op.inputs[1]);
    kernels::QuantizedMatMulSpec spec;
    spec.shape.k = a.back();
    spec.shape.n = b.back();
    spec.shape.sharedB = b.size() == 2;
    spec.shape.m =
        spec.shape.sharedB ? elementCount(a) / std::max<std::int64_t>(spec.shape.k, 1) : a[a.size() - 2];
    spec.shape.batch = spec.shape.sharedB ? 1 : elementCount(std::span(a).first(a.size() - 2));
    const QuantizationParams& right = f.params(f.op.inputs[1]);
    spec.bType = f.format(f.op.inputs[1]).type;
    spec.bScale = right.scale;
    spec.bZeroPoint = right.zeroPoint;
    spec.a = f.format(f.op.inputs[0]);
    const bool isCodes = f.resolved.writesCodes;
    spec.dst = isCodes ? f.format(f.op.outputs[0]) : kernels::formatF32();
    spec.activation = f.op.activation;
    const auto backend = f.integerBackend();
    const auto kernel = std::make_shared<const kernels::QuantizedMatMul>(spec, backend);
    const Shape dstShape = f.shape(f.op.outputs[0]);
    const DataType type = isCodes ? f.params(f.op.outputs[0]).type : DataType::Float32;
    const bool isOwn = kernel->implementation().starts_with("own");
    return Executable{isOwn ? "noisefloor" : "onednn", kernel->implementation(),
                      [=](std::span<const Tensor> inputs) {
                          const Tensor left = toLayout(inputs[0], Layout::RowMajor);
                          const Tensor other = toLayout(inputs[1], Layout::RowMajor);
                          TensorBuilder dst(type, dstShape);
                          kernel->executeWith(bytesOf(left), bytesOf(other), bytesOf(dst));
                          return std::vector{std::move(dst).finish()};
                      }};
}

} // namespace

/// Of two activations.
IntegerForm integerMatMul()
{
    return {[](const IntegerContext& c) { return c.isOwnRange() && isMatMul(c.op.type) && hasMatrixForm(c); },
            compileIntegerMatMul};
}

} // namespace core
