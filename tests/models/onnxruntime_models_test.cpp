#include "app/common/export_source.h"
#include "core/layer_metrics.h"
#include "core/output_analysis.h"
#include "core/pipeline.h"
#include "io/file.h"
#include "io/qdq_export.h"
#include "io/verification.h"
#include "tests/models/model_run.h"
#include "tests/models/shared_models.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace {

using models::Model;

constexpr double kLeastSqnr = 40.0;      ///< dB at the logits, residual Add apart
constexpr double kLeastAgreement = 99.0; ///< percent of predictions

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

std::size_t sampleCount(const app::Project& project, std::size_t reduced)
{
    return models::isLong() ? project.data.evaluation->size() : std::min(reduced, project.data.evaluation->size());
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
    }
}

/// Top-1 agreement in percent and SQNR in dB at the network's output, our int8 pipeline against the exported QDQ model.
void expectQdqAgrees(const Model& m, const std::vector<std::string>& settings, double leastAgreement, double leastSqnr)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + m.model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + m.data);
    const app::Project project = models::open(model, data);
    const auto plan = models::planWith(settings);
    const auto resolved = project.session->resolve(*plan, {}, {});
    const auto graph = project.session->operators(*plan);
    const auto path = support::temporaryFolder() / (std::string(m.name) + "_qdq.onnx");
    io::writeFileAtomically(path, io::exportQdq(*graph, *resolved, {.exposeOperators = true}).bytes);

    const auto outputs = core::measuredOutputs(*graph, {}, true);
    const auto logits = std::ranges::find(outputs, "logits", &core::MeasuredOutput::kind);
    ASSERT_NE(logits, outputs.end());
    const std::string name = io::exportedTensorName(*graph, *resolved, logits->value);
    const std::size_t samples = sampleCount(project, 60);
    const auto theirs = runtime.run(path, inputsOf(project, samples), {.outputs = {name}});

    core::Pipeline pipeline(graph);
    double error = 0.0;
    double signal = 0.0;
    std::size_t same = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        const core::Sample sample = project.data.evaluation->load(i);
        core::SampleValues values(project.graph->values().size());
        for (std::size_t k = 0; k < graph->operators.size(); ++k) {
            pipeline.runQuantized(core::OperatorId(k), *resolved, *pipeline.quantizedForm(core::OperatorId(k), *resolved), sample, values);
        }
        const core::Tensor& value = values[core::indexOf(logits->value)];
        const core::Tensor real = resolved->isCodes(*graph, logits->value)
            ? core::dequantized(value, resolved->values[core::indexOf(logits->value)]->params)
            : value;
        const core::Tensor& peer = theirs[i].at(name);
        const auto sums = core::compareTensors(peer, core::toLayout(real, core::Layout::RowMajor), nullptr, 0);
        error += sums.totalSquaredError();
        signal += sums.totalSquaredReference();
        same += core::predictionsOf(core::toLayout(real, core::Layout::RowMajor), {})[0].top == core::predictionsOf(peer, {})[0].top ? 1 : 0;
    }
    const double sqnr = error > 0.0 ? 10.0 * std::log10(signal / error) : 1000.0;
    testing::Test::RecordProperty("sqnr_db", std::to_string(sqnr));
    EXPECT_GE(sqnr, leastSqnr);
    EXPECT_GE(100.0 * static_cast<double>(same) / static_cast<double>(samples), leastAgreement);
}

TEST_P(AgainstOnnxRuntime, QdqExportComputesWhatOurInt8Computes)
{
    expectQdqAgrees(GetParam(), {"fuse_residual=false"}, kLeastAgreement, kLeastSqnr);
}

TEST_P(AgainstOnnxRuntime, QdqExportWithFusedResidualsAgreesInPredictions)
{
    expectQdqAgrees(GetParam(), {}, 97.0, 0.0);
}

TEST_P(AgainstOnnxRuntime, QOperatorExportComputesWhatOurInt8Computes)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    (void)runtime;
    const app::Project project = models::open(model, data);
    io::VerificationRequest request;
    request.format = &io::exportFormat("qoperator");
    request.source = app::exportSource(project, model, models::planWith({"fuse_residual=false"}), *request.format, {}, {}).value();
    request.file = support::temporaryFolder() / (std::string(GetParam().name) + "_qoperator.onnx");
    io::writeExport(request.format->write(request.source), request.file);
    request.data = project.data.evaluation;
    request.labelsOutput = project.data.labelsOutput;
    request.samples = sampleCount(project, 30);
    request.operatorSamples = 1;
    const auto verification = io::verifyExport(request, {});
    ASSERT_TRUE(verification && verification->execution);
    for (const std::string& problem : verification->problems) {
        ADD_FAILURE() << problem;
    }
}

INSTANTIATE_TEST_SUITE_P(Shared, AgainstOnnxRuntime, models::classifiers(), models::nameOf);

} // namespace
