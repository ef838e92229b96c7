#pragma once

#include "core/network/operator_graph.h"
#include "core/quantization/resolved_plan.h"
#include "io/exports/format.h"
#include "io/exports/qdq_export.h"
#include "io/exports/qlinear_form.h"
#include "io/onnx/onnx_writer.h"

#include <string>
#include <vector>

namespace io {

/// How the codes of a tensor lie in the file.
enum class CodeStorage : std::uint8_t
{
    FourBits, ///< two codes per byte: INT4, UINT4
    Bytes,
    Words,
};

/// How the weights of a linear operator are written.
enum class WeightForm : std::uint8_t
{
    Codes, ///< per tensor or along one axis
    Blocked, ///< DequantizeLinear with block_size
    Float, ///< as the real numbers that the codes stand for: the opset has no form for them
};

/// What the parts of an export of a quantized network share: the network, the file written so far, names of
/// tensors.
struct QdqContext
{
    QdqContext(const core::OperatorGraph& graph, const core::ResolvedPlan& plan, const QdqOptions& options,
               std::string tag);

    const core::OperatorGraph& graph;
    const core::ResolvedPlan& plan;
    const QdqOptions options;
    const std::string tag; ///< in every name that is new; empty unless the model has such names itself
    int opset; ///< of the model if newer than asked for
    std::vector<QLinearForm> forms; ///< by OperatorId
    OnnxWriter writer;
    std::vector<ExportLoss> losses;

    [[nodiscard]] const std::string& name(core::ValueId id) const { return graph.value(id).name; }
    /// What new names begin with that belong to a value or an operator.
    [[nodiscard]] std::string stem(core::ValueId id) const { return name(id) + tag; }
    [[nodiscard]] std::string stem(const core::Operator& op) const { return op.name + tag; }
    [[nodiscard]] bool isCodes(core::ValueId id) const { return plan.isCodes(graph, id); }
    [[nodiscard]] const core::QuantizationParams& paramsOf(core::ValueId id) const
    {
        return plan.values[core::indexOf(id)]->params;
    }
    /// Whether an integer operator reads the value, or its own operator writes it as codes.
    [[nodiscard]] bool isQuantized(core::ValueId id) const;
    /// Whether an operator is one node on codes.
    [[nodiscard]] bool isNative(core::OperatorId id) const;
    /// Whether someone reads the dequantized tensor of a value that exists as codes.
    [[nodiscard]] bool isReadAsReal(core::ValueId id) const;

    [[nodiscard]] CodeStorage storageOf(const core::QuantizationParams& params) const;
    [[nodiscard]] WeightForm weightFormOf(core::OperatorId id) const;
    /// 16-bit codes came into ONNX's own domain with opset 21; ONNX Runtime had them before in its own.
    [[nodiscard]] std::string domainOf(const core::QuantizationParams& params) const;

    [[nodiscard]] std::string codesName(core::ValueId id) const
    {
        return stem(id) + "_QuantizeLinear_Output";
    }
    [[nodiscard]] std::string scaleName(core::ValueId id) const { return stem(id) + "_scale"; }
    [[nodiscard]] std::string zeroPointName(core::ValueId id) const { return stem(id) + "_zero_point"; }
    /// Whether the value is an output that an operator writes: an input that is an output, too, keeps its
    /// name.
    [[nodiscard]] bool isWrittenOutput(core::ValueId id) const;
    /// The float tensor an operator writes, before any quantization.
    [[nodiscard]] std::string rawName(core::ValueId id) const;
    [[nodiscard]] std::string dequantizedName(core::ValueId id) const;
    [[nodiscard]] std::string readName(core::ValueId id, bool integerReader) const;
    /// Name of the inner node of that type, else the operator's with a suffix.
    [[nodiscard]] std::string innerName(const core::Operator& op, const std::string& type) const;

    /// Codes of those params under a name, as narrow as the opset has a type for.
    void writeCodes(const std::string& name, const core::Tensor& codes,
                    const core::QuantizationParams& params);
    /// QuantizeLinear and DequantizeLinear behind a value that exists as codes.
    void writeQuantization(core::ValueId id);
    /// A node in the form of the opset that is written.
    void writeForm(const core::Operator& op, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs);
    /// A Softmax over several axes: rows of one axis between two Reshapes.
    void writeFlattened(const core::Operator& op, const core::Shape& rows, const core::Shape& shape,
                        const std::string& from, const std::string& to);
};

/// Zero points as a tensor of the type of their codes.
[[nodiscard]] core::Tensor zeroPointsOf(const core::QuantizationParams& params, const core::Shape& shape);

/// One number per channel, or a scalar.
template <typename T>
[[nodiscard]] core::Tensor vectorOf(const std::vector<T>& values, bool scalar)
{
    return core::makeTensor<T>(scalar ? core::Shape{} : core::Shape{static_cast<std::int64_t>(values.size())},
                               std::span<const T>(values));
}

} // namespace io
