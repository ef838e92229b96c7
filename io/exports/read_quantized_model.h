#pragma once

#include "core/tensor/tensor.h"
#include "io/exports/encoding_table.h"

#include <map>
#include <string>
#include <string_view>

namespace io {

/// What a quantized ONNX model says of quantization, whoever wrote it.
struct QuantizedModel
{
    EncodingTable table;
    std::map<std::string, core::Tensor> weights; ///< codes by the name of the operator that reads them
    std::map<std::string, core::Tensor> biases; ///< int32 codes by operator
    std::map<std::string, core::QuantizationParams> biasParams;
    std::string tag; ///< in names that the export made, where it had to (QdqModel::tag)
};

/// Reads QuantizeLinear/DequantizeLinear pairs and QLinear operators. Activations are named without the
/// suffixes of ONNX Runtime's tools (_QuantizeLinear_Input, _QuantizeLinear_Output, _quantized). An operator
/// counts as float when its weights are, or, without weights, when none of its inputs is dequantized. Throws
/// core::Error(FileFormat) naming a scale that is no constant.
[[nodiscard]] QuantizedModel readQuantizedModel(std::string_view bytes, std::string_view file);

/// The tag of exportQdq ("_nf", digits) that a name ends with once its suffix is off; empty: none.
[[nodiscard]] std::string_view exportTagAtEnd(std::string_view name);

} // namespace io
