#pragma once

#include "core/graph/graph.h"

#include <optional>
#include <string_view>
#include <vector>

namespace core {

/// One operator in QOperator form: where its operands and its output's params are.
struct QOperator
{
    std::string_view type;
    std::string_view real; ///< the float operator
    std::vector<std::size_t> operands; ///< positions of codes; scale and zero point follow each
    std::size_t output; ///< position of the output's scale
    std::optional<std::size_t> bias;
};

/// None for other nodes. Of ONNX and of com.microsoft (QGemm, QLinearAdd, …).
[[nodiscard]] std::optional<QOperator> qOperatorOf(const Node& node);

} // namespace core
