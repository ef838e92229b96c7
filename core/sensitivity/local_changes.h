#pragma once

#include "core/measure/prepared_network.h"
#include "core/network/operator_graph.h"
#include "core/sensitivity/output_probe.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace core {

/// How a value differs from what it is in the quantized pipeline.
struct LocalChange
{
    ValueId value = kNoValue;
    Tensor error; ///< quantized pipeline − changed, reals in kernelLayout()
};

/// What keeping one operator in FP32 changes at the values it writes, on the inputs that the quantized
/// pipeline gives it: δ = ŷ − y', where y' is read as its readers read it (rounded to codes where one of them
/// is an integer operator). Counts, too, where graph inputs are no longer rounded because the operator alone
/// read their codes.
class LocalLeaveOut
{
public:
    /// `without`: the plan of `base` with `op` in FP32, prepared.
    LocalLeaveOut(const PreparedNetwork& base, std::shared_ptr<const PreparedNetwork> without, OperatorId op);

    /// `reals`: the values of the quantized pipeline dequantized, by ValueId, in kernelLayout().
    [[nodiscard]] std::vector<LocalChange> on(const OutputProbe::Values& values,
                                              const SampleValues& reals) const;

private:
    [[nodiscard]] bool isRounded(ValueId value) const;

    const PreparedNetwork& m_base;
    std::shared_ptr<const PreparedNetwork> m_without;
    OperatorId m_op;
    std::vector<std::size_t> m_changed; ///< operators to run, the wanted one last
    std::vector<bool> m_rounded; ///< by output of the operator
};

} // namespace core
