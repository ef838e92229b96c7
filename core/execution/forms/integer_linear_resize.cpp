#include "core/execution/forms/integer_form.h"

#include "core/execution/movement_executable.h"

#include <optional>

namespace core {

namespace {

std::optional<Executable> linearResize(const IntegerContext& c)
{
    return compileLinearResize(c.graph, c.op, c.params(c.op.inputs[0]), c.params(c.op.outputs[0]));
}

} // namespace

IntegerForm integerLinearResize()
{
    return {[](const IntegerContext& c) {
                return c.isOwnRange() && c.traits().kind == OperatorKind::Resampling && linearResize(c);
            },
            [](const IntegerContext& c) { return *linearResize(c); }};
}

} // namespace core
