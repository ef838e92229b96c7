#pragma once

#include "core/quantization/resolved_plan.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core {

/// Chooses how values are quantized, each when it is first asked for. Refers to what it is given.
class ValueResolver
{
public:
    /// `defaults` are for values that no operator computes; `values` is filled, by ValueId.
    ValueResolver(const OperatorGraph& graph, const OperatorSettings& defaults,
                  const std::vector<OperatorSettings>& settings,
                  const std::vector<TensorStatistics>& statistics,
                  std::vector<std::optional<ResolvedValue>>& values);

    /// Params of a value, following operators that inherit back to the one that chose them. Throws
    /// core::Error(Usage) for a manual method without a range.
    const ResolvedValue& valueOf(ValueId id);
    /// Whether the params of a value are to be those of the quantized model.
    [[nodiscard]] bool isWritten(ValueId id) const;
    /// Whether an integer operator can read the value: the model quantizes it, or the plan does instead.
    [[nodiscard]] bool isReadable(ValueId id) const;
    /// An activation that may be codes.
    [[nodiscard]] bool isReal(const Operator& op, std::size_t input) const;
    /// Whether the range of a value, as manual or as the calibration data have it, reaches below 0.
    [[nodiscard]] bool goesBelowZero(ValueId id) const;
    [[nodiscard]] const Operator* producer(ValueId id) const; ///< null for none
    /// Values that wish to be dynamic, and why they are not.
    [[nodiscard]] const std::vector<std::string>& notDynamic() const { return m_notDynamic; }

private:
    /// The value that chose the params which this one inherits.
    [[nodiscard]] ValueId rootOf(ValueId id) const;
    /// Concats with share_range: their output and all they join get the widest range, from [0, 0] on.
    void shareRanges();
    [[nodiscard]] Range calibratedRange(ValueId id) const;
    /// As the first operator that reads the value wishes, else as the one that writes it.
    [[nodiscard]] CalibrationMethod methodOf(ValueId id, const ActivationSettings& wish) const;
    [[nodiscard]] const CalibrationMethod* readersMethod(ValueId id) const; ///< null where none wishes
    /// Behind DNNLOWP's own params of a table's source, its result has DNNLOWP's, too.
    void setTableResult(const Operator& op, ResolvedValue& value);

    const OperatorGraph& m_graph;
    const OperatorSettings& m_defaults;
    const std::vector<OperatorSettings>& m_settings;
    const std::vector<TensorStatistics>& m_statistics;
    std::vector<std::optional<ResolvedValue>>& m_values;
    std::map<std::size_t, std::shared_ptr<Range>>
        m_shared; ///< by ValueId: ranges that several values have in common
    std::vector<std::string> m_notDynamic;
};

/// The input whose params an operator that inherits takes over.
[[nodiscard]] inline ValueId dataInput(const Operator& op) { return op.inputs[0]; }

} // namespace core
