#pragma once

#include "core/diagnosis/dequantized_constants.h"
#include "core/execution/executable.h"
#include "core/execution/pipeline.h"
#include "core/measure/output_analysis.h"
#include "core/quantization/resolved_plan.h"
#include "kernels/statistics/error_metrics.h"

#include <optional>
#include <utility>
#include <vector>

namespace core {

/// What one operator of a plan does to its own output, and what that does to an FP32 network.
class Disturbance
{
public:
    /// All three must outlive this.
    Disturbance(const Pipeline& pipeline, const ResolvedPlan& plan,
                const std::vector<MeasuredOutput>& outputs);

    /// Whether the operator rounds anything of its own; those that only move codes do not.
    [[nodiscard]] bool isMeasured(std::size_t i) const;
    [[nodiscard]] bool isTable(std::size_t i) const
    {
        return m_plan.operators[i].kind == QuantizedKind::Table;
    }

    /// Result and FP32 result on the same inputs, both float.
    [[nodiscard]] std::pair<Tensor, Tensor> isolated(std::size_t i, const Sample& sample,
                                                     const SampleValues& reference) const;

    /// Errors at the measured outputs when after − before is added to what the operator writes in FP32.
    [[nodiscard]] std::vector<kernels::ErrorSums> propagated(std::size_t i, const Sample& sample,
                                                             const SampleValues& reference,
                                                             const Tensor& after, const Tensor& before) const;

    /// The FP32 form with weights and bias as their codes say; none where there are no such codes.
    [[nodiscard]] std::optional<Executable> withRoundedConstants(std::size_t i,
                                                                 BiasIn bias = BiasIn::Codes) const;

    /// Its integer form with sums that cannot saturate; none where they cannot anyway.
    [[nodiscard]] std::optional<Executable> withExactSums(std::size_t i) const;
    /// What such a form writes, as reals.
    [[nodiscard]] Tensor runExact(std::size_t i, const Executable& form, const Sample& sample,
                                  const SampleValues& reference) const;

    /// A float form of the operator on what its inputs are as codes.
    [[nodiscard]] Tensor runOnRealInputs(std::size_t i, const Executable& form, const Sample& sample,
                                         const SampleValues& reference) const;

    /// y clamped to what the codes of the output reach, and y as those codes; y itself where it stays float.
    [[nodiscard]] std::pair<Tensor, Tensor> quantizedOutput(std::size_t i, const Tensor& y) const;

    /// y on the grid that the calibrated range alone would give, its zero between two codes; none where
    /// rounding the zero point moves nothing.
    [[nodiscard]] std::optional<Tensor> withoutNudge(std::size_t i, const Tensor& y) const;

private:
    void markReaders(const Operator& op, std::vector<bool>& reached) const;

    const Pipeline& m_pipeline;
    const OperatorGraph& m_graph;
    const ResolvedPlan& m_plan;
    const std::vector<MeasuredOutput>& m_outputs;
};

} // namespace core
