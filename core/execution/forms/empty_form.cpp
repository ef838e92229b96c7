#include "core/execution/forms/empty_form.h"

#include <algorithm>

namespace core {

std::optional<Executable> emptyForm(const OperatorGraph& graph, const Operator& op,
                                    std::optional<DataType> codes)
{
    if (op.type == "Input" || op.outputs.size() != 1 || op.outputs[0] == kNoValue) {
        return std::nullopt;
    }
    const auto& value = graph.value(op.outputs[0]);
    const bool isKnown = std::ranges::find(value.shape, kDynamic) == value.shape.end();
    const bool isEmpty = std::ranges::find(value.shape, 0) != value.shape.end();
    if (!isKnown || !isEmpty) {
        return std::nullopt;
    }
    return Executable{"noisefloor", "empty",
                      [type = codes.value_or(value.type), shape = value.shape](std::span<const Tensor>) {
                          return std::vector{TensorBuilder(type, shape).finish()};
                      }};
}

} // namespace core
