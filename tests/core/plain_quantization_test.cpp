#include "core/graph/plain_quantization.h"

#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "core/graph/written_quantization.h"

#include <cmath>
#include <gmock/gmock.h>
#include <random>

namespace {

using namespace core;
using testing::HasSubstr;

Tensor floats(Shape shape, std::vector<float> values) { return makeTensor<float>(std::move(shape), values); }
Tensor one(float value) { return makeTensor<float>({}, std::span(&value, 1)); }

struct Given
{
    std::string domain;
    std::string type;
    std::map<std::string, Attribute, std::less<>> attributes;
    std::vector<Tensor> constants; ///< inputs behind x
};

/// x [4, 8] → the node → y
Graph graphOf(const Given& given)
{
    GraphBuilder builder;
    Node node;
    node.name = "fq";
    node.type = given.type;
    node.domain = given.domain;
    node.version = 1;
    node.attributes = given.attributes;
    node.inputs = {builder.input("x", DataType::Float32, {4, 8})};
    for (std::size_t i = 0; i < given.constants.size(); ++i) {
        node.inputs.push_back(builder.constant("c" + std::to_string(i), given.constants[i]));
    }
    node.outputs = {builder.value("y")};
    const ValueId y = node.outputs[0];
    builder.node(std::move(node));
    builder.output(y);
    return std::move(builder).finish();
}

std::vector<float> drawn()
{
    std::mt19937 engine(7);
    std::normal_distribution<float> normal(0.0f, 1.3f);
    std::vector<float> values(32);
    for (float& value : values) {
        value = normal(engine);
    }
    return values;
}

std::vector<float> run(const Graph& graph, const std::vector<float>& x)
{
    const auto bound = bindShapes(graph, {{4, 8}});
    const std::vector<Tensor> inputs{floats({4, 8}, x)};
    const auto y = evaluateReference(*bound, inputs)[0].as<float>();
    return {y.begin(), y.end()};
}

void expectNear(const std::vector<float>& found, const std::vector<double>& expected)
{
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i], expected[i], 1e-5) << i;
    }
}

/// OpenVINO's formula.
double fakeQuantized(double x, double low, double high, double levels)
{
    const double clipped = std::min(std::max(x, low), high);
    return std::nearbyint((clipped - low) / (high - low) * (levels - 1)) / (levels - 1) * (high - low) + low;
}

TEST(PlainQuantization, ReadsFakeQuantizeByItsFormula)
{
    struct Range
    {
        float low;
        float high;
        std::int64_t levels;
    };
    // Around zero, with zero between two codes, of positive numbers, of 255 levels, of 4 bits.
    for (const auto& [low, high, levels] : {Range{-1.28f, 1.27f, 256}, Range{-2, 2, 256}, Range{0.5f, 3, 256},
                                            Range{-1.27f, 1.27f, 255}, Range{-0.8f, 0.7f, 16}}) {
        const Given given{"org.openvinotoolkit",
                          "FakeQuantize",
                          {{"levels", levels}},
                          {one(low), one(high), one(low), one(high)}};
        const Graph plain = withPlainQuantization(graphOf(given));
        std::vector<double> expected;
        for (const float x : drawn()) {
            expected.push_back(fakeQuantized(x, low, high, static_cast<double>(levels)));
        }
        expectNear(run(plain, drawn()), expected);
        EXPECT_TRUE(isQuantized(plain)) << low << ' ' << high;
    }
}

TEST(PlainQuantization, TakesTheQuantizationOfFakeQuantizeOutOfTheShadow)
{
    const Given given{"org.openvinotoolkit",
                      "FakeQuantize",
                      {{"levels", std::int64_t{256}}},
                      {one(-1.28f), one(1.27f), one(-1.28f), one(1.27f)}};
    const QuantizedModel model = splitQuantized(withPlainQuantization(graphOf(given)));
    const std::vector<float> x = drawn();
    expectNear(run(model.shadow, x), {x.begin(), x.end()});
    ASSERT_EQ(model.written->values.count("x"), 1u);
    EXPECT_FLOAT_EQ(model.written->values.at("x").scale.at(0), 0.01f);
}

TEST(PlainQuantization, KeepsAnOutputRangeOfItsOwn)
{
    const Given given{"org.openvinotoolkit",
                      "FakeQuantize",
                      {{"levels", std::int64_t{256}}},
                      {one(-1), one(1), one(-3), one(5)}};
    std::vector<double> expected;
    for (const float x : drawn()) {
        const double clipped = std::min(std::max(static_cast<double>(x), -1.0), 1.0);
        expected.push_back(std::nearbyint((clipped + 1) / 2 * 255) / 255 * 8 - 3);
    }
    expectNear(run(withPlainQuantization(graphOf(given)), drawn()), expected);
}

TEST(PlainQuantization, ReadsQuantOfAnyBits)
{
    for (const auto& [bits, isSigned, isNarrow] :
         {std::tuple{8.0f, 1, 0}, {8.0f, 1, 1}, {4.0f, 1, 0}, {3.0f, 1, 1}, {4.0f, 0, 0}, {10.0f, 1, 0}}) {
        const Given given{"onnx.brevitas",
                          "Quant",
                          {{"signed", std::int64_t{isSigned}},
                           {"narrow", std::int64_t{isNarrow}},
                           {"rounding_mode", std::string("ROUND")}},
                          {one(0.25f), one(0), one(bits)}};
        const double whole = std::pow(2.0, static_cast<double>(bits) - isSigned);
        const double low = isSigned ? -whole + isNarrow : 0.0;
        const double high = isSigned ? whole - 1 : whole - 1 - isNarrow;
        std::vector<double> expected;
        for (const float x : drawn()) {
            expected.push_back(std::clamp(std::nearbyint(x / 0.25), low, high) * 0.25);
        }
        expectNear(run(withPlainQuantization(graphOf(given)), drawn()), expected);
    }
}

TEST(PlainQuantization, ReadsExtendedPairsAndNamesWhatItCannot)
{
    const std::int8_t zero = 3;
    Given given{"com.amd.quark",
                "ExtendedQuantizeLinear",
                {},
                {one(0.02f), makeTensor<std::int8_t>({}, std::span(&zero, 1))}};
    EXPECT_EQ(withPlainQuantization(graphOf(given)).nodes()[0].type, "QuantizeLinear");

    given.constants[1] = one(0);
    try {
        static_cast<void>(withPlainQuantization(graphOf(given)));
        FAIL() << "codes that are floats were taken";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("fq (ExtendedQuantizeLinear)"));
    }
}

/// 2 rows of weights in blocks of 16 with the zero points 8 and 1.
TEST(PlainQuantization, UnpacksNBitsLowestBitsFirst)
{
    std::vector<std::uint8_t> packed(2 * 8);
    for (std::size_t i = 0; i < packed.size(); ++i) {
        packed[i] = static_cast<std::uint8_t>(i * 37 + 11);
    }
    const std::vector<float> scales{0.5f, 0.25f};
    const std::vector<std::uint8_t> zeros{8, 1};
    const Given given{"com.microsoft",
                      "MatMulNBits",
                      {{"K", std::int64_t{8}},
                       {"N", std::int64_t{2}},
                       {"bits", std::int64_t{4}},
                       {"block_size", std::int64_t{16}}},
                      {makeTensor<std::uint8_t>({2, 1, 8}, packed), floats({2}, scales),
                       makeTensor<std::uint8_t>({2}, zeros)}};
    const std::vector<float> x = drawn();
    std::vector<double> expected;
    for (std::size_t row = 0; row < 4; ++row) {
        for (std::size_t n = 0; n < 2; ++n) {
            double sum = 0;
            for (std::size_t k = 0; k < 8; ++k) {
                const int byte = packed[n * 8 + k / 2];
                const int code = k % 2 == 0 ? byte & 15 : byte >> 4;
                sum += x[row * 8 + k] * (code - zeros[n]) * scales[n];
            }
            expected.push_back(sum);
        }
    }
    expectNear(run(withPlainQuantization(graphOf(given)), x), expected);
}

} // namespace
