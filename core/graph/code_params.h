#pragma once

#include "core/graph/graph.h"
#include "core/params/quantization_params.h"

#include <optional>

namespace core {

/// A constant that a node reads, or null.
[[nodiscard]] const Tensor* constantInput(const Graph& graph, const Node& node, std::size_t i);

[[nodiscard]] bool isQuantizeLinear(const Node& node);
[[nodiscard]] bool isDequantizeLinear(const Node& node);

/// Operators that only move or compare elements, so that they do to codes what they do to reals.
[[nodiscard]] bool movesCodes(const Node& node);

/// Integers that stand for reals: 8 and 16 bits. Narrower codes are held in them.
[[nodiscard]] bool isCodeType(DataType type);

/// Type of the codes of a value, also before shapes are bound: as its constant, its declaration, or the node
/// that writes it says. A QuantizeLinear without zero point has output_dtype, else uint8.
[[nodiscard]] DataType codeTypeOf(const Graph& graph, ValueId id);

/// Constant scale at input i and zero point at i + 1 of a node; a zero point that is left out is 0 of the
/// type `fallback`. None when computed at run time or in blocks, or of no type of codes.
[[nodiscard]] std::optional<QuantizationParams>
codeParamsAt(const Graph& graph, const Node& node, std::size_t i, std::int64_t axis, DataType fallback);

/// Of the bias of an operator in QOperator form: int32 at scale s_x·s_w[c]·factor, zero point 0.
[[nodiscard]] QuantizationParams paramsOfBias(const QuantizationParams& src, QuantizationParams weights,
                                              float factor);
/// Of that name, without inputs and outputs.
[[nodiscard]] Node dequantizeNode(std::string name);
/// Of its nodes of ai.onnx; 13 without any.
[[nodiscard]] int newestOpset(const Graph& graph);

/// Params of the codes that a QuantizeLinear writes, or that a DequantizeLinear reads.
[[nodiscard]] std::optional<QuantizationParams> paramsOfQuantize(const Graph& graph, const Node& node);
[[nodiscard]] std::optional<QuantizationParams> paramsOfDequantize(const Graph& graph, const Node& node);

/// Real numbers that codes stand for, along `axis` where the scales are several.
[[nodiscard]] Tensor realsOf(const Tensor& codes, const QuantizationParams& params);

/// Params of a value whose scale is chosen at run time from its own range: u8, no scale.
[[nodiscard]] QuantizationParams dynamicCodes();

/// Lowest and highest code of a type.
[[nodiscard]] CodeRange wholeCodeRange(DataType type);

} // namespace core
