#pragma once

#include "core/network/operator_graph.h"
#include "core/quantization/resolved_plan.h"

#include <string>

namespace io {

/// Whether an operator can be written as one node on codes (QLinearConv, QLinearMatMul, and com.microsoft's
/// QGemm, QLinearAdd, QLinearMul, QLinearConcat, QLinearGlobalAveragePool, QLinearAveragePool,
/// QLinearSigmoid, QLinearLeakyRelu; MaxPool and movement take codes as they are).
struct QLinearForm
{
    enum class Kind : std::uint8_t
    {
        None,
        Weights, ///< x, w, y, bias: QLinearConv and QLinearMatMul
        Gemm, ///< the same in QGemm's order
        Binary, ///< a, b, y; one may be constant
        Unary, ///< x, y
        Concat, ///< y, x…
        Movement, ///< the node itself, on codes
    };
    Kind kind = Kind::None;
    std::string type; ///< of the node
    std::string domain; ///< "" or "com.microsoft"
    std::string reason; ///< why None; empty where the operator is float anyway
};

[[nodiscard]] QLinearForm qLinearFormOf(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                                        core::OperatorId id);

} // namespace io
