#pragma once

#include "core/graph/graph.h"
#include "core/params/quantization_params.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace core {

/// A constant that a quantized model holds as codes: weights, bias, operands.
struct WrittenConstant
{
    Tensor codes;
    QuantizationParams params; ///< axis set when per channel; type Int32 for a bias
};

/// What a quantized model says about the tensors of its FP32 shadow, by value name.
struct WrittenQuantization
{
    std::map<std::string, QuantizationParams> values; ///< activations that exist as codes, per tensor
    std::map<std::string, WrittenConstant> constants;
    std::vector<std::string> warnings;
};

struct QuantizedModel
{
    Graph shadow; ///< the network without its quantization: constants dequantized, operators in float
    std::shared_ptr<const WrittenQuantization> written;
};

/// Whether the graph holds quantization with constant scales: QuantizeLinear, DequantizeLinear or QLinear…
/// operators.
[[nodiscard]] bool isQuantized(const Graph& graph);

/// Takes the quantization out of a model in QDQ or QOperator form (ai.onnx and com.microsoft), before shapes
/// are bound. Names of nodes, inputs and outputs stay; inputs and outputs that are codes become the reals
/// they stand for; operators that move codes (MaxPool, Reshape, Transpose, …) move reals. Nodes whose scale
/// is computed at run time, ConvInteger, MatMulInteger and DynamicQuantizeLinear stay as they are and run as
/// written in both pipelines. Throws core::Error naming the node where the model is not valid.
[[nodiscard]] QuantizedModel splitQuantized(const Graph& graph);

} // namespace core
