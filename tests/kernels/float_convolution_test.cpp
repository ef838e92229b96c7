#include "kernels/float/float_convolution.h"

#include "kernels/float/reference_convolution.h"
#include "kernels/shape/thread_setup.h"
#include "tests/kernels/convolution_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

namespace {

using kernels::Activation;
using kernels::FloatConvolution;
using kernels::Residual;

class FloatConvolutionOf : public testing::TestWithParam<test::ConvolutionCase>
{
};

/// Largest |a − b| relative to the largest |b|.
double difference(std::span<const float> a, std::span<const float> b)
{
    double worst = 0.0;
    double largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        worst = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]));
        largest = std::max(largest, std::abs(static_cast<double>(b[i])));
    }
    return worst / largest;
}

TEST_P(FloatConvolutionOf, EqualsItsReferenceTwin)
{
    const test::PreparedThread prepared;
    const auto& shape = GetParam().shape;
    const auto src = test::randomFloats(shape.srcCount(), 1);
    const auto weights = test::randomFloats(shape.weightCount(), 2);
    const auto bias = test::randomFloats(shape.dstChannels, 3);
    const auto residual = test::randomFloats(shape.dstCount(), 4);
    for (const auto& activation :
         {Activation{}, Activation{Activation::Kind::Relu}, Activation{Activation::Kind::Clip, -0.5f, 1.5f},
          Activation{Activation::Kind::LeakyRelu, 0.1f}, Activation{Activation::Kind::HardSwish},
          Activation{Activation::Kind::Sigmoid}}) {
        SCOPED_TRACE(static_cast<int>(activation.kind));
        std::vector<float> expected(residual.size());
        kernels::convolutionReference(shape, src, weights, bias, activation, residual, expected);
        const FloatConvolution convolution(shape, weights, bias, activation, Residual::Add);
        std::vector<float> apart(residual.size());
        convolution.execute(src, apart, residual);
        EXPECT_LT(difference(apart, expected), 1e-5) << convolution.implementation();
        auto inPlace = residual;
        convolution.execute(src, inPlace, inPlace);
        EXPECT_EQ(inPlace, apart);
    }
    std::vector<float> expected(residual.size());
    std::vector<float> dst(residual.size());
    kernels::convolutionReference(shape, src, weights, {}, {}, {}, expected);
    FloatConvolution(shape, weights, {}, {}).execute(src, dst);
    EXPECT_LT(difference(dst, expected), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Shapes, FloatConvolutionOf, testing::ValuesIn(test::allConvolutions()),
                         [](const auto& instance) { return instance.param.name; });

TEST(FloatConvolution, CommonShapesRunFast)
{
    for (const auto& [name, shape] : test::commonConvolutions()) {
        const std::vector<float> weights(static_cast<std::size_t>(shape.weightCount()), 0.5f);
        const FloatConvolution convolution(shape, weights, {}, {Activation::Kind::Relu}, Residual::Add);
        EXPECT_EQ(convolution.implementation().find("ref"), std::string::npos) << name;
        EXPECT_EQ(convolution.implementation().find("own"), std::string::npos) << name;
    }
}

TEST(FloatConvolution, TwoThreadsShareOneConvolution)
{
    const auto shape = test::square(32, 32, 1, {20, 3, 1, 1});
    const auto weights = test::randomFloats(shape.weightCount(), 2);
    const FloatConvolution convolution(shape, weights, {}, {});
    std::vector<std::vector<float>> results(2,
                                            std::vector<float>(static_cast<std::size_t>(shape.dstCount())));
    std::vector<float> alone(results[0].size());
    const auto run = [&](std::vector<float>& dst) {
        kernels::prepareThread();
        const auto src = test::randomFloats(shape.srcCount(), 1);
        for (int i = 0; i < 20; ++i) {
            convolution.execute(src, dst);
        }
    };
    std::jthread(run, std::ref(alone)).join();
    std::jthread first(run, std::ref(results[0]));
    std::jthread second(run, std::ref(results[1]));
    first.join();
    second.join();
    EXPECT_EQ(results[0], alone);
    EXPECT_EQ(results[1], alone);
}

} // namespace
