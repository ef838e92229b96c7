#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

core::Tensor scalar(std::int64_t value) { return core::makeTensor<std::int64_t>({}, std::vector{value}); }

void drawWindow(Draw& d, const Row& row)
{
    d.node(std::string(row.type), {d.given(scalar(d.random.between(2, 9)))},
           d.some({},
                  {{"periodic", d.random.between(0, 1)},
                   {"output_datatype", d.random.pick<std::int64_t>({1, 11})}}));
}

/// Batch × signal × (1 real, 2 complex). The axis is an attribute before opset 20, an input since.
void drawDft(Draw& d, const Row&)
{
    const bool isInverse = d.random.chance(0.4);
    const bool isOneSided = d.random.chance(0.3);
    const std::int64_t parts = isOneSided && !isInverse ? 1 : isInverse ? 2 : d.random.between(1, 2);
    const std::string x = d.value(kFloat, {d.random.between(1, 3), d.random.between(2, 9), parts});
    Attributes attributes;
    if (isInverse) {
        attributes["inverse"] = std::int64_t{1};
    }
    if (isOneSided && !isInverse) {
        attributes["onesided"] = std::int64_t{1};
    }
    Names inputs{x};
    if (d.random.chance(0.3)) {
        inputs.push_back(d.constant(scalar(d.random.between(3, 9))));
    }
    if (d.opset >= 20 && d.random.chance(0.5)) {
        inputs.resize(2);
        inputs.push_back(d.constant(scalar(d.random.pick<std::int64_t>({1, -2}))));
    } else if (d.opset < 20 && d.random.chance(0.5)) {
        attributes["axis"] = std::int64_t{1};
    }
    d.node("DFT", inputs, attributes);
}

void drawStft(Draw& d, const Row&)
{
    const std::int64_t frame = d.random.between(4, 8);
    const std::string x = d.value(kFloat, {d.random.between(1, 2), d.random.between(16, 30), 1});
    Names inputs{x, d.constant(scalar(d.random.between(2, 5)))};
    const bool hasWindow = d.random.chance(0.6);
    inputs.push_back(
        hasWindow ? d.constant(drawTensor(d.random, DataType::Float32, {frame}, Values::Positive)) : "");
    if (!hasWindow || d.random.chance(0.5)) {
        inputs.push_back(d.constant(scalar(frame)));
    }
    d.node("STFT", inputs, d.some({}, {{"onesided", d.random.between(0, 1)}}));
}

void drawMel(Draw& d, const Row&)
{
    const auto real = [&](float value) {
        return d.constant(core::makeTensor<float>({}, std::vector{value}));
    };
    d.node("MelWeightMatrix",
           {d.given(scalar(d.random.between(2, 8))), d.given(scalar(d.random.pick<std::int64_t>({16, 32}))),
            d.given(scalar(8000)), real(d.random.pick({0.0f, 100.0f})),
            real(d.random.pick({2000.0f, 4000.0f}))});
}

constexpr Row kSignalRows[] = {
    {"", "HannWindow", 17, drawWindow},     {"", "HammingWindow", 17, drawWindow},
    {"", "BlackmanWindow", 17, drawWindow}, {"", "DFT", 17, drawDft, true},
    {"", "STFT", 17, drawStft, true},       {"", "MelWeightMatrix", 17, drawMel},
};

} // namespace

std::span<const Row> signalRows() { return kSignalRows; }

} // namespace fuzz
