#include "tests/fuzz/rows.h"

#include <algorithm>
#include <numeric>

namespace fuzz {

namespace {

void drawTopK(Draw& d, const Row&)
{
    const std::string x = d.any(d.opset >= 11 ? Types{DataType::Float32, DataType::Float32, DataType::Float64,
                                                      DataType::Int64, DataType::Int32}
                                              : kFloat,
                                1, 4);
    const std::int64_t axis = d.opset >= 11 ? d.axisOf(d.rank(x)) : d.random.between(0, d.rank(x) - 1);
    const std::int64_t k = d.random.between(1, lengthAt(d, x, axis));
    Attributes attributes{{"axis", axis}};
    if (d.opset >= 11) {
        attributes = d.some(attributes, {{"largest", d.random.between(0, 1)}});
    }
    if (d.opset < 10) {
        attributes["k"] = k;
        d.node("TopK", {x}, attributes, 2);
    } else {
        d.node("TopK", {x, d.given(int64s({k}))}, attributes, 2);
    }
}

void drawNonZero(Draw& d, const Row&)
{
    const std::string x = d.random.chance(0.7)
        ? d.value({DataType::Bool, DataType::Int32, DataType::Int64}, d.drawShape(1, 3))
        : d.any(kFloat, 1);
    d.node("NonZero", {x});
}

void drawCompress(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1, 4);
    const bool hasAxis = d.random.chance(0.6);
    const std::int64_t axis = d.axisOf(d.rank(x));
    const std::int64_t length = hasAxis ? lengthAt(d, x, axis) : d.tensor(x).count();
    std::vector<double> condition(static_cast<std::size_t>(d.random.between(1, length)), 0.0);
    std::ranges::generate(condition, [&] { return d.random.chance(0.6) ? 1.0 : 0.0; });
    condition[0] = 1.0;
    const auto count = static_cast<std::int64_t>(condition.size());
    d.node("Compress", {x, d.given(tensorOf(DataType::Bool, {count}, condition))},
           hasAxis ? Attributes{{"axis", axis}} : Attributes{});
}

void drawUnique(Draw& d, const Row&)
{
    const DataType type = d.random.pick({DataType::Float32, DataType::Float32, DataType::Int64});
    const Shape shape = d.drawShape(1, 3);
    const std::string x = d.valueOf(drawIntegers(d.random, type, shape, -2, 2), Values::SmallIntegers);
    Attributes attributes = d.some({}, {{"sorted", d.random.between(0, 1)}});
    if (d.random.chance(0.4)) {
        attributes["axis"] = d.random.between(0, std::ssize(shape) - 1);
    }
    d.node("Unique", {x}, attributes, static_cast<int>(d.random.between(1, 4)));
}

void drawReverseSequence(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 2, 4);
    const std::int64_t timeAxis = d.random.between(0, 1);
    const Attributes attributes{{"time_axis", timeAxis}, {"batch_axis", 1 - timeAxis}};
    const core::Tensor lengths =
        drawIntegers(d.random, DataType::Int64, {lengthAt(d, x, 1 - timeAxis)}, 1, lengthAt(d, x, timeAxis));
    d.node("ReverseSequence", {x, d.given(lengths)},
           timeAxis == 0 && d.random.chance(0.4) ? Attributes{} : attributes);
}

void drawTrilu(Draw& d, const Row&)
{
    Names inputs{d.any({DataType::Float32, DataType::Float32, DataType::Float64, DataType::Int64}, 2)};
    if (d.random.chance(0.5)) {
        inputs.push_back(d.given(core::makeTensor<std::int64_t>({}, std::vector{d.random.between(-3, 3)})));
    }
    d.node("Trilu", inputs, d.some({}, {{"upper", d.random.between(0, 1)}}));
}

constexpr Row kSelectionRows[] = {
    {"", "TopK", 6, drawTopK},
    {"", "NonZero", 9, drawNonZero},
    {"", "Compress", 9, drawCompress},
    {"", "Unique", 11, drawUnique},
    {"", "ReverseSequence", 10, drawReverseSequence},
    {"", "Trilu", 14, drawTrilu},
};

} // namespace

std::span<const Row> selectionRows() { return kSelectionRows; }

} // namespace fuzz
