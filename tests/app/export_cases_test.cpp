// Exports of small networks that were refused, crashed, or were judged wrongly; ONNX Runtime decides.
#include "app/common/export_difference.h"
#include "app/common/export_source.h"
#include "io/exports/format.h"
#include "io/files/file.h"
#include "io/plans/plan_json.h"
#include "io/verify/verification.h"
#include "tests/support/onnxruntime.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

struct Network
{
    std::string name;
    fs::path model;
    fs::path data; ///< empty: seeded random input
};

Network graphCase(const std::string& name)
{
    const fs::path folder = support::projectFile("tests/cases/graphs/" + name);
    return {name, folder / "model.onnx", folder / "data.json"};
}

Network dialect(const std::string& name)
{
    return {name, support::projectFile("tests/cases/dialects/" + name + ".onnx"), {}};
}

std::shared_ptr<const core::QuantizationPlan> planFor(const Network& network,
                                                      const std::vector<std::string>& settings)
{
    core::QuantizationPlan plan = app::defaultPlan(network.model);
    for (const std::string& setting : settings) {
        plan = io::withSetting(plan, setting);
    }
    return std::make_shared<const core::QuantizationPlan>(std::move(plan));
}

/// Exports, writes, and verifies in this engine and, where it is there, in ONNX Runtime.
io::Verification verified(const Network& network, const std::string& format,
                          const std::vector<std::string>& settings = {})
{
    const app::Project project = app::openProject({network.model, network.data, {}, {}});
    io::VerificationRequest request;
    request.format = &io::exportFormat(format);
    request.source =
        app::exportSource(project, network.model, planFor(network, settings), *request.format, {}, {})
            .value();
    request.file = support::temporaryFolder() / (network.name + "." + format + ".onnx");
    io::writeExport(io::exportAs(*request.format, request.source), request.file);
    request.data = project.data.evaluation;
    request.labelsOutput = project.data.labelsOutput;
    request.samples = 4;
    return io::verifyExport(request, {}).value();
}

class ExportCase : public testing::TestWithParam<Network>
{
};

TEST_P(ExportCase, LoadsInOnnxRuntimeAndComputesTheSame)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    for (const std::string format : {"qdq", "qdq-21", "qoperator"}) {
        SCOPED_TRACE(format);
        const io::Verification verification = verified(GetParam(), format);
        EXPECT_THAT(verification.problems, IsEmpty());
        ASSERT_TRUE(verification.execution && verification.optimized);
        EXPECT_FALSE(verification.execution->outputs.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Small, ExportCase,
                         testing::Values(graphCase("23b-gather-embed"), graphCase("26-tied-weights"),
                                         graphCase("77-ms-qlinearadd"), graphCase("81-conv-add-HW"),
                                         graphCase("28-pad-const"), graphCase("80-double-qdq"),
                                         dialect("emb_gather_matmul_2d"), dialect("two_inputs_one_emb"),
                                         dialect("attention_softmax_64keys"),
                                         dialect("verify_float_conv_relu")),
                         [](const auto& param) {
                             std::string name = param.param.name;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

/// A Conv with a folded activation that stays float: what the next integer operator reads is its quantized
/// copy.
TEST(Verify, ComparesTheQuantizedCopyOfAFloatOperatorsOutput)
{
    const io::Verification verification =
        verified(dialect("verify_float_conv_relu"), "qdq", {"conv1::precision=fp32"});
    EXPECT_THAT(verification.problems, IsEmpty());
    ASSERT_TRUE(verification.ownExecution);
    const auto& operators = verification.ownExecution->operators;
    const auto conv = std::ranges::find(operators, "conv1", &io::OperatorAgreement::name);
    ASSERT_NE(conv, operators.end());
    EXPECT_EQ(conv->bits, 8); // codes are compared, not reals
    EXPECT_EQ(conv->identical, 1.0);
}

/// ONNX Runtime's optimizer makes a kernel of its own of this AveragePool with ceil_mode, which differs from
/// its plain one. The export is right.
TEST(Verify, DoesNotCountAnOptimizersDefectAgainstTheExport)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    const io::Verification verification = verified(graphCase("12-avgpool-ceil-op11-cip1"), "qdq");
    EXPECT_THAT(verification.problems, IsEmpty());
    ASSERT_EQ(verification.notes.size(), 1u);
    EXPECT_THAT(verification.notes[0], HasSubstr("optimized form differs"));
}

/// A Softmax that stays float is no QLinearSoftmax after optimization either: its codes wrap above 255.
TEST(Exports, SoftmaxIsTheSameOptimizedAndNot)
{
    NOISEFLOOR_ONNXRUNTIME_OR_SKIP(runtime);
    (void)runtime;
    for (const std::string precision : {"fp32", "int8"}) {
        const io::Verification verification =
            verified(dialect("attention_softmax_64keys"), "qdq", {"softmax::precision=" + precision});
        EXPECT_THAT(verification.problems, IsEmpty());
        EXPECT_THAT(verification.notes, IsEmpty());
        ASSERT_TRUE(verification.optimized);
        EXPECT_GE(verification.optimized->outputs.at(0).sqnrDb.value_or(200.0), 60.0);
    }
}

/// 16 positions of the sample's residual network: onnxruntime rounds in front of the Add, onednn does not.
TEST(Runtime, DecidesWhetherSumsAreFused)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/mlcommons_tiny/pretrainedResnet.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/resnet8.data.json");
    const app::Project project = app::openProject({model, data, {}, {.sampleLimit = 8}});
    const auto fused = [&](const std::vector<std::string>& settings) {
        const auto graph = project.session->operators(*planFor({"", model, data}, settings));
        return std::ranges::count_if(graph->operators,
                                     [](const auto& op) { return op.residual.has_value(); });
    };
    EXPECT_EQ(fused({}), 0);
    EXPECT_EQ(fused({"runtime=onnxruntime"}), 0);
    EXPECT_EQ(fused({"runtime=onednn"}), 3);
    EXPECT_EQ(fused({"runtime=tensorrt"}), 3);
    EXPECT_EQ(fused({"runtime=tensorrt", "fuse_residual=false"}), 0);
    EXPECT_THROW((void)planFor({"", model, data}, {"runtime=abacus"}), std::exception);
}

/// A sum fused against the runtime's habit is said before writing, with its size at the output.
TEST(Runtime, NamesTheDifferenceOfFusedSumsAtTheOutputs)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, "models/mlcommons_tiny/pretrainedResnet.onnx");
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, "data/resnet8.data.json");
    const app::Project project = app::openProject({model, data, {}, {.sampleLimit = 8}});
    const io::ExportFormat& format = io::exportFormat("qdq");
    const auto differences = [&](const std::vector<std::string>& settings) {
        const auto source =
            app::exportSource(project, model, planFor({"", model, data}, settings), format, {}, {}).value();
        return app::exportDifferences(project, source, format, io::exportAs(format, source), {}).value();
    };
    EXPECT_THAT(differences({}), IsEmpty());
    const auto lines = differences({"fuse_residual=true"});
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_THAT(lines[0].what, HasSubstr("3 residual sums are fused, ONNX Runtime rounds in front of them"));
    EXPECT_THAT(lines[0].what, HasSubstr(" dB "));
}

/// A plan says its runtime, in JSON and back.
TEST(Runtime, StandsInThePlan)
{
    const auto plan = io::withSetting(core::QuantizationPlan::makeDefault(), "runtime=openvino");
    const std::string json = io::planToJson(plan);
    EXPECT_THAT(json, HasSubstr(R"("runtime": "openvino")"));
    EXPECT_EQ(io::planFromJson(json), plan);
    EXPECT_EQ(io::planFromJson(R"({"format": "noisefloor-plan/1"})").runtime(), core::Runtime::OnnxRuntime);
}

/// "outputs": "float": every operator that writes an output writes reals, whatever its kind.
TEST(FloatOutputs, HoldForEveryOperator)
{
    for (const char* const name : {"14-boxes-scores", "15-sigmoid-deep", "19-concat-one"}) {
        SCOPED_TRACE(name);
        const Network network = graphCase(name);
        const app::Project project = app::openProject({network.model, network.data, {}, {}});
        const auto plan = planFor(network, {"outputs=float"});
        const auto resolved = project.session->resolve(*plan, {}, {}).value();
        const auto graph = project.session->operators(*plan);
        for (const core::ValueId id : graph->graph->outputs()) {
            EXPECT_FALSE(resolved.isCodes(*graph, id)) << graph->value(id).name;
        }
        EXPECT_THAT(verified(network, "qdq", {"outputs=float"}).problems, IsEmpty());
    }
}

/// Beside boxes of hundreds every score is 0 in one scale: with float outputs no channel is lost.
TEST(FloatOutputs, KeepScoresBesideBoxes)
{
    const Network network = graphCase("14-boxes-scores");
    const app::Project project = app::openProject({network.model, network.data, {}, {}});
    const auto worstChannel = [&](const std::vector<std::string>& settings) {
        const auto report = project.session->run(planFor(network, settings), {}, {});
        const auto concat = std::ranges::find(report->layers, "cat", [](const auto& l) { return l->name; });
        return std::ranges::max((*concat)->accumulatedChannelRelativeL2);
    };
    EXPECT_GT(worstChannel({}), 0.9f);
    EXPECT_LT(worstChannel({"outputs=float"}), 0.2f);
}

} // namespace
