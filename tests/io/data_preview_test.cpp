#include "io/data/data_preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace {

core::Graph identity(core::Shape shape)
{
    core::GraphBuilder builder;
    const core::ValueId in = builder.input("x", core::DataType::Float32, std::move(shape));
    const core::ValueId out = builder.value("y");
    builder.output(out);
    core::Node node;
    node.type = "Identity";
    node.inputs = {in};
    node.outputs = {out};
    builder.node(node);
    return std::move(builder).finish();
}

core::Sample sampleOf(core::Shape shape, const std::vector<float>& values)
{
    core::Sample sample;
    sample.inputs.push_back(core::makeTensor<float>(std::move(shape), values));
    return sample;
}

TEST(DataPreview, ChannelsAndPictureOfAPlanarInput)
{
    const core::Shape shape{1, 3, 1, 2};
    const auto previews = io::previewInputs(identity(shape), sampleOf(shape, {-1, 0, 1, 3, 2, 2}));
    ASSERT_EQ(previews.size(), 1u);
    ASSERT_EQ(previews[0].channels.size(), 3u);
    EXPECT_EQ(previews[0].channels[0].min, -1);
    EXPECT_EQ(previews[0].channels[0].mean, -0.5);
    EXPECT_EQ(previews[0].channels[1].max, 3);
    EXPECT_EQ(previews[0].low, -1);
    EXPECT_EQ(previews[0].high, 3);
    ASSERT_EQ(previews[0].channels[1].histogram.size(), io::ChannelPreview::kBins);
    EXPECT_EQ(previews[0].channels[1].histogram[32], 1u) << "1 lies in the middle of -1 to 3";
    EXPECT_EQ(previews[0].channels[1].histogram.back(), 1u) << "the largest value has a bin";
    EXPECT_EQ(previews[0].channels[2].histogram[48], 2u);
    ASSERT_TRUE(previews[0].picture);
    EXPECT_EQ(previews[0].picture->width, 2);
    // −1…3 becomes 0…255: 63.75 per unit.
    EXPECT_THAT(previews[0].picture->rgb, testing::ElementsAre(0, 128, 191, 64, 255, 191));
}

TEST(DataPreview, ChannelsLastAndGray)
{
    const core::Shape last{1, 2, 5, 3};
    const auto previews = io::previewInputs(identity(last), sampleOf(last, std::vector<float>(30, 7.0f)));
    EXPECT_EQ(previews[0].channels.size(), 3u);
    EXPECT_EQ(previews[0].picture->height, 2);
    const core::Shape gray{1, 1, 1, 2};
    EXPECT_THAT(io::previewInputs(identity(gray), sampleOf(gray, {0, 10}))[0].picture->rgb,
                testing::ElementsAre(0, 0, 0, 255, 255, 255));
}

TEST(DataPreview, VectorsHaveOneChannelAndNoPicture)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const auto previews = io::previewInputs(identity({1, 4}), sampleOf({1, 4}, {1, nan, 3, 2}));
    ASSERT_EQ(previews[0].channels.size(), 1u);
    EXPECT_EQ(previews[0].channels[0].mean, 2);
    EXPECT_EQ(previews[0].channels[0].notFinite, 1);
    EXPECT_FALSE(previews[0].picture);
}

} // namespace
