#include "io/verify/verification.h"

#include "app/common/export_source.h"
#include "io/exports/import_plan.h"
#include "io/files/file.h"
#include "io/onnx/onnx_writer.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace {

struct Case
{
    std::string name;
    std::filesystem::path model;
    std::filesystem::path data;
};

std::vector<Case> cases()
{
    std::vector<Case> result{{"digits", support::projectFile("resources/sample/digits.onnx"),
                              support::projectFile("resources/sample/sample.data.json")}};
    const auto model = support::sharedFile("models/mlcommons_tiny/pretrainedResnet.onnx");
    const auto data = support::sharedFile("data/resnet8.data.json");
    if (model && data) {
        result.push_back({"resnet8", *model, *data});
    }
    return result;
}

io::VerificationRequest requestFor(const Case& c, const std::string& format,
                                   const std::vector<std::string>& settings)
{
    const app::Project project = models::open(c.model, c.data, 8);
    io::VerificationRequest request;
    request.format = &io::exportFormat(format);
    request.source =
        app::exportSource(project, c.model, models::planWith(settings), *request.format, {}, {}).value();
    request.file = support::temporaryFolder() / (c.name + "_" + format + "_own.onnx");
    request.data = project.data.evaluation;
    request.labelsOutput = project.data.labelsOutput;
    request.samples = 4;
    request.operatorSamples = 2;
    return request;
}

/// Opened again by this engine, a model computes the codes that it was exported from, residual sums fused in
/// both.
TEST(OwnEngine, RunsExportsBitForBitAsThePlanRan)
{
    for (const Case& c : cases()) {
        for (const std::string format : {"qdq", "qdq-21", "qoperator"}) {
            SCOPED_TRACE(c.name + " " + format);
            const io::VerificationRequest request = requestFor(c, format, {});
            io::writeExport(request.format->write(request.source), request.file);
            const auto verification = io::verifyExport(request, {});
            ASSERT_TRUE(verification && verification->ownExecution);
            const io::Execution& own = *verification->ownExecution;
            EXPECT_EQ(own.samples, 4U);
            EXPECT_GE(own.operators.size(), 5U);
            EXPECT_EQ(own.agreement, 100.0);
            for (const io::OperatorAgreement& op : own.operators) {
                EXPECT_EQ(op.identical, 1.0)
                    << op.name << " (" << op.type << "): largest difference " << op.maxDifferenceLsb;
            }
        }
    }
}

/// Codes of 4 bits, weights in blocks and 16-bit activations, in opset 21 where they have types of their own
/// and in 13, where they are lost by name: verified either way, ONNX Runtime included where it is there.
TEST(NarrowAndBlockedExports, AreReadBackAndRun)
{
    struct Plan
    {
        std::vector<std::string> settings;
        bool isExactIn21; ///< whether nothing is lost in opset 21
    };
    const std::vector<Plan> plans{{{"weight.bits=4"}, true},
                                  {{"weight.bits=4", "activation.bits=4"}, true},
                                  {{"weight.granularity=group:16", "weight.bits=4"}, true},
                                  {{"activation.bits=16"}, true},
                                  {{"weight.bits=3"}, false}};
    std::vector<Case> networks = cases();
    networks.resize(models::isLong() ? networks.size() : 1);
    for (const Case& c : networks) {
        for (const Plan& plan : plans) {
            for (const std::string format : {"qdq", "qdq-21"}) {
                SCOPED_TRACE(c.name + " " + format + " " + testing::PrintToString(plan.settings));
                const io::VerificationRequest request = requestFor(c, format, plan.settings);
                const io::Export exported = request.format->write(request.source);
                EXPECT_TRUE(format == "qdq" || exported.losses.empty() == plan.isExactIn21);
                io::writeExport(exported, request.file);
                const auto verification = io::verifyExport(request, {});
                ASSERT_TRUE(verification && verification->ownExecution);
                for (const io::OperatorAgreement& op : verification->ownExecution->operators) {
                    EXPECT_TRUE(format == "qdq" || !plan.isExactIn21 || op.bits > 8 || op.bits == 0
                                || op.identical == 1.0)
                        << op.name;
                }
                for (const std::string& problem : verification->problems) {
                    ADD_FAILURE() << problem;
                }
                for (const auto& difference : verification->encodings.differences) {
                    EXPECT_FALSE(difference.loss.empty()) << difference.item << ": " << difference.what;
                    EXPECT_FALSE(format == "qdq-21" && plan.isExactIn21)
                        << difference.item << ": " << difference.what;
                }
            }
        }
    }
}

/// ConvTranspose, Conv with groups, MatMul and Gemm, each with its own place of the source channels; one
/// block is short.
std::filesystem::path networkOfEveryLayout()
{
    io::OnnxWriter writer;
    std::mt19937 random(7);
    std::normal_distribution<float> any(0.0f, 0.2f);
    const auto weights = [&](const std::string& name, const core::Shape& shape) {
        std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
        std::ranges::generate(values, [&] { return any(random); });
        writer.initializer(name, core::makeTensor<float>(shape, values));
        return name;
    };
    writer.input("x", core::DataType::Float32, {1, 6, 5, 5});
    writer.node("ConvTranspose", "up", {"x", weights("up/w", {6, 8, 2, 2})}, {"up_out"},
                {{"strides", std::vector<std::int64_t>{2, 2}}});
    writer.node("Conv", "grouped", {"up_out", weights("grouped/w", {4, 4, 3, 3})}, {"grouped_out"},
                {{"group", std::int64_t{2}}});
    writer.node("GlobalAveragePool", "pool", {"grouped_out"}, {"pool_out"});
    writer.node("Flatten", "flat", {"pool_out"}, {"flat_out"});
    writer.node("MatMul", "product", {"flat_out", weights("product/w", {4, 10})}, {"product_out"});
    writer.node("Gemm", "fc", {"product_out", weights("fc/w", {3, 10})}, {"y"},
                {{"transB", std::int64_t{1}}});
    writer.output("y", core::DataType::Float32, {1, 3});
    const auto path = support::temporaryFolder() / "layouts.onnx";
    io::writeFileAtomically(path, writer.finish("layouts", 13));
    return path;
}

TEST(NarrowAndBlockedExports, HoldEveryLayoutOfWeights)
{
    const Case c{"layouts", networkOfEveryLayout(), {}};
    for (const std::string group : {"3", "4"}) {
        SCOPED_TRACE("groups of " + group);
        io::VerificationRequest request = requestFor(c, "qdq-21", {"weight.granularity=group:" + group});
        request.samples = 2;
        request.operatorSamples = 2;
        const io::Export exported = request.format->write(request.source);
        for (const io::ExportLoss& loss : exported.losses) {
            ADD_FAILURE() << io::toString(loss);
        }
        io::writeExport(exported, request.file);
        const auto verification = io::verifyExport(request, {});
        ASSERT_TRUE(verification && verification->ownExecution);
        EXPECT_TRUE(verification->encodings.differences.empty());
        for (const std::string& problem : verification->problems) {
            ADD_FAILURE() << problem;
        }
        for (const io::OperatorAgreement& op : verification->ownExecution->operators) {
            EXPECT_EQ(op.withinOneLsb, 1.0) << op.name;
        }
    }
}

TEST(NarrowAndBlockedExports, BecomeTheSamePlanAgain)
{
    const Case c = cases()[0];
    const io::VerificationRequest request =
        requestFor(c, "qdq-21", {"weight.granularity=group:8", "weight.bits=4", "activation.bits=4"});
    const auto& graph = *request.source.graph;
    const auto table =
        request.format->read(request.format->write(request.source).files[0].content, "export", graph);
    const auto imported = io::planFrom(table, graph, core::QuantizationPlan::makeDefault());
    std::size_t inGroups = 0;
    for (const auto& [name, settings] : imported.plan.operators) {
        const bool hasGroup =
            settings.weight.granularity == core::Granularity{core::Granularity::Kind::Group, 8};
        inGroups += hasGroup ? 1 : 0;
        EXPECT_TRUE(!settings.weight.bits || settings.weight.bits == 4) << name;
        EXPECT_TRUE(!settings.activation.range || settings.activation.bits == 4) << name;
    }
    EXPECT_GE(inGroups, 3U);
}

TEST(OwnEngine, NamesTheOperatorsOfAnExportOfAnotherPlan)
{
    const Case c = cases()[0];
    const io::VerificationRequest request = requestFor(c, "qdq", {});
    const io::VerificationRequest other = requestFor(c, "qdq", {"activation.method=percentile:95"});
    io::writeExport(request.format->write(other.source), request.file);
    const auto verification = io::verifyExport(request, {});
    ASSERT_TRUE(verification && verification->ownExecution);
    EXPECT_FALSE(verification->passed());
    EXPECT_TRUE(std::ranges::any_of(verification->problems,
                                    [](const std::string& problem) {
                                        return problem.find("LSB of Noisefloor, as written")
                                            != std::string::npos;
                                    }))
        << "problems: " << verification->problems.size();
}

} // namespace
