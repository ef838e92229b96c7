#include "core/measure/calibration_pass.h"

#include "core/network/sequence.h"

#include <gtest/gtest.h>

namespace {

/// y = x + state, fed back: a running sum.
std::shared_ptr<const core::OperatorGraph> runningSum()
{
    core::GraphBuilder builder("sum");
    const auto x = builder.input("x", core::DataType::Float32, {1, 4});
    const auto state = builder.input("state", core::DataType::Float32, {1, 4});
    const auto sum = builder.value("stateN");
    builder.declare(sum, core::DataType::Float32, {1, 4});
    core::Node add;
    add.type = "Add";
    add.version = 14;
    add.inputs = {x, state};
    add.outputs = {sum};
    builder.node(add);
    builder.output(sum);
    return core::fuseOperators(std::make_shared<const core::Graph>(std::move(builder).finish()), {});
}

/// Several sequences of equal length; every x is 1.
class Sequences : public core::Dataset
{
public:
    Sequences(std::size_t count, std::size_t length)
        : m_count(count)
        , m_length(length)
    {
    }
    std::size_t size() const override { return m_count * m_length; }
    core::Sample load(std::size_t) const override
    {
        core::Sample sample;
        sample.inputs.push_back(core::makeTensor<float>({1, 4}, std::vector<float>(4, 1.0f)));
        sample.inputs.push_back(core::makeTensor<float>({1, 4}, std::vector<float>(4, 0.0f)));
        return sample;
    }
    std::string sampleName(std::size_t index) const override { return "#" + std::to_string(index); }
    std::optional<core::Picture> picture(std::size_t) const override { return std::nullopt; }
    bool startsSequence(std::size_t index) const override { return index % m_length == 0; }
    std::string fingerprint() const override { return "sequences"; }

private:
    std::size_t m_count;
    std::size_t m_length;
};

const std::vector<core::CalibrationMethod> kStreaming{core::parseCalibrationMethod("moving-average:0.5")};

TEST(CalibrationPass, SequencesAreCollectedInDataOrderForAnyNumberOfThreads)
{
    const core::Pipeline pipeline(runningSum());
    const auto links = core::stateLinks(pipeline.graph(), {{"state", "stateN"}});
    const Sequences data(6, 40);
    const core::CalibrationRequest request{true, kStreaming, {}};
    const auto one = core::collectStatistics(pipeline, data, data.size(), 1, {}, {}, request, links);
    const auto three = core::collectStatistics(pipeline, data, data.size(), 3, {}, {}, request, links);
    ASSERT_TRUE(one && three);
    const std::size_t sum = core::indexOf(*pipeline.graph().graph->findValue("stateN"));
    const core::CalibrationTarget target{core::Scheme::Asymmetric, 8};
    EXPECT_EQ((*one)[sum].total.max, 40.0f);
    EXPECT_EQ((*one)[sum].total, (*three)[sum].total);
    EXPECT_EQ(core::calibrate((*one)[sum], kStreaming[0], target),
              core::calibrate((*three)[sum], kStreaming[0], target));
}

// A thread that waits for the end of an earlier sequence must not wait for one that was cut off.
TEST(CalibrationPass, StopsWhileSequencesWaitForEachOther)
{
    const core::Pipeline pipeline(runningSum());
    const auto links = core::stateLinks(pipeline.graph(), {{"state", "stateN"}});
    const Sequences data(4, 500);
    std::stop_source source;
    const auto result = core::collectStatistics(
        pipeline, data, data.size(), 3, source.get_token(),
        [&](const core::Progress& progress) {
            if (progress.done == 60) {
                source.request_stop();
            }
        },
        {true, kStreaming, {}}, links);
    EXPECT_FALSE(result);
}

} // namespace
