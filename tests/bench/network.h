#pragma once

#include "core/execution/inference.h"
#include "core/execution/pipeline.h"
#include "core/measure/evaluation.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "core/statistics/statistics.h"
#include "core/tensor/dataset.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// A network calibrated and quantized by the default plan (or another), ready to be timed.
struct Network
{
    std::string name;
    std::shared_ptr<const core::Graph> graph;
    std::shared_ptr<const core::Dataset> data;
    std::shared_ptr<const core::OperatorGraph> operators;
    std::unique_ptr<core::Pipeline> pipeline;
    std::vector<core::TensorStatistics> statistics;
    core::WeightCache weights;
    core::ResolvedPlan plan;

    [[nodiscard]] std::vector<std::shared_ptr<const core::Executable>> forms() const;
    /// A plan of the same network with every residual Add apart, as other runtimes need it.
    [[nodiscard]] std::unique_ptr<Network> apart() const;
    /// The quantized pipeline keeping every tensor.
    [[nodiscard]] core::SampleValues runQuantized(const core::Sample& sample) const;
};

[[nodiscard]] std::unique_ptr<Network> prepare(std::string name, std::shared_ptr<const core::Graph> graph,
                                               std::shared_ptr<const core::Dataset> data,
                                               const core::FusionOptions& fusion);

[[nodiscard]] std::unique_ptr<Network> openResNet50();
/// Null when the shared models are not there.
[[nodiscard]] std::unique_ptr<Network> openShared(const std::string& name, const std::string& model,
                                                  const std::string& data);

/// Files that ONNX Runtime reads: the network as it is in FP32, and the QDQ export.
void writeFloatModel(const Network& network, const std::filesystem::path& path);
void writeQdqModel(const Network& network, const std::filesystem::path& path);

} // namespace bench
