#include "core/execution/forms/float_form.h"

#include "core/execution/executable_support.h"
#include "core/execution/movement_executable.h"

#include <memory>
#include <span>
#include <vector>

namespace core {

FloatForm floatInput()
{
    return {[](const FloatContext& c) { return c.op.type == "Input"; },
            [](const FloatContext& c) {
                const Layout layout =
                    c.isFloat(c.op.outputs[0]) ? kernelLayout(c.dstShape()) : Layout::RowMajor;
                return Executable{"noisefloor", "input", [layout](std::span<const Tensor> inputs) {
                                      return std::vector{toLayout(inputs[0], layout)};
                                  }};
            }};
}

/// Of any element type, and whatever the backend.
FloatForm floatReshape()
{
    return {[](const FloatContext& c) { return isReshape(c.op) && c.hasOneOutput(); },
            [](const FloatContext& c) { return compileReshape(c.graph, c.op); }};
}

FloatForm floatConcat()
{
    return {[](const FloatContext& c) { return c.isFast() && c.traits().kind == OperatorKind::Join; },
            [](const FloatContext& c) { return compileConcat(c.graph, c.op); }};
}

FloatForm floatTranspose()
{
    return {[](const FloatContext& c) { return c.isFast() && c.op.type == "Transpose"; },
            [](const FloatContext& c) { return compileTranspose(c.graph, c.op); }};
}

FloatForm floatResize()
{
    return {[](const FloatContext& c) {
                return c.isFast() && c.traits().kind == OperatorKind::Resampling
                    && compileResize(c.graph, c.op).has_value();
            },
            [](const FloatContext& c) { return *compileResize(c.graph, c.op); }};
}

FloatForm floatReference()
{
    return {
        [](const FloatContext&) { return true; },
        // Holds a copy: an operator that was changed for one measurement goes before what was compiled of it.
        [](const FloatContext& c) {
            return Executable{
                "reference", "reference:" + c.op.type,
                [copy = std::make_shared<const Operator>(c.op)](std::span<const Tensor> inputs) {
                    return evaluateOperator(*copy, inputs);
                }};
        }};
}

} // namespace core
