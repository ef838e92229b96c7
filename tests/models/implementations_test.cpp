#include "core/execution/pipeline.h"
#include "core/measure/calibration_pass.h"
#include "tests/models/model_run.h"
#include "tests/models/shared_models.h"
#include "tests/support/shared_files.h"

#include <gtest/gtest.h>

namespace {

using models::Model;

class Implementations : public testing::TestWithParam<Model>
{
};

/// oneDNN's plain loops, or our own where neither oneDNN nor a vectorized kernel of ours has the operator.
bool isSlow(const std::string& implementation)
{
    return implementation.find("ref") != std::string::npos
        || implementation.find("own:plain") != std::string::npos;
}

TEST_P(Implementations, OfConvolutionsAndProductsAreFastInBothPipelines)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 1);
    const auto plan = models::planWith({});
    const auto graph = project.session->operators(*plan);
    core::Pipeline pipeline(graph);
    const auto statistics = core::collectStatistics(pipeline, *project.data.evaluation, 1, 1, {}, {});
    core::WeightCache weights;
    const auto resolved = core::resolvePlan(*graph, *plan, *statistics, weights);
    int convolutions = 0;
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const core::Operator& op = graph->operators[i];
        if (op.type != "Conv" && op.type != "ConvTranspose" && op.type != "Gemm") {
            continue;
        }
        ++convolutions;
        const auto id = core::OperatorId(i);
        EXPECT_FALSE(isSlow(pipeline.floatForm(id).implementation))
            << op.name << ": " << pipeline.floatForm(id).implementation;
        const auto form = pipeline.quantizedForm(id, resolved);
        EXPECT_FALSE(isSlow(form->implementation)) << op.name << ": " << form->implementation;
        EXPECT_NE(resolved.operators[i].kind, core::QuantizedKind::None)
            << op.name << ": " << resolved.operators[i].reason;
    }
    EXPECT_GT(convolutions, 0);
}

INSTANTIATE_TEST_SUITE_P(Shared, Implementations, testing::ValuesIn(models::kConvolutional), models::nameOf);

} // namespace
