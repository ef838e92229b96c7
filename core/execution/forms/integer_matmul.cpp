#include "core/execution/forms/integer_form.h"

#include "core/execution/executable_support.h"
#include "core/network/fold_rules.h"
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

/// Where the matrix of each item of `dst` stands in an operand of fewer or shorter leading axes.
std::vector<std::size_t> matricesOf(const Shape& operand, const Shape& dst)
{
    const std::size_t rank = dst.size() - 2;
    Shape batch(rank, 1);
    std::copy(operand.begin(), operand.end() - 2,
              batch.end() - static_cast<std::ptrdiff_t>(operand.size() - 2));
    std::vector<std::size_t> result;
    const std::int64_t count = elementCount(std::span(dst).first(rank));
    for (std::int64_t item = 0; item < count; ++item) {
        std::int64_t rest = item;
        std::int64_t at = 0;
        std::int64_t stride = 1;
        for (std::size_t axis = rank; axis-- > 0;) {
            at += batch[axis] == 1 ? 0 : rest % dst[axis] * stride;
            stride *= batch[axis];
            rest /= dst[axis];
        }
        result.push_back(static_cast<std::size_t>(at));
    }
    return result;
}

/// One product for each matrix of the weights.
Executable compileBatchedWeights(const IntegerContext& f)
{
    const Shape& a = f.srcShape();
    const Shape& b = f.constant(1)->shape();
    const QuantizedWeights& weights = *f.resolved.weights;
    kernels::QuantizedMatMulSpec spec;
    spec.shape.m = a[a.size() - 2];
    spec.shape.k = a.back();
    spec.shape.n = b.back();
    spec.shape.sharedB = true;
    spec.a = f.format(f.op.inputs[0]);
    spec.dst = f.dstFormat();
    spec.activation = f.op.activation;
    const auto size = static_cast<std::size_t>(spec.shape.k * spec.shape.n);
    const std::size_t count = size > 0 ? weights.codes.size() / size : 0;
    std::vector<std::shared_ptr<const kernels::QuantizedMatMul>> products;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t slot = weights.matrixSize > 0 ? i : 0;
        spec.b = std::as_bytes(std::span(weights.codes).subspan(i * size, size));
        spec.bScale = std::span(weights.params.scale).subspan(slot, 1);
        spec.bZeroPoint = std::span(weights.params.zeroPoint).subspan(slot, 1);
        products.push_back(std::make_shared<const kernels::QuantizedMatMul>(spec, f.integerBackend()));
    }
    const Shape dstShape = f.dstShape();
    const DataType type = f.dstType();
    const auto fromA = matricesOf(a, dstShape);
    const auto fromB = matricesOf(b, dstShape);
    const auto aSize = static_cast<std::size_t>(spec.shape.m * spec.shape.k);
    const auto dstSize = static_cast<std::size_t>(spec.shape.m * spec.shape.n) * sizeOf(type);
    const std::string implementation = products.empty() ? "own:exact" : products.front()->implementation();
    return Executable{implementation.starts_with("own") ? "noisefloor" : "onednn",
                      implementation + "+matrices", [=](std::span<const Tensor> inputs) {
                          const Tensor left = toLayout(inputs[0], Layout::RowMajor);
                          TensorBuilder dst(type, dstShape);
                          for (std::size_t i = 0; i < fromB.size() && !products.empty(); ++i) {
                              products[fromB[i]]->execute(bytesOf(left).subspan(fromA[i] * aSize, aSize),
                                                          bytesOf(dst).subspan(i * dstSize, dstSize));
                          }
                          return std::vector{std::move(dst).finish()};
                      }};
}

} // namespace

/// By constant matrices, one for each item of a batch.
IntegerForm integerBatchedWeights()
{
    return {[](const IntegerContext& c) {
                return c.is(QuantizedKind::OwnRange) && hasBatchedWeights(c.op) && c.resolved.weights
                    && c.isPlain();
            },
            compileBatchedWeights};
}

/// Of two activations.
IntegerForm integerMatMul()
{
    return {[](const IntegerContext& c) { return c.isOwnRange() && isMatMul(c.op.type) && hasMatrixForm(c); },
            compileIntegerMatMul};
}

} // namespace core
