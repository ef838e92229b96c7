#include "app/common/export_source.h"
#include "core/execution/pipeline.h"
#include "io/verify/verification.h"
#include "tests/models/model_run.h"
#include "tests/models/shared_models.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace {

using models::Model;

// Residual Add apart, both sides round alike.
constexpr double kLeastSqnr = 40.0; ///< dB at the logits
constexpr double kLeastAgreement = 99.0; ///< percent of predictions
constexpr double kLeastWithinOneLsb = 0.99; ///< share of the elements of every operator
constexpr double kLeastAgreementFused = 97.0; ///< percent: fused sums round once instead of twice
constexpr std::size_t kReducedSamples = 20;
constexpr std::size_t kOperatorSamples = 50; ///< compared operator by operator in the long form

std::vector<io::NamedTensors> inputsOf(const app::Project& project, std::size_t samples)
{
    std::vector<io::NamedTensors> result(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const core::Sample sample = project.data.evaluation->load(i);
        for (std::size_t k = 0; k < sample.inputs.size(); ++k) {
            result[i][project.graph->value(project.graph->inputs()[k]).name] = sample.inputs[k];
        }
    }
    return result;
}

/// As many as there are at most; in the long form all, or `full`.
std::size_t sampleCount(const app::Project& project, std::size_t reduced, std::size_t full = SIZE_MAX)
{
    return std::min(models::isLong() ? full : reduced, project.data.evaluation->size());
}

/// Largest |y − y'| and the range of y' over many samples.
struct Agreement
{
    double worst = 0.0;
    double lowest = INFINITY;
    double highest = -INFINITY;

    void add(const core::Tensor& ours, const core::Tensor& theirs)
    {
        const core::Tensor rowMajor = core::toLayout(ours, core::Layout::RowMajor);
        ASSERT_EQ(rowMajor.count(), theirs.count());
        const auto y = rowMajor.as<float>();
        const auto peer = theirs.as<float>();
        for (std::size_t i = 0; i < y.size(); ++i) {
            worst = std::max(worst, std::fabs(static_cast<double>(y[i]) - peer[i]));
            lowest = std::min<double>(lowest, peer[i]);
            highest = std::max<double>(highest, peer[i]);
        }
    }
    [[nodiscard]] double relative() const { return worst / (highest - lowest); }
};

class AgainstOnnxRuntime : public testing::TestWithParam<Model>
{
};

TEST_P(AgainstOnnxRuntime, Fp32OutputsLieWithinATenThousandthOfTheRange)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data);
    const std::size_t samples = sampleCount(project, 20);
    const auto theirs = runtime.run(model, inputsOf(project, samples));
    const core::Pipeline pipeline(core::fuseOperators(project.graph, {}));
    std::vector<Agreement> agreement(project.graph->outputs().size());
    for (std::size_t i = 0; i < samples; ++i) {
        const auto values = pipeline.runFloat(project.data.evaluation->load(i));
        for (std::size_t k = 0; k < agreement.size(); ++k) {
            const core::ValueId id = project.graph->outputs()[k];
            agreement[k].add(values[core::indexOf(id)], theirs[i].at(project.graph->value(id).name));
        }
    }
    for (const Agreement& a : agreement) {
        EXPECT_LE(a.relative(), 1e-4);
        fmt::print("{}: largest difference {:.2g} of the range of {:.3g}, {} samples\n", GetParam().name,
                   a.relative(), a.highest - a.lowest, samples);
    }
}

/// Exports the plan of those settings, has the file verified, and prints one line of the table: SQNR at the
/// logits, predictions that agree, and the operator with the smallest share of codes within 1 LSB.
void expectExportAgrees(const Model& m, const std::string& format, const std::string& fuseResidual)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + m.model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + m.data);
    (void)runtime;
    const app::Project project = models::open(model, data, models::isLong() ? 0 : kReducedSamples);
    io::VerificationRequest request;
    request.format = &io::exportFormat(format);
    request.source = app::exportSource(project, model, models::planWith({"fuse_residual=" + fuseResidual}),
                                       *request.format, {}, {})
                         .value();
    request.file =
        support::temporaryFolder() / (std::string(m.name) + "_" + format + "_" + fuseResidual + ".onnx");
    io::writeExport(io::exportAs(*request.format, request.source), request.file);
    request.data = project.data.evaluation;
    request.labelsOutput = project.data.labelsOutput;
    request.samples = sampleCount(project, kReducedSamples);
    request.operatorSamples = sampleCount(project, 1, kOperatorSamples);
    const bool fused = std::ranges::any_of(request.source.graph->operators,
                                           [](const core::Operator& op) { return op.residual.has_value(); });
    EXPECT_FALSE(fused && fuseResidual == "false");
    if (!fused && fuseResidual == "true") {
        GTEST_SKIP() << "has no residual sums: nothing is fused";
    }
    const auto verification = io::verifyExport(request, {});
    ASSERT_TRUE(verification && verification->execution);
    for (const std::string& problem : verification->problems) {
        // Fused sums round once where ONNX Runtime rounds twice: verification says how far that leads.
        const bool isFigure =
            problem.find("SQNR") != std::string::npos || problem.find("within 1 LSB") != std::string::npos;
        EXPECT_TRUE(fused && isFigure) << problem;
    }
    const io::Execution& run = *verification->execution;
    ASSERT_FALSE(run.operators.empty());
    const auto worst = std::ranges::min_element(run.operators, {}, &io::OperatorAgreement::withinOneLsb);
    std::string sqnr = "equal";
    if (run.outputSqnrDb) {
        sqnr = fmt::format("{:.1f} dB", *run.outputSqnrDb);
    }
    fmt::print("{} | {} | residual sums {} | {} | {:.2f} % of {} | {} with {:.4f} % within 1 LSB, {} "
               "operators on {} samples\n",
               m.name, format, fused ? "fused" : "apart", sqnr, run.agreement.value_or(-1.0), run.samples,
               worst->name, 100.0 * worst->withinOneLsb, run.operators.size(), run.operatorSamples);
    ASSERT_TRUE(run.agreement);
    EXPECT_GE(*run.agreement, fused ? kLeastAgreementFused : kLeastAgreement);
    if (!fused) {
        // Without optimization ONNX Runtime adds up dequantized products in FP32: sums on the other side of a
        // tie gather along deep networks. Its integer kernels must then give what ours give.
        const double plain = run.outputSqnrDb.value_or(INFINITY);
        const double optimized =
            verification->optimized ? verification->optimized->outputSqnrDb.value_or(INFINITY) : -INFINITY;
        EXPECT_GE(std::max(plain, optimized), kLeastSqnr) << plain << " and " << optimized << " dB";
        if (plain >= kLeastSqnr) {
            EXPECT_GE(worst->withinOneLsb, kLeastWithinOneLsb) << worst->name;
        }
    }
}

TEST_P(AgainstOnnxRuntime, QdqExportComputesWhatOurInt8Computes)
{
    expectExportAgrees(GetParam(), "qdq", "false");
}

TEST_P(AgainstOnnxRuntime, QOperatorExportComputesWhatOurInt8Computes)
{
    expectExportAgrees(GetParam(), "qoperator", "false");
}

TEST_P(AgainstOnnxRuntime, QdqExportWithFusedResidualsAgreesInPredictions)
{
    expectExportAgrees(GetParam(), "qdq", "true");
}

TEST_P(AgainstOnnxRuntime, QOperatorExportWithFusedResidualsAgreesInPredictions)
{
    expectExportAgrees(GetParam(), "qoperator", "true");
}

INSTANTIATE_TEST_SUITE_P(Shared, AgainstOnnxRuntime, models::classifiers(), models::nameOf);

} // namespace
