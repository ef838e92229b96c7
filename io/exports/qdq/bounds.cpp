#include "io/exports/qdq/bounds.h"

#include "core/graph/operator_traits.h"

namespace io {

using core::Operator;
using core::ValueId;

std::string writeUpperBounds(QdqContext& context, const Operator& op)
{
    const auto count = static_cast<std::int64_t>(op.upperBounds.size());
    core::Shape shape{count};
    if (!core::isMatMul(op.type)) {
        shape.insert(shape.end(), context.graph.value(op.result()).shape.size() - 2, 1);
    }
    context.writer.initializer(context.stem(op) + "_bounds",
                               core::makeTensor<float>(shape, std::span<const float>(op.upperBounds)));
    return context.stem(op) + "_bounds";
}

void writeBoundsOfCodes(QdqContext& context, const Operator& op, const std::string& codes,
                        const std::string& to)
{
    const ValueId y = op.outputs[0];
    const std::string real = context.stem(y) + "_unbounded_dequantized";
    context.writer.node("DequantizeLinear", context.stem(y) + "_unbounded_DequantizeLinear",
                        {codes, context.scaleName(y), context.zeroPointName(y)}, {real}, {},
                        context.domainOf(context.paramsOf(y)));
    context.writer.node("Min", context.stem(op) + "_bounds_Min", {real, writeUpperBounds(context, op)}, {to});
}

} // namespace io
