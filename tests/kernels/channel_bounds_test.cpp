#include "kernels/float/channel_bounds.h"
#include "kernels/float/reference_channel_bounds.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

namespace {

template <typename T>
std::vector<T> values(std::size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> any(std::numeric_limits<T>::is_signed ? -100 : 0, 100);
    std::vector<T> result(count);
    std::ranges::generate(result, [&] { return static_cast<T>(any(random)); });
    return result;
}

template <typename T>
void expectTwins()
{
    for (const std::size_t channels : {1u, 7u, 16u, 33u}) { // either side of a vector's width
        for (const std::size_t stride : {1u, 5u}) {
            const auto bounds = values<T>(channels, 1);
            auto fast = values<T>(3 * channels * stride, 2);
            auto readable = fast;
            kernels::minByChannel(std::span(fast), std::span<const T>(bounds), stride);
            kernels::referenceMinByChannel(std::span(readable), std::span<const T>(bounds), stride);
            EXPECT_EQ(fast, readable) << channels << " channels, stride " << stride;
        }
    }
}

TEST(ChannelBounds, EqualTheirReadableTwin)
{
    expectTwins<float>();
    expectTwins<std::uint8_t>();
    expectTwins<std::int8_t>();
    expectTwins<std::uint16_t>();
    expectTwins<std::int16_t>();
}

TEST(ChannelBounds, KeepNanAndWhatLiesBelow)
{
    std::vector<float> dst{1.0f, std::nanf(""), 5.0f, -2.0f};
    const std::vector<float> bounds{3.0f, 3.0f};
    kernels::minByChannel(std::span(dst), std::span<const float>(bounds), 1);
    EXPECT_EQ(dst[0], 1.0f);
    EXPECT_TRUE(std::isnan(dst[1]));
    EXPECT_EQ(dst[2], 3.0f);
    EXPECT_EQ(dst[3], -2.0f);
}

} // namespace
