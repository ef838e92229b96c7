#include "core/graph/q_operator.h"

#include <algorithm>
#include <array>

namespace core {

std::optional<QOperator> qOperatorOf(const Node& node)
{
    static const std::array kForms{
        QOperator{"QLinearConv", "Conv", {0, 3}, 6, 8},
        QOperator{"QLinearMatMul", "MatMul", {0, 3}, 6, std::nullopt},
        QOperator{"QGemm", "Gemm", {0, 3}, 7, 6},
        QOperator{"QLinearAdd", "Add", {0, 3}, 6, std::nullopt},
        QOperator{"QLinearMul", "Mul", {0, 3}, 6, std::nullopt},
        QOperator{"QLinearSigmoid", "Sigmoid", {0}, 3, std::nullopt},
        QOperator{"QLinearLeakyRelu", "LeakyRelu", {0}, 3, std::nullopt},
        QOperator{"QLinearAveragePool", "AveragePool", {0}, 3, std::nullopt},
        QOperator{"QLinearGlobalAveragePool", "GlobalAveragePool", {0}, 3, std::nullopt},
        QOperator{"QLinearSoftmax", "Softmax", {0}, 3, std::nullopt},
    };
    if (node.type == "QLinearConcat") { // params of the result first, then each operand with its own
        QOperator form{"QLinearConcat", "Concat", {}, 0, std::nullopt};
        for (std::size_t i = 2; i + 2 < node.inputs.size(); i += 3) {
            form.operands.push_back(i);
        }
        return form;
    }
    const auto found = std::ranges::find(kForms, node.type, &QOperator::type);
    return found == kForms.end() ? std::nullopt : std::optional(*found);
}

} // namespace core
