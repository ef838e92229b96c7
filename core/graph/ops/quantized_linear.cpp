#include "core/graph/ops/convolution.h"
#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/linear.h"
#include "core/graph/ops/quantize.h"
#include "core/graph/ops/strided.h"

#include <cmath>
#include <fmt/format.h>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// What holds for a whole tensor: scale at input i, zero point at i + 1 (0 where left out).
struct TensorParams
{
    double scale = 1.0;
    std::int64_t zeroPoint = 0;
};

TensorParams tensorParams(const Node& node, Inputs in, std::size_t i)
{
    if (!hasInput(in, i) || in[i].count() != 1 || (hasInput(in, i + 1) && in[i + 1].count() != 1)) {
        fail(node, fmt::format("inputs {} and {} must be one scale and one zero point", i, i + 1),
             ErrorKind::UnsupportedOperator);
    }
    return {doublesOf(in[i])[0], hasInput(in, i + 1) ? core::integersOf(in[i + 1])[0] : 0};
}

Tensor codesTensor(const Shape& shape, const std::vector<double>& reals, const TensorParams& params,
                   DataType type)
{
    const CodeRange range = codeRange(type);
    std::vector<std::int64_t> codes(reals.size());
    for (std::size_t i = 0; i < reals.size(); ++i) {
        codes[i] = codeOf(reals[i] / params.scale, params.zeroPoint, range);
    }
    return castTo(makeTensor<std::int64_t>(shape, codes), type);
}

std::vector<ValueInfo> inferQLinearConv(const InferContext& c)
{
    requireInputs(c, 8);
    for (const std::size_t scale : {1, 4, 6}) {
        requireScale(c, scale);
    }
    const ConvolutionSizes sizes = convolutionSizes(c.node, c.inputs[0].shape, c.inputs[3].shape);
    const std::int64_t scales = elementCount(c.inputs[4].shape);
    if (scales != 1 && scales != sizes.outChannels) {
        fail(c.node, fmt::format("{} weight scales for {} output channels", scales, sizes.outChannels));
    }
    return {{c.inputs[7].type, shapeOf(sizes.window, sizes.batch, sizes.outChannels)}};
}

/// Integer sums, then one requantization: saturate(roundHalfEven(sum · s_x · s_w[c] / s_y) + z_y).
Outputs evaluateQLinearConv(const Node& node, Inputs in)
{
    const ConvolutionSizes sizes = convolutionSizes(node, in[0].shape(), in[3].shape());
    const TensorParams x = tensorParams(node, in, 1);
    const TensorParams y = tensorParams(node, in, 6);
    auto src = core::integersOf(in[0]);
    for (std::int64_t& code : src) {
        code -= x.zeroPoint;
    }
    auto weights = core::integersOf(in[3]);
    const auto zeros = core::integersOf(spreadParameter(node, in[5], in[3].shape(), 0, 0));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] -= zeros[i];
    }
    const Shape shape = shapeOf(sizes.window, sizes.batch, sizes.outChannels);
    std::vector<std::int64_t> sums(static_cast<std::size_t>(elementCount(shape)));
    const auto bias = hasInput(in, 8) ? core::integersOf(in[8]) : std::vector<std::int64_t>{};
    convolve<std::int64_t>(sizes, src, weights, bias, sums);
    const auto scales = doublesOf(spreadParameter(node, in[4], {sizes.outChannels}, 0, 0));
    const auto plane = static_cast<std::size_t>(countOf(sizes.window.dst));
    std::vector<double> reals(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        reals[i] = static_cast<double>(sums[i]) * x.scale * scales[i / plane % scales.size()];
    }
    return {codesTensor(shape, reals, y, in[7].type())};
}

std::vector<ValueInfo> inferQLinearMatMul(const InferContext& c)
{
    requireInputs(c, 8);
    for (const std::size_t scale : {1, 4, 6}) {
        requireScale(c, scale);
    }
    return {{c.inputs[7].type, matMulSizes(c.node, c.inputs[0].shape, c.inputs[3].shape).dst}};
}

/// A scale or zero point of a (per row) or b (per column), or one for all, for every element of `shape`.
Tensor operandParameter(const Tensor& parameter, const Shape& shape, bool isLeft)
{
    const bool isRow = isLeft && parameter.rank() == 1 && parameter.count() > 1;
    return broadcastTo(isRow ? parameter.reshaped({parameter.count(), 1}) : parameter, shape);
}

std::vector<std::int64_t> centredOperand(const Tensor& codes, const Tensor& zeroPoint, const Shape& shape,
                                         bool isLeft)
{
    const bool isVector = codes.rank() == 1;
    const Tensor matrix =
        !isVector ? codes : codes.reshaped(isLeft ? Shape{1, codes.count()} : Shape{codes.count(), 1});
    auto values = core::integersOf(broadcastTo(matrix, shape));
    const auto zeros = core::integersOf(operandParameter(zeroPoint, shape, isLeft));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] -= zeros[i];
    }
    return values;
}

Outputs evaluateQLinearMatMul(const Node& node, Inputs in)
{
    const MatMulSizes sizes = matMulSizes(node, in[0].shape(), in[3].shape());
    const auto sums = multiply<std::int64_t>(sizes, centredOperand(in[0], in[2], sizes.a, true),
                                             centredOperand(in[3], in[5], sizes.b, false));
    Shape whole = sizes.batch;
    whole.insert(whole.end(), {sizes.rows, sizes.columns});
    const auto rowScales = doublesOf(operandParameter(in[1], whole, true));
    const auto columnScales = doublesOf(operandParameter(in[4], whole, false));
    std::vector<double> reals(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        reals[i] = static_cast<double>(sums[i]) * rowScales[i] * columnScales[i];
    }
    return {codesTensor(sizes.dst, reals, tensorParams(node, in, 6), in[7].type())};
}

/// com.microsoft: A, A's scale and zero point, B, B's, then those of the result.
std::vector<ValueInfo> inferQLinearBinary(const InferContext& c)
{
    requireInputs(c, 2);
    for (const std::size_t scale : {1, 4, 6}) {
        requireScale(c, scale);
    }
    if (c.inputs.size() < 7 || !hasInput(c, 3)) {
        fail(c.node, "needs two operands and three scales", ErrorKind::InvalidModel);
    }
    return {{c.inputs[0].type, broadcastShapes(c.inputs[0].shape, c.inputs[3].shape)}};
}

template <typename F>
Outputs combinedCodes(const Node& node, Inputs in, F f)
{
    const Shape shape = broadcastShapes(in[0].shape(), in[3].shape());
    const TensorParams a = tensorParams(node, in, 1);
    const TensorParams b = tensorParams(node, in, 4);
    const auto x = core::integersOf(broadcastTo(in[0], shape));
    const auto y = core::integersOf(broadcastTo(in[3], shape));
    std::vector<double> reals(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        reals[i] = f(static_cast<double>(x[i] - a.zeroPoint) * a.scale,
                     static_cast<double>(y[i] - b.zeroPoint) * b.scale);
    }
    return {codesTensor(shape, reals, tensorParams(node, in, 6), in[0].type())};
}

/// com.microsoft: X, its scale and zero point, then those of the result.
std::vector<ValueInfo> inferQLinearUnary(const InferContext& c)
{
    requireInputs(c, 2);
    requireScale(c, 1);
    requireScale(c, 3);
    return {c.inputs[0]};
}

/// In FP32 from code to code, as ONNX Runtime fills the table that it looks codes up in.
template <typename F>
Outputs mapped(const Node& node, Inputs in, F f)
{
    const TensorParams x = tensorParams(node, in, 1);
    const TensorParams y = tensorParams(node, in, 3);
    const auto codes = core::integersOf(in[0]);
    std::vector<double> steps(codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const float real = static_cast<float>(codes[i] - x.zeroPoint) * static_cast<float>(x.scale);
        steps[i] = static_cast<float>(f(real)) / static_cast<float>(y.scale);
    }
    return {codesTensor(in[0].shape(), steps, {1.0, y.zeroPoint}, in[0].type())};
}

constexpr OperatorDefinition kQuantizedLinearOperators[] = {
    {"", "QLinearConv", 10, inferQLinearConv, evaluateQLinearConv},
    {"", "QLinearMatMul", 10, inferQLinearMatMul, evaluateQLinearMatMul},
    {"com.microsoft", "QLinearAdd", 1, inferQLinearBinary,
     [](const Node& n, Inputs in) { return combinedCodes(n, in, [](double a, double b) { return a + b; }); }},
    {"com.microsoft", "QLinearMul", 1, inferQLinearBinary,
     [](const Node& n, Inputs in) { return combinedCodes(n, in, [](double a, double b) { return a * b; }); }},
    {"com.microsoft", "QLinearSigmoid", 1, inferQLinearUnary,
     [](const Node& n, Inputs in) {
         return mapped(n, in, [](float x) { return 1.0 / (1.0 + std::exp(-static_cast<double>(x))); });
     }},
    {"com.microsoft", "QLinearLeakyRelu", 1, inferQLinearUnary,
     [](const Node& n, Inputs in) {
         const float alpha = n.real("alpha", 0.01f);
         return mapped(n, in, [=](float x) { return x < 0 ? alpha * x : x; });
     }},
};

} // namespace

std::span<const OperatorDefinition> quantizedLinearOperators() { return kQuantizedLinearOperators; }

} // namespace core::ops
