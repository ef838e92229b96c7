#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

float real(Draw& d, double low, double high) { return static_cast<float>(d.random.real(low, high)); }

void drawPlainActivation(Draw& d, const Row& row)
{
    d.node(std::string(row.type), {d.any(kFloats)}, {}, 1, std::string(row.domain));
}

void drawRelu(Draw& d, const Row&)
{
    d.node("Relu",
           {d.any(d.opset >= 14 ? Types{DataType::Float32, DataType::Float32, DataType::Float64,
                                        DataType::Int32, DataType::Int8}
                                : kFloats)});
}

void drawAlpha(Draw& d, const Row& row)
{
    const Types& types = row.type == "Celu" ? kFloat : kFloats; // Celu knows no other
    d.node(std::string(row.type), {d.any(types)}, d.some({}, {{"alpha", real(d, 0.05, 1.5)}}));
}

void drawAlphaBeta(Draw& d, const Row& row)
{
    d.node(std::string(row.type), {d.any(kFloats)},
           d.some({}, {{"alpha", real(d, 0.05, 0.9)}, {"beta", real(d, 0.1, 0.9)}}));
}

void drawSelu(Draw& d, const Row&)
{
    d.node("Selu", {d.any(kFloats)}, d.some({}, {{"alpha", real(d, 0.5, 2)}, {"gamma", real(d, 0.5, 2)}}));
}

void drawShrink(Draw& d, const Row&)
{
    d.node("Shrink", {d.any(kFloats)}, d.some({}, {{"bias", real(d, 0, 1)}, {"lambd", real(d, 0, 1)}}));
}

void drawGelu(Draw& d, const Row&)
{
    d.node("Gelu", {d.any(kFloats)},
           d.some({}, {{"approximate", std::string(d.random.pick({"none", "tanh"}))}}));
}

void drawOldClip(Draw& d)
{
    d.node("Clip", {d.any(kFloats)}, d.some({}, {{"min", real(d, -1, 0)}, {"max", real(d, 0, 2)}}));
}

/// min and max as inputs, either left out, either computed; also the wrong way round.
void drawClip(Draw& d, const Row&)
{
    if (d.opset < 11) {
        drawOldClip(d);
        return;
    }
    const std::string x = d.any(d.opset >= 12 ? kNumbers : kFloat);
    const bool isSwapped = d.opset >= 13 && d.random.chance(0.05);
    const auto bound = [&](std::int64_t low, std::int64_t high) {
        return d.random.chance(0.25) ? std::string()
                                     : d.given(drawIntegers(d.random, d.type(x), {}, low, high));
    };
    const std::string low = bound(0, 1);
    const std::string high = isSwapped ? bound(0, 0) : bound(1, 6);
    d.node("Clip", {x, low, high});
}

constexpr Row kActivationRows[] = {
    {"", "Relu", 6, drawRelu},
    {"", "Clip", 6, drawClip},
    {"", "LeakyRelu", 6, drawAlpha},
    {"", "ThresholdedRelu", 10, drawAlpha},
    {"", "Elu", 6, drawAlpha},
    {"", "Celu", 12, drawAlpha},
    {"", "Selu", 6, drawSelu},
    {"", "Sigmoid", 6, drawPlainActivation},
    {"", "HardSigmoid", 6, drawAlphaBeta},
    {"", "HardSwish", 14, drawPlainActivation},
    {"", "Tanh", 6, drawPlainActivation},
    {"", "Softplus", 1, drawPlainActivation},
    {"", "Softsign", 1, drawPlainActivation},
    {"", "Mish", 18, drawPlainActivation},
    {"", "Swish", 24, drawAlpha},
    {"", "Gelu", 20, drawGelu},
    {"com.microsoft", "Gelu", 1, drawPlainActivation},
    {"", "Shrink", 9, drawShrink},
};

} // namespace

std::span<const Row> activationRows() { return kActivationRows; }

} // namespace fuzz
