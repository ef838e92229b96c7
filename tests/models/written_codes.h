#pragma once

#include "core/execution/executable.h"
#include "core/execution/pipeline.h"
#include "io/verify/onnx_runtime.h"
#include "tests/models/model_run.h"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace models {

/// Share of output elements of both within 1.001 steps of each other.
struct Share
{
    std::size_t elements = 0;
    std::size_t within = 0;

    void add(const core::Tensor& ours, const core::Tensor& theirs, float scale)
    {
        const core::Tensor rows = core::toLayout(ours, core::Layout::RowMajor);
        ASSERT_EQ(rows.count(), theirs.count());
        for (std::size_t i = 0; i < rows.as<float>().size(); ++i) {
            ++elements;
            within += std::fabs(rows.as<float>()[i] - theirs.as<float>()[i]) <= 1.001f * scale ? 1 : 0;
        }
    }
    [[nodiscard]] double percent() const
    {
        return 100.0 * static_cast<double>(within) / static_cast<double>(elements);
    }
};

/// Runs a quantized model as written, all of its outputs, and the peer on the same samples.
inline void expectSameCodes(const io::OnnxRuntime& runtime, const app::Project& project,
                            const std::filesystem::path& path, std::size_t samples, double leastPercent)
{
    ASSERT_TRUE(project.written);
    const auto plan = core::QuantizationPlan::makeWritten();
    const auto resolved = project.session->resolve(plan, {}, {});
    const auto graph = project.session->operators(plan);
    const core::Pipeline pipeline(graph);
    std::vector<io::NamedTensors> feeds;
    for (std::size_t i = 0; i < samples; ++i) {
        feeds.push_back({{project.graph->value(project.graph->inputs()[0]).name,
                          project.data.evaluation->load(i).inputs[0]}});
    }
    const auto theirs = runtime.run(path, feeds);
    Share share;
    for (std::size_t i = 0; i < samples; ++i) {
        core::SampleValues values(project.graph->values().size());
        for (std::size_t k = 0; k < graph->operators.size(); ++k) {
            const core::OperatorId id{static_cast<std::uint32_t>(k)};
            pipeline.runQuantized(id, *resolved, *pipeline.quantizedForm(id, *resolved),
                                  project.data.evaluation->load(i), values);
        }
        for (const core::ValueId id : project.graph->outputs()) {
            const auto& value = resolved->values[core::indexOf(id)];
            if (!resolved->isCodes(*graph, id)) {
                continue;
            }
            share.add(core::dequantized(values[core::indexOf(id)], value->params),
                      theirs[i].at(project.graph->value(id).name), value->params.scale[0]);
        }
    }
    ASSERT_GT(share.elements, 0u);
    testing::Test::RecordProperty("percent_within_1_lsb", std::to_string(share.percent()));
    EXPECT_GE(share.percent(), leastPercent);
}

} // namespace models
