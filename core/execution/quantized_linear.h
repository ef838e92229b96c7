#pragma once

#include "core/execution/executable.h"
#include "core/execution/executable_support.h"
#include "core/network/operator_graph.h"
#include "core/quantization/resolved_plan.h"
#include "kernels/int8/quantized_convolution.h"

namespace core {

/// What compileQuantized hands to each of its forms.
struct FormContext
{
    const OperatorGraph& graph;
    const Operator& op;
    const ResolvedOperator& resolved;
    const ResolvedPlan& plan;

    [[nodiscard]] const QuantizationParams& params(ValueId id) const
    {
        return plan.values[indexOf(id)]->params;
    }
    [[nodiscard]] kernels::QuantizedFormat format(ValueId id) const { return formatOf(params(id)); }
    [[nodiscard]] const Shape& dstShape() const { return graph.value(op.outputs[0]).shape; }
    [[nodiscard]] kernels::QuantizedFormat dstFormat() const
    {
        return resolved.writesCodes ? format(op.outputs[0]) : kernels::formatF32();
    }
    [[nodiscard]] DataType dstType() const
    {
        return resolved.writesCodes ? params(op.outputs[0]).type : DataType::Float32;
    }
    [[nodiscard]] kernels::IntegerBackend integerBackend() const
    {
        return resolved.backend == Backend::Real ? kernels::IntegerBackend::Fastest
                                                 : kernels::IntegerBackend::Own;
    }
};

/// A convolution or matrix product on codes, or on codes chosen at run time, in the arithmetic of the plan.
[[nodiscard]] Executable compileQuantizedLinear(const FormContext& context, OperatorId id);

} // namespace core
