#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

constexpr const char* kMicrosoft = "com.microsoft";

DataType codesType(Draw& d) { return d.random.pick({DataType::UInt8, DataType::UInt8, DataType::Int8}); }

std::string scale(Draw& d, const Shape& shape = {})
{
    return d.constant(
        core::castTo(drawTensor(d.random, DataType::Float32, shape, Values::Positive), DataType::Float32));
}

std::string zeroPoint(Draw& d, DataType type, const Shape& shape = {})
{
    return d.constant(type == DataType::UInt8 ? drawIntegers(d.random, type, shape, 100, 150)
                                              : drawIntegers(d.random, type, shape, -20, 20));
}

std::string codes(Draw& d, DataType type, const Shape& shape)
{
    const core::Tensor drawn = drawIntegers(d.random, type, shape, type == DataType::UInt8 ? 0 : -128,
                                            type == DataType::UInt8 ? 255 : 127);
    return d.random.chance(0.8) ? d.valueOf(drawn, Values::Normal) : d.constant(drawn);
}

/// Constants only.
std::string weightCodes(Draw& d, DataType type, const Shape& shape)
{
    return d.constant(drawIntegers(d.random, type, shape, type == DataType::UInt8 ? 0 : -127,
                                   type == DataType::UInt8 ? 255 : 127));
}

/// Whether there is one scale per channel of an axis, and which.
struct Granularity
{
    bool perAxis = false;
    std::int64_t axis = 1;
    Shape shape; ///< of scale and zero point
};

Granularity granularity(Draw& d, const Shape& shape)
{
    Granularity g;
    if (d.opset >= 13 && !shape.empty() && d.random.chance(0.4)) {
        g.perAxis = true;
        g.axis = d.random.between(0, std::ssize(shape) - 1);
        g.shape = {shape[static_cast<std::size_t>(g.axis)]};
        g.axis -= d.random.chance(0.3) ? std::ssize(shape) : 0;
        d.form("per axis");
    } else if (d.random.chance(0.2)) {
        g.shape = {1};
    }
    return g;
}

void drawQuantize(Draw& d, const Row& row)
{
    const bool isOurs = row.domain == kMicrosoft;
    const std::string x = d.any(kFloat, isOurs ? 1 : 0);
    const Granularity g = isOurs ? Granularity{} : granularity(d, d.shape(x));
    const Types types = d.opset >= 21 || isOurs
        ? Types{DataType::UInt8, DataType::Int8, DataType::Int16, DataType::UInt16}
        : Types{DataType::UInt8, DataType::Int8};
    const DataType type = d.random.pick(types);
    Attributes attributes;
    if (g.perAxis || (d.opset >= 13 && d.shape(x).size() > 1 && d.random.chance(0.2))) {
        attributes["axis"] = g.perAxis ? g.axis : 1;
    }
    Names inputs{x, scale(d, g.shape)};
    if (isOurs || d.random.chance(0.75)) {
        inputs.push_back(d.random.chance(0.3) ? d.constant(drawIntegers(d.random, type, g.shape, 0, 0))
                                              : zeroPoint(d, type, g.shape));
    } else if (d.opset >= 21 && d.random.chance(0.6)) {
        attributes["output_dtype"] = d.random.pick<std::int64_t>({2, 3, 4, 5});
    }
    d.node("QuantizeLinear", inputs, attributes, 1, std::string(row.domain));
}

void drawDequantize(Draw& d, const Row& row)
{
    const bool isOurs = row.domain == kMicrosoft;
    const Shape shape = d.drawShape(isOurs ? 1 : 0, 4);
    const Granularity g = isOurs ? Granularity{} : granularity(d, shape);
    const Types types = d.opset >= 21 || isOurs
        ? Types{DataType::UInt8, DataType::Int8, DataType::Int16, DataType::UInt16}
        : Types{DataType::UInt8, DataType::Int8, DataType::Int32};
    const DataType type = d.random.pick(types);
    Names inputs{codes(d, type, shape), scale(d, g.shape)};
    if (isOurs || d.random.chance(0.75)) {
        inputs.push_back(type == DataType::Int32 ? d.constant(drawIntegers(d.random, type, g.shape, 0, 0))
                                                 : zeroPoint(d, type, g.shape));
    }
    d.node("DequantizeLinear", inputs, g.perAxis ? Attributes{{"axis", g.axis}} : Attributes{}, 1,
           std::string(row.domain));
}

void drawDynamicQuantize(Draw& d, const Row&) { d.node("DynamicQuantizeLinear", {d.any(kFloat)}, {}, 3); }

void drawMatMulInteger(Draw& d, const Row&)
{
    const DataType a = codesType(d);
    const DataType b = codesType(d);
    const Shape left = d.drawShape(2, 3);
    const std::int64_t n = d.random.between(1, 5);
    Names inputs{codes(d, a, left), weightCodes(d, b, {left.back(), n})};
    if (d.random.chance(0.7)) {
        inputs.push_back(d.random.chance(0.8) ? zeroPoint(d, a) : "");
        if (d.random.chance(0.7)) {
            inputs.push_back(zeroPoint(d, b, d.random.chance(0.3) ? Shape{n} : Shape{}));
        }
    }
    d.node("MatMulInteger", inputs);
}

struct ConvolutionForm
{
    Shape src;
    Shape weights;
    Attributes attributes;
};

ConvolutionForm convolutionForm(Draw& d)
{
    const std::int64_t groups = d.random.pick<std::int64_t>({1, 1, 2});
    const std::int64_t perGroup = d.random.between(1, 3);
    const std::int64_t size = d.random.between(1, 3);
    ConvolutionForm form{{1, groups * perGroup, d.random.between(4, 6), d.random.between(4, 6)},
                         {groups * d.random.between(1, 3), perGroup, size, size},
                         {}};
    form.attributes =
        d.some({},
               {{"strides", std::vector<std::int64_t>{d.random.between(1, 2), d.random.between(1, 2)}},
                {"pads", std::vector<std::int64_t>(4, size - 1)}});
    if (groups > 1) {
        form.attributes["group"] = groups;
    }
    return form;
}

void drawConvInteger(Draw& d, const Row&)
{
    const ConvolutionForm form = convolutionForm(d);
    const DataType a = DataType::UInt8;
    const DataType b = codesType(d);
    Names inputs{codes(d, a, form.src), weightCodes(d, b, form.weights)};
    if (d.random.chance(0.7)) {
        inputs.push_back(zeroPoint(d, a));
        if (d.random.chance(0.7)) {
            inputs.push_back(zeroPoint(d, b));
        }
    }
    d.node("ConvInteger", inputs, form.attributes);
}

void drawQLinearConv(Draw& d, const Row&)
{
    const ConvolutionForm form = convolutionForm(d);
    const DataType a = codesType(d);
    const DataType b = a == DataType::Int8 ? DataType::Int8 : codesType(d);
    const std::int64_t channels = form.weights[0];
    const bool perChannel = d.random.chance(0.5);
    const Shape parameters = perChannel ? Shape{channels} : Shape{};
    const std::string zero = perChannel
        ? d.constant(drawIntegers(d.random, b, parameters, b == DataType::UInt8 ? 128 : 0,
                                  b == DataType::UInt8 ? 128 : 0))
        : zeroPoint(d, b);
    Names inputs{codes(d, a, form.src),
                 scale(d),
                 zeroPoint(d, a),
                 weightCodes(d, b, form.weights),
                 scale(d, parameters),
                 zero,
                 d.constant(core::makeTensor<float>({}, std::vector{200.0f})),
                 zeroPoint(d, a)};
    if (d.random.chance(0.5)) {
        inputs.push_back(d.constant(drawIntegers(d.random, DataType::Int32, {channels}, -1000, 1000)));
    }
    d.node("QLinearConv", inputs, form.attributes);
}

void drawQLinearMatMul(Draw& d, const Row&)
{
    const DataType a = codesType(d);
    const DataType b = a == DataType::Int8 ? DataType::Int8 : codesType(d);
    const Shape left = d.drawShape(2, 3);
    const std::int64_t n = d.random.between(1, 5);
    d.node("QLinearMatMul",
           {codes(d, a, left), scale(d), zeroPoint(d, a), weightCodes(d, b, {left.back(), n}), scale(d),
            zeroPoint(d, b), d.constant(core::makeTensor<float>({}, std::vector{150.0f})), zeroPoint(d, a)});
}

void drawQLinearBinary(Draw& d, const Row& row)
{
    const DataType a = codesType(d);
    const Shape shape = d.drawShape(1, 4);
    Shape other = shape;
    for (std::int64_t& dimension : other) {
        dimension = d.random.chance(0.3) ? 1 : dimension;
    }
    const auto zero = [&] { return d.random.chance(0.85) ? zeroPoint(d, a) : std::string(); };
    const Names left{codes(d, a, shape), scale(d), zero()};
    const Names right{codes(d, a, other), scale(d), zero()};
    Names inputs = d.random.chance(0.5) ? left : right;
    const Names& second = inputs == left ? right : left;
    inputs.insert(inputs.end(), second.begin(), second.end());
    inputs.insert(inputs.end(), {d.constant(core::makeTensor<float>({}, std::vector{4.0f})), zero()});
    d.node(std::string(row.type), inputs, {}, 1, kMicrosoft);
}

void drawQLinearUnary(Draw& d, const Row& row)
{
    const DataType a = codesType(d);
    const Names inputs{codes(d, a, d.drawShape(1, 4)),
                       d.constant(core::makeTensor<float>({}, std::vector{0.05f})), zeroPoint(d, a),
                       d.constant(core::makeTensor<float>({}, std::vector{0.02f})), zeroPoint(d, a)};
    d.node(std::string(row.type), inputs,
           row.type == "QLinearLeakyRelu" ? d.some({}, {{"alpha", 0.3f}}) : Attributes{}, 1, kMicrosoft);
}

constexpr Row kQuantizedRows[] = {
    {"", "QuantizeLinear", 10, drawQuantize},
    {"", "DequantizeLinear", 10, drawDequantize},
    {"", "DynamicQuantizeLinear", 11, drawDynamicQuantize},
    {kMicrosoft, "QuantizeLinear", 10, drawQuantize},
    {kMicrosoft, "DequantizeLinear", 10, drawDequantize},
    {"", "MatMulInteger", 10, drawMatMulInteger},
    {"", "ConvInteger", 10, drawConvInteger},
    {"", "QLinearConv", 10, drawQLinearConv},
    {"", "QLinearMatMul", 10, drawQLinearMatMul},
    {kMicrosoft, "QLinearAdd", 10, drawQLinearBinary},
    {kMicrosoft, "QLinearMul", 10, drawQLinearBinary},
    {kMicrosoft, "QLinearSigmoid", 10, drawQLinearUnary},
    {kMicrosoft, "QLinearLeakyRelu", 10, drawQLinearUnary},
};

} // namespace

std::span<const Row> quantizedRows() { return kQuantizedRows; }

} // namespace fuzz
