#include "core/calibration/method.h"
#include "core/quantization/weight_statistics.h"
#include "io/files/file.h"
#include "tests/models/model_run.h"
#include "tests/models/shared_models.h"
#include "tests/support/plain_entropy.h"
#include "tests/support/shared_files.h"

#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

constexpr std::array kTargets{core::CalibrationTarget{core::Scheme::Asymmetric, 8},
                              core::CalibrationTarget{core::Scheme::Symmetric, 8},
                              core::CalibrationTarget{core::Scheme::Asymmetric, 4}};

double cost(const core::TensorStatistics& s, const core::CalibrationMethod& method,
            const core::CalibrationTarget& target)
{
    const core::Range range = core::calibrate(s, method, target);
    return core::quantizationCost(s, core::chooseActivationParams(range, target.scheme, target.bits))
        .totalSquared();
}

/// Returns the number of comparisons made.
std::size_t expectExactL2ToWin(const core::TensorStatistics& statistics, const std::string& tensor)
{
    std::size_t count = 0;
    for (const core::CalibrationTarget& target : kTargets) {
        const double exact = cost(statistics, core::parseCalibrationMethod("l2"), target);
        for (const auto& definition : core::calibrationMethods()) {
            // :stream looks at samples one after the other, not at statistics.
            const bool isRival = (definition.name.starts_with("l2") && !definition.name.ends_with(":stream"))
                || definition.name == "minmax";
            if (isRival && definition.name != "l2") {
                EXPECT_LE(exact, cost(statistics, definition.byDefault(), target) * (1 + 1e-9))
                    << tensor << ": " << definition.name << ", " << target.bits << " bits";
                ++count;
            }
        }
    }
    return count;
}

/// All statistics of one model; the calibration data is cut to a few samples where it is the evaluation data.
std::size_t expectExactL2ToWin(const std::filesystem::path& model, const std::filesystem::path& data)
{
    const app::Project project = models::open(model, data, 8);
    EXPECT_TRUE(project.session->calibrate({}, {}));
    const auto statistics = project.session->calibrationStatistics();
    std::size_t count = 0;
    for (const auto& [name, tensor] : *statistics) {
        if (tensor.total.count > 0) {
            count += expectExactL2ToWin(tensor, name);
        }
    }
    for (const core::Operator& op :
         project.session->operators(core::QuantizationPlan::makeDefault())->operators) {
        if (const auto weights = core::weightStatistics(op)) {
            count += expectExactL2ToWin(weights->tensor, op.name + " weights");
        }
    }
    return count;
}

TEST(Objective, ExactL2NeverLosesOnTheHistogramsOfTheSharedModels)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(index, "models/index.json");
    std::size_t count = 0;
    const auto json = nlohmann::json::parse(io::readFile(index));
    for (const auto& model : json["models"]) {
        const std::string name = model["name"];
        if (models::isLong() || name == "mnist_cntk") {
            SCOPED_TRACE(name);
            count += expectExactL2ToWin(index.parent_path() / model["file"].get<std::string>(),
                                        index.parent_path().parent_path() / model["data"].get<std::string>());
        }
    }
    EXPECT_GT(count, 100u);
}

/// A plain search takes tens of milliseconds per histogram, so the short form has one small model.
TEST(Objective, EntropyByPrefixSumsIsThePlainSearchOnRealHistograms)
{
    std::size_t histograms = 0;
    std::size_t near = 0;
    for (const std::string_view name : {"mnist_cntk", "kws_dscnn", "resnet20"}) {
        if (!models::isLong() && name != "mnist_cntk") {
            continue;
        }
        const models::Model shared = models::named(name);
        NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + shared.model);
        NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + shared.data);
        const app::Project project = models::open(model, data, 8);
        ASSERT_TRUE(project.session->calibrate({}, {}));
        const auto statistics = project.session->calibrationStatistics();
        for (const auto& [value, tensor] : *statistics) {
            if (tensor.total.count > 0 && !tensor.histogram.isEmpty()) {
                SCOPED_TRACE(std::string(name) + ": " + value);
                near += support::expectPlainEntropy(tensor, 8) ? 1 : 0;
                ++histograms;
            }
        }
    }
    RecordProperty("histograms", static_cast<int>(histograms));
    RecordProperty("equal_within_1e-10", static_cast<int>(near));
    EXPECT_GT(histograms, 5u);
    EXPECT_LE(near, histograms / 10);
}

} // namespace
