#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

/// Negative from opset 11 on.
std::string indices(Draw& d, const Shape& shape, std::int64_t length)
{
    const std::int64_t low = d.opset >= 11 && d.random.chance(0.4) ? -length : 0;
    return d.given(drawIntegers(d.random, d.random.pick(kIndices), shape, low, length - 1));
}

void drawGather(Draw& d, const Row&)
{
    const std::string x = d.random.chance(0.3) ? d.weights({d.random.between(2, 6), d.random.between(1, 4)})
                                               : d.any(kNumbers, 1, 4);
    const bool hasAxis = d.random.chance(0.6);
    const std::int64_t axis = hasAxis ? d.axisOf(d.rank(x)) : 0;
    const std::string at = indices(d, d.drawShape(0, d.rank(x) > 3 ? 1 : 2), lengthAt(d, x, axis));
    d.node("Gather", {x, at}, hasAxis ? Attributes{{"axis", axis}} : Attributes{});
}

Shape smaller(Draw& d, const Shape& shape)
{
    Shape result = shape;
    for (std::int64_t& dimension : result) {
        dimension = d.random.between(1, dimension);
    }
    return result;
}

void drawGatherElements(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1, 4);
    const std::int64_t axis = d.axisOf(d.rank(x));
    d.node("GatherElements", {x, indices(d, smaller(d, d.shape(x)), lengthAt(d, x, axis))}, {{"axis", axis}});
}

/// Index rows over the first axes: one column each.
core::Tensor indexRows(Draw& d, const Shape& shape, std::int64_t rows, std::int64_t depth, std::int64_t batch)
{
    std::vector<std::int64_t> values;
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t k = 0; k < depth; ++k) {
            const std::int64_t length = shape[static_cast<std::size_t>(batch + k)];
            values.push_back(d.random.between(d.random.chance(0.2) ? -length : 0, length - 1));
        }
    }
    return core::makeTensor<std::int64_t>({rows, depth}, values);
}

void drawGatherNd(Draw& d, const Row&)
{
    const std::string x = d.any(kNumbers, 1, 4);
    const std::int64_t depth = d.random.between(1, d.rank(x));
    const bool hasBatch = d.opset >= 12 && d.rank(x) >= 2 && d.random.chance(0.3);
    if (hasBatch) {
        const std::int64_t batch = d.shape(x)[0];
        const core::Tensor rows = indexRows(d, d.shape(x), batch, 1, 1);
        d.node("GatherND", {x, d.given(rows.reshaped({batch, 1}))}, {{"batch_dims", std::int64_t{1}}});
    } else {
        d.node("GatherND", {x, d.given(indexRows(d, d.shape(x), d.random.between(1, 4), depth, 0))});
    }
}

/// Each place once: several updates of one place come in any order.
void drawScatterElements(Draw& d, const Row& row)
{
    const std::string x = d.any(
        {DataType::Float32, DataType::Float32, DataType::Float32, DataType::Int32, DataType::Int64}, 1, 4);
    const std::int64_t axis = d.axisOf(d.rank(x));
    Shape shape = smaller(d, d.shape(x));
    shape[static_cast<std::size_t>(axis < 0 ? axis + d.rank(x) : axis)] = 1;
    Attributes attributes{{"axis", axis}};
    if (row.type == "ScatterElements" && d.opset >= 16 && d.random.chance(0.5)) {
        attributes["reduction"] =
            d.random.pick(d.opset >= 18 ? std::vector<std::string>{"none", "add", "mul", "max", "min"}
                                        : std::vector<std::string>{"none", "add", "mul"});
    }
    d.node(std::string(row.type), {x, indices(d, shape, lengthAt(d, x, axis)), d.value({d.type(x)}, shape)},
           attributes);
}

void drawScatterNd(Draw& d, const Row&)
{
    const std::string x = d.any(
        {DataType::Float32, DataType::Float32, DataType::Float32, DataType::Int32, DataType::Int64}, 1, 4);
    const std::int64_t depth = d.random.between(1, d.rank(x));
    const core::Tensor rows = indexRows(d, d.shape(x), 1, depth, 0);
    Shape updates(d.shape(x).begin() + depth, d.shape(x).end());
    updates.insert(updates.begin(), 1);
    Attributes attributes;
    if (d.opset >= 16 && d.random.chance(0.5)) {
        attributes["reduction"] =
            d.random.pick(d.opset >= 18 ? std::vector<std::string>{"none", "add", "mul", "max", "min"}
                                        : std::vector<std::string>{"none", "add", "mul"});
    }
    d.node("ScatterND", {x, d.given(rows), d.value({d.type(x)}, updates)}, attributes);
}

void drawTensorScatter(Draw& d, const Row&)
{
    Shape cache{d.random.between(1, 3)};
    const std::int64_t rank = d.random.between(2, 4);
    const std::int64_t axis = d.random.between(1, rank - 1);
    while (std::ssize(cache) < rank) {
        cache.push_back(d.random.between(1, 4));
    }
    Shape update = cache;
    update[static_cast<std::size_t>(axis)] = d.random.between(1, cache[static_cast<std::size_t>(axis)]);
    const std::int64_t room = cache[static_cast<std::size_t>(axis)] - update[static_cast<std::size_t>(axis)];
    const bool isCircular = d.random.chance(0.4);
    Names inputs{d.value(kFloat, cache), d.value(kFloat, update)};
    if (d.random.chance(0.7)) {
        inputs.push_back(
            d.given(drawIntegers(d.random, DataType::Int64, {cache[0]}, 0,
                                 isCircular ? cache[static_cast<std::size_t>(axis)] - 1 : room)));
    }
    d.node("TensorScatter", inputs,
           {{"axis", d.random.chance(0.5) ? axis : axis - rank},
            {"mode", std::string(isCircular ? "circular" : "linear")}});
}

constexpr Row kGatheringRows[] = {
    {"", "Gather", 6, drawGather},
    {"", "GatherElements", 11, drawGatherElements},
    {"", "GatherND", 11, drawGatherNd},
    {"", "Scatter", 9, drawScatterElements, false, 10},
    {"", "ScatterElements", 11, drawScatterElements},
    {"", "ScatterND", 11, drawScatterNd},
    {"", "TensorScatter", 24, drawTensorScatter},
};

} // namespace

std::span<const Row> gatheringRows() { return kGatheringRows; }

} // namespace fuzz
