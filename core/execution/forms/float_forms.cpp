#include "core/execution/forms/float_form.h"

#include <algorithm>
#include <array>

namespace core {

bool FloatContext::isFloat(ValueId id) const
{
    return id != kNoValue && graph.value(id).type == DataType::Float32;
}

bool FloatContext::hasOneOutput() const
{
    return op.node.hasOutput(0)
        && std::ranges::count_if(op.outputs, [](ValueId id) { return id != kNoValue; }) == 1;
}

bool FloatContext::isFast() const
{
    return backend != Backend::Reference && op.node.domain.empty() && !op.outputs.empty()
        && isFloat(op.outputs[0])
        && std::ranges::count_if(op.outputs, [](ValueId id) { return id != kNoValue; }) == 1;
}

Executable compileFloat(const OperatorGraph& graph, const Operator& op, Backend backend)
{
    static const std::array kForms{
        floatInput(),         floatReshape(), floatConvolution(), floatMatMul(),  floatConvInteger(),
        floatMatMulInteger(), floatBinary(),  floatActivation(),  floatPooling(), floatElementwiseLinear(),
        floatSoftmax(),       floatConcat(),  floatTranspose(),   floatResize(),  floatReference()};
    const FloatContext context{graph, op, backend};
    return std::ranges::find_if(kForms, [&](const FloatForm& form) { return form.accepts(context); })
        ->compile(context);
}

} // namespace core
