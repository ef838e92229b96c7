// What a run says of its first samples while it goes on.
#include "core/session/session.h"
#include "io/reports/report_json.h"
#include "tests/support/chain_network.h"

#include <chrono>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace {

/// Images that take their time to be read.
class SlowImages : public core::Dataset
{
public:
    explicit SlowImages(std::shared_ptr<const core::Dataset> images)
        : m_images(std::move(images))
    {
    }
    [[nodiscard]] std::size_t size() const override { return m_images->size(); }
    [[nodiscard]] core::Sample load(std::size_t index) const override
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
        return m_images->load(index);
    }
    [[nodiscard]] std::string sampleName(std::size_t index) const override
    {
        return m_images->sampleName(index);
    }
    [[nodiscard]] std::optional<core::Picture> picture(std::size_t index) const override
    {
        return m_images->picture(index);
    }
    [[nodiscard]] std::string fingerprint() const override { return m_images->fingerprint(); }

private:
    std::shared_ptr<const core::Dataset> m_images;
};

constexpr std::size_t kSamples = 72;

std::unique_ptr<core::Session> slowSession(std::size_t limit, int threads)
{
    core::DataSource data = support::chainData(kSamples);
    data.calibratesOnEvaluation = false; // all images of it, whatever the limit
    data.evaluation = std::make_shared<SlowImages>(data.evaluation);
    core::SessionOptions options;
    options.threads = threads;
    options.sampleLimit = limit;
    return std::make_unique<core::Session>(support::chainNetwork(),
                                           core::ModelInfo{"chain.onnx", "", 11, nullptr}, data, options);
}

std::string withoutTimes(const core::Report& report)
{
    auto json = nlohmann::ordered_json::parse(io::reportToJson(report));
    json.erase("timing");
    json.erase("threads");
    for (auto& op : json["operators"]) {
        op.erase("time_us");
    }
    return json.dump(1);
}

using Reports = std::vector<std::shared_ptr<const core::Report>>;

/// What came early, and behind it what was returned.
Reports reportsOf(core::Session& session, const core::QuantizationPlan& plan, bool wantsEarly)
{
    Reports reports;
    const auto early = [&](std::shared_ptr<const core::Report> report, const auto& statistics) {
        EXPECT_FALSE(statistics->empty());
        reports.push_back(std::move(report));
    };
    reports.push_back(session.run(std::make_shared<const core::QuantizationPlan>(plan), {}, {},
                                  core::RunScope::Everything,
                                  wantsEarly ? core::EarlyReport(early) : core::EarlyReport()));
    return reports;
}

TEST(EarlyReport, IsTheReportOfARunOverThoseSamples)
{
    const auto plan = core::QuantizationPlan::makeDefault();
    const Reports reports = reportsOf(*slowSession(0, 2), plan, true);
    ASSERT_EQ(reports.size(), 3u); // 8, 32 and all
    EXPECT_EQ(reports[0]->samples, 8u);
    EXPECT_EQ(reports[1]->samples, 32u);
    EXPECT_EQ(reports[2]->samples, kSamples);
    EXPECT_EQ(withoutTimes(*reports[0]), withoutTimes(*reportsOf(*slowSession(8, 1), plan, false).back()));
    EXPECT_EQ(withoutTimes(*reports[2]), withoutTimes(*reportsOf(*slowSession(0, 1), plan, false).back()));
    EXPECT_TRUE(reports[0]->outputs[0].sqnrInterval);
}

TEST(EarlyReport, KeepsWhatIsKnownOfAllSamplesAfterAnEdit)
{
    const auto session = slowSession(0, 2);
    auto plan = core::QuantizationPlan::makeDefault();
    (void)reportsOf(*session, plan, false);
    core::OperatorSettings settings;
    settings.precision = core::kFp32;
    const Reports reports = reportsOf(*session, plan.withOperator("fc", settings), true);
    ASSERT_GT(reports.size(), 1u);
    const auto samplesOf = [&](const char* name) {
        for (const auto& layer : reports[0]->layers) {
            if (layer->name == name) {
                return layer->accumulated ? layer->accumulated->samples : 0;
            }
        }
        return std::uint64_t{0};
    };
    EXPECT_EQ(samplesOf("conv"), kSamples); // measured before
    EXPECT_EQ(samplesOf("fc"), 8u);
}

} // namespace
