#pragma once

#include "core/execution/pipeline.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "io/verify/export_runner.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// Our own engine on an exported model, opened as any quantized model is: scales, zero points and codes as
/// the file has them, operators that it quantizes in integers, the rest in FP32.
class WrittenRunner : public ExportRunner
{
public:
    /// Throws core::Error where the model does not open.
    WrittenRunner(std::string_view model, const std::string& file);

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::vector<std::string> expose(const std::vector<ExposedTensor>& tensors) override;
    [[nodiscard]] std::vector<NamedTensors> run(const std::vector<NamedTensors>& samples,
                                                const std::vector<std::string>& tensors) override;

private:
    /// The value behind a tensor of the exported model; none where it is not held as codes (real numbers) as
    /// asked.
    [[nodiscard]] std::optional<core::ValueId> find(const ExposedTensor& tensor) const;

    [[nodiscard]] const core::QuantizationParams* paramsOf(core::ValueId id) const;
    [[nodiscard]] bool isRead(core::ValueId id, const ExposedTensor& codes) const;

    [[nodiscard]] core::Tensor realOf(core::ValueId input, const core::Tensor& given) const;
    void prepare(const std::shared_ptr<const core::Graph>& graph);
    void keepApart(const std::vector<ExposedTensor>& tensors);

    core::QuantizationPlan m_plan;
    core::FusionOptions m_fusion;
    std::shared_ptr<const core::Graph> m_bound; ///< before fusion
    std::shared_ptr<const core::OperatorGraph> m_graph;
    core::ResolvedPlan m_resolved;
    std::unique_ptr<core::Pipeline> m_pipeline;
    std::vector<std::shared_ptr<const core::Executable>> m_forms;
    struct Exposed
    {
        core::ValueId value = core::kNoValue;
        bool isQuantizedBehind = false; ///< a float result of which the file's codes are asked for
    };
    std::map<std::string, Exposed> m_exposed;
};

} // namespace io
