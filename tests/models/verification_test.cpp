#include "io/verification.h"

#include "app/common/export_source.h"
#include "tests/models/model_run.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gtest/gtest.h>

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
