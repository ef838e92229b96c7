#include "kernels/int8/integer_epilogue.h"

#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using kernels::Activation;
using kernels::QuantizedFormat;

struct Case
{
    std::size_t channels;
    std::size_t rows;
};

// Rows that fill a block of 1,024 several times, just, not quite, and rows longer than a block.
constexpr Case kCases[] = {{1, 1},    {1, 3000}, {3, 341},  {3, 342}, {8, 129},  {15, 70},
                           {16, 64},  {17, 61},  {32, 100}, {96, 33}, {1023, 3}, {1024, 2},
                           {1025, 2}, {1280, 3}, {2048, 1}, {2049, 2}};

void expectTwin(const Case& c, const QuantizedFormat& dst, const Activation& activation, bool hasResidual)
{
    std::mt19937 random(static_cast<unsigned>(c.channels * 7 + c.rows));
    std::uniform_int_distribution<std::int32_t> sums(-30000, 30000);
    const auto multiplier = test::randomFloats(static_cast<std::int64_t>(c.channels), 1, 1e-4f, 2e-3f);
    std::vector<std::int32_t> bias(c.channels);
    for (std::int32_t& b : bias) {
        b = sums(random) / 10;
    }
    const std::size_t count = c.channels * c.rows;
    std::vector<std::int32_t> accumulators(count);
    for (std::int32_t& a : accumulators) {
        a = sums(random);
    }
    const auto residual = test::randomCodes(static_cast<std::int64_t>(hasResidual ? count : 0), 3);
    const auto residualFormat = hasResidual ? std::optional(kernels::formatU8(0.04f, 131)) : std::nullopt;
    const auto how = kernels::makeRequantization(multiplier, dst, activation, residualFormat);
    std::vector<std::byte> actual(count * sizeOf(dst.type));
    std::vector<std::byte> expected(actual.size());
    kernels::IntegerEpilogue(how, bias, c.channels).apply(accumulators, residual, actual);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t channel = i % c.channels;
        kernels::storeRequantized(accumulators[i] + bias[channel], how.multiplier[channel],
                                  hasResidual ? static_cast<std::int32_t>(residual[i]) : 0, how, expected, i);
    }
    EXPECT_EQ(actual, expected) << c.channels << " channels, " << c.rows << " rows";
}

TEST(IntegerEpilogue, EqualsTheScalarArithmeticForRowsOfAnyLength)
{
    for (const Case& c : kCases) {
        for (const bool hasResidual : {false, true}) {
            expectTwin(c, kernels::formatU8(0.05f, 0), {Activation::Kind::Relu}, hasResidual);
            expectTwin(c, kernels::formatS8(0.06f, -4), {}, hasResidual);
            expectTwin(c, kernels::formatU8(0.03f, 7), {Activation::Kind::LeakyRelu, 0.1f}, hasResidual);
        }
    }
}

} // namespace
