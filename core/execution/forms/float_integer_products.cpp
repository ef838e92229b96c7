#include "core/execution/forms/float_form.h"

#include "core/execution/executable_support.h"
#include "core/network/window_shapes.h"
#include "kernels/int8/quantized_convolution.h"
#include "kernels/int8/quantized_matmul.h"

#include <algorithm>
#include <array>
#include <memory>

// ConvInteger and MatMulInteger: int32 sums of codes that a model holds outside of Q/DQ pairs, by the kernels
// of quantized operators. Their zero points may come at run time (DynamicQuantizeLinear), so the kernels sum
// plain codes, and what the zero points add is taken off behind them; int32 arithmetic wraps, as ONNX's does.
namespace core {

namespace {

bool holdsBytes(DataType type) { return type == DataType::UInt8 || type == DataType::Int8; }

kernels::QuantizedFormat plainCodes(DataType type)
{
    return type == DataType::UInt8 ? kernels::formatU8(1.0f) : kernels::formatS8(1.0f);
}

/// Left out, or of so many values.
bool hasZeroPoints(const FloatContext& c, std::size_t i, std::int64_t most)
{
    if (i >= c.op.inputs.size() || c.op.inputs[i] == kNoValue) {
        return true;
    }
    const Shape& shape = c.op.constants[i] ? c.op.constants[i]->shape() : c.graph.value(c.op.inputs[i]).shape;
    return shape.size() <= 1 && (elementCount(shape) == 1 || elementCount(shape) == most);
}

/// Zero points of an operand: constant, given at run time, or none at all.
class ZeroPoints
{
public:
    ZeroPoints(const Operator& op, std::size_t i)
        : m_position(i)
        , m_isGiven(i < op.inputs.size() && op.inputs[i] != kNoValue)
    {
        if (m_isGiven && op.constants[i]) {
            m_constant = integersOf(*op.constants[i]);
        }
    }

    [[nodiscard]] bool isConstant() const { return !m_isGiven || m_constant; }
    /// `count` of them.
    [[nodiscard]] std::vector<std::int32_t> values(std::span<const Tensor> inputs, std::size_t count) const
    {
        if (!m_isGiven) {
            return std::vector<std::int32_t>(count, 0);
        }
        const auto given = m_constant ? *m_constant : integersOf(inputs[m_position]);
        std::vector<std::int32_t> result(count);
        for (std::size_t i = 0; i < count; ++i) {
            result[i] = static_cast<std::int32_t>(given[given.size() == 1 ? 0 : i]);
        }
        return result;
    }

private:
    std::size_t m_position;
    bool m_isGiven;
    std::optional<std::vector<std::int64_t>> m_constant;
};

/// a − b·c as int32 wraps.
std::int32_t minusProduct(std::int32_t a, std::int32_t b, std::int32_t c)
{
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a)
                                     - static_cast<std::uint32_t>(b) * static_cast<std::uint32_t>(c));
}

std::string backendOf(const std::string& implementation)
{
    return implementation.starts_with("own") ? "noisefloor" : "onednn";
}

/// Weights as signed codes: minus their zero points where all fit, else minus what makes them signed.
struct SignedWeights
{
    std::vector<std::int8_t> codes;
    std::vector<std::int32_t> zeroPoint; ///< by channel; empty: 0
};

SignedWeights signedWeights(const Tensor& weights, const std::vector<std::int32_t>& zeroPoint)
{
    const auto plain = integersOf(weights);
    const std::size_t perChannel = plain.size() / std::max<std::size_t>(zeroPoint.size(), 1);
    const auto isCodeOf8Bits = [](std::int64_t code) { return code >= -128 && code <= 127; };
    SignedWeights result;
    bool fits = true;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const std::int64_t centred = plain[i] - zeroPoint[i / perChannel];
        fits = fits && isCodeOf8Bits(centred);
        result.codes.push_back(static_cast<std::int8_t>(centred));
    }
    if (fits) {
        return result;
    }
    const std::int32_t shift = weights.type() == DataType::UInt8 ? 128 : 0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        result.codes[i] = static_cast<std::int8_t>(plain[i] - shift);
    }
    for (const std::int32_t zero : zeroPoint) {
        result.zeroPoint.push_back(zero - shift);
    }
    return result;
}

/// What every place of the result has for each unit that the source's zero point is above 0: at the borders
/// fewer weights meet the source.
std::vector<std::int32_t> sumsOfOnes(kernels::QuantizedConvolutionSpec spec)
{
    spec.shape.batch = 1;
    const std::vector<std::byte> ones(static_cast<std::size_t>(spec.shape.srcCount()), std::byte{1});
    std::vector<std::int32_t> sums(static_cast<std::size_t>(spec.shape.dstCount()));
    kernels::QuantizedConvolution(spec).execute(ones, std::as_writable_bytes(std::span(sums)));
    return sums;
}

Executable compileConvInteger(const FloatContext& c)
{
    constexpr std::array kUnit{1.0f};
    const Operator& op = c.op;
    const ZeroPoints zeroPoint(op, 2);
    kernels::QuantizedConvolutionSpec spec;
    spec.shape = convolutionShapeOf(c.graph, op);
    const auto weights = signedWeights(
        *op.constants[1], ZeroPoints(op, 3).values({}, static_cast<std::size_t>(spec.shape.dstChannels)));
    spec.weights = weights.codes;
    spec.weightZeroPoint = weights.zeroPoint;
    spec.weightScale = kUnit;
    spec.src = plainCodes(c.graph.value(op.inputs[0]).type);
    spec.dst = kernels::formatS32();
    const bool isZero = zeroPoint.isConstant() && zeroPoint.values({}, 1)[0] == 0;
    auto ones = isZero ? std::vector<std::int32_t>{} : sumsOfOnes(spec);
    const auto kernel = std::make_shared<const kernels::QuantizedConvolution>(spec);
    return {backendOf(kernel->implementation()), kernel->implementation(),
            [=, ones = std::move(ones), shape = c.dstShape()](std::span<const Tensor> inputs) {
                const Tensor src = toLayout(inputs[0], Layout::ChannelsLast);
                TensorBuilder dst(DataType::Int32, shape, Layout::ChannelsLast);
                kernel->execute(bytesOf(src), bytesOf(dst));
                const std::int32_t zero = ones.empty() ? 0 : zeroPoint.values(inputs, 1)[0];
                const auto sums = dst.as<std::int32_t>();
                for (std::size_t i = 0; zero != 0 && i < sums.size(); ++i) {
                    sums[i] = minusProduct(sums[i], zero, ones[i % ones.size()]);
                }
                return std::vector{std::move(dst).finish()};
            }};
}

kernels::MatMulShape productShape(const FloatContext& c)
{
    const Shape& a = c.graph.value(c.op.inputs[0]).shape;
    const Shape b = c.op.constants[1] ? c.op.constants[1]->shape() : c.graph.value(c.op.inputs[1]).shape;
    kernels::MatMulShape shape;
    shape.k = a.back();
    shape.n = b.back();
    shape.sharedB = b.size() == 2;
    shape.m = shape.sharedB ? elementCount(a) / std::max<std::int64_t>(shape.k, 1) : a[a.size() - 2];
    shape.batch = shape.sharedB ? 1 : elementCount(std::span(a).first(a.size() - 2));
    return shape;
}

/// Sums along k: of every row of A (`isLeft`), of every column of B.
template <typename T>
std::vector<std::int32_t> sumsAlong(std::span<const T> codes, std::int64_t k, std::int64_t n, bool isLeft)
{
    const auto matrix = static_cast<std::size_t>(k * n);
    const auto width = static_cast<std::size_t>(n);
    const auto depth = static_cast<std::size_t>(k);
    std::vector<std::int32_t> sums(codes.size() / depth);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        sums[isLeft ? i / depth : i / matrix * width + i % width] += codes[i];
    }
    return sums;
}

std::vector<std::int32_t> sumsAlong(const Tensor& codes, std::int64_t k, std::int64_t n, bool isLeft)
{
    return codes.type() == DataType::UInt8 ? sumsAlong(codes.as<std::uint8_t>(), k, n, isLeft)
                                           : sumsAlong(codes.as<std::int8_t>(), k, n, isLeft);
}

/// Σ (a − z_a)(b − z_b) = Σ a·b − z_b·Σ (a − z_a) − z_a·Σ b.
void subtractZeroPoints(const kernels::MatMulShape& shape, std::int32_t zeroA,
                        std::span<const std::int32_t> zeroB, std::span<const std::int32_t> rowSums,
                        std::span<const std::int32_t> columnSums, std::span<std::int32_t> sums)
{
    const auto n = static_cast<std::size_t>(shape.n);
    const auto rows = static_cast<std::size_t>(shape.m);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const std::size_t row = i / n;
        const std::size_t column = i % n;
        const std::size_t item = shape.sharedB ? 0 : row / rows;
        const std::int32_t centred = minusProduct(rowSums[row], static_cast<std::int32_t>(shape.k), zeroA);
        sums[i] =
            minusProduct(minusProduct(sums[i], zeroB[column], centred), zeroA, columnSums[item * n + column]);
    }
}

/// U8 codes as S8, 128 lower: oneDNN takes others off in FP32, which does not resolve large sums.
Tensor signedMatrix(const Tensor& codes)
{
    if (codes.type() == DataType::Int8) {
        return codes;
    }
    TensorBuilder result(DataType::Int8, codes.shape());
    std::ranges::transform(codes.as<std::uint8_t>(), result.as<std::int8_t>().begin(),
                           [](std::uint8_t code) { return static_cast<std::int8_t>(code - 128); });
    return std::move(result).finish();
}

Executable compileMatMulInteger(const FloatContext& c)
{
    constexpr std::array kUnit{1.0f};
    const Operator& op = c.op;
    const bool isUnsigned =
        (op.constants[1] ? op.constants[1]->type() : c.graph.value(op.inputs[1]).type) == DataType::UInt8;
    const auto constant = op.constants[1] ? std::optional(signedMatrix(*op.constants[1])) : std::nullopt;
    const kernels::MatMulShape shape = productShape(c);
    kernels::QuantizedMatMulSpec spec;
    spec.shape = shape;
    spec.b = constant ? bytesOf(*constant) : std::span<const std::byte>{};
    spec.bType = kernels::ElementType::S8;
    spec.bScale = kUnit;
    spec.a = plainCodes(c.graph.value(op.inputs[0]).type);
    spec.dst = kernels::formatS32();
    const auto kernel = std::make_shared<const kernels::QuantizedMatMul>(spec);
    const auto constantSums =
        constant ? sumsAlong(*constant, shape.k, shape.n, false) : std::vector<std::int32_t>{};
    return {backendOf(kernel->implementation()), kernel->implementation(),
            [=, left = ZeroPoints(op, 2), right = ZeroPoints(op, 3),
             dstShape = c.dstShape()](std::span<const Tensor> inputs) {
                const Tensor a = toLayout(inputs[0], Layout::RowMajor);
                const Tensor b = constant ? *constant : signedMatrix(toLayout(inputs[1], Layout::RowMajor));
                TensorBuilder dst(DataType::Int32, dstShape);
                kernel->executeWith(bytesOf(a), constant ? std::span<const std::byte>{} : bytesOf(b),
                                    bytesOf(dst));
                auto zeroB = right.values(inputs, static_cast<std::size_t>(shape.n));
                for (std::int32_t& zero : zeroB) {
                    zero -= isUnsigned ? 128 : 0;
                }
                subtractZeroPoints(
                    shape, left.values(inputs, 1)[0], zeroB, sumsAlong(a, shape.k, shape.n, true),
                    constant ? constantSums : sumsAlong(b, shape.k, shape.n, false), dst.as<std::int32_t>());
                return std::vector{std::move(dst).finish()};
            }};
}

bool isOf(const FloatContext& c, std::string_view type)
{
    return c.backend != Backend::Reference && c.op.node.domain.empty() && c.op.type == type;
}

} // namespace

FloatForm floatConvInteger()
{
    return {[](const FloatContext& c) {
                if (!isOf(c, "ConvInteger") || !c.op.constants[1] || c.op.constants[0]
                    || !holdsBytes(c.graph.value(c.op.inputs[0]).type)) {
                    return false;
                }
                const Shape& weights = c.op.constants[1]->shape();
                const bool isKnown =
                    c.op.inputs.size() < 4 || c.op.inputs[3] == kNoValue || c.op.constants[3];
                return weights.size() >= 3 && weights.size() <= 5 && isKnown && hasZeroPoints(c, 2, 1)
                    && hasZeroPoints(c, 3, weights[0]);
            },
            compileConvInteger};
}

FloatForm floatMatMulInteger()
{
    return {
        [](const FloatContext& c) {
            if (!isOf(c, "MatMulInteger") || c.op.constants[0]) {
                return false;
            }
            const Shape& a = c.graph.value(c.op.inputs[0]).shape;
            const Shape b =
                c.op.constants[1] ? c.op.constants[1]->shape() : c.graph.value(c.op.inputs[1]).shape;
            if (a.size() < 2 || b.size() < 2 || a.back() == 0) {
                return false;
            }
            const bool hasSameBatch = a.size() == b.size() && std::equal(a.begin(), a.end() - 2, b.begin());
            return (hasSameBatch || b.size() == 2) && hasZeroPoints(c, 2, 1) && hasZeroPoints(c, 3, b.back());
        },
        compileMatMulInteger};
}

} // namespace core
