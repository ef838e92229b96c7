#include "kernels/float/pooling.h"

#include "kernels/codes/quantize.h"
#include "kernels/codes/reference_quantize.h"
#include "kernels/float/reference_pooling.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using kernels::PaddingCount;
using kernels::PoolingShape;

std::vector<PoolingShape> shapes()
{
    PoolingShape plain;
    plain.batch = 2;
    plain.channels = 17;
    plain.src = {9, 8, 1};
    plain.kernel = {3, 3, 1};
    plain.stride = {2, 2, 1};
    plain.padBegin = {1, 1, 0};
    plain.padEnd = {1, 1, 0};
    plain.dst = {5, 4, 1};
    PoolingShape ceiling = plain; // the last window starts inside and reaches past the padding
    ceiling.dst = {5, 5, 1};
    PoolingShape global;
    global.channels = 33;
    global.src = {7, 7, 1};
    global.kernel = {7, 7, 1};
    PoolingShape dilated = plain;
    dilated.dilation = {2, 2, 1};
    dilated.stride = {1, 1, 1};
    dilated.dst = {7, 6, 1};
    PoolingShape volume;
    volume.spatialRank = 3;
    volume.channels = 3;
    volume.src = {4, 5, 6};
    volume.kernel = {2, 2, 3};
    volume.stride = {2, 1, 2};
    volume.padEnd = {0, 1, 0};
    volume.dst = {2, 5, 2};
    return {plain, ceiling, global, dilated, volume};
}

TEST(Pooling, FloatsEqualTheirReferenceTwins)
{
    for (const auto& shape : shapes()) {
        const auto src = test::randomFloats(shape.srcCount(), 1);
        std::vector<float> actual(static_cast<std::size_t>(shape.dstCount()));
        std::vector<float> expected(actual.size());
        kernels::maxPool(shape, src, actual);
        kernels::maxPoolReference(shape, src, expected);
        EXPECT_EQ(actual, expected);
        for (const auto padding : {PaddingCount::Exclude, PaddingCount::Include}) {
            kernels::averagePool(shape, padding, src, actual);
            kernels::averagePoolReference(shape, padding, src, expected);
            for (std::size_t i = 0; i < actual.size(); ++i) {
                ASSERT_NEAR(actual[i], expected[i], 2e-6f);
            }
        }
    }
}

TEST(Pooling, MaxOfCodesIsTheCodeOfTheMax)
{
    for (const auto& shape : shapes()) {
        const auto src = test::randomCodes(shape.srcCount(), 1);
        for (const auto& format : {kernels::formatU8(1.0f), kernels::formatS8(1.0f)}) {
            std::vector<float> reals(src.size());
            std::vector<float> best(static_cast<std::size_t>(shape.dstCount()));
            std::vector<std::byte> expected(best.size());
            std::vector<std::byte> actual(best.size());
            kernels::dequantizeLinear(src, format, reals);
            kernels::maxPoolReference(shape, reals, best);
            kernels::quantizeLinear(best, format, expected);
            kernels::maxPool(shape, format.type, src, actual);
            EXPECT_EQ(actual, expected);
        }
    }
}

TEST(Pooling, AverageOfCodesEqualsItsReferenceTwin)
{
    for (const auto& shape : shapes()) {
        const auto src = test::randomCodes(shape.srcCount(), 1);
        for (const auto& from : {kernels::formatU8(0.1f, 30), kernels::formatS8(0.1f, -4)}) {
            for (const auto& to : {kernels::formatU8(0.0713f, 99), kernels::formatS8(0.1137f)}) {
                for (const auto padding : {PaddingCount::Exclude, PaddingCount::Include}) {
                    std::vector<std::byte> actual(static_cast<std::size_t>(shape.dstCount()));
                    std::vector<std::byte> expected(actual.size());
                    kernels::averagePool(shape, padding, from, src, to, actual);
                    kernels::averagePoolReference(shape, padding, from, src, to, expected);
                    std::size_t off = 0;
                    for (std::size_t i = 0; i < actual.size(); ++i) {
                        const auto d = std::abs(kernels::codeAt(actual, to.type, i)
                                                - kernels::codeAt(expected, to.type, i));
                        ASSERT_LE(d, 1);
                        off += d != 0 ? 1 : 0;
                    }
                    EXPECT_LE(off, 1 + actual.size() / 100); // scales without common ties
                }
            }
        }
    }
}

} // namespace
