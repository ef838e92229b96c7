#include "core/metrics/class_metrics.h"
#include "core/metrics/difference_metrics.h"
#include "core/metrics/language_metrics.h"
#include "core/metrics/mean_average_precision.h"
#include "core/metrics/retrieval_metric.h"
#include "core/metrics/score_metrics.h"
#include "core/metrics/segmentation_metrics.h"
#include "core/metrics/text_metrics.h"
#include "io/files/file.h"
#include "io/files/process.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

namespace {

using nlohmann::json;

/// Cases for the twin, and what this project says to them.
class TwinCases
{
public:
    void add(const std::string& kind, const core::MetricPtr& metric, json extra = json::object())
    {
        extra["kind"] = kind;
        extra["samples"] = m_samples;
        m_cases.push_back(std::move(extra));
        std::vector<core::Evidence> evidence;
        for (const auto& [sample, truth] : m_seen) {
            evidence.push_back(metric->evidence(sample, truth));
        }
        m_own.push_back(core::valueOfAll(*metric, evidence));
        m_kinds.push_back(kind);
    }
    void sample(json raw, core::MetricSample seen, core::Truth truth)
    {
        m_samples.push_back(std::move(raw));
        m_seen.emplace_back(std::move(seen), std::move(truth));
    }
    void begin()
    {
        m_samples = json::array();
        m_seen.clear();
    }
    void compare() const
    {
        const auto file = support::temporaryFolder() / "cases.json";
        io::writeFileAtomically(file, m_cases.dump());
        const auto result = io::runProcess(
            {"python3", support::projectFile("tests/cases/metrics/twins.py").string(), file.string()});
        ASSERT_EQ(result.exitCode, 0) << result.err;
        std::istringstream lines(result.out);
        for (std::size_t i = 0; i < m_own.size(); ++i) {
            double twin = 0.0;
            ASSERT_TRUE(lines >> twin);
            ASSERT_TRUE(m_own[i].has_value()) << m_kinds[i];
            EXPECT_NEAR(*m_own[i], twin, 1e-6) << m_kinds[i];
        }
    }

private:
    json m_samples = json::array();
    json m_cases = json::array();
    std::vector<std::pair<core::MetricSample, core::Truth>> m_seen;
    std::vector<std::optional<double>> m_own;
    std::vector<std::string> m_kinds;
};

class MetricTwins : public testing::Test
{
protected:
    void SetUp() override
    {
        if (io::findProgram("python3").empty()) {
            GTEST_SKIP() << "no python3: the twins of the metrics are not run";
        }
    }
    std::vector<float> normals(std::size_t count)
    {
        std::vector<float> values(count);
        std::normal_distribution<float> normal;
        for (float& x : values) {
            x = normal(random);
        }
        return values;
    }
    float share() { return std::uniform_real_distribution<float>(0.0F, 1.0F)(random); }
    static core::Tensor tensor(core::Shape shape, const std::vector<float>& values)
    {
        return core::makeTensor<float>(std::move(shape), std::span(values));
    }
    static core::Tensor integers(const std::vector<std::int64_t>& values)
    {
        return core::makeTensor<std::int64_t>({static_cast<std::int64_t>(values.size())}, std::span(values));
    }
    /// Rows of `columns`, as the twin reads them.
    static json rows(const std::vector<float>& values, std::size_t columns)
    {
        json result = json::array();
        for (std::size_t i = 0; i < values.size(); i += columns) {
            result.push_back(std::vector<float>(values.begin() + static_cast<std::ptrdiff_t>(i),
                                                values.begin() + static_cast<std::ptrdiff_t>(i + columns)));
        }
        return result;
    }
    std::mt19937 random{7};
    TwinCases cases;
};

TEST_F(MetricTwins, Boxes)
{
    for (int i = 0; i < 20; ++i) {
        json raw{{"found", json::array()}, {"labels", json::array()}};
        core::Truth truth;
        std::vector<float> boxes;
        std::vector<float> scores;
        for (int k = 0; k < 6; ++k) {
            const float x = share() * 0.7F;
            const float y = share() * 0.7F;
            const float size = 0.05F + 0.2F * share();
            const int category = static_cast<int>(random() % 3);
            truth.boxes.push_back({category, x, y, x + size, y + size});
            raw["labels"].push_back({category, truth.boxes.back().left, truth.boxes.back().top,
                                     truth.boxes.back().right, truth.boxes.back().bottom});
            const float shift = 0.05F * share();
            const std::vector<float> box{x + shift, y, x + size + shift, y + size};
            boxes.insert(boxes.end(), box.begin(), box.end());
            const int said = random() % 5 == 0 ? (category + 1) % 3 : category;
            const float score = 0.1F + 0.9F * share();
            for (int c = 0; c < 3; ++c) {
                scores.push_back(c == said ? score : 0.0F);
            }
            raw["found"].push_back({said, score, box[0], box[1], box[2], box[3]});
        }
        cases.sample(raw, {{tensor({1, 6, 4}, boxes), tensor({1, 6, 3}, scores)}, {}}, truth);
    }
    cases.add("map", core::makeMeanAveragePrecision({}));
    cases.compare();
}

TEST_F(MetricTwins, Texts)
{
    for (int i = 0; i < 30; ++i) {
        const auto steps = normals(12 * 5);
        core::Truth truth;
        for (std::size_t k = 0; k < 3 + random() % 5; ++k) {
            truth.tokens.push_back(static_cast<std::int64_t>(1 + random() % 4));
        }
        const core::MetricSample seen{{tensor({1, 12, 5}, steps)}, {}};
        if (i % 3 == 0) {
            truth.tokens = core::decodeText(seen.outputs[0], {});
        }
        cases.sample({{"steps", rows(steps, 5)}, {"text", truth.tokens}}, seen, truth);
    }
    cases.add("cer", core::makeCharacterErrorRate({}));
    cases.add("exact_match", core::makeExactMatch({}));
    cases.compare();
}

TEST_F(MetricTwins, Scores)
{
    for (int i = 0; i < 120; ++i) {
        core::Truth truth;
        truth.label = static_cast<std::int64_t>(random() % 2);
        const float score =
            std::round(20.0F * (0.6F * share() + 0.3F * static_cast<float>(*truth.label))) / 20.0F;
        cases.sample({{"label", *truth.label}, {"score", score}}, {{tensor({1, 1}, {score})}, {}}, truth);
    }
    core::ScoreReading reading;
    reading.rate = 0.1;
    cases.add("auc", core::makeAuc(reading));
    cases.add("eer", core::makeEqualErrorRate(reading));
    cases.add("f1", core::makeF1(reading));
    cases.add("recall_at_far", core::makeRecallAtFalseAlarms(reading), {{"rate", 0.1}});
    cases.compare();
}

TEST_F(MetricTwins, Masks)
{
    for (int i = 0; i < 6; ++i) {
        const auto planes = normals(4 * 5 * 7);
        std::vector<std::int64_t> mask(35);
        for (auto& pixel : mask) {
            pixel = random() % 9 == 0 ? 255 : static_cast<std::int64_t>(random() % 4);
        }
        core::Truth truth;
        truth.values = integers(mask);
        cases.sample({{"planes", rows(planes, 35)}, {"mask", mask}}, {{tensor({1, 4, 5, 7}, planes)}, {}},
                     truth);
    }
    cases.add("miou", core::makeMeanIou({1, 255}));
    cases.add("pixel_accuracy", core::makePixelAccuracy({1, 255}));
    cases.compare();
}

TEST_F(MetricTwins, PicturesAndNumbers)
{
    for (int i = 0; i < 3; ++i) {
        std::vector<float> own(14 * 13);
        std::vector<float> target(own.size());
        for (std::size_t k = 0; k < own.size(); ++k) {
            target[k] = share();
            own[k] = target[k] + 0.1F * share();
        }
        core::Truth truth;
        truth.values = tensor({1, 1, 14, 13}, target);
        cases.sample({{"own", own}, {"target", target}}, {{tensor({1, 1, 14, 13}, own)}, {}}, truth);
    }
    cases.add("psnr", core::makePsnr(1.0));
    cases.add("ssim", core::makeSsim(1.0, false), {{"width", 13}});
    cases.add("cosine", core::makeCosine());
    cases.add("mae", core::makeMeanAbsoluteError());
    cases.add("rmse", core::makeRootMeanSquareError());
    cases.compare();
}

TEST_F(MetricTwins, ClassesAndEmbeddings)
{
    for (int i = 0; i < 60; ++i) {
        auto own = normals(8);
        core::Truth truth;
        truth.label = static_cast<std::int64_t>(random() % 8);
        own[static_cast<std::size_t>(*truth.label)] += 1.0F;
        own[0] = i % 5 == 0 ? own[1] : own[0];
        cases.sample({{"own", own}, {"label", *truth.label}}, {{tensor({1, 8}, own)}, {}}, truth);
    }
    cases.add("topk", core::makeTopK(1), {{"k", 1}});
    cases.add("topk", core::makeTopK(3), {{"k", 3}});
    cases.add("recall_at_k", core::makeRecallAtK(4), {{"k", 4}});
    cases.compare();
}

TEST_F(MetricTwins, Tokens)
{
    const auto fill = [&](bool isAgainstFloat) {
        cases.begin();
        for (int i = 0; i < 8; ++i) {
            const auto logits = normals(5 * 11);
            auto fp32 = logits;
            std::vector<std::int64_t> tokens(5);
            for (float& x : fp32) {
                x += 0.3F * share();
            }
            for (auto& token : tokens) {
                token = static_cast<std::int64_t>(random() % 12) - 1;
            }
            core::Truth truth;
            truth.values = isAgainstFloat ? tensor({1, 5, 11}, fp32) : integers(tokens);
            cases.sample({{"rows", rows(logits, 11)}, {"fp32", rows(fp32, 11)}, {"tokens", tokens}},
                         {{tensor({1, 5, 11}, logits)}, {}}, truth);
        }
    };
    fill(false);
    cases.add("perplexity", core::makePerplexity());
    fill(true);
    cases.add("kl", core::makeKlToFloat());
    cases.add("same_top", core::makeSameTop());
    cases.compare();
}

} // namespace
