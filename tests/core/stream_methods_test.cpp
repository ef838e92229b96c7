// DNNLOWP's searches on its own observer's bins, and its ranges at run time.
#include "core/base/error.h"
#include "core/calibration/collector.h"
#include "core/calibration/dynamic_histogram.h"
#include "core/calibration/observed_range.h"
#include "core/calibration/run_time_range.h"
#include "core/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace {

using namespace core;

constexpr CalibrationTarget kUnsigned8{Scheme::Asymmetric, 8};

/// 0, 1, … n: over 2048 bins of width n / 2048.
std::vector<float> ramp(std::size_t n)
{
    std::vector<float> values(n + 1);
    std::iota(values.begin(), values.end(), 0.0f);
    return values;
}

Range collected(const std::string& name, const std::vector<std::vector<float>>& samples)
{
    const CalibrationMethod method = parseCalibrationMethod(name);
    const auto collector = makeCollector(method, "t", {});
    TensorStatistics statistics;
    for (const auto& sample : samples) {
        collector->add(sample);
        statistics.merge(statisticsOf(sample, {0, 1}));
    }
    return collector->range(statistics, kUnsigned8);
}

/// A bin per value, two in the last. 5 % of 2049 values are 102.45, so that bins 0 … 101 lie below; from
/// above the first bin with a share of at most 95 % is 1945: [102, 1947], and 0 belongs to every range.
TEST(RunTimeRange, P99CutsBothSidesAndKeepsZero)
{
    EXPECT_EQ(runTimeRange(ramp(2048), parseCalibrationMethod("dynamic:p99:0.9"), kUnsigned8),
              (Range{0.0, 1947.0}));
    EXPECT_EQ(runTimeRange(ramp(2048), parseCalibrationMethod("dynamic"), kUnsigned8), (Range{0.0, 2048.0}));
}

TEST(RunTimeRange, L2ClipsOneFarValueAndMinMaxDoesNot)
{
    std::vector<float> values(20000);
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::ranges::generate(values, [&] { return normal(random); });
    values[7] = 40.0f;
    values[8] = std::numeric_limits<float>::quiet_NaN();
    const Range all = runTimeRange(values, parseCalibrationMethod("dynamic"), kUnsigned8);
    const Range few = runTimeRange(values, parseCalibrationMethod("dynamic:l2"), {Scheme::Asymmetric, 4});
    EXPECT_EQ(all.max, 40.0);
    EXPECT_LT(few.max, 10.0);
    EXPECT_EQ(runTimeRange(std::vector<float>{5.0f, 5.0f}, parseCalibrationMethod("dynamic:l2"), kUnsigned8),
              (Range{0.0, 5.0}));
}

/// One sample that holds the whole range from the start: no bin ever moves, and the answer is that of exact
/// bins.
TEST(StreamMethods, OneSampleIsAnExactHistogram)
{
    EXPECT_EQ(collected("p99:stream:0.9", {ramp(2048)}), (Range{0.0, 1947.0}));
}

TEST(StreamMethods, AnswerAsAnObserverFileOfTheSameStream)
{
    std::mt19937 random(11);
    std::vector<std::vector<float>> samples(6, std::vector<float>(500));
    DynamicHistogram observer(2048);
    float spread = 1.0f;
    for (auto& sample : samples) {
        std::normal_distribution<float> normal(0.2f, spread);
        std::ranges::generate(sample, [&] { return normal(random); });
        spread *= 1.7f; // the range grows
        observer.add(sample);
    }
    const StaticHistogram bins = observer.finalize();
    const FixedHistogram file{bins.min,
                              (static_cast<double>(bins.max) - bins.min) / 2048.0,
                              {bins.counts.begin(), bins.counts.end()}};
    for (const auto& [stream, plain] :
         {std::pair{"p99:stream", "p99"}, std::pair{"l2:stream", "l2:dnnlowp"},
          std::pair{"l1:stream", "l1:dnnlowp"}, std::pair{"l2-approx:stream", "l2-approx"},
          std::pair{"entropy:stream", "entropy:dnnlowp"}}) {
        EXPECT_EQ(collected(stream, samples), observedRange(file, parseCalibrationMethod(plain), kUnsigned8))
            << stream;
    }
}

TEST(OutlierLimits, ComeBackAsWrittenAndRefuseTheRest)
{
    EXPECT_EQ(parseOutlierLimits("k=128"), (OutlierLimits{0.05, 0, 0, 128}));
    EXPECT_EQ(parseOutlierLimits(toString(OutlierLimits{0.5, 1, 2, 3})), (OutlierLimits{0.5, 1, 2, 3}));
    for (const char* wrong : {"", "k", "k=", "k=-1", "density=1.5", "density=nan", "x=1"}) {
        EXPECT_THROW((void)parseOutlierLimits(wrong), Error) << wrong;
    }
}

} // namespace
