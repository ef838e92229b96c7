// Operators that runtimes fuse and that our engine takes apart, drawn with what they are read with.
#include "tests/fuzz/rows.h"

#include <cmath>

namespace fuzz {

namespace {

constexpr const char* kContributed = "com.microsoft";

/// Batch, queries, heads and the width of one.
struct Sizes
{
    std::int64_t batch;
    std::int64_t queries;
    std::int64_t heads;
    std::int64_t width;
    std::int64_t past;
    [[nodiscard]] std::int64_t hidden() const { return heads * width; }
};

Sizes drawSizes(Draw& d)
{
    return {d.random.between(1, 2), d.random.between(1, 5), d.random.pick<std::int64_t>({1, 2, 4}),
            d.random.pick<std::int64_t>({4, 8, 16}), d.random.pick<std::int64_t>({0, 0, 3})};
}

std::string reals(Draw& d, const Shape& shape)
{
    return d.valueOf(drawTensor(d.random, DataType::Float32, shape, Values::Normal), Values::Normal);
}

std::string integers32(Draw& d, const Shape& shape, std::int64_t low, std::int64_t high)
{
    return d.given(drawIntegers(d.random, DataType::Int32, shape, low, high));
}

Attributes epsilonOf(Draw& d) { return d.some({}, {{"epsilon", d.random.pick({1e-3f, 1e-5f, 1e-6f})}}); }

void drawSkipLayer(Draw& d, const Row& row)
{
    const Sizes s = drawSizes(d);
    const Shape shape{s.batch, s.queries, s.hidden()};
    const bool isSimple = row.type == "SkipSimplifiedLayerNormalization";
    Names inputs{reals(d, shape), reals(d, shape), d.weights({s.hidden()})};
    if (!isSimple) {
        inputs.push_back(d.random.chance(0.7) ? d.weights({s.hidden()}) : "");
    }
    inputs.push_back(d.random.chance(0.4) ? d.weights({s.hidden()}) : "");
    const bool wantsSum = d.random.chance(0.4);
    Names outputs = d.node(std::string(row.type), inputs, epsilonOf(d), 1, kContributed);
    if (wantsSum) {
        d.form("second skip");
        (void)d.node(std::string(row.type), {outputs[0], inputs[1], inputs[2]}, epsilonOf(d), 1,
                     kContributed);
    }
}

void drawSimplified(Draw& d, const Row& row)
{
    const Sizes s = drawSizes(d);
    Attributes attributes = epsilonOf(d);
    attributes["axis"] = std::int64_t{-1};
    d.node(std::string(row.type), {reals(d, {s.batch, s.queries, s.hidden()}), d.weights({s.hidden()})},
           attributes, 1, std::string(row.domain));
}

void drawEmbedLayer(Draw& d, const Row& row)
{
    const Sizes s = drawSizes(d);
    const bool hasSegments = d.random.chance(0.5);
    Names inputs{integers32(d, {s.batch, s.queries}, 0, 6),
                 hasSegments ? integers32(d, {s.batch, s.queries}, 0, 1) : "",
                 d.weights({7, s.hidden()}),
                 d.weights({6, s.hidden()}),
                 hasSegments ? d.weights({2, s.hidden()}) : "",
                 d.weights({s.hidden()}),
                 d.weights({s.hidden()})};
    const bool hasMask = d.random.chance(0.5);
    if (hasMask) {
        inputs.push_back(integers32(d, {s.batch, s.queries}, 0, 1));
    }
    d.node(std::string(row.type), inputs, epsilonOf(d), 2, kContributed);
}

void drawBiasGelu(Draw& d, const Row& row)
{
    const Shape shape = d.drawShape(1, 3);
    Names inputs{reals(d, shape)};
    if (row.type == "BiasGelu" || d.random.chance(0.5)) {
        inputs.push_back(d.weights({shape.back()}));
    }
    d.node(std::string(row.type), inputs, {}, 1, kContributed);
}

void drawQuickGelu(Draw& d, const Row& row)
{
    d.node(std::string(row.type), {reals(d, d.drawShape(1, 4))}, d.some({}, {{"alpha", 1.3f}}), 1,
           kContributed);
}

void drawFusedMatMul(Draw& d, const Row& row)
{
    const std::int64_t b = d.random.between(1, 3);
    const std::int64_t m = d.random.between(1, 5);
    const std::int64_t k = d.random.between(1, 6);
    const std::int64_t n = d.random.between(1, 5);
    const bool isLeft = d.random.chance(0.5);
    const bool isRight = d.random.chance(0.5);
    const bool hasBatch = d.random.chance(0.6);
    const auto matrix = [&](std::int64_t rows, std::int64_t columns, bool isTransposed) {
        Shape shape{isTransposed ? columns : rows, isTransposed ? rows : columns};
        if (hasBatch) {
            shape.insert(shape.begin(), b);
        }
        return shape;
    };
    d.node(std::string(row.type), {reals(d, matrix(m, k, isLeft)), reals(d, matrix(k, n, isRight))},
           d.some({{"transA", std::int64_t{isLeft}}, {"transB", std::int64_t{isRight}}}, {{"alpha", 0.37f}}),
           1, kContributed);
}

void drawFusedGemm(Draw& d, const Row& row)
{
    const std::int64_t m = d.random.between(1, 4);
    const std::int64_t k = d.random.between(1, 6);
    const std::int64_t n = d.random.between(1, 5);
    d.node(std::string(row.type), {reals(d, {m, k}), d.weights({k, n}), d.weights({n})},
           d.some({{"activation", d.random.pick<std::string>({"Relu", "Tanh", "Sigmoid"})}},
                  {{"alpha", 0.5f}, {"beta", 2.0f}}),
           1, kContributed);
}

void drawFusedConv(Draw& d, const Row& row)
{
    const std::int64_t c = d.random.between(1, 4);
    const std::int64_t o = d.random.between(1, 4);
    const std::string x = reals(d, {1, c, 6, 6});
    Names inputs{x, d.weights({o, c, 3, 3}), d.weights({o})};
    Attributes attributes{{"activation", std::string("Relu")}, {"kernel_shape", Ints{3, 3}}};
    if (d.random.chance(0.4)) {
        attributes["activation"] = std::string("LeakyRelu");
        attributes["activation_params"] = std::vector<float>{0.2f};
    } else if (d.random.chance(0.4)) {
        inputs.push_back(reals(d, {1, o, 4, 4}));
    }
    d.node(std::string(row.type), inputs, attributes, 1, kContributed);
}

void drawAttentionOf(Draw& d, const Row& row)
{
    Sizes s = drawSizes(d);
    Attributes attributes{{"num_heads", s.heads}};
    const std::int64_t keys = s.queries + s.past;
    Names inputs{reals(d, {s.batch, s.queries, 12}), d.weights({12, 3 * s.hidden()}),
                 d.weights({3 * s.hidden()})};
    const bool isCausal = d.random.chance(0.4);
    if (isCausal) {
        attributes["unidirectional"] = std::int64_t{1};
    }
    switch (d.random.between(0, 2)) {
    case 1:
        d.form("mask by keys");
        inputs.push_back(integers32(d, {s.batch, keys}, 0, 1));
        break;
    case 2:
        d.form("mask by lengths");
        inputs.push_back(s.past == 0 ? integers32(d, {s.batch}, 1, keys) : "");
        break;
    default:
        inputs.emplace_back();
    }
    inputs.push_back(s.past > 0 ? reals(d, {2, s.batch, s.heads, s.past, s.width}) : "");
    if (d.random.chance(0.3)) {
        inputs.push_back(reals(d, {s.batch, s.heads, s.queries, keys}));
    }
    d.node(std::string(row.type), inputs, d.some(attributes, {{"scale", 0.2f}}), s.past > 0 ? 2 : 1,
           kContributed);
}

void drawMultiHead(Draw& d, const Row& row)
{
    const Sizes s = drawSizes(d);
    const std::int64_t own = d.random.chance(0.5) ? s.queries : d.random.between(1, 5);
    const std::int64_t keys = own + s.past;
    Names inputs{reals(d, {s.batch, s.queries, s.hidden()}), reals(d, {s.batch, own, s.hidden()}),
                 reals(d, {s.batch, own, s.hidden()})};
    inputs.push_back(d.random.chance(0.4) ? d.weights({3 * s.hidden()}) : "");
    inputs.push_back(d.random.chance(0.4) ? integers32(d, {s.batch, keys}, 0, 1) : "");
    inputs.push_back(d.random.chance(0.3) ? reals(d, {s.batch, s.heads, s.queries, keys}) : "");
    if (s.past > 0) {
        inputs.push_back(reals(d, {s.batch, s.heads, s.past, s.width}));
        inputs.push_back(reals(d, {s.batch, s.heads, s.past, s.width}));
    }
    Attributes attributes{{"num_heads", s.heads}};
    if (own == s.queries && d.random.chance(0.3)) {
        attributes["unidirectional"] = std::int64_t{1};
    }
    d.node(std::string(row.type), inputs, d.some(attributes, {{"scale", 0.3f}}), s.past > 0 ? 3 : 1,
           kContributed);
}

core::Tensor angles(std::int64_t rows, std::int64_t half, bool isSine)
{
    std::vector<float> values;
    for (std::int64_t p = 0; p < rows; ++p) {
        for (std::int64_t i = 0; i < half; ++i) {
            const double angle =
                static_cast<double>(p) / std::pow(100.0, static_cast<double>(i) / static_cast<double>(half));
            values.push_back(static_cast<float>(isSine ? std::sin(angle) : std::cos(angle)));
        }
    }
    return core::makeTensor<float>({rows, half}, values);
}

void drawGroupQuery(Draw& d, const Row& row)
{
    Sizes s = drawSizes(d);
    const std::int64_t groups = s.heads > 1 && d.random.chance(0.6) ? s.heads / 2 : s.heads;
    const std::int64_t keys = s.queries + s.past;
    const Shape shared{s.batch, s.queries, groups * s.width};
    Names inputs{reals(d, {s.batch, s.queries, s.hidden()}), reals(d, shared), reals(d, shared)};
    for (int i = 0; i < 2; ++i) {
        inputs.push_back(s.past > 0 ? reals(d, {s.batch, groups, s.past, s.width}) : "");
    }
    const std::vector<std::int32_t> lengths(static_cast<std::size_t>(s.batch),
                                            static_cast<std::int32_t>(keys - 1));
    inputs.push_back(d.constant(core::makeTensor<std::int32_t>({s.batch}, lengths)));
    const auto total = static_cast<std::int32_t>(keys);
    inputs.push_back(d.constant(core::makeTensor<std::int32_t>({}, std::span(&total, 1))));
    Attributes attributes{{"num_heads", s.heads}, {"kv_num_heads", groups}};
    if (d.random.chance(0.5)) {
        attributes["do_rotary"] = std::int64_t{1};
        attributes["rotary_interleaved"] = d.random.between(0, 1);
        inputs.push_back(d.constant(angles(12, s.width / 2, false)));
        inputs.push_back(d.constant(angles(12, s.width / 2, true)));
    }
    if (d.random.chance(0.3)) {
        attributes["local_window_size"] = d.random.between(1, 4);
    }
    d.node(std::string(row.type), inputs, d.some(attributes, {{"scale", 0.3f}, {"softcap", 2.0f}}), 3,
           kContributed);
}

void drawRotary(Draw& d, const Row& row)
{
    const Sizes s = drawSizes(d);
    const bool isOnnx = row.domain.empty();
    const bool isFlat = d.random.chance(0.5);
    const Shape shape =
        isFlat ? Shape{s.batch, s.queries, s.hidden()} : Shape{s.batch, s.heads, s.queries, s.width};
    Attributes attributes{{"interleaved", d.random.between(0, 1)}};
    std::int64_t turned = s.width;
    if (d.random.chance(0.3)) {
        turned = s.width / 2;
        attributes["rotary_embedding_dim"] = turned;
        attributes["num_heads"] = s.heads;
    } else if (isFlat) {
        attributes["num_heads"] = s.heads;
    }
    const std::string positions =
        d.given(drawIntegers(d.random, DataType::Int64, {s.batch, s.queries}, 0, 9));
    const std::string cos = d.constant(angles(10, turned / 2, false));
    const std::string sin = d.constant(angles(10, turned / 2, true));
    const std::string x = reals(d, shape);
    d.node("RotaryEmbedding", isOnnx ? Names{x, cos, sin, positions} : Names{x, positions, cos, sin},
           attributes, 1, std::string(row.domain));
}

void drawOnnxAttention(Draw& d, const Row&)
{
    const Sizes s = drawSizes(d);
    const bool isFlat = d.random.chance(0.5);
    const std::int64_t groups = s.heads > 1 && d.random.chance(0.4) ? s.heads / 2 : s.heads;
    const std::int64_t own = d.random.chance(0.6) ? s.queries : d.random.between(1, 5);
    const std::int64_t keys = own + s.past;
    const auto operand = [&](std::int64_t heads, std::int64_t length) {
        return reals(
            d, isFlat ? Shape{s.batch, length, heads * s.width} : Shape{s.batch, heads, length, s.width});
    };
    Names inputs{operand(s.heads, s.queries), operand(groups, own), operand(groups, own)};
    Attributes attributes;
    if (isFlat) {
        attributes = {{"q_num_heads", s.heads}, {"kv_num_heads", groups}};
    }
    inputs.push_back(d.random.chance(0.4) ? reals(d, {s.queries, keys}) : "");
    if (s.past > 0) {
        inputs.push_back(reals(d, {s.batch, groups, s.past, s.width}));
        inputs.push_back(reals(d, {s.batch, groups, s.past, s.width}));
    }
    if (d.random.chance(0.3)) {
        attributes["is_causal"] = std::int64_t{1};
    }
    d.node("Attention", inputs, d.some(attributes, {{"scale", 0.4f}, {"softcap", 3.0f}}), s.past > 0 ? 3 : 1);
}

void drawNBits(Draw& d, const Row& row)
{
    const std::int64_t block = d.random.pick<std::int64_t>({16, 32});
    const std::int64_t k = d.random.pick<std::int64_t>({16, 32, 40, 64});
    const std::int64_t n = d.random.between(1, 9);
    const std::int64_t blocks = (k + block - 1) / block;
    Names inputs{
        reals(d, {d.random.between(1, 3), k}),
        d.constant(drawIntegers(d.random, DataType::UInt8, {n, blocks, block / 2}, 0, 255)),
        d.constant(core::castTo(drawTensor(d.random, DataType::Float32, {n * blocks}, Values::Positive),
                                DataType::Float32))};
    if (d.random.chance(0.5)) {
        inputs.push_back(
            d.constant(drawIntegers(d.random, DataType::UInt8, {n * ((blocks + 1) / 2)}, 0, 255)));
    }
    d.node(std::string(row.type), inputs,
           {{"K", k}, {"N", n}, {"bits", std::int64_t{4}}, {"block_size", block}}, 1, kContributed);
}

void drawDynamicProduct(Draw& d, const Row& row)
{
    const std::int64_t k = d.random.between(2, 9);
    const std::int64_t n = d.random.between(1, 6);
    const bool perColumn = d.random.chance(0.5);
    const Shape scales = perColumn ? Shape{n} : Shape{1};
    const DataType type = d.random.pick({DataType::UInt8, DataType::Int8});
    Names inputs{reals(d, {d.random.between(1, 4), k}),
                 d.constant(drawIntegers(d.random, type, {k, n}, type == DataType::Int8 ? -100 : 0, 100)),
                 d.constant(core::castTo(drawTensor(d.random, DataType::Float32, scales, Values::Positive),
                                         DataType::Float32))};
    inputs.push_back(d.random.chance(0.6) ? d.constant(drawIntegers(d.random, type, scales, 0, 9)) : "");
    if (d.random.chance(0.5)) {
        inputs.push_back(d.weights({n}));
    }
    d.node(std::string(row.type), inputs, {}, 1, kContributed);
}

constexpr Row kFused[] = {
    {kContributed, "SkipLayerNormalization", 13, drawSkipLayer, true},
    {kContributed, "SkipSimplifiedLayerNormalization", 13, drawSkipLayer, true},
    {"", "SimplifiedLayerNormalization", 13, drawSimplified, true},
    {kContributed, "EmbedLayerNormalization", 13, drawEmbedLayer, true},
    {kContributed, "BiasGelu", 13, drawBiasGelu},
    {kContributed, "FastGelu", 13, drawBiasGelu},
    {kContributed, "QuickGelu", 13, drawQuickGelu},
    {kContributed, "FusedMatMul", 13, drawFusedMatMul, true},
    {kContributed, "FusedGemm", 13, drawFusedGemm, true},
    {kContributed, "FusedConv", 13, drawFusedConv, true},
    {kContributed, "Attention", 13, drawAttentionOf, true},
    {kContributed, "MultiHeadAttention", 13, drawMultiHead, true},
    {kContributed, "GroupQueryAttention", 13, drawGroupQuery, true},
    {kContributed, "RotaryEmbedding", 13, drawRotary},
    {"", "RotaryEmbedding", 23, drawRotary},
    {"", "Attention", 23, drawOnnxAttention, true},
    {kContributed, "MatMulNBits", 13, drawNBits, true},
    {kContributed, "DynamicQuantizeMatMul", 13, drawDynamicProduct, true},
};

} // namespace

std::span<const Row> fusedRows() { return kFused; }

} // namespace fuzz
