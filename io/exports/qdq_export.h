#pragma once

#include "core/network/operator_graph.h"
#include "core/quantization/resolved_plan.h"
#include "io/exports/format.h"

#include <string>
#include <vector>

namespace io {

struct QdqModel
{
    std::string bytes; ///< serialized ModelProto
    std::vector<ExportLoss> losses; ///< what the format cannot say, item by item; empty when nothing is lost
    std::string tag; ///< in every name that is new, where the model's own names are in the way; else empty
};

/// What such a tag begins with; digits may follow.
inline constexpr std::string_view kExportTag = "_nf";

/// The network with QuantizeLinear / DequantizeLinear around every operator that runs in int8: opset 13 or
/// the model's own if newer; weights as int8 initializers (per channel with `axis`), bias as int32 at scale
/// s_x·s_w, operators that stay FP32 left float. BatchNormalization and Pad are folded as in the engine.
/// Tensor names follow ONNX Runtime's suffixes (_QuantizeLinear_Input, _QuantizeLinear_Output,
/// _DequantizeLinear_Output, _quantized, _scale, _zero_point). QOperator: operators that have one are written
/// as a single node on codes (qLinearFormOf); the rest as above, each named among the losses. Opset 21 writes
/// 16-bit codes in ONNX's own domain (below: in com.microsoft), codes of up to 4 bits as INT4 and UINT4
/// (below: as bytes) and weights in groups of source channels as blocks. Where an opset has no such form,
/// weights are written as the FP32 numbers that their codes stand for, which is named among the losses. With
/// `exposeOperators` the float tensor behind every operator is also a graph output, for comparison. Throws
/// core::Error naming an operator whose old opset form has no counterpart in opset 13. Every name that is new
/// is free among the model's own: where it is not, all of them carry a tag.
struct QdqOptions
{
    enum class Form : std::uint8_t
    {
        Qdq,
        QOperator
    };
    Form form = Form::Qdq;
    int opset = 13; ///< at least
    bool exposeOperators = false;
};
[[nodiscard]] QdqModel exportQdq(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                                 const QdqOptions& options = {});

/// Name of the tensor of codes of a value in the exported model; only where it exists as codes.
[[nodiscard]] std::string exportedCodesName(const core::OperatorGraph& graph, core::ValueId value,
                                            std::string_view tag = {});

/// Name of the float tensor that stands for the output of an operator in the exported model: dequantized
/// where the operator writes codes.
[[nodiscard]] std::string exportedTensorName(const core::OperatorGraph& graph, const core::ResolvedPlan& plan,
                                             core::ValueId value, std::string_view tag = {});

} // namespace io
