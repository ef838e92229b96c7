#include "core/execution/pipeline.h"
#include "core/measure/layer_metrics.h"
#include "tests/models/model_run.h"
#include "tests/models/shared_models.h"
#include "tests/support/shared_files.h"

#include <cmath>
#include <gtest/gtest.h>

namespace {

using models::Model;

class FusedModel : public testing::TestWithParam<Model>
{
};

TEST_P(FusedModel, ComputesInFp32WhatItsNodesComputeOneByOne)
{
    NOISEFLOOR_SHARED_FILE_OR_SKIP(model, std::string("models/") + GetParam().model);
    NOISEFLOOR_SHARED_FILE_OR_SKIP(data, std::string("data/") + GetParam().data);
    const app::Project project = models::open(model, data, 2);
    const auto fused = project.session->operators(*models::planWith({}));
    const auto plain = project.session->operators(*models::planWith({"fusion=off"}));
    ASSERT_LT(fused->operators.size(), plain->operators.size());
    ASSERT_EQ(plain->operators.size(), project.graph->nodes().size() + project.graph->inputs().size());
    const core::Pipeline fast(fused);
    const core::Pipeline slow(plain);
    std::vector<kernels::ErrorSums> sums(project.graph->outputs().size());
    const std::size_t samples = models::isLong() ? 20 : 2;
    for (std::size_t i = 0; i < samples; ++i) {
        const core::Sample sample = project.data.evaluation->load(i);
        const auto expected = slow.runFloat(sample);
        const auto got = fast.runFloat(sample);
        for (std::size_t k = 0; k < sums.size(); ++k) {
            const std::size_t value = core::indexOf(project.graph->outputs()[k]);
            sums[k].merge(core::compareTensors(expected[value], got[value], nullptr, 0));
        }
    }
    for (const kernels::ErrorSums& s : sums) {
        EXPECT_LE(std::sqrt(s.totalSquaredError() / s.totalSquaredReference()), 1e-5);
    }
}

INSTANTIATE_TEST_SUITE_P(Shared, FusedModel, models::classifiers(), models::nameOf);

} // namespace
