#pragma once

#include "core/execution/executable.h"
#include "core/graph/operator_traits.h"
#include "core/network/operator_graph.h"
#include "core/quantization/resolved_plan.h"
#include "kernels/int8/quantized_convolution.h"

namespace core {

/// What an integer form is asked about: an operator that the plan resolved to codes.
struct IntegerContext
{
    const OperatorGraph& graph;
    const Operator& op;
    const ResolvedOperator& resolved;
    const ResolvedPlan& plan;
    OperatorId id{};

    [[nodiscard]] const QuantizationParams& params(ValueId value) const
    {
        return plan.values[indexOf(value)]->params;
    }
    [[nodiscard]] kernels::QuantizedFormat format(ValueId value) const { return formatOf(params(value)); }
    [[nodiscard]] const Shape& shape(ValueId value) const { return graph.value(value).shape; }
    [[nodiscard]] const Shape& srcShape() const { return shape(op.inputs[0]); }
    [[nodiscard]] const Shape& dstShape() const { return shape(op.outputs[0]); }
    [[nodiscard]] const Tensor* constant(std::size_t i) const
    {
        return i < op.constants.size() && op.constants[i] ? &*op.constants[i] : nullptr;
    }
    [[nodiscard]] const OperatorTraits& traits() const { return traitsOf(op.type); }
    [[nodiscard]] bool is(QuantizedKind kind) const { return resolved.kind == kind; }
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
    /// Codes of 8 bits, rounded half to even, in and out: kernels take no others.
    [[nodiscard]] bool isPlain() const;
    /// A form of its own range: codes in and out, plain.
    [[nodiscard]] bool isOwnRange() const { return is(QuantizedKind::OwnRange) && isPlain(); }
    [[nodiscard]] bool hasWideInput() const { return sizeOf(params(op.inputs[0]).type) > 1; }
};

/// One way to run an operator on codes. The first of the list that accepts compiles; the last goes through
/// FP32 and accepts everything.
struct IntegerForm
{
    bool (*accepts)(const IntegerContext&);
    Executable (*compile)(const IntegerContext&);
};

// Their order stands in integer_forms.cpp.
[[nodiscard]] IntegerForm integerInput();
[[nodiscard]] IntegerForm integerLinear();
[[nodiscard]] IntegerForm integerBinary();
[[nodiscard]] IntegerForm integerDnnlowpTable();
[[nodiscard]] IntegerForm integerTable();
[[nodiscard]] IntegerForm integerRelu();
[[nodiscard]] IntegerForm integerMaxPool();
[[nodiscard]] IntegerForm integerTranspose();
[[nodiscard]] IntegerForm integerNearestResize();
[[nodiscard]] IntegerForm integerReshape();
[[nodiscard]] IntegerForm integerMovement();
[[nodiscard]] IntegerForm integerEmbedding();
[[nodiscard]] IntegerForm integerBatchedWeights();
[[nodiscard]] IntegerForm integerMatMul();
/// Add and Sum in the common codes of DNNLOWP.
[[nodiscard]] IntegerForm integerIntermediateSum();
[[nodiscard]] IntegerForm integerSum();
[[nodiscard]] IntegerForm integerReduce();
[[nodiscard]] IntegerForm integerSoftmax();
[[nodiscard]] IntegerForm integerLinearResize();
[[nodiscard]] IntegerForm integerChannelTable();
[[nodiscard]] IntegerForm integerRecurrent();
[[nodiscard]] IntegerForm integerNormalization();
[[nodiscard]] IntegerForm integerAveragePool();
[[nodiscard]] IntegerForm integerConcat();
/// Codes in, reals out, of what has no kernel for that.
[[nodiscard]] IntegerForm realsThroughFloat();
[[nodiscard]] IntegerForm throughFloat();

} // namespace core
