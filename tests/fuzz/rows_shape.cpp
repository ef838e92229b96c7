#include "tests/fuzz/rows.h"

#include <algorithm>
#include <numeric>

namespace fuzz {

namespace {

void drawShapeOf(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers);
    Attributes attributes;
    if (d.opset >= 15 && d.random.chance(0.4)) {
        attributes = d.some({}, {{"start", d.random.between(-2, 1)}, {"end", d.random.between(-1, 3)}});
    }
    d.node("Shape", {x}, attributes);
}

void drawPlain(Draw& d, const Row& row) { d.node(std::string(row.type), {d.any(kNumbers)}); }

void drawDropout(Draw& d, const Row&)
{
    const int outputs = d.random.chance(0.3) ? 2 : 1;
    if (d.opset < 12) {
        d.node("Dropout", {d.any(kFloat)},
               d.opset < 7 ? Attributes{{"is_test", std::int64_t{1}}} : d.some({}, {{"ratio", 0.3f}}),
               outputs);
        return;
    }
    Names inputs{d.any(kFloat)};
    if (d.random.chance(0.5)) {
        inputs.push_back(d.random.chance(0.7) ? d.constant(core::makeTensor<float>({}, std::vector{0.3f}))
                                              : "");
        if (d.random.chance(0.5)) {
            inputs.push_back(d.constant(tensorOf(DataType::Bool, {}, {0})));
        }
    }
    d.node("Dropout", inputs, {}, outputs);
}

/// Factors of the element count in some order, some dimensions kept by 0, one left open by −1.
void drawReshape(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers);
    const Shape& shape = d.shape(x);
    Ints wanted;
    std::int64_t rest = d.tensor(x).count();
    for (const std::int64_t factor : {7, 5, 4, 3, 2}) {
        if (rest % factor == 0 && d.random.chance(0.6) && wanted.size() < 4) {
            wanted.push_back(factor);
            rest /= factor;
        }
    }
    wanted.insert(wanted.begin() + d.random.between(0, std::ssize(wanted)), rest);
    if (d.random.chance(0.4)) {
        wanted[d.random.next() % wanted.size()] = -1;
    }
    for (std::size_t i = 0; i < wanted.size() && i < shape.size(); ++i) {
        if (wanted[i] == shape[i] && d.random.chance(0.6)) {
            wanted[i] = 0;
        }
    }
    const bool isAllowed = d.opset >= 14 && d.random.chance(0.1) && std::ranges::count(wanted, 0) == 0;
    d.node("Reshape", {x, d.given(int64s(wanted))},
           isAllowed ? Attributes{{"allowzero", std::int64_t{1}}} : Attributes{});
}

void drawFlatten(Draw& d, const Row&)
{
    const std::string x = d.any(d.opset >= 9 ? kNumbers : kFloat, 1);
    d.node("Flatten", {x},
           d.some({}, {{"axis", d.random.between(d.opset >= 11 ? -d.rank(x) : 0, d.rank(x))}}));
}

void drawSqueeze(Draw& d, const Row&)
{
    Shape shape = d.drawShape(1, 5);
    shape[d.random.next() % shape.size()] = 1;
    const std::string x = d.value(kNumbers, shape);
    Ints axes;
    for (std::int64_t i = 0; i < std::ssize(shape); ++i) {
        if (shape[static_cast<std::size_t>(i)] == 1 && (axes.empty() || d.random.chance(0.5))) {
            axes.push_back(d.opset >= 11 && d.random.chance(0.4) ? i - std::ssize(shape) : i);
        }
    }
    if (d.random.chance(0.25)) {
        d.node("Squeeze", {x});
    } else if (d.opset >= 13) {
        d.node("Squeeze", {x, d.given(int64s(axes))});
    } else {
        d.node("Squeeze", {x}, {{"axes", axes}});
    }
}

void drawUnsqueeze(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 0, 4);
    Ints axes{d.random.between(0, d.rank(x))};
    if (d.opset >= 11 && d.random.chance(0.4)) {
        axes[0] -= d.rank(x) + 1;
    } else if (d.rank(x) < 4 && d.random.chance(0.3)) {
        axes.push_back(axes[0] + 1);
    }
    if (d.opset >= 13) {
        d.node("Unsqueeze", {x, d.given(int64s(axes))});
    } else {
        d.node("Unsqueeze", {x}, {{"axes", axes}});
    }
}

const std::vector<std::pair<DataType, std::int64_t>>& targets()
{
    static const std::vector<std::pair<DataType, std::int64_t>> all{
        {DataType::Float32, 1},  {DataType::UInt8, 2},    {DataType::Int8, 3},    {DataType::UInt16, 4},
        {DataType::Int16, 5},    {DataType::Int32, 6},    {DataType::Int64, 7},   {DataType::Bool, 9},
        {DataType::Float16, 10}, {DataType::Float64, 11}, {DataType::UInt32, 12}, {DataType::UInt64, 13}};
    return all;
}

/// Reals that the target cannot hold are undefined by ONNX: only small whole numbers become integers.
std::string castable(Draw& d, DataType to)
{
    if (core::isFloatingPoint(to) || to == DataType::Bool) {
        return d.any({DataType::Float32, DataType::Float64, DataType::Int32, DataType::UInt8, DataType::Bool,
                      DataType::Float16});
    }
    const DataType from = d.random.pick({DataType::Float32, DataType::Float64, DataType::Int32,
                                         DataType::Int64, DataType::UInt8, DataType::Bool});
    const core::Tensor whole =
        drawIntegers(d.random, from, d.drawShape(0, 4), 0, from == DataType::Bool ? 1 : 100);
    return d.given(whole);
}

void drawCast(Draw& d, const Row&)
{
    const auto& [type, number] = d.random.pick(targets());
    d.node("Cast", {castable(d, type)}, {{"to", number}});
}

void drawCastLike(Draw& d, const Row&)
{
    const DataType type = d.random.pick(targets()).first;
    d.node("CastLike", {castable(d, type), d.constant(drawIntegers(d.random, type, {1}, 0, 1))});
}

void drawBitCast(Draw& d, const Row&)
{
    const auto& [to, number] = d.random.pick(targets());
    const std::size_t size = core::sizeOf(to);
    Types same;
    for (const auto& [type, ignored] : targets()) {
        if (core::sizeOf(type) == size && type != DataType::Bool) {
            same.push_back(type);
        }
    }
    // Whole numbers below 4: no bits of theirs are a NaN, and a bool has but two.
    const core::Tensor whole =
        drawIntegers(d.random, d.random.pick(same), d.drawShape(0, 4), 0, to == DataType::Bool ? 1 : 3);
    d.node("BitCast", {d.given(whole)}, {{"to", number}});
}

void drawCenterCropPad(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1, 4);
    Ints axes;
    for (std::int64_t axis = 0; axis < d.rank(x); ++axis) {
        if (d.random.chance(0.6)) {
            axes.push_back(d.random.chance(0.3) ? axis - d.rank(x) : axis);
        }
    }
    const bool isOfAll = axes.empty() || d.random.chance(0.3);
    const std::int64_t count = isOfAll ? d.rank(x) : std::ssize(axes);
    d.node("CenterCropPad", {x, d.given(int64s(drawInts(d, count, 1, 6)))},
           isOfAll ? Attributes{} : Attributes{{"axes", axes}});
}

constexpr Row kShapeRows[] = {
    {"", "Shape", 6, drawShapeOf},    {"", "Size", 6, drawPlain},
    {"", "Identity", 6, drawPlain},   {"", "Dropout", 6, drawDropout},
    {"", "Reshape", 6, drawReshape},  {"", "Flatten", 6, drawFlatten},
    {"", "Squeeze", 6, drawSqueeze},  {"", "Unsqueeze", 6, drawUnsqueeze},
    {"", "Cast", 6, drawCast},        {"", "CastLike", 15, drawCastLike},
    {"", "BitCast", 26, drawBitCast}, {"", "CenterCropPad", 18, drawCenterCropPad},
};

} // namespace

std::span<const Row> shapeRows() { return kShapeRows; }

} // namespace fuzz
