#include "core/graph/ops/linear.h"

#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::ops {

MatMulSizes matMulSizes(const Node& node, const Shape& a, const Shape& b)
{
    if (a.empty() || b.empty()) {
        fail(node,
             fmt::format("{} of {} and {}: an operand is a scalar", node.type, toString(a), toString(b)));
    }
    MatMulSizes sizes;
    sizes.a = a.size() == 1 ? Shape{1, a[0]} : a;
    sizes.b = b.size() == 1 ? Shape{b[0], 1} : b;
    sizes.rows = sizes.a[sizes.a.size() - 2];
    sizes.inner = sizes.a.back();
    sizes.columns = sizes.b.back();
    if (sizes.b[sizes.b.size() - 2] != sizes.inner) {
        fail(node,
             fmt::format("{} of {} and {}: {} columns meet {} rows", node.type, toString(a), toString(b),
                         sizes.inner, sizes.b[sizes.b.size() - 2]));
    }
    sizes.batch = broadcastShapes(std::span(sizes.a).first(sizes.a.size() - 2),
                                  std::span(sizes.b).first(sizes.b.size() - 2));
    const auto whole = [&](std::int64_t rows, std::int64_t columns) {
        Shape shape = sizes.batch;
        shape.insert(shape.end(), {rows, columns});
        return shape;
    };
    sizes.a = whole(sizes.rows, sizes.inner);
    sizes.b = whole(sizes.inner, sizes.columns);
    sizes.dst = sizes.batch;
    if (a.size() > 1) {
        sizes.dst.push_back(sizes.rows);
    }
    if (b.size() > 1) {
        sizes.dst.push_back(sizes.columns);
    }
    return sizes;
}

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// A 1-D operand as the matrix that numpy.matmul takes it for.
Tensor asMatrix(const Tensor& tensor, bool isLeft)
{
    if (tensor.rank() != 1) {
        return tensor;
    }
    return tensor.reshaped(isLeft ? Shape{1, tensor.count()} : Shape{tensor.count(), 1});
}

std::vector<ValueInfo> inferMatMul(const InferContext& c)
{
    requireInputs(c, 2);
    const DataType type = c.node.type == "MatMulInteger" ? DataType::Int32 : c.inputs[0].type;
    return {{type, matMulSizes(c.node, c.inputs[0].shape, c.inputs[1].shape).dst}};
}

Outputs evaluateMatMul(const Node& node, Inputs in)
{
    const MatMulSizes sizes = matMulSizes(node, in[0].shape(), in[1].shape());
    const Tensor a = broadcastTo(asMatrix(in[0], true), sizes.a);
    const Tensor b = broadcastTo(asMatrix(in[1], false), sizes.b);
    if (isFloatingPoint(in[0].type())) {
        const auto sums = multiply<double>(sizes, doublesOf(a), doublesOf(b));
        return {castTo(makeTensor<double>(sizes.dst, sums), in[0].type())};
    }
    const auto sums = multiply<std::int64_t>(sizes, core::integersOf(a), core::integersOf(b));
    return {castTo(makeTensor<std::int64_t>(sizes.dst, sums), in[0].type())};
}

/// An operand minus its zero point: one, or one per row of a (per column of b).
std::vector<std::int64_t> centredMatrix(const Tensor& matrix, Inputs in, std::size_t zeroPoint, bool isLeft,
                                        const Shape& shape)
{
    auto values = core::integersOf(broadcastTo(asMatrix(matrix, isLeft), shape));
    if (hasInput(in, zeroPoint)) {
        Tensor zero = castTo(in[zeroPoint], DataType::Int64);
        if (isLeft && zero.rank() == 1) {
            zero = zero.reshaped({zero.count(), 1});
        }
        const auto zeros = core::integersOf(broadcastTo(zero, shape));
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] -= zeros[i];
        }
    }
    return values;
}

Outputs evaluateMatMulInteger(const Node& node, Inputs in)
{
    const MatMulSizes sizes = matMulSizes(node, in[0].shape(), in[1].shape());
    const auto sums = multiply<std::int64_t>(sizes, centredMatrix(in[0], in, 2, true, sizes.a),
                                             centredMatrix(in[1], in, 3, false, sizes.b));
    return {castTo(makeTensor<std::int64_t>(sizes.dst, sums), DataType::Int32)};
}

struct GemmSizes
{
    std::int64_t rows = 0;
    std::int64_t inner = 0;
    std::int64_t columns = 0;
    bool transposesA = false;
    bool transposesB = false;
};

GemmSizes gemmSizes(const Node& node, const Shape& a, const Shape& b)
{
    if (a.size() != 2 || b.size() != 2) {
        fail(node, fmt::format("Gemm multiplies matrices, not {} and {}", toString(a), toString(b)));
    }
    GemmSizes s;
    s.transposesA = node.integer("transA", 0) != 0;
    s.transposesB = node.integer("transB", 0) != 0;
    s.rows = a[s.transposesA ? 1 : 0];
    s.inner = a[s.transposesA ? 0 : 1];
    s.columns = b[s.transposesB ? 0 : 1];
    if (b[s.transposesB ? 1 : 0] != s.inner) {
        fail(node, fmt::format("weights have {} inputs, src has {}", b[s.transposesB ? 1 : 0], s.inner));
    }
    return s;
}

std::vector<ValueInfo> inferGemm(const InferContext& c)
{
    requireInputs(c, 2);
    const GemmSizes s = gemmSizes(c.node, c.inputs[0].shape, c.inputs[1].shape);
    const Shape shape{s.rows, s.columns};
    if (hasInput(c, 2) && broadcastShapes(c.inputs[2].shape, shape) != shape) {
        fail(c.node,
             fmt::format("bias {} does not broadcast to {}", toString(c.inputs[2].shape), toString(shape)));
    }
    return {{c.inputs[0].type, shape}};
}

/// dst = alpha · A' · B' + beta · C, in double.
Outputs evaluateGemm(const Node& node, Inputs in)
{
    const GemmSizes s = gemmSizes(node, in[0].shape(), in[1].shape());
    const Tensor a = s.transposesA ? transposed(in[0], {1, 0}) : in[0];
    const Tensor b = s.transposesB ? transposed(in[1], {1, 0}) : in[1];
    const Shape shape{s.rows, s.columns};
    auto sums = multiply<double>(matMulSizes(node, a.shape(), b.shape()), doublesOf(a), doublesOf(b));
    const double alpha = node.real("alpha", 1.0f);
    for (double& sum : sums) {
        sum *= alpha;
    }
    if (hasInput(in, 2)) {
        const double beta = node.real("beta", 1.0f);
        const auto bias = doublesOf(broadcastTo(in[2], shape));
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += beta * bias[i];
        }
    }
    return {castTo(makeTensor<double>(shape, sums), in[0].type())};
}

constexpr OperatorDefinition kLinearOperators[] = {
    {"", "MatMul", 1, inferMatMul, evaluateMatMul},
    {"", "MatMulInteger", 10, inferMatMul, evaluateMatMulInteger},
    {"", "Gemm", 7, inferGemm, evaluateGemm},
};

} // namespace

std::span<const OperatorDefinition> linearOperators() { return kLinearOperators; }

} // namespace core::ops
