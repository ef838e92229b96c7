#include "core/graph/operator_registry.h"
#include "core/graph/operator_traits.h"
#include "core/tensor/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

// The table of traits against ONNX's definitions and against the reference evaluation of the operators
// themselves: what a row claims, the operator does.

namespace {

using core::ChannelFlow;
using core::ElementFlow;
using core::OperatorKind;
using core::OperatorTraits;
using core::Tensor;

std::vector<OperatorTraits> rowsWhere(bool (*holds)(const OperatorTraits&))
{
    std::vector<OperatorTraits> rows;
    std::ranges::copy_if(core::allTraits(), std::back_inserter(rows), holds);
    return rows;
}

std::set<std::string_view> typesWhere(bool (*holds)(const OperatorTraits&))
{
    std::set<std::string_view> types;
    for (const OperatorTraits& row : rowsWhere(holds)) {
        types.insert(row.type);
    }
    return types;
}

Tensor integers(std::vector<std::int64_t> values)
{
    const auto count = static_cast<std::int64_t>(values.size());
    return core::makeTensor<std::int64_t>({count}, std::span<const std::int64_t>(values));
}

/// An operator on a tensor of 2 × 4 × 4 × 4, with what else it needs to be what it is.
struct Case
{
    core::Node node;
    std::vector<Tensor> others;
};

Case caseOf(const std::string& type)
{
    Case result;
    result.node.name = result.node.type = type;
    result.node.version = 13;
    result.node.outputs = {core::ValueId(1)};
    auto& attributes = result.node.attributes;
    const std::vector<std::int64_t> two{2, 2};
    if (type == "Reshape") {
        result.others = {integers({2, 4, 16})};
    } else if (type == "Squeeze") {
        result.others = {integers({})};
    } else if (type == "Unsqueeze") {
        result.others = {integers({4})};
    } else if (type == "Slice") {
        result.others = {integers({1}), integers({3}), integers({1}), integers({1})};
    } else if (type == "Split") {
        attributes["axis"] = std::int64_t{1};
        result.node.outputs = {core::ValueId(1), core::ValueId(2)};
    } else if (type == "Gather") {
        attributes["axis"] = std::int64_t{1};
        result.others = {integers({2, 0})};
    } else if (type == "GatherElements") {
        result.others = {core::makeTensor<std::int64_t>({1, 1, 1, 4}, std::vector<std::int64_t>{1, 0, 1, 1})};
    } else if (type == "Expand") {
        result.others = {integers({2, 2, 4, 4, 4})};
    } else if (type == "Tile") {
        result.others = {integers({1, 1, 2, 1})};
    } else if (type == "DepthToSpace" || type == "SpaceToDepth") {
        attributes["blocksize"] = std::int64_t{2};
    } else if (type == "MaxPool" || type == "AveragePool") {
        attributes["kernel_shape"] = two;
        attributes["strides"] = two;
    } else if (type == "ReduceMax" || type == "ReduceMin" || type == "ReduceMean") {
        attributes["axes"] = std::vector<std::int64_t>{2, 3};
    } else if (type == "ReduceSum") {
        result.others = {integers({2, 3})};
    } else if (type == "PRelu") {
        result.others = {core::makeTensor<float>({4, 1, 1}, std::vector<float>{0.1f, 0.5f, 0.0f, 2.0f})};
    } else if (type == "Pow") {
        result.others = {core::makeTensor<float>({}, std::vector<float>{2.0f})};
    }
    result.node.inputs.assign(1 + result.others.size(), core::ValueId(0));
    return result;
}

std::vector<float> run(const std::string& type, std::vector<float> values)
{
    const Case given = caseOf(type);
    std::vector<Tensor> inputs{core::makeTensor<float>({2, 4, 4, 4}, std::span<const float>(values))};
    inputs.insert(inputs.end(), given.others.begin(), given.others.end());
    const auto results = core::findOperator("", type)->evaluate(given.node, inputs);
    const auto first = results.at(0).as<float>();
    return {first.begin(), first.end()};
}

std::vector<float> randomValues(float low, float high)
{
    std::mt19937 random(7);
    std::uniform_real_distribution<float> draw(low, high);
    std::vector<float> values(128);
    std::ranges::generate(values, [&] { return draw(random); });
    return values;
}

/// Roots and logarithms have no result below zero.
float lowestOf(std::string_view type) { return type == "Sqrt" || type == "Log" ? 0.125f : -4.0f; }

} // namespace

TEST(OperatorTraits, NameOperatorsThatAreRegistered)
{
    const std::set<std::string_view> recognised{"ElementwiseLinear"}; // by its pattern
    for (const OperatorTraits& row : core::allTraits()) {
        EXPECT_TRUE(core::findOperator("", row.type) || recognised.contains(row.type)) << row.type;
    }
    std::set<std::string_view> types;
    for (const OperatorTraits& row : core::allTraits()) {
        EXPECT_TRUE(types.insert(row.type).second) << row.type << " has two rows";
    }
    EXPECT_EQ(core::traitsOf("NoSuchOperator").kind, OperatorKind::Other);
    EXPECT_FALSE(core::isLinear("NoSuchOperator"));
    EXPECT_EQ(core::traitsOf("Input").kind, OperatorKind::Other);
}

TEST(OperatorTraits, SayWhatOnnxSaysOfWeights)
{
    using testing::UnorderedElementsAre;
    EXPECT_THAT(typesWhere([](const OperatorTraits& t) { return core::isLinear(t.type); }),
                UnorderedElementsAre("Conv", "ConvTranspose", "Gemm", "MatMul"));
    EXPECT_THAT(typesWhere([](const OperatorTraits& t) { return core::isConvolution(t.type); }),
                UnorderedElementsAre("Conv", "ConvTranspose"));
    core::Node node;
    node.type = "ConvTranspose"; // C × M/group × k…
    node.attributes["group"] = std::int64_t{2};
    EXPECT_EQ(core::weightAxes(node, 4).result, 1U);
    EXPECT_EQ(core::weightAxes(node, 4).source, 0U);
    EXPECT_EQ(core::convolutionGroups(node), 2);
    node = {};
    node.type = "Conv"; // M × C/group × k…
    EXPECT_EQ(core::weightAxes(node, 4).result, 0U);
    EXPECT_EQ(core::convolutionGroups(node), 1);
    node.type = "Gemm"; // K × N
    EXPECT_EQ(core::weightAxes(node, 2).result, 1U);
    node.attributes["transB"] = std::int64_t{1}; // N × K
    EXPECT_EQ(core::weightAxes(node, 2).result, 0U);
    EXPECT_EQ(core::weightAxes(node, 2).source, 1U);
    EXPECT_TRUE(core::hasTransposedWeights(node));
    node.type = "MatMul"; // … × K × N; an attribute of Gemm says nothing here
    EXPECT_EQ(core::weightAxes(node, 3).result, 2U);
    EXPECT_EQ(core::weightAxes(node, 3).source, 1U);
    EXPECT_FALSE(core::hasTransposedWeights(node));
    EXPECT_EQ(core::traitsOf("LSTM").gates, 4U);
    EXPECT_EQ(core::traitsOf("GRU").gates, 3U);
}

TEST(OperatorTraits, CountMultiplications)
{
    core::Node node;
    node.type = "Conv"; // 8 results of 2 × 2, each of 3 · 3 · 3 products
    EXPECT_EQ(core::macsOf(node, {1, 3, 4, 4}, {8, 3, 3, 3}, {1, 8, 2, 2}), 8.0 * 4 * 27);
    node.type = "ConvTranspose"; // each of 3 · 16 elements meets 8 · 9 weights
    EXPECT_EQ(core::macsOf(node, {1, 3, 4, 4}, {3, 8, 3, 3}, {1, 8, 6, 6}), 48.0 * 72);
    node.type = "MatMul";
    EXPECT_EQ(core::macsOf(node, {5, 7}, {7, 2}, {5, 2}), 70.0);
    node.type = "Gemm";
    node.attributes["transA"] = std::int64_t{1};
    EXPECT_EQ(core::macsOf(node, {7, 5}, {7, 2}, {5, 2}), 70.0);
    node.type = "Relu";
    EXPECT_EQ(core::macsOf(node, {5, 7}, {}, {5, 7}), 0.0);
}

TEST(OperatorTraits, MovedElementsAreElementsOfTheInput)
{
    const std::vector<float> values = randomValues(-4.0f, 4.0f);
    const std::set<float> known(values.begin(), values.end());
    for (const OperatorTraits& row : core::allTraits()) {
        if (row.elements == ElementFlow::Computed || !row.staysInRange) {
            continue; // Relu and Pad add a zero; Resize and Concat need more than one sentence
        }
        const std::vector<float> results = run(std::string(row.type), values);
        for (const float result : results) {
            ASSERT_TRUE(known.contains(result)) << row.type << " computes " << result;
        }
        if (row.elements == ElementFlow::Kept) {
            EXPECT_EQ(results, values) << row.type;
        }
    }
}

TEST(OperatorTraits, PlacedElementsDoNotDependOnValues)
{
    std::vector<float> counted(128);
    std::iota(counted.begin(), counted.end(), 0.0f);
    std::vector<float> reversed(counted.rbegin(), counted.rend());
    for (const OperatorTraits& row : core::allTraits()) {
        if (row.elements != ElementFlow::Placed || !row.staysInRange) {
            continue;
        }
        const auto up = run(std::string(row.type), counted);
        const auto down = run(std::string(row.type), reversed);
        ASSERT_EQ(up.size(), down.size());
        for (std::size_t i = 0; i < up.size(); ++i) {
            ASSERT_EQ(up[i] + down[i], 127.0f) << row.type; // the same place in both
        }
    }
}

TEST(OperatorTraits, HomogeneousMeansThatFactorsComeOut)
{
    const std::vector<float> values = randomValues(-4.0f, 4.0f);
    std::vector<float> doubled = values;
    std::ranges::transform(doubled, doubled.begin(), [](float x) { return 2.0f * x; });
    for (const OperatorTraits& row : rowsWhere([](const OperatorTraits& t) { return t.isHomogeneous; })) {
        const auto once = run(std::string(row.type), values);
        const auto twice = run(std::string(row.type), doubled);
        for (std::size_t i = 0; i < once.size(); ++i) {
            ASSERT_EQ(twice[i], 2.0f * once[i]) << row.type; // powers of two are exact
        }
    }
    for (const char* type : {"Sigmoid", "HardSwish", "Clip", "Exp"}) {
        EXPECT_FALSE(core::traitsOf(type).isHomogeneous) << type;
    }
}

TEST(OperatorTraits, MonotoneMeansThatItNeverFalls)
{
    for (const OperatorTraits& row : core::allTraits()) {
        if (row.kind != OperatorKind::Function && !row.isMonotone) {
            continue;
        }
        std::vector<float> values(128);
        const float low = lowestOf(row.type);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = low + (4.0f - low) * static_cast<float>(i) / 127.0f;
        }
        const auto results = run(std::string(row.type), values);
        EXPECT_EQ(std::ranges::is_sorted(results), row.isMonotone) << row.type;
    }
}

TEST(OperatorTraits, RangesHold)
{
    for (const OperatorTraits& row : core::allTraits()) {
        if (row.staysInRange || row.staysInUnit) {
            const auto results = run(std::string(row.type), randomValues(-4.0f, 4.0f));
            const auto [low, high] = std::ranges::minmax(results);
            EXPECT_GE(low, row.staysInUnit ? 0.0f : -4.0f) << row.type;
            EXPECT_LE(high, row.staysInUnit ? 1.0f : 4.0f) << row.type;
        }
    }
}

TEST(OperatorTraits, ChannelsThatAreKeptDependOnThemselvesAlone)
{
    for (const OperatorTraits& row : core::allTraits()) {
        const bool isAlone = row.kind == OperatorKind::Function || row.pool != core::PoolForm::None
            || row.type == "Identity" || row.type == "Relu";
        if (row.channels != ChannelFlow::Keeps || !isAlone) {
            continue;
        }
        std::vector<float> values = randomValues(0.5f, 4.0f);
        const auto before = run(std::string(row.type), values);
        std::fill_n(values.begin() + 16, 16, 5.0f); // channel 1 of the first image
        const auto after = run(std::string(row.type), values);
        const std::size_t plane = before.size() / 8;
        for (std::size_t i = 0; i < before.size(); ++i) {
            if (i / plane != 1) {
                ASSERT_EQ(before[i], after[i]) << row.type;
            }
        }
    }
}
