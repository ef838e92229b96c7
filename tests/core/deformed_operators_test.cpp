#include "core/base/error.h"
#include "core/graph/reference_evaluator.h"

#include <gmock/gmock.h>

namespace {

using namespace core;
using testing::ElementsAre;
using testing::HasSubstr;
using Integers = std::vector<std::int64_t>;

Tensor floats(Shape shape, std::vector<float> values) { return makeTensor<float>(std::move(shape), values); }

Tensor integers(const Integers& values) { return makeTensor<std::int64_t>({std::ssize(values)}, values); }

/// 0, 1, 2, …
Tensor counted(Shape shape)
{
    std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i);
    }
    return floats(std::move(shape), values);
}

std::vector<float> run(const std::string& type, const std::vector<Tensor>& inputs,
                       std::map<std::string, Attribute, std::less<>> attributes, int version = 24)
{
    Node node;
    node.name = "n";
    node.type = type;
    node.version = version;
    node.attributes = std::move(attributes);
    node.outputs = {ValueId(0)};
    const Tensor result = evaluateNode(node, inputs).at(0);
    const auto values = result.as<float>();
    return {values.begin(), values.end()};
}

TEST(Col2Im, OverlappingBlocksAddUp)
{
    // Blocks of 2 at 0, 1, 2 of a row of 4: places 1 and 2 lie in two blocks.
    EXPECT_THAT(run("Col2Im", {floats({1, 2, 3}, {1, 2, 3, 10, 20, 30}), integers({4}), integers({2})}, {}),
                ElementsAre(1, 2 + 10, 3 + 20, 30));
}

TEST(Col2Im, DilatedBlocksSkipPlacesAndPadsAreCutOff)
{
    // A row of 3, padded to −1…3; blocks {l−1, l+1} for l = 0, 1, 2.
    EXPECT_THAT(run("Col2Im", {floats({1, 2, 3}, {1, 2, 3, 10, 20, 30}), integers({3}), integers({2})},
                    {{"dilations", Integers{2}}, {"pads", Integers{1, 1}}}),
                ElementsAre(2, 3 + 10, 20));
}

TEST(Col2Im, RefusesColumnsThatAreNotBlocks)
{
    try {
        run("Col2Im", {floats({1, 2, 2}, {1, 2, 3, 4}), integers({4}), integers({2})}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("2 columns, 3 blocks fit"));
    }
}

TEST(AffineGrid, UnitMapGivesThePixelsCentres)
{
    const Tensor unit = floats({1, 2, 3}, {1, 0, 0, 0, 1, 0});
    EXPECT_THAT(run("AffineGrid", {unit, integers({1, 1, 2, 2})}, {}),
                ElementsAre(-0.5f, -0.5f, 0.5f, -0.5f, -0.5f, 0.5f, 0.5f, 0.5f));
    EXPECT_THAT(run("AffineGrid", {unit, integers({1, 1, 1, 3})}, {{"align_corners", std::int64_t{1}}}),
                ElementsAre(-1, -1, 0, -1, 1, -1));
}

TEST(GridSample, AVolumeAtItsOwnCentresIsItself)
{
    const Tensor unit = floats({1, 3, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0});
    const Tensor volume = counted({1, 1, 2, 3, 4});
    const Tensor grid = floats({1, 2, 3, 4, 3}, run("AffineGrid", {unit, integers({1, 1, 2, 3, 4})}, {}));
    for (const std::string mode : {"linear", "nearest"}) {
        const auto sampled = run("GridSample", {volume, grid}, {{"mode", mode}});
        for (std::size_t i = 0; i < sampled.size(); ++i) {
            EXPECT_NEAR(sampled[i], static_cast<float>(i), 1e-5f) << mode;
        }
    }
}

TEST(GridSample, TheMiddleOfAVolumeIsTheMeanOfItsCorners)
{
    EXPECT_THAT(run("GridSample", {counted({1, 1, 2, 2, 2}), floats({1, 1, 1, 1, 3}, {0, 0, 0})}, {}),
                ElementsAre(3.5f));
}

TEST(DeformConv, WithoutOffsetsIsAConvolution)
{
    const Tensor src = counted({1, 2, 3, 3});
    const Tensor weights = floats({1, 2, 2, 2}, {1, 2, 3, 4, -1, 0, 1, 2});
    const Tensor still = floats({1, 8, 2, 2}, std::vector<float>(32, 0.0f));
    EXPECT_EQ(run("DeformConv", {src, weights, still, floats({1}, {5})}, {}),
              run("Conv", {src, weights, floats({1}, {5})}, {}));
}

TEST(DeformConv, OffsetsMoveTapsDownThenRightAndMasksWeighThem)
{
    // One tap of weight 2 moved by (1, 0.5): between 5 and 6 of the second row, then half of it.
    const Tensor src = counted({1, 1, 3, 4});
    const Tensor weights = floats({1, 1, 1, 1}, {2});
    Tensor offset = floats({1, 2, 1, 2}, {1, 1, 0.5f, 0.5f});
    const auto strides = Integers{4, 2};
    EXPECT_THAT(run("DeformConv", {src, weights, offset, Tensor(), floats({1, 1, 1, 2}, {1, 0.5f})},
                    {{"strides", strides}}),
                ElementsAre(9, 6.5f));
}

TEST(TensorScatter, WritesACacheFromAPositionOnAndAround)
{
    const Tensor cache = floats({2, 3, 1}, {1, 2, 3, 4, 5, 6});
    const Tensor update = floats({2, 2, 1}, {10, 20, 30, 40});
    EXPECT_THAT(run("TensorScatter", {cache, update, integers({1, 0})}, {}),
                ElementsAre(1, 10, 20, 30, 40, 6));
    EXPECT_THAT(run("TensorScatter", {cache, update, integers({2, 0})}, {{"mode", std::string("circular")}}),
                ElementsAre(20, 2, 10, 30, 40, 6));
    try {
        run("TensorScatter", {cache, update, integers({2, 0})}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("from position 2 on"));
    }
}

TEST(MaxUnpool, TakesIndicesOfTheTensorThatWasPooled)
{
    // MaxPool of a row of 5 by windows of 2 in two channels: indices 1 and 3, 6 and 8.
    const Tensor values = floats({1, 2, 2}, {9, 8, 7, 6});
    const Tensor indices = makeTensor<std::int64_t>({1, 2, 2}, Integers{1, 3, 6, 8});
    EXPECT_THAT(run("MaxUnpool", {values, indices, integers({1, 2, 5})},
                    {{"kernel_shape", Integers{2}}, {"strides", Integers{2}}}),
                ElementsAre(0, 9, 0, 8, 0, 0, 7, 0, 6, 0));
}

} // namespace
