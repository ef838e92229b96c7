#include "core/measure/layer_metrics.h"

#include <array>
#include <gtest/gtest.h>

namespace {

// Reference of the other systems, section 5: y = [3, 4], y' = [3, 5] have SQNR 13.979 dB, normalised L2 0.2
// and cosine 0.994692.
TEST(LayerMetrics, GoldenErrorOfTwoNumbers)
{
    const auto y = core::makeTensor<float>({2}, std::array{3.0f, 4.0f});
    const auto approximation = core::makeTensor<float>({2}, std::array{3.0f, 5.0f});
    const auto metrics = core::metricsOf(core::compareTensors(y, approximation, nullptr, 0), std::nullopt, 1);
    EXPECT_NEAR(metrics.sqnrDb.value(), 13.979, 5e-4);
    EXPECT_NEAR(metrics.relativeL2.value(), 0.2, 1e-7);
    EXPECT_NEAR(metrics.cosine.value(), 0.994692, 5e-7);
    EXPECT_NEAR(metrics.l2, 1.0, 1e-7);
    EXPECT_EQ(metrics.maxAbs, 1.0);
}

} // namespace
