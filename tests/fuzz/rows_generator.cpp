#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

void drawConstant(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat);
    Attributes attributes{
        {"value", drawTensor(d.random, DataType::Float32, d.broadcastable(d.shape(x)), Values::Normal)}};
    if (d.opset >= 12 && d.random.chance(0.4)) {
        attributes = d.random.chance(0.5)
            ? Attributes{{"value_float", 1.25f}}
            : Attributes{
                {"value_floats",
                 std::vector<float>(static_cast<std::size_t>(d.rank(x) > 0 ? d.shape(x).back() : 1), 0.5f)}};
    }
    const std::string constant = d.node("Constant", {}, attributes)[0];
    d.node("Mul", d.random.chance(0.5) ? Names{x, constant} : Names{constant, x});
}

void drawConstantOfShape(Draw& d, const Row&)
{
    const core::Tensor fill = drawIntegers(
        d.random, d.random.pick({DataType::Float32, DataType::Int64, DataType::Int32, DataType::Bool}), {1},
        0, 1);
    d.node("ConstantOfShape", {d.given(int64s(d.drawShape(1, 3)))}, d.some({}, {{"value", fill}}));
}

void drawRange(Draw& d, const Row&)
{
    const DataType type =
        d.random.pick({DataType::Float32, DataType::Int64, DataType::Int32, DataType::Float64});
    const bool isDown = d.random.chance(0.3);
    const auto scalar = [&](double value) { return d.given(tensorOf(type, {}, {value})); };
    const double from = static_cast<double>(d.random.between(-3, 3));
    const double length = static_cast<double>(d.random.between(1, 9));
    const double step = static_cast<double>(d.random.between(1, 3));
    d.node("Range",
           {scalar(from), scalar(isDown ? from - length : from + length), scalar(isDown ? -step : step)});
}

void drawEyeLike(Draw& d, const Row&)
{
    const std::string x = d.any({DataType::Float32, DataType::Int64, DataType::Int32}, 2, 2);
    d.node(
        "EyeLike", {x},
        d.some({}, {{"k", d.random.between(-2, 2)}, {"dtype", d.random.pick<std::int64_t>({1, 6, 7, 11})}}));
}

void drawOneHot(Draw& d, const Row&)
{
    const std::int64_t depth = d.random.between(2, 5);
    const Shape shape = d.drawShape(1, 3);
    const std::string at = d.given(drawIntegers(d.random, d.random.pick({DataType::Int64, DataType::Int32}),
                                                shape, d.opset >= 11 ? -depth : 0, depth));
    const std::string values = d.given(core::makeTensor<float>({2}, std::vector{-0.5f, 2.0f}));
    const std::string count = d.given(
        d.random.chance(0.5) ? int64s({depth}) : core::makeTensor<std::int64_t>({}, std::vector{depth}));
    d.node("OneHot", {at, count, values}, d.some({}, {{"axis", d.random.between(-1, std::ssize(shape))}}));
}

/// Random numbers are refused, which every engine may do.
void drawRandom(Draw& d, const Row& row)
{
    if (row.type == "Bernoulli" || row.type.ends_with("Like")) {
        d.node(std::string(row.type), {d.value(kFloat, {2, 3})});
    } else if (row.type == "Multinomial") {
        d.node("Multinomial", {d.value(kFloat, {2, 3})}, {{"sample_size", std::int64_t{2}}});
    } else {
        d.node(std::string(row.type), {}, {{"shape", std::vector<std::int64_t>{2, 3}}});
    }
}

constexpr Row kGeneratorRows[] = {
    {"", "Constant", 6, drawConstant},
    {"", "ConstantOfShape", 9, drawConstantOfShape},
    {"", "Range", 11, drawRange},
    {"", "EyeLike", 9, drawEyeLike},
    {"", "OneHot", 9, drawOneHot},
    {"", "Bernoulli", 15, drawRandom},
    {"", "Multinomial", 7, drawRandom},
    {"", "RandomNormal", 6, drawRandom},
    {"", "RandomNormalLike", 6, drawRandom},
    {"", "RandomUniform", 6, drawRandom},
    {"", "RandomUniformLike", 6, drawRandom},
};

} // namespace

std::span<const Row> generatorRows() { return kGeneratorRows; }

} // namespace fuzz
