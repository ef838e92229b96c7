#include "core/base/error.h"
#include "core/measure/calibration_pass.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>

namespace {

/// Samples [first, first + count) of another data set, each after a random delay, so that threads finish out
/// of order.
class Shuffled : public core::Dataset
{
public:
    Shuffled(std::shared_ptr<const core::Dataset> data, std::size_t count, unsigned seed)
        : m_data(std::move(data))
        , m_count(count)
        , m_random(seed)
    {
    }
    [[nodiscard]] std::size_t size() const override { return m_count; }
    [[nodiscard]] core::Sample load(std::size_t index) const override
    {
        std::this_thread::sleep_for(std::chrono::microseconds(delay()));
        return m_data->load(index % m_data->size());
    }
    [[nodiscard]] std::string sampleName(std::size_t index) const override
    {
        return m_data->sampleName(index % m_data->size());
    }
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t) const override { return std::nullopt; }
    [[nodiscard]] std::string fingerprint() const override { return m_data->fingerprint(); }

private:
    int delay() const
    {
        const std::lock_guard lock(m_mutex);
        return static_cast<int>(m_random() % 300);
    }
    std::shared_ptr<const core::Dataset> m_data;
    std::size_t m_count;
    mutable std::mutex m_mutex; // guards m_random
    mutable std::mt19937 m_random;
};

class CalibrationPass : public testing::Test
{
protected:
    const std::filesystem::path model = support::projectFile("resources/sample/digits.onnx");
    const std::filesystem::path data = support::projectFile("resources/sample/sample.data.json");
    const app::Project project = models::open(model, data);
    const core::Pipeline pipeline{project.session->operators(core::QuantizationPlan::makeDefault())};

    [[nodiscard]] std::vector<core::TensorStatistics> pass(std::size_t samples, int threads,
                                                           unsigned seed) const
    {
        const Shuffled shuffled(project.data.calibration, samples, seed);
        return *core::collectStatistics(pipeline, shuffled, samples, threads, {}, {});
    }
};

TEST_F(CalibrationPass, IsBitEqualForAnyNumberOfThreadsAndOrderOfArrival)
{
    const auto expected = pass(16, 1, 0);
    std::mt19937 random(3);
    const int rounds = models::isLong() ? 50 : 8;
    for (int round = 0; round < rounds; ++round) {
        EXPECT_EQ(pass(16, 2 + static_cast<int>(random() % 7), static_cast<unsigned>(round)), expected);
    }
}

/// The data set as executions of a batch of that size would see it.
std::vector<core::TensorStatistics> inBatches(const std::vector<std::vector<float>>& items,
                                              const std::vector<std::size_t>& sizes)
{
    core::OperatorGraph graph;
    graph.producerOf = {core::OperatorId(0)};
    std::vector<core::TensorStatistics> total;
    std::size_t next = 0;
    for (const std::size_t size : sizes) {
        std::vector<float> values;
        const std::size_t count = std::min(size, items.size() - next);
        for (std::size_t i = 0; i < size; ++i) { // the last batch is filled by repetition
            const auto& item = items[std::min(next + i, items.size() - 1)];
            values.insert(values.end(), item.begin(), item.end());
        }
        next += count;
        const auto tensor = core::makeTensor<float>(
            {static_cast<std::int64_t>(size), 4, static_cast<std::int64_t>(items[0].size() / 4)}, values);
        const core::Sample sample{{tensor}, {}, static_cast<std::int64_t>(count)};
        for (const auto& item : core::statisticsOfItems(graph, sample, {tensor})) {
            core::mergeStatistics(total, item);
        }
    }
    return total;
}

TEST(CalibrationBatches, FiftyRandomSplitsAreBitEqual)
{
    std::mt19937 random(8);
    std::normal_distribution<float> normal(0.2f, 3.0f);
    std::vector<std::vector<float>> items(37, std::vector<float>(4 * 19));
    for (auto& item : items) {
        for (float& v : item) {
            v = normal(random) < 0.0f ? 0.0f : normal(random);
        }
    }
    const auto expected = inBatches(items, std::vector<std::size_t>(items.size(), 1));
    EXPECT_EQ(expected[0].samples, items.size());
    EXPECT_EQ(expected[0].total.count, 37u * 76u);
    for (int round = 0; round < 50; ++round) {
        std::vector<std::size_t> sizes;
        for (std::size_t sum = 0; sum < items.size(); sum += sizes.back()) {
            sizes.push_back(1 + random() % 9);
        }
        EXPECT_EQ(inBatches(items, sizes), expected);
    }
}

TEST_F(CalibrationPass, NeedsTheSameMemoryForAThousandSamplesAsForSixteen)
{
    const auto bytes = [&](std::size_t samples) {
        std::size_t sum = 0;
        for (const auto& s : pass(samples, 2, 1)) {
            sum += s.byteCount();
        }
        return sum;
    };
    EXPECT_EQ(bytes(models::isLong() ? 1024 : 128), bytes(16));
}

TEST_F(CalibrationPass, CollectsInDataOrderForAnyNumberOfThreads)
{
    const core::CalibrationRequest request{true,
                                           {core::parseCalibrationMethod("moving-average:0.2"),
                                            core::parseCalibrationMethod("entropy:paddle"),
                                            core::parseCalibrationMethod("l2:pytorch")},
                                           {}};
    const auto ranges = [&](int threads, unsigned seed) {
        const Shuffled shuffled(project.data.calibration, 12, seed);
        const auto statistics = *core::collectStatistics(pipeline, shuffled, 12, threads, {}, {}, request);
        std::vector<core::Range> result;
        for (const auto& s : statistics) {
            for (const auto& method : request.methods) {
                if (s.samples > 0) {
                    result.push_back(core::calibrate(s, method, {core::Scheme::Asymmetric, 8}));
                }
            }
        }
        return result;
    };
    const auto expected = ranges(1, 0);
    EXPECT_GT(expected.size(), 10u);
    EXPECT_EQ(ranges(5, 1), expected);
}

TEST_F(CalibrationPass, AFailingSampleEndsAPassThatOthersWaitFor)
{
    class Failing : public Shuffled
    {
    public:
        using Shuffled::Shuffled;
        [[nodiscard]] core::Sample load(std::size_t index) const override
        {
            if (index == 3) {
                std::this_thread::sleep_for(std::chrono::milliseconds(30));
                throw core::Error(core::ErrorKind::Io, "sample 3 is gone");
            }
            return Shuffled::load(index);
        }
    };
    const Failing failing(project.data.calibration, 200, 1);
    const core::CalibrationRequest request{true, {core::parseCalibrationMethod("moving-average")}, {}};
    EXPECT_THROW((void)core::collectStatistics(pipeline, failing, 200, 4, {}, {}, request), core::Error);
}

TEST_F(CalibrationPass, ServesMethodsAskedForInTimeAndOthersByOneMorePass)
{
    const auto samples = project.data.calibration->size();
    core::Session& session = *project.session;
    session.collect({core::parseCalibrationMethod("l2:pytorch")});
    ASSERT_TRUE(session.calibrate({}, {}));
    EXPECT_EQ(session.floatExecutions(), samples);
    ASSERT_TRUE(session.resolve(*models::planWith({"activation.method=l2:pytorch"}), {}, {}));
    EXPECT_EQ(session.floatExecutions(), samples);
    const auto late = session.resolve(*models::planWith({"activation.method=moving-average:1"}), {}, {});
    EXPECT_EQ(session.floatExecutions(), 2 * samples);
    // With a share of 1 only the last sample counts.
    const auto graph = session.operators(core::QuantizationPlan::makeDefault());
    const core::ValueId input = graph->operators[0].outputs[0];
    const auto last = project.data.calibration->load(samples - 1).inputs[0].as<float>();
    EXPECT_EQ(late->values[core::indexOf(input)]->threshold.max,
              std::max(0.0f, *std::ranges::max_element(last)));
    EXPECT_THROW((void)session.resolve(*models::planWith({"activation.method=custom:absent"}), {}, {}),
                 core::Error);
}

TEST_F(CalibrationPass, ChannelsAddUpToTheirTensor)
{
    const auto plan = core::QuantizationPlan::makeDefault();
    const auto graph = project.session->operators(plan);
    ASSERT_TRUE(project.session->calibrate({}, {}));
    const auto whole = project.session->calibrationStatistics();
    for (std::size_t i = 0; i < 4; ++i) {
        const auto channels = project.session->channelStatistics(plan, core::OperatorId(i), {}, {});
        ASSERT_TRUE(channels);
        const core::TensorStatistics& tensor = whole->at(graph->value(graph->operators[i].outputs[0]).name);
        ASSERT_EQ(channels->size(), tensor.channels.size());
        core::TensorStatistics sum;
        for (std::size_t c = 0; c < channels->size(); ++c) {
            EXPECT_EQ((*channels)[c].total.count, tensor.channels[c].count);
            EXPECT_EQ((*channels)[c].total.max, tensor.channels[c].max);
            sum.histogram.merge((*channels)[c].histogram);
        }
        EXPECT_EQ(sum.histogram, tensor.histogram);
    }
}

} // namespace
