#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/ops/quantize.h"
#include "core/graph/ops/strided.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace core::ops {

CodeRange codeRange(DataType type)
{
    switch (type) {
    case DataType::Int8:
        return {-128, 127};
    case DataType::UInt8:
        return {0, 255};
    case DataType::Int16:
        return {-32768, 32767};
    case DataType::UInt16:
        return {0, 65535};
    case DataType::Int32:
        return {INT32_MIN, INT32_MAX};
    default:
        break;
    }
    throw Error(ErrorKind::UnsupportedOperator,
                fmt::format("{} is no type of quantized codes", nameOf(type)));
}

std::int64_t codeOf(double x, std::int64_t zeroPoint, CodeRange range)
{
    const double code = std::nearbyint(x) + static_cast<double>(zeroPoint);
    if (std::isnan(code)) {
        return zeroPoint;
    }
    return static_cast<std::int64_t>(
        std::clamp(code, static_cast<double>(range.low), static_cast<double>(range.high)));
}

void requireScale(const InferContext& c, std::size_t i)
{
    if (c.isRunning || i >= c.constants.size() || c.constants[i] == nullptr) {
        return;
    }
    const auto scales = doublesOf(*c.constants[i]);
    if (scales.empty()) {
        fail(c.node, fmt::format("the scale of {} (input {}) holds no number", c.node.type, i),
             ErrorKind::InvalidModel);
    }
    const auto bad = std::ranges::find_if(scales, [](double s) { return !(s > 0.0 && std::isfinite(s)); });
    if (bad != scales.end()) {
        fail(c.node,
             fmt::format("scale {} of {} (input {}, number {} of {}) must be positive and finite", *bad,
                         c.node.type, i, bad - scales.begin() + 1, scales.size()),
             ErrorKind::InvalidModel);
    }
}

Tensor spreadParameter(const Node& node, const Tensor& parameter, const Shape& shape, std::int64_t axis,
                       std::int64_t blockSize)
{
    if (parameter.count() == 1) {
        return filled(parameter, shape);
    }
    const auto a = static_cast<std::size_t>(normalizedAxis(axis, shape.size()));
    if (parameter.rank() == 1 && parameter.count() == shape[a]) {
        Shape strides(shape.size(), 0);
        strides[a] = 1;
        return stridedCopy(parameter, shape, strides);
    }
    const std::int64_t blocks = parameter.rank() == shape.size() ? parameter.shape()[a] : 0;
    Shape expected = shape;
    expected[a] = blocks;
    if (blockSize < 1 || parameter.shape() != expected
        || blocks != shape[a] / blockSize + (shape[a] % blockSize != 0)) {
        fail(node,
             fmt::format("scale or zero point {} fits neither src {}, its axis {} nor blocks of {}",
                         toString(parameter.shape()), toString(shape), a, blockSize));
    }
    // Read each block `blockSize` times (stride 0 along a new axis), then drop what a short last block leaves
    // over.
    Shape repeated = expected;
    Shape strides = rowMajorStrides(expected);
    repeated.insert(repeated.begin() + static_cast<std::ptrdiff_t>(a) + 1, blockSize);
    strides.insert(strides.begin() + static_cast<std::ptrdiff_t>(a) + 1, 0);
    expected[a] = blocks * blockSize;
    const Tensor whole = stridedCopy(parameter, repeated, strides).reshaped(expected);
    return stridedCopy(whole, shape, rowMajorStrides(expected));
}

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

/// The zero point's type; without one output_dtype (since opset 21), else uint8.
DataType outputType(const Node& node, DataType zeroPoint)
{
    if (zeroPoint != DataType::Undefined) {
        return zeroPoint;
    }
    const std::int64_t code = node.integer("output_dtype", 0);
    constexpr std::int64_t kUInt4 = 21; // held as bytes
    constexpr std::int64_t kInt4 = 22;
    if (code == kUInt4 || code == kInt4) {
        return code == kInt4 ? DataType::Int8 : DataType::UInt8;
    }
    return code == 0 ? DataType::UInt8 : dataTypeOfCode(node, code);
}

std::vector<ValueInfo> inferQuantize(const InferContext& c)
{
    requireInputs(c, 2);
    requireScale(c, 1);
    const DataType type = outputType(c.node, hasInput(c, 2) ? c.inputs[2].type : DataType::Undefined);
    static_cast<void>(codeRange(type));
    return {{type, c.inputs[0].shape}};
}

std::vector<std::int64_t> zeroPoints(const Node& node, Inputs in, std::size_t i, const Shape& shape)
{
    if (!hasInput(in, i)) {
        return std::vector<std::int64_t>(static_cast<std::size_t>(elementCount(shape)), 0);
    }
    return core::integersOf(
        spreadParameter(node, in[i], shape, node.integer("axis", 1), node.integer("block_size", 0)));
}

/// Codes of `bits` bits held in a wider type; 0: of all its bits.
CodeRange narrowedCodes(CodeRange range, std::int64_t bits)
{
    if (bits < 1 || bits > 8) {
        return range;
    }
    return range.low < 0 ? CodeRange{-(std::int64_t{1} << (bits - 1)), (std::int64_t{1} << (bits - 1)) - 1}
                         : CodeRange{0, (std::int64_t{1} << bits) - 1};
}

/// dst = saturate(roundHalfEven(src / scale) + zeroPoint), the division in float.
Outputs evaluateQuantize(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const DataType type = outputType(node, hasInput(in, 2) ? in[2].type() : DataType::Undefined);
    const CodeRange range = narrowedCodes(codeRange(type), node.integer("code_bits", 0));
    const Tensor src = castTo(in[0], DataType::Float32);
    const Tensor scales =
        castTo(spreadParameter(node, in[1], shape, node.integer("axis", 1), node.integer("block_size", 0)),
               DataType::Float32);
    const auto zeros = zeroPoints(node, in, 2, shape);
    std::vector<std::int64_t> codes(zeros.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = codeOf(src.as<float>()[i] / scales.as<float>()[i], zeros[i], range);
    }
    return {castTo(makeTensor<std::int64_t>(shape, codes), type)};
}

std::vector<ValueInfo> inferDequantize(const InferContext& c)
{
    requireInputs(c, 2);
    requireScale(c, 1);
    static_cast<void>(codeRange(c.inputs[0].type));
    return {{c.inputs[1].type, c.inputs[0].shape}};
}

/// dst = (src − zeroPoint) · scale.
Outputs evaluateDequantize(const Node& node, Inputs in)
{
    const Shape& shape = in[0].shape();
    const auto codes = core::integersOf(in[0]);
    const auto scales = doublesOf(
        spreadParameter(node, in[1], shape, node.integer("axis", 1), node.integer("block_size", 0)));
    const auto zeros = zeroPoints(node, in, 2, shape);
    std::vector<double> dst(codes.size());
    for (std::size_t i = 0; i < dst.size(); ++i) {
        dst[i] = static_cast<double>(codes[i] - zeros[i]) * scales[i];
    }
    return {castTo(makeTensor<double>(shape, dst), in[1].type())};
}

std::vector<ValueInfo> inferDynamicQuantize(const InferContext& c)
{
    requireType(c, 0, DataType::Float32);
    return {{DataType::UInt8, c.inputs[0].shape}, {DataType::Float32, {}}, {DataType::UInt8, {}}};
}

/// The range is widened to contain 0; all-zero data takes scale 1.
Outputs evaluateDynamicQuantize(const Node&, Inputs in)
{
    const auto src = in[0].as<float>();
    float low = 0.0f;
    float high = 0.0f;
    for (const float x : src) {
        low = std::min(low, x);
        high = std::max(high, x);
    }
    const CodeRange range = codeRange(DataType::UInt8);
    const float scale = high > low ? (high - low) / 255.0f : 1.0f;
    const std::int64_t zero = codeOf(-low / scale, 0, range);
    TensorBuilder builder(DataType::UInt8, in[0].shape());
    for (std::size_t i = 0; i < src.size(); ++i) {
        builder.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(codeOf(src[i] / scale, zero, range));
    }
    return {std::move(builder).finish(), makeTensor<float>({}, std::vector<float>{scale}),
            makeTensor<std::uint8_t>({}, std::vector<std::uint8_t>{static_cast<std::uint8_t>(zero)})};
}

constexpr OperatorDefinition kQuantizationOperators[] = {
    {"", "QuantizeLinear", 10, inferQuantize, evaluateQuantize},
    {"", "DequantizeLinear", 10, inferDequantize, evaluateDequantize},
    {"", "DynamicQuantizeLinear", 11, inferDynamicQuantize, evaluateDynamicQuantize},
    {"com.microsoft", "QuantizeLinear", 1, inferQuantize, evaluateQuantize},
    {"com.microsoft", "DequantizeLinear", 1, inferDequantize, evaluateDequantize},
};

} // namespace

std::span<const OperatorDefinition> quantizationOperators() { return kQuantizationOperators; }

} // namespace core::ops
