#include "core/quantization/weight_statistics.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace {

core::Operator linear(const std::string& type, core::Shape shape)
{
    std::vector<float> values(static_cast<std::size_t>(
        std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>())));
    std::iota(values.begin(), values.end(), 1.0f);
    core::Operator op;
    op.type = type;
    op.node.type = type;
    op.constants = {std::nullopt, core::makeTensor<float>(std::move(shape), values)};
    return op;
}

TEST(WeightStatistics, ConvolutionsHaveTheirOutputChannelFirst)
{
    const auto s = core::weightStatistics(linear("Conv", {2, 3, 1, 2}));
    ASSERT_TRUE(s);
    EXPECT_EQ(s->tensor.total.count, 12u);
    ASSERT_EQ(s->channels.size(), 2u);
    EXPECT_EQ(s->channels[0].total.max, 6.0f); // 1 … 6
    EXPECT_EQ(s->channels[1].total.min, 7.0f);
    EXPECT_EQ(s->tensor.channels[1], s->channels[1].total);
}

TEST(WeightStatistics, MatricesHaveItLastUnlessTransposed)
{
    const auto last = core::weightStatistics(linear("MatMul", {3, 2}));
    ASSERT_EQ(last->channels.size(), 2u);
    EXPECT_EQ(last->channels[0].total.sum, 1.0 + 3.0 + 5.0);
    core::Operator gemm = linear("Gemm", {3, 2});
    gemm.node.attributes["transB"] = std::int64_t{1};
    const auto first = core::weightStatistics(gemm);
    ASSERT_EQ(first->channels.size(), 3u);
    EXPECT_EQ(first->channels[0].total.sum, 1.0 + 2.0);
}

TEST(WeightStatistics, TransposedConvolutionsKeepTheChannelsOfAGroupTogether)
{
    core::Operator op = linear("ConvTranspose", {4, 2, 1}); // two groups of two inputs, two outputs each
    op.node.attributes["group"] = std::int64_t{2};
    const auto s = core::weightStatistics(op);
    ASSERT_EQ(s->channels.size(), 4u);
    EXPECT_EQ(s->channels[0].total.sum, 1.0 + 3.0);
    EXPECT_EQ(s->channels[1].total.sum, 2.0 + 4.0);
    EXPECT_EQ(s->channels[3].total.sum, 6.0 + 8.0);
}

TEST(WeightStatistics, ThereAreNoneWithoutAConstant)
{
    core::Operator op = linear("Conv", {1, 1, 1, 1});
    op.constants[1].reset();
    EXPECT_FALSE(core::weightStatistics(op));
    EXPECT_FALSE(core::weightStatistics(linear("Concat", {2, 2})));
    EXPECT_TRUE(core::weightStatistics(linear("Add", {2, 2})));
}

} // namespace
