#include "core/execution/inference.h"
#include "core/execution/pipeline.h"
#include "core/measure/calibration_pass.h"
#include "core/measure/evaluation.h"
#include "tests/models/model_run.h"
#include "tests/models/shared_models.h"
#include "tests/support/shared_files.h"

#include <cstring>
#include <gtest/gtest.h>

namespace {

using models::Model;

class InferenceMode : public testing::TestWithParam<Model>
{
};

/// Byte for byte, in logical order.
bool equal(const core::Tensor& a, const core::Tensor& b)
{
    const auto left = core::toLayout(a, core::Layout::RowMajor);
    const auto right = core::toLayout(b, core::Layout::RowMajor);
    return left.type() == right.type() && left.shape() == right.shape()
        && std::memcmp(left.data(), right.data(), left.byteCount()) == 0;
}

TEST_P(InferenceMode, GivesTheCodesOfTheAnalysis)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 2);
    const auto plan = models::planWith({});
    const auto graph = project.session->operators(*plan);
    core::Pipeline pipeline(graph);
    const auto statistics = core::collectStatistics(pipeline, *project.data.calibration, 4, 0, {}, {});
    core::WeightCache weights;
    const auto resolved = core::resolvePlan(*graph, *plan, *statistics, weights);
    const core::Inference fp32(pipeline);
    const core::Inference int8(pipeline, resolved);
    for (std::size_t i = 0; i < 2; ++i) {
        const core::Sample sample = project.data.evaluation->load(i);
        const auto reals = pipeline.runFloat(sample);
        core::SampleValues codes(reals.size());
        for (std::size_t k = 0; k < graph->operators.size(); ++k) {
            const auto id = core::OperatorId(k);
            pipeline.runQuantized(id, resolved, *pipeline.quantizedForm(id, resolved), sample, codes);
        }
        const auto fastReals = fp32.run(sample);
        const auto fastCodes = int8.run(sample);
        for (std::size_t k = 0; k < fastReals.size(); ++k) {
            const std::size_t value = core::indexOf(graph->graph->outputs()[k]);
            EXPECT_TRUE(equal(fastReals[k], reals[value])) << "FP32, sample " << i;
            EXPECT_TRUE(equal(fastCodes[k], codes[value])) << "int8, sample " << i;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shared, InferenceMode,
                         testing::Values(models::named("resnet20_simplified"), models::named("resnet8"),
                                         models::named("squeezenet"), models::named("mobilenet_v2"),
                                         models::named("ppocr_cls")),
                         models::nameOf);

} // namespace
