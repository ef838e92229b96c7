#pragma once

#include "core/execution/pipeline.h"
#include "core/sensitivity/reverse_rules.h"

#include <optional>
#include <string>
#include <vector>

namespace core {

/// Reverse-mode differentiation of one output through the operators of a pipeline, for its shapes (Linnainmaa
/// 1970). Thread-safe once made.
class ReversePass
{
public:
    /// Makes the rules of every operator that `output` depends on. The pipeline must outlive it.
    ReversePass(const Pipeline& pipeline, ValueId output);

    /// Whether the gradient of a value is complete: no operator without a rule lies between it and the
    /// output. So, too, where nothing lies between them (the gradient is 0 and undefined).
    [[nodiscard]] bool reaches(ValueId value) const { return m_isReached[indexOf(value)]; }

    /// Names of operators that the pass ends at because they have no rule.
    [[nodiscard]] const std::vector<std::string>& ends() const { return m_ends; }

    /// Gradients of Σ direction·output by ValueId, float32 in kernelLayout(); undefined where nothing leads
    /// to the output or the pass ended. `at`: reals of every float value where the network is linearised;
    /// `sample` gave them.
    [[nodiscard]] SampleValues run(const SampleValues& at, const Sample& sample,
                                   const Tensor& direction) const;

private:
    const Pipeline& m_pipeline;
    const ValueId m_output;
    std::vector<std::optional<ReverseRule>> m_rules; ///< by OperatorId; none where not needed
    std::vector<bool> m_isReached; ///< by ValueId
    std::vector<std::string> m_ends;
};

} // namespace core
