#include "tests/fuzz/rows.h"

#include <algorithm>

namespace fuzz {

namespace {

std::string scalar(Draw& d, float value)
{
    return d.constant(core::makeTensor<float>({}, std::vector{value}));
}

std::string either(Draw& d, const std::string& type, const std::string& a, const std::string& b)
{
    return d.node(type, d.random.chance(0.5) ? Names{a, b} : Names{b, a})[0];
}

/// What an operator with channels on that axis may be followed by and swallow.
struct Tail
{
    std::int64_t channelAxis;
    bool mayNormalize;
};

std::string activation(Draw& d, const std::string& x)
{
    const auto row = findRow("",
                             d.random.pick({"Relu", "Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSwish",
                                            "Tanh", "Elu", "HardSigmoid"}));
    if (row->since > d.opset) {
        return d.node("Relu", {x})[0];
    }
    if (row->type == "Clip") {
        return d.opset < 11 ? d.node("Clip", {x}, {{"min", 0.0f}, {"max", 6.0f}})[0]
                            : d.node("Clip", {x, scalar(d, 0.0f), scalar(d, 6.0f)})[0];
    }
    return d.node(std::string(row->type), {x})[0];
}

/// A constant addend or factor in every form that broadcasts to the value.
std::string addend(Draw& d, const std::string& x, const Tail& tail)
{
    const Shape& shape = d.shape(x);
    Shape perChannel(shape.size(), 1);
    perChannel[static_cast<std::size_t>(tail.channelAxis)] =
        shape[static_cast<std::size_t>(tail.channelAxis)];
    Shape trailing(shape.begin() + 1, shape.end());
    Shape last{shape.back()};
    Shape shorter = perChannel;
    shorter.erase(shorter.begin());
    return d.weights(
        d.random.pick(std::vector<Shape>{perChannel, perChannel, shorter, trailing, last, {1}, {}, shape}));
}

std::string normalized(Draw& d, const std::string& x)
{
    const Shape c{d.shape(x)[1]};
    return d.node("BatchNormalization",
                  {x, d.weights(c), d.weights(c), d.weights(c),
                   d.constant(drawTensor(d.random, DataType::Float32, c, Values::Positive))})[0];
}

/// Up to four of: BatchNormalization, constant Add or Mul, residual, activation; values may be read twice.
void follow(Draw& d, std::string x, const Tail& tail)
{
    for (std::int64_t steps = d.random.between(1, 4); steps > 0 && d.isKnown(x); --steps) {
        const double kind = d.random.unit();
        if (kind < 0.25 && tail.mayNormalize) {
            x = normalized(d, x);
        } else if (kind < 0.45) {
            x = either(d, d.random.pick({"Add", "Add", "Mul", "Sub"}), x, addend(d, x, tail));
        } else if (kind < 0.6) {
            x = either(d, "Add", x,
                       d.value(kFloat, d.random.chance(0.8) ? d.shape(x) : d.broadcastable(d.shape(x))));
        } else if (kind < 0.65) {
            x = either(d, "Mul", x, d.node("Sigmoid", {x})[0]);
        } else {
            x = activation(d, x);
        }
    }
}

std::string conv(Draw& d, const std::string& x, std::int64_t dst, bool isTransposed)
{
    const std::int64_t channels = d.shape(x)[1];
    const std::int64_t groups = channels % 2 == 0 && dst % 2 == 0 && d.random.chance(0.3) ? 2 : 1;
    const std::int64_t size = d.random.between(1, 3);
    Shape shape = isTransposed ? Shape{channels, dst / groups} : Shape{dst, channels / groups};
    shape.insert(shape.end(), d.shape(x).size() - 2, size);
    Names inputs{x, d.weights(shape)};
    if (d.random.chance(0.5)) {
        inputs.push_back(d.weights({dst}));
    }
    Attributes attributes =
        d.some({}, {{"pads", std::vector<std::int64_t>(2 * (d.shape(x).size() - 2), size / 2)}});
    if (groups > 1) {
        attributes["group"] = groups;
    }
    return d.node(isTransposed ? "ConvTranspose" : "Conv", inputs, attributes)[0];
}

std::string chainPicture(Draw& d)
{
    Shape shape{d.random.between(1, 2), d.random.between(1, 4)};
    for (std::int64_t i = d.random.pick<std::int64_t>({1, 2, 2, 2, 3}); i > 0; --i) {
        shape.push_back(d.random.between(3, 6));
    }
    return d.valueOf(drawTensor(d.random, DataType::Float32, shape, Values::Normal), Values::Normal);
}

void drawConvChain(Draw& d, const Row& row)
{
    std::string x = chainPicture(d);
    const bool isTransposed = row.type == "<ConvTranspose chain>";
    if (!isTransposed && d.opset >= 11 && d.random.chance(0.15)) {
        std::vector<std::int64_t> pads(2 * d.shape(x).size(), 0);
        pads[2] = pads.back() = 1;
        x = d.node("Pad", {x, d.constant(int64s(pads))})[0];
    }
    const std::string y = conv(d, x, d.random.between(1, 4), isTransposed);
    if (d.isKnown(y)) {
        follow(d, y, {1, true});
    }
}

void drawGemmChain(Draw& d, const Row&)
{
    const std::string x =
        d.valueOf(drawTensor(d.random, DataType::Float32, {d.random.between(1, 4), d.random.between(1, 6)},
                             Values::Normal),
                  Values::Normal);
    const std::int64_t n = d.random.between(1, 5);
    const bool transB = d.random.chance(0.5);
    Names inputs{x, d.weights(transB ? Shape{n, d.shape(x)[1]} : Shape{d.shape(x)[1], n})};
    inputs.push_back(d.weights(
        d.random.pick(std::vector<Shape>{{n}, {n}, {1, n}, {1}, {d.shape(x)[0], n}, {d.shape(x)[0], 1}})));
    Attributes attributes{{"transB", std::int64_t{transB}}};
    if (d.random.chance(0.3)) {
        attributes = d.some(attributes, {{"alpha", 0.5f}, {"beta", 2.0f}});
    }
    follow(d, d.node("Gemm", inputs, attributes)[0], {1, true});
}

void drawMatMulChain(Draw& d, const Row&)
{
    Shape shape = d.drawShape(1, 2);
    shape.push_back(d.random.between(1, 5));
    const std::string x =
        d.valueOf(drawTensor(d.random, DataType::Float32, shape, Values::Normal), Values::Normal);
    const std::string y = d.node("MatMul", {x, d.weights({shape.back(), d.random.between(1, 5)})})[0];
    follow(d, y, {std::ssize(shape) - 1, shape.size() == 2});
}

/// Two operators over the same weights, one of them through a Transpose.
void drawTied(Draw& d, const Row&)
{
    const std::int64_t k = d.random.between(2, 5);
    const std::int64_t n = d.random.between(2, 5);
    const std::string x = d.value(kFloat, {d.random.between(1, 3), k});
    const std::string w = d.weights({k, n});
    const std::string y = d.node("MatMul", {x, w})[0];
    const std::string turned = d.node("Transpose", {w}, {{"perm", std::vector<std::int64_t>{1, 0}}})[0];
    const std::string z = d.node("MatMul", {d.random.chance(0.5) ? activation(d, y) : y, turned})[0];
    either(d, "Add", z, x);
}

void drawTiedConv(Draw& d, const Row&)
{
    const std::int64_t c = d.random.between(1, 3);
    const std::string x = d.value(kFloat, {1, c, 5, 5});
    const std::string w = d.weights({c, c, 3, 3});
    const Attributes attributes{{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}};
    const std::string y = activation(d, d.node("Conv", {x, w}, attributes)[0]);
    const std::string z = d.node("Conv", {y, w}, attributes)[0];
    either(d, "Add", z, d.random.chance(0.5) ? x : y);
}

void drawEmbedding(Draw& d, const Row&)
{
    const std::string table = d.weights({6, 4});
    const core::Tensor ids = drawIntegers(d.random, DataType::Int64, {1, 3}, 0, 5);
    const std::string x = d.node("Gather", {table, d.given(ids)})[0];
    const std::string h = activation(d, d.node("MatMul", {x, d.weights({4, 4})})[0]);
    d.node("MatMul", {h, d.node("Transpose", {table}, {{"perm", std::vector<std::int64_t>{1, 0}}})[0]});
}

void drawAttention(Draw& d, const Row&)
{
    const std::int64_t keys = d.random.between(2, 6);
    const std::int64_t depth = d.random.between(2, 4);
    const std::string q = d.value(kFloat, {1, 2, 3, depth});
    const std::string k = d.value(kFloat, {1, 2, depth, keys});
    const std::string v = d.value(kFloat, {1, 2, keys, depth});
    std::string scores = d.node("MatMul", {q, k})[0];
    scores = d.node(d.random.pick({"Div", "Mul"}), {scores, scalar(d, 2.0f)})[0];
    if (d.random.chance(0.5)) {
        const float low = d.random.pick({-1e4f, -3.4028235e38f, -1e9f});
        std::vector<float> mask(static_cast<std::size_t>(keys), 0.0f);
        mask.back() = low;
        scores = either(d, "Add", scores, d.constant(core::makeTensor<float>({1, 1, 1, keys}, mask)));
    }
    const std::string p = d.node("Softmax", {scores}, {{"axis", std::int64_t{d.opset >= 11 ? -1 : 3}}})[0];
    d.node("MatMul", {p, v});
}

void drawWrittenOut(Draw& d, const Row& row)
{
    const std::string x = d.any(kFloat, 1);
    if (row.type == "<Gelu written out>") {
        const std::string e = d.node("Erf", {d.node("Div", {x, scalar(d, 1.4142135f)})[0]})[0];
        const std::string s = either(d, "Add", e, scalar(d, 1.0f));
        either(d, "Mul", either(d, "Mul", x, s), scalar(d, 0.5f));
    } else if (row.type == "<HardSwish written out>") {
        const std::string c =
            d.node("Clip", {either(d, "Add", x, scalar(d, 3.0f)), scalar(d, 0.0f), scalar(d, 6.0f)})[0];
        d.node("Div", {either(d, "Mul", x, c), scalar(d, 6.0f)});
    } else {
        either(d, "Mul", x, d.node("Tanh", {d.node("Softplus", {x})[0]})[0]);
    }
}

void drawLayerNormWrittenOut(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 2, 3);
    const Attributes axes{{"axes", std::vector<std::int64_t>{-1}}, {"keepdims", std::int64_t{1}}};
    const auto mean = [&](const std::string& of) {
        return d.opset < 18 ? d.node("ReduceMean", {of}, axes)[0]
                            : d.node("ReduceMean", {of, d.constant(int64s({-1}))})[0];
    };
    const std::string centred = d.node("Sub", {x, mean(x)})[0];
    const std::string squared = d.random.chance(0.5) ? d.node("Pow", {centred, scalar(d, 2.0f)})[0]
                                                     : d.node("Mul", {centred, centred})[0];
    const std::string root = d.node("Sqrt", {d.node("Add", {mean(squared), scalar(d, 1e-5f)})[0]})[0];
    const Shape channels{d.shape(x).back()};
    const std::string scaled = either(d, "Mul", d.node("Div", {centred, root})[0], d.weights(channels));
    either(d, "Add", scaled, d.weights(channels));
}

/// Shape → Gather → Concat → Reshape, as exporters write a flatten.
void drawShapeArithmetic(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 2);
    const std::string size =
        d.node("Gather",
               {d.node("Shape", {x})[0],
                d.constant(core::makeTensor<std::int64_t>({}, std::vector<std::int64_t>{0}))},
               {{"axis", std::int64_t{0}}})[0];
    const std::string first = d.opset >= 13
        ? d.node("Unsqueeze", {size, d.constant(int64s({0}))})[0]
        : d.node("Unsqueeze", {size}, {{"axes", std::vector<std::int64_t>{0}}})[0];
    d.node("Reshape",
           {x, d.node("Concat", {first, d.constant(int64s({-1}))}, {{"axis", std::int64_t{0}}})[0]});
}

constexpr Row kChainRows[] = {
    {"", "<Conv chain>", 7, drawConvChain, true},
    {"", "<ConvTranspose chain>", 7, drawConvChain, true},
    {"", "<Gemm chain>", 7, drawGemmChain, true},
    {"", "<MatMul chain>", 7, drawMatMulChain, true},
    {"", "<tied MatMul>", 7, drawTied, true},
    {"", "<tied Conv>", 7, drawTiedConv, true},
    {"", "<embedding>", 7, drawEmbedding, true},
    {"", "<attention>", 7, drawAttention, true},
    {"", "<Gelu written out>", 9, drawWrittenOut},
    {"", "<HardSwish written out>", 11, drawWrittenOut},
    {"", "<Mish written out>", 7, drawWrittenOut},
    {"", "<LayerNormalization written out>", 11, drawLayerNormWrittenOut, true},
    {"", "<shape arithmetic>", 11, drawShapeArithmetic},
};

} // namespace

std::span<const Row> chainRows() { return kChainRows; }

} // namespace fuzz
