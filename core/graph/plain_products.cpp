#include "core/graph/plain_products.h"

#include <algorithm>
#include <fmt/format.h>

namespace core::plain {

namespace {

constexpr std::int64_t kFloatCode = 1; // onnx::TensorProto

/// Unsigned codes of `bits` packed into bytes, the lowest bits first, `count` of each row.
std::vector<std::uint8_t> unpacked(const QuantizationRewriter& r, std::span<const std::uint8_t> bytes,
                                   std::int64_t rows, std::int64_t count, std::int64_t bits)
{
    const auto stride = static_cast<std::size_t>(rows == 0 ? 0 : std::ssize(bytes) / rows);
    if (stride * 8 < static_cast<std::size_t>(count * bits)) {
        r.refuse(
            fmt::format("{} bytes hold no {} rows of {} codes of {} bits", bytes.size(), rows, count, bits));
    }
    std::vector<std::uint8_t> codes;
    codes.reserve(static_cast<std::size_t>(rows * count));
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            unsigned code = 0;
            for (std::size_t b = 0; b < static_cast<std::size_t>(bits); ++b) {
                const std::size_t at = i * static_cast<std::size_t>(bits) + b;
                code |= ((static_cast<unsigned>(bytes[row * stride + at / 8]) >> (at % 8)) & 1u) << b;
            }
            codes.push_back(static_cast<std::uint8_t>(code));
        }
    }
    return codes;
}

/// [rows, columns] → [columns, rows]
template <typename T>
std::vector<T> transposed(const std::vector<T>& values, std::int64_t rows, std::int64_t columns)
{
    std::vector<T> result(values.size());
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < columns; ++j) {
            result[static_cast<std::size_t>(j * rows + i)] =
                values[static_cast<std::size_t>(i * columns + j)];
        }
    }
    return result;
}

std::vector<float> floatsOf(const Tensor& tensor)
{
    const auto numbers = doublesOf(tensor);
    return {numbers.begin(), numbers.end()};
}

/// The weights as a float constant or as DequantizeLinear in blocks along K; their name.
std::string weightsOf(QuantizationRewriter& r)
{
    const Node& node = r.node();
    const std::int64_t k = node.integer("K", 0);
    const std::int64_t n = node.integer("N", 0);
    const std::int64_t bits = node.integer("bits", 4);
    const std::int64_t block = node.integer("block_size", 128);
    if (k < 1 || n < 1 || block < 1 || (bits != 2 && bits != 4 && bits != 8)) {
        r.refuse(fmt::format("K {}, N {}, {} bits in blocks of {} are not known", k, n, bits, block));
    }
    const std::int64_t blocks = (k + block - 1) / block;
    const Tensor& packed = r.constantAt(1);
    if (packed.type() != DataType::UInt8 || r.constantAt(2).count() != n * blocks) {
        r.refuse(fmt::format("its weights {} of {} and scales {} do not fit {} rows of {} blocks",
                             toString(packed.shape()), nameOf(packed.type()),
                             toString(r.constantAt(2).shape()), n, blocks));
    }
    const auto codes = unpacked(r, packed.as<std::uint8_t>(), n, blocks * block, bits);
    const std::vector<float> scales = floatsOf(r.constantAt(2));
    std::vector<float> zeros(static_cast<std::size_t>(n * blocks), static_cast<float>(1 << (bits - 1)));
    bool areWhole = true;
    if (r.has(3)) {
        const Tensor& given = r.constantAt(3);
        if (given.type() == DataType::UInt8) {
            const auto whole = unpacked(r, given.as<std::uint8_t>(), n, blocks, bits);
            zeros.assign(whole.begin(), whole.end());
        } else if (given.count() == n * blocks) {
            zeros = floatsOf(given);
            areWhole = false;
        } else {
            r.refuse(fmt::format("its zero points {} do not fit", toString(given.shape())));
        }
    }
    std::vector<std::int64_t> blockOf(static_cast<std::size_t>(k));
    for (std::int64_t i = 0; i < k; ++i) {
        blockOf[static_cast<std::size_t>(i)] = i / block;
    }
    if (r.has(4)) {
        blockOf = integersOf(r.constantAt(4));
        areWhole = false;
        if (std::ssize(blockOf) < k
            || std::ranges::any_of(blockOf, [&](std::int64_t b) { return b < 0 || b >= blocks; })) {
            r.refuse("its g_idx names blocks that are not there");
        }
    }
    std::vector<std::uint8_t> used(static_cast<std::size_t>(n * k));
    std::vector<float> reals(areWhole ? 0 : used.size());
    for (std::int64_t row = 0; row < n; ++row) {
        for (std::int64_t i = 0; i < k; ++i) {
            const std::uint8_t code = codes[static_cast<std::size_t>(row * blocks * block + i)];
            const auto at = static_cast<std::size_t>(row * k + i);
            used[at] = code;
            if (!areWhole) {
                const auto b = static_cast<std::size_t>(row * blocks + blockOf[static_cast<std::size_t>(i)]);
                reals[at] = (static_cast<float>(code) - zeros[b]) * scales[b];
            }
        }
    }
    if (!areWhole) {
        return r.constant("weights", makeTensor<float>({k, n}, transposed(reals, n, k)));
    }
    const std::vector<std::uint8_t> whole(zeros.begin(), zeros.end());
    QuantizationRewriter::Attributes attributes{{"axis", std::int64_t{0}}, {"block_size", block}};
    if (bits < 8) {
        attributes["code_bits"] = bits;
    }
    return r.add(
        "weights", "DequantizeLinear",
        {r.constant("codes", makeTensor<std::uint8_t>({k, n}, transposed(used, n, k))),
         r.constant("scales", makeTensor<float>({blocks, n}, transposed(scales, n, blocks))),
         r.constant("zero_points", makeTensor<std::uint8_t>({blocks, n}, transposed(whole, n, blocks)))},
        std::move(attributes));
}

/// The product under the node's name, or with a bias behind it.
void finishProduct(QuantizationRewriter& r, const std::string& a, const std::string& b, std::size_t biasInput)
{
    if (r.has(biasInput)) {
        r.finish("Add", {r.add("product", "MatMul", {a, b}), r.input(biasInput)});
    } else {
        r.finish("MatMul", {a, b});
    }
}

/// (a − za)·(b − zb) as integers, times both scales, plus a bias.
void finishInteger(QuantizationRewriter& r, const std::vector<std::string>& codes, const std::string& scaleA,
                   const std::string& scaleB, std::size_t biasInput)
{
    const std::string sums = r.add("integer", "MatMulInteger", codes);
    const std::string reals = r.add("sums", "Cast", {sums}, {{"to", kFloatCode}});
    const std::string scale = r.add("scale", "Mul", {scaleA, scaleB});
    if (r.has(biasInput)) {
        r.finish("Add", {r.add("product", "Mul", {reals, scale}), r.input(biasInput)});
    } else {
        r.finish("Mul", {reals, scale});
    }
}

std::vector<std::string> withZeroPoint(std::string x, std::string scale, const std::string& zeroPoint)
{
    std::vector<std::string> inputs{std::move(x), std::move(scale)};
    if (!zeroPoint.empty()) {
        inputs.push_back(zeroPoint);
    }
    return inputs;
}

} // namespace

void matMulNBits(QuantizationRewriter& r)
{
    const std::string weights = weightsOf(r);
    finishProduct(r, r.input(0), weights, 5);
}

void gatherBlockQuantized(QuantizationRewriter& r)
{
    const Node& node = r.node();
    const Tensor& table = r.constantAt(0);
    const std::int64_t bits = node.integer("bits", 4);
    const std::int64_t block = node.integer("block_size", 128);
    const Shape scales = r.constantAt(2).shape();
    if (table.rank() != scales.size() || table.rank() == 0) {
        r.refuse(
            fmt::format("its table {} and scales {} do not fit", toString(table.shape()), toString(scales)));
    }
    const std::int64_t axis = normalizedAxis(node.integer("quantize_axis", 1), table.rank());
    Shape shape = table.shape();
    std::string codes = r.input(0);
    std::string zeros = r.has(3) ? r.input(3) : std::string();
    const bool isPacked = table.type() == DataType::UInt8 && bits == 4
        && scales[static_cast<std::size_t>(axis)] * block >= 2 * shape[static_cast<std::size_t>(axis)]
        && axis == std::ssize(shape) - 1;
    const auto wide = [&](const Tensor& packed, std::int64_t width) {
        const std::int64_t rows = packed.count() / std::max<std::int64_t>(packed.shape().back(), 1);
        Shape to = packed.shape();
        to.back() = width;
        return makeTensor<std::uint8_t>(to, unpacked(r, packed.as<std::uint8_t>(), rows, width, bits));
    };
    if (isPacked) {
        codes = r.constant("codes", wide(table, 2 * shape.back()));
        if (r.has(3)) {
            zeros = r.constant("zero_points", wide(r.constantAt(3), scales.back()));
        }
    }
    if (zeros.empty() && table.type() == DataType::UInt8) { // as ONNX Runtime takes it
        const std::vector<std::uint8_t> middle(static_cast<std::size_t>(elementCount(scales)),
                                               static_cast<std::uint8_t>(1 << (bits - 1)));
        zeros = r.constant("zero_points", makeTensor<std::uint8_t>(scales, middle));
    }
    QuantizationRewriter::Attributes attributes{{"axis", axis}, {"block_size", block}};
    if (bits < 8) {
        attributes["code_bits"] = bits;
    }
    const std::string reals =
        r.add("table", "DequantizeLinear", withZeroPoint(codes, r.input(2), zeros), std::move(attributes));
    r.finish("Gather", {reals, r.input(1)}, {{"axis", node.integer("gather_axis", 0)}});
}

void dynamicQuantizeMatMul(QuantizationRewriter& r)
{
    const std::string codes = r.add("source", "DynamicQuantizeLinear", {r.input(0)}, {}, 3);
    const std::string scale = r.result(1);
    const std::string zero = r.result(2);
    std::vector<std::string> inputs{codes, r.input(1), zero};
    if (r.has(3)) {
        inputs.push_back(r.input(3));
    }
    finishInteger(r, inputs, scale, r.input(2), 4);
}

void matMulIntegerToFloat(QuantizationRewriter& r)
{
    std::vector<std::string> inputs{r.input(0), r.input(1)};
    if (r.has(4) || r.has(5)) {
        inputs.push_back(r.input(4));
    }
    if (r.has(5)) {
        inputs.push_back(r.input(5));
    }
    finishInteger(r, inputs, r.input(2), r.input(3), 6);
}

void qGemm(QuantizationRewriter& r)
{
    const Node& node = r.node();
    if (r.has(7)) { // codes out: read as it is
        r.copy();
        return;
    }
    const bool isTransposed = node.integer("transB", 0) != 0;
    const std::string a = r.add("A", "DequantizeLinear", withZeroPoint(r.input(0), r.input(1), r.input(2)));
    const std::string b = r.add("B", "DequantizeLinear", withZeroPoint(r.input(3), r.input(4), r.input(5)),
                                {{"axis", std::int64_t{isTransposed ? 0 : 1}}});
    std::vector<std::string> inputs{a, b};
    const float alpha = node.real("alpha", 1.0f);
    if (r.has(6)) {
        const float scaleA = floatsOf(r.constantAt(1)).at(0);
        std::vector<float> scales = floatsOf(r.constantAt(4));
        for (float& s : scales) {
            s = alpha * scaleA * s;
        }
        const Shape shape = scales.size() == 1 ? Shape{} : Shape{std::ssize(scales)};
        const Tensor* bias = r.maybeConstant(6);
        const auto last = std::int64_t{bias && bias->rank() > 0 ? std::ssize(bias->shape()) - 1 : 0};
        inputs.push_back(r.add("C", "DequantizeLinear",
                               {r.input(6), r.constant("C_scale", makeTensor<float>(shape, scales))},
                               {{"axis", last}}));
    }
    QuantizationRewriter::Attributes attributes{
        {"alpha", alpha}, {"transA", node.integer("transA", 0)}, {"transB", node.integer("transB", 0)}};
    r.finish("Gemm", inputs, std::move(attributes));
}

void qAttention(QuantizationRewriter& r)
{
    const std::string input =
        r.add("input", "DequantizeLinear", withZeroPoint(r.input(0), r.input(3), r.input(6)));
    const std::string weights =
        r.add("weights", "DequantizeLinear", withZeroPoint(r.input(1), r.input(4), r.input(7)),
              {{"axis", std::int64_t{1}}});
    std::vector<std::string> inputs{input, weights, r.input(2)};
    if (r.has(5) || r.has(8)) {
        inputs.push_back(r.input(5));
    }
    if (r.has(8)) {
        inputs.push_back(r.input(8));
    }
    r.finish("Attention", inputs, r.node().attributes, "com.microsoft");
}

} // namespace core::plain
