#pragma once

#include "core/network/operator_graph.h"

#include <string>

namespace core {

/// How an operator runs on codes.
enum class QuantizedKind : std::uint8_t
{
    None, ///< stays FP32
    Input, ///< quantizes a graph input
    Linear, ///< s8 weights, s32 accumulator: Conv, ConvTranspose, Gemm, MatMul with constant weights
    Binary, ///< Add, Sub, Mul of two operands, one may be constant
    Table, ///< a function of one element: 256-entry table
    Inherits, ///< codes are moved or compared, params are those of the input
    OwnRange, ///< averages and the like: exact arithmetic on codes, params of its own
    Concat, ///< every input is requantized to the output's params
};

struct QuantizedForm
{
    QuantizedKind kind = QuantizedKind::None;
    std::string reason; ///< why None
};

[[nodiscard]] QuantizedForm quantizedFormOf(const OperatorGraph& graph, const Operator& op);

} // namespace core
