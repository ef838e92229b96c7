#include "kernels/float/movement.h"

#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <numeric>

namespace {

std::vector<std::int32_t> numbers(std::size_t count)
{
    std::vector<std::int32_t> values(count);
    std::iota(values.begin(), values.end(), 0);
    return values;
}

TEST(Transpose, PutsEveryElementInItsPlace)
{
    const std::vector<std::int64_t> shape{2, 3, 4};
    const std::vector<int> permutation{2, 0, 1};
    const auto src = numbers(24);
    std::vector<std::int32_t> dst(24);
    kernels::transpose(std::as_bytes(std::span(src)), shape, permutation, 4,
                       std::as_writable_bytes(std::span(dst)));
    for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            for (std::size_t k = 0; k < 4; ++k) {
                ASSERT_EQ(dst[(k * 2 + i) * 3 + j], src[(i * 3 + j) * 4 + k]);
            }
        }
    }
}

TEST(Concatenate, InterleavesRows)
{
    const std::vector<std::int32_t> a{1, 2, 3, 4};
    const std::vector<std::int32_t> b{5, 6};
    std::vector<std::int32_t> dst(6);
    const kernels::ConcatenationSource sources[] = {{std::as_bytes(std::span(a)), 8},
                                                    {std::as_bytes(std::span(b)), 4}};
    kernels::concatenate(sources, std::as_writable_bytes(std::span(dst)));
    EXPECT_EQ(dst, (std::vector<std::int32_t>{1, 2, 5, 3, 4, 6}));
}

TEST(PadConstant, SurroundsAndCrops)
{
    const std::vector<std::int64_t> shape{2, 3};
    const auto src = numbers(6); // 0 1 2 / 3 4 5
    const std::int32_t nine = 9;
    std::vector<std::int32_t> dst(3 * 3);
    const std::vector<std::int64_t> begin{1, -1};
    const std::vector<std::int64_t> end{0, 1};
    kernels::padConstant(std::as_bytes(std::span(src)), shape, begin, end, std::as_bytes(std::span(&nine, 1)),
                         std::as_writable_bytes(std::span(dst)));
    EXPECT_EQ(dst, (std::vector<std::int32_t>{9, 9, 9, 1, 2, 9, 4, 5, 9}));
}

TEST(Resize, NearestRepeatsPixels)
{
    kernels::ResizeShape shape{.batch = 1, .channels = 2, .src = {1, 2, 1}, .dst = {1, 4, 1}};
    const auto src = numbers(4);
    std::vector<std::int32_t> dst(8);
    const std::vector<std::int64_t> zero{0};
    const std::vector<std::int64_t> twice{0, 0, 1, 1};
    kernels::resizeNearest(shape, {zero, twice, zero}, 4, std::as_bytes(std::span(src)),
                           std::as_writable_bytes(std::span(dst)));
    EXPECT_EQ(dst, (std::vector<std::int32_t>{0, 1, 0, 1, 2, 3, 2, 3}));
}

TEST(Resize, LinearWeighsNeighbours)
{
    kernels::ResizeShape shape{.batch = 1, .channels = 1, .src = {2, 2, 1}, .dst = {1, 3, 1}};
    const std::vector<float> src{0.0f, 8.0f, 16.0f, 32.0f};
    std::vector<float> dst(3);
    const std::vector<kernels::LinearTap> rows{{0, 1, 0.5f}};
    const std::vector<kernels::LinearTap> columns{{0, 1, 0.0f}, {0, 1, 0.25f}, {1, 1, 0.0f}};
    const std::vector<kernels::LinearTap> one{{0, 0, 0.0f}};
    kernels::resizeLinear(shape, {rows, columns, one}, src, dst);
    EXPECT_EQ(dst, (std::vector<float>{8.0f, 11.0f, 20.0f}));
}

} // namespace
