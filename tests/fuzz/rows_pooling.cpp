#include "tests/fuzz/rows.h"

#include <algorithm>

namespace fuzz {

namespace {

std::string picture(Draw& d, const Types& types = {DataType::Float32})
{
    if (d.random.chance(0.3)) {
        return d.any(types, 3, 5);
    }
    Shape shape{d.random.between(1, 2), d.random.between(1, 4)};
    for (std::int64_t i = d.random.pick<std::int64_t>({1, 2, 2, 2, 3}); i > 0; --i) {
        shape.push_back(d.random.between(4, 8));
    }
    return d.value(types, shape);
}

/// A window no larger than the picture, padded by less than itself.
Attributes window(Draw& d, const Shape& shape)
{
    Ints kernel;
    Ints pads;
    for (std::size_t i = 2; i < shape.size(); ++i) {
        kernel.push_back(d.random.between(1, std::min<std::int64_t>(3, shape[i])));
    }
    for (int side = 0; side < 2; ++side) {
        for (const std::int64_t size : kernel) {
            pads.push_back(d.random.between(0, size - 1));
        }
    }
    Attributes attributes =
        d.some({{"kernel_shape", kernel}}, {{"strides", drawInts(d, std::ssize(kernel), 1, 3)}});
    if (d.random.chance(0.2)) {
        attributes["auto_pad"] = std::string(d.random.pick({"SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"}));
    } else if (d.random.chance(0.6)) {
        attributes["pads"] = pads;
    }
    return attributes;
}

void drawMaxPool(Draw& d, const Row&)
{
    const std::string x =
        picture(d,
                d.opset >= 12 ? Types{DataType::Float32, DataType::Float32, DataType::Float32,
                                      DataType::Float64, DataType::Int8, DataType::UInt8}
                              : kFloat);
    Attributes attributes = window(d, d.shape(x));
    if (d.opset >= 10 && d.random.chance(0.3)) {
        attributes["ceil_mode"] = d.random.between(0, 1);
    }
    if (d.opset >= 10 && d.random.chance(0.2)) {
        const auto& kernel = std::get<Ints>(attributes["kernel_shape"]);
        Ints dilations;
        for (std::size_t i = 0; i < kernel.size(); ++i) {
            dilations.push_back(2 * (kernel[i] - 1) + 1 <= d.shape(x)[2 + i] ? d.random.between(1, 2) : 1);
        }
        attributes["dilations"] = dilations;
    }
    const bool hasIndices = d.opset >= 8 && d.random.chance(0.25);
    if (hasIndices && d.random.chance(0.4)) {
        attributes["storage_order"] = d.random.between(0, 1);
    }
    d.node("MaxPool", {x}, attributes, hasIndices ? 2 : 1);
}

void drawAveragePool(Draw& d, const Row&)
{
    const std::string x = picture(d);
    Attributes attributes = window(d, d.shape(x));
    if (d.opset >= 7 && d.random.chance(0.5)) {
        attributes["count_include_pad"] = d.random.between(0, 1);
    }
    if (d.opset >= 10 && d.random.chance(0.3)) {
        attributes["ceil_mode"] = d.random.between(0, 1);
    }
    if (d.opset >= 19 && d.random.chance(0.2)) {
        attributes["dilations"] = Ints(d.shape(x).size() - 2, 1);
    }
    d.node("AveragePool", {x}, attributes);
}

void drawLpPool(Draw& d, const Row&)
{
    const std::string x = picture(d);
    Attributes attributes = window(d, d.shape(x));
    if (d.random.chance(0.5)) {
        attributes["p"] = d.random.between(1, 3);
    }
    d.node("LpPool", {x}, attributes);
}

void drawGlobal(Draw& d, const Row& row) { d.node(std::string(row.type), {picture(d)}); }

void drawGlobalLp(Draw& d, const Row&)
{
    d.node("GlobalLpPool", {picture(d)}, d.some({}, {{"p", d.random.between(1, 3)}}));
}

/// Of a MaxPool's indices.
void drawMaxUnpool(Draw& d, const Row&)
{
    const std::string x = picture(d);
    const Ints kernel(d.shape(x).size() - 2, 2);
    const Attributes attributes{{"kernel_shape", kernel}, {"strides", kernel}};
    for (std::size_t i = 2; i < d.shape(x).size(); ++i) {
        if (d.shape(x)[i] < 2) {
            return;
        }
    }
    const Names pooled = d.node("MaxPool", {x}, attributes, 2);
    if (!d.isKnown(pooled[1])) {
        return;
    }
    Names inputs{pooled[0], pooled[1]};
    if (d.random.chance(0.4)) {
        inputs.push_back(d.constant(int64s(d.shape(x))));
    }
    d.node("MaxUnpool", inputs, attributes);
}

constexpr Row kPoolingRows[] = {
    {"", "MaxPool", 6, drawMaxPool},      {"", "AveragePool", 6, drawAveragePool, true},
    {"", "LpPool", 6, drawLpPool, true},  {"", "GlobalAveragePool", 6, drawGlobal, true},
    {"", "GlobalMaxPool", 6, drawGlobal}, {"", "GlobalLpPool", 6, drawGlobalLp, true},
    {"", "MaxUnpool", 9, drawMaxUnpool},
};

} // namespace

std::span<const Row> poolingRows() { return kPoolingRows; }

} // namespace fuzz
