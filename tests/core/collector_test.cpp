#include "core/base/error.h"
#include "core/calibration/collector.h"
#include "core/calibration/entropy_ort.h"
#include "core/calibration/pytorch_histogram.h"
#include "core/calibration/symmetric_histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace {

using core::CalibrationMethod;
using core::parseCalibrationMethod;
using core::Range;
using core::Scheme;
using core::TensorStatistics;

using Samples = std::vector<std::vector<float>>;
constexpr core::CalibrationTarget kUnsigned8{Scheme::Asymmetric, 8};

/// What a pass over the samples, in that order, knows of a tensor.
TensorStatistics collected(const Samples& samples, const std::string& method,
                           const core::CustomMethods& custom = {})
{
    const CalibrationMethod parsed = parseCalibrationMethod(method);
    std::shared_ptr<core::Collector> collector = core::makeCollector(parsed, "x", custom);
    TensorStatistics statistics;
    for (const auto& sample : samples) {
        statistics.merge(core::statisticsOf(sample, {0, 1}));
        collector->add(sample);
    }
    statistics.collected[core::toString(parsed)] = collector;
    return statistics;
}

Range by(const std::string& method, const Samples& samples)
{
    return core::calibrate(collected(samples, method), parseCalibrationMethod(method), kUnsigned8);
}

Samples normalSamples(std::size_t count, std::size_t size, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    Samples samples(count, std::vector<float>(size));
    for (auto& sample : samples) {
        std::ranges::generate(sample, [&] { return normal(generator); });
    }
    return samples;
}

TEST(MovingAverage, StartsAtTheFirstSampleAndFollowsTheOthers)
{
    const Samples samples{{-1.0f, 2.0f}, {-3.0f, 4.0f}, {-1.0f, 0.0f}};
    // Minimum: −1, −1 + 0.5·(−3 + 1) = −2, −2 + 0.5·(−1 + 2) = −1.5. Maximum: 2, 3, 1.5.
    EXPECT_EQ(by("moving-average:0.5", samples), (Range{-1.5, 1.5}));
    EXPECT_EQ(by("moving-average:1", samples), (Range{-1.0, 0.0}));
    const Range slow = by("moving-average", samples);
    EXPECT_NEAR(slow.min, -1.0198, 1e-6);
    EXPECT_NEAR(slow.max, 1.9998, 1e-6);
}

TEST(MovingAverage, DependsOnTheOrder)
{
    Samples samples = normalSamples(10, 100, 3);
    const Range forth = by("moving-average:0.3", samples);
    std::ranges::reverse(samples);
    EXPECT_NE(by("moving-average:0.3", samples), forth);
}

TEST(PytorchHistogram, CutsOldBinsIntoSixteenWhenTheRangeGrows)
{
    core::PytorchHistogram aligned(4);
    aligned.add(std::vector{0.0f, 1.0f, 2.0f, 3.0f, 4.0f});
    EXPECT_EQ(aligned.histogram().counts, (std::vector<double>{1, 1, 1, 2}));
    core::PytorchHistogram other = aligned;
    aligned.add(std::vector{8.0f});
    EXPECT_EQ(aligned.histogram().counts, (std::vector<double>{2, 3, 0, 1}));
    // Bins of 1.25: a quarter of [1, 2), half of [2, 3) and three quarters of [3, 4) lie below the next edge.
    other.add(std::vector{5.0f});
    EXPECT_EQ(other.histogram().counts, (std::vector<double>{1.25, 1.25, 2.0, 1.5}));
    other.add(std::vector{0.1f}); // inside: counted, which revision 004ebd57 forgot
    EXPECT_EQ(other.histogram().counts[0], 2.25);
}

TEST(PytorchHistogram, AConstantFirstSampleGoesToItsBin)
{
    core::PytorchHistogram h(4);
    h.add(std::vector{3.0f, 3.0f});
    h.add(std::vector{0.0f, 4.0f});
    EXPECT_EQ(h.histogram().counts, (std::vector<double>{1, 0, 0, 3}));
}

TEST(SymmetricHistogram, CountsZerosBeforeTheFirstRangeInTheMiddle)
{
    for (const int bins : {8001, 2048}) {
        core::SymmetricHistogram h(bins);
        h.add(std::vector(7, 0.0f));
        EXPECT_EQ(h.threshold(), 0.0);
        h.add(std::vector{-1.0f, 1.0f});
        EXPECT_EQ(h.threshold(), 1.0);
        EXPECT_EQ(h.histogram().bins(), bins);
        EXPECT_EQ(h.histogram().counts[static_cast<std::size_t>(bins / 2)], 7.0);
    }
}

TEST(SymmetricHistogram, StaysBoundedAndSaysSo)
{
    core::SymmetricHistogram h(8001);
    h.add(std::vector{1e-6f});
    h.add(std::vector{100.0f, -100.0f});
    EXPECT_TRUE(h.isCut());
    EXPECT_LE(h.histogram().counts.size(), core::SymmetricHistogram::kMostBins);
    EXPECT_EQ(h.histogram().total(), 3.0);
}

TEST(Collectors, OneSampleIsWhatTheMergedHistogramIsFor)
{
    // With all values in one sample nothing depends on the order; only the bins of the sketch differ.
    const Samples samples = normalSamples(1, 200000, 5);
    const TensorStatistics merged = core::statisticsOf(samples[0], {0, 1});
    // Not ONNX Runtime's: it truncates masses to whole counts, and the merged histogram has fractions.
    for (const char* method : {"entropy:mxnet", "l2:pytorch", "entropy:paddle"}) {
        const Range approximate = core::calibrate(merged, parseCalibrationMethod(method), kUnsigned8);
        const Range exact = by(method, samples);
        EXPECT_NEAR(exact.max, approximate.max, 0.25) << method;
        EXPECT_NEAR(exact.min, approximate.min, 0.25) << method;
    }
}

TEST(Collectors, PaddleLooksAtTheFirstSampleOnly)
{
    Samples samples{{0.0f, 1.0f, 0.5f, 0.25f}};
    for (int i = 0; i < 4096; ++i) {
        samples[0].push_back(static_cast<float>(i) / 4096.0f);
    }
    const Range first = by("entropy:paddle", samples);
    samples.push_back({50.0f});
    EXPECT_EQ(by("entropy:paddle", samples), first);
}

TEST(Collectors, OrtWithItsOwnDefaultsIsMinMaxAndSaidToBe)
{
    auto samples = normalSamples(1, 50000, 9);
    samples[0].push_back(30.0f);
    EXPECT_TRUE(core::isDegenerateOrtEntropy(parseCalibrationMethod("entropy:ort:128")));
    EXPECT_FALSE(core::isDegenerateOrtEntropy(parseCalibrationMethod("entropy:ort")));
    EXPECT_EQ(by("entropy:ort:128", samples).max, 30.0);
    EXPECT_LT(by("entropy:ort", samples).max, 10.0);
    EXPECT_EQ(core::toString(parseCalibrationMethod("entropy:ort")), "entropy:ort");
    EXPECT_EQ(core::toString(parseCalibrationMethod("entropy:ort:128")), "entropy:ort:128");
}

TEST(Collectors, HoldAboutAsMuchAfterManySamplesAsAfterAFew)
{
    for (const char* name :
         {"moving-average", "entropy:mxnet", "entropy:ort", "l2:pytorch", "entropy:paddle"}) {
        const auto bytesAfter = [&](std::size_t count) {
            const auto collector = core::makeCollector(parseCalibrationMethod(name), "x", {});
            for (const auto& sample : normalSamples(16, 500, 4)) {
                for (std::size_t i = 0; i < count / 16; ++i) {
                    collector->add(sample);
                }
            }
            return collector->byteCount();
        };
        EXPECT_EQ(bytesAfter(1024), bytesAfter(16)) << name;
    }
}

TEST(Collectors, WithoutSamplesAMovingAverageSaysSo)
{
    try {
        (void)core::calibrate(core::statisticsOf(std::vector{1.0f}, {}),
                              parseCalibrationMethod("moving-average"), kUnsigned8);
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::Usage);
        EXPECT_THAT(error.what(), testing::HasSubstr("moving-average"));
    }
    EXPECT_EQ(
        core::calibrateValues(std::vector{-1.0f, 2.0f}, parseCalibrationMethod("moving-average"), kUnsigned8),
        (Range{-1.0, 2.0}));
}

/// Keeps the last value of each sample.
class LastValue : public core::Collector
{
public:
    void add(std::span<const float> values) override { m_last = values.back(); }
    [[nodiscard]] Range range(const TensorStatistics&, const core::CalibrationTarget&) const override
    {
        return {0.0, m_last};
    }
    [[nodiscard]] std::size_t byteCount() const override { return sizeof(*this); }

private:
    double m_last = 0.0;
};

TEST(CustomMethods, AnswerUnderTheirNameOnlyWhereRegistered)
{
    const core::CustomMethods custom{
        {"last", {"keeps the last value", [](const std::string&) { return std::make_unique<LastValue>(); }}}};
    const auto statistics = collected({{1.0f, 2.0f}, {5.0f, 3.0f}}, "custom:last", custom);
    EXPECT_EQ(core::calibrate(statistics, parseCalibrationMethod("custom:last"), kUnsigned8),
              (Range{0.0, 3.0}));
    try {
        core::requireRegistered(parseCalibrationMethod("custom:lost"), custom);
        FAIL();
    } catch (const core::Error& error) {
        EXPECT_EQ(error.kind(), core::ErrorKind::Usage);
        EXPECT_THAT(error.what(),
                    testing::AllOf(testing::HasSubstr("'lost'"), testing::HasSubstr("not registered"),
                                   testing::HasSubstr("did you mean 'last'")));
    }
    EXPECT_THROW((void)parseCalibrationMethod("custom:"), core::Error);
    EXPECT_THROW((void)parseCalibrationMethod("custom:a b"), core::Error);
    EXPECT_THROW(
        (void)core::calibrateValues(std::vector{1.0f}, parseCalibrationMethod("custom:last"), kUnsigned8),
        core::Error);
}

} // namespace
