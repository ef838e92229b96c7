#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

std::string positive(Draw& d, const Shape& shape)
{
    return d.constant(drawTensor(d.random, DataType::Float32, shape, Values::Positive));
}

Attributes maybeEpsilon(Draw& d) { return d.some({}, {{"epsilon", d.random.pick({1e-3f, 1e-5f, 0.1f})}}); }

void drawBatchNormalization(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, d.opset < 7 ? 4 : 2, d.opset < 7 ? 4 : 5);
    const Shape c{d.shape(x)[1]};
    Attributes attributes = maybeEpsilon(d);
    if (d.opset < 7) {
        attributes["is_test"] = std::int64_t{1};
    }
    if (d.random.chance(0.3)) {
        attributes["momentum"] = 0.8f;
    }
    if (d.opset >= 14 && d.random.chance(0.2)) {
        attributes["training_mode"] = std::int64_t{0};
    }
    d.node("BatchNormalization", {x, d.weights(c), d.weights(c), d.weights(c), positive(d, c)}, attributes);
}

void drawInstanceNormalization(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 3, 5);
    const Shape c{d.shape(x)[1]};
    d.node("InstanceNormalization", {x, d.weights(c), d.weights(c)}, maybeEpsilon(d));
}

void drawGroupNormalization(Draw& d, const Row&)
{
    const std::int64_t groups = d.random.between(1, 3);
    const std::int64_t channels = groups * d.random.between(1, 3);
    Shape shape = d.drawShape(1, 3);
    shape.insert(shape.begin(), {d.random.between(1, 2), channels});
    const Shape scale{d.opset < 21 ? groups : channels};
    Attributes attributes = maybeEpsilon(d);
    attributes["num_groups"] = groups;
    d.node("GroupNormalization", {d.value(kFloat, shape), d.weights(scale), d.weights(scale)}, attributes);
}

/// From an axis on; scale and bias broadcast to what is normalized.
Names scaled(Draw& d, const std::string& x, std::int64_t axis, bool hasBias)
{
    const Shape& shape = d.shape(x);
    const Shape rest(shape.begin() + (axis < 0 ? axis + std::ssize(shape) : axis), shape.end());
    Names inputs{x, d.weights(rest)};
    if (hasBias) {
        inputs.push_back(d.weights(rest));
    }
    return inputs;
}

void drawLayerNormalization(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 1);
    Attributes attributes = maybeEpsilon(d);
    std::int64_t axis = -1;
    if (d.random.chance(0.5)) {
        axis = d.axisOf(d.rank(x));
        attributes["axis"] = axis;
    }
    d.node("LayerNormalization", scaled(d, x, axis, d.random.chance(0.6)), attributes,
           d.random.chance(0.15) ? 3 : 1);
}

void drawRmsNormalization(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 1);
    Attributes attributes = maybeEpsilon(d);
    std::int64_t axis = -1;
    if (d.random.chance(0.5)) {
        axis = d.axisOf(d.rank(x));
        attributes["axis"] = axis;
    }
    d.node("RMSNormalization", scaled(d, x, axis, false), attributes);
}

void drawLrn(Draw& d, const Row&)
{
    const Attributes sometimes{{"alpha", d.random.pick({1e-4f, 0.5f})},
                               {"beta", d.random.pick({0.75f, 1.0f})},
                               {"bias", d.random.pick({1.0f, 2.0f})}};
    d.node("LRN", {d.any(kFloat, 4, 4)},
           d.some({{"size", d.random.pick<std::int64_t>({1, 3, 5})}}, sometimes));
}

void drawMeanVariance(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 4, 4);
    const std::vector<std::int64_t> axes =
        d.random.pick(std::vector<std::vector<std::int64_t>>{{0, 2, 3}, {2, 3}, {1, 2, 3}, {1}});
    d.node("MeanVarianceNormalization", {x}, d.some({}, {{"axes", axes}}));
}

void drawLpNormalization(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 1);
    d.node("LpNormalization", {x},
           d.some({}, {{"axis", d.axisOf(d.rank(x))}, {"p", d.random.between(1, 2)}}));
}

constexpr Row kNormalizationRows[] = {
    {"", "BatchNormalization", 6, drawBatchNormalization},
    {"", "InstanceNormalization", 6, drawInstanceNormalization, true},
    {"", "GroupNormalization", 18, drawGroupNormalization, true},
    {"", "LayerNormalization", 17, drawLayerNormalization, true},
    {"", "RMSNormalization", 23, drawRmsNormalization, true},
    {"", "LRN", 6, drawLrn, true},
    {"", "MeanVarianceNormalization", 9, drawMeanVariance, true},
    {"", "LpNormalization", 6, drawLpNormalization, true},
};

} // namespace

std::span<const Row> normalizationRows() { return kNormalizationRows; }

} // namespace fuzz
