#pragma once

#include "core/execution/executable.h"
#include "core/graph/operator_traits.h"
#include "core/network/operator_graph.h"

namespace core {

/// What a float form is asked about.
struct FloatContext
{
    const OperatorGraph& graph;
    const Operator& op;
    Backend backend = Backend::Real;

    /// One float result of an operator of ai.onnx, for which a fast kernel is wanted.
    [[nodiscard]] bool isFast() const;
    [[nodiscard]] bool hasOneOutput() const;
    [[nodiscard]] bool isFloat(ValueId id) const;
    [[nodiscard]] const OperatorTraits& traits() const { return traitsOf(op.type); }
    [[nodiscard]] const Shape& dstShape() const { return graph.value(op.outputs[0]).shape; }
};

/// One way to run an operator in FP32. The first of the list that accepts compiles; the last, the readable
/// evaluation, accepts everything.
struct FloatForm
{
    bool (*accepts)(const FloatContext&);
    Executable (*compile)(const FloatContext&);
};

// One file each; their order stands in float_forms.cpp.
[[nodiscard]] FloatForm floatInput();
[[nodiscard]] FloatForm floatReshape();
[[nodiscard]] FloatForm floatConvolution();
[[nodiscard]] FloatForm floatMatMul();
[[nodiscard]] FloatForm floatConvInteger();
[[nodiscard]] FloatForm floatMatMulInteger();
[[nodiscard]] FloatForm floatBinary();
[[nodiscard]] FloatForm floatActivation();
[[nodiscard]] FloatForm floatPooling();
[[nodiscard]] FloatForm floatElementwiseLinear();
[[nodiscard]] FloatForm floatSoftmax();
[[nodiscard]] FloatForm floatConcat();
[[nodiscard]] FloatForm floatTranspose();
[[nodiscard]] FloatForm floatResize();
[[nodiscard]] FloatForm floatReference();

} // namespace core
