#pragma once

#include "core/base/progress.h"
#include "core/execution/pipeline.h"
#include "core/measure/output_analysis.h"
#include "core/network/sequence.h"
#include "core/quantization/resolved_plan.h"
#include "core/tensor/dataset.h"
#include "kernels/statistics/error_metrics.h"

#include <memory>
#include <optional>
#include <vector>

namespace core {

/// Leave-one-in: the network in FP32 except that one operator runs on codes (its inputs quantized, all its
/// outputs dequantized), with the states that this network itself feeds back.
class LeaveOneIn
{
public:
    LeaveOneIn(const OperatorGraph& graph, OperatorId op, const std::vector<StateLink>& states);

    /// All values of one step. `reference` are the FP32 values of `sample`; `fedBack` the states that the
    /// step before wrote, empty at the start of a sequence, and becomes what this step wrote.
    [[nodiscard]] SampleValues run(const Pipeline& pipeline, const ResolvedPlan& plan, const Executable& form,
                                   const Sample& sample, const SampleValues& reference,
                                   std::vector<Tensor>& fedBack) const;

private:
    const OperatorGraph& m_graph;
    const OperatorId m_op;
    const std::vector<StateLink>& m_states;
    std::vector<std::size_t> m_behind; ///< the operator, in execution order
    std::vector<std::size_t> m_behindStates; ///< the operator or a state, with them
};

/// Leave-one-in for each wanted operator. Sums of the error at each measured output, by OperatorId. None when
/// stopped.
[[nodiscard]] std::optional<std::vector<std::vector<kernels::ErrorSums>>>
measureSensitivity(const Pipeline& pipeline, const ResolvedPlan& plan,
                   const std::vector<std::shared_ptr<const Executable>>& forms,
                   const std::vector<bool>& wanted, const std::vector<MeasuredOutput>& outputs,
                   const Dataset& data, std::size_t samples, int threads, const std::stop_token& stop,
                   const ProgressCallback& progress, const std::vector<StateLink>& states = kNoStates);

/// The error that stands for an operator: at the logits where there are any, else at the worst output.
[[nodiscard]] const kernels::ErrorSums& decisiveError(const std::vector<kernels::ErrorSums>& sums,
                                                      const std::vector<MeasuredOutput>& outputs);

} // namespace core
