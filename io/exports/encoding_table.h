#pragma once

#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// How one tensor is quantized, whatever the file says it in.
struct TensorEncoding
{
    std::string tensor; ///< name of the value; of weights: the initializer's name
    std::string
        op; ///< of activations: the operator that writes it; of weights: the one that reads it; may be empty
    core::QuantizationParams
        params; ///< s8 codes of symmetric per-tensor formats, …: as the format defines them
    std::string method; ///< how the range was chosen; empty when the format does not say
    bool folded = false; ///< weights that BatchNormalization was folded into: not those of the model's file
    bool operator==(const TensorEncoding&) const = default;
};

/// What one operator is asked to be.
struct OperatorEncoding
{
    std::string name;
    std::string type;
    std::string output; ///< name of the value it writes
    bool isFloat = false;
    std::string reason; ///< why it is float; empty when the plan asks for it
    bool inherits = false; ///< its output takes the params of its input
    std::vector<std::string> nodes; ///< the ONNX nodes it stands for
    bool operator==(const OperatorEncoding&) const = default;
};

/// What text formats are written from and read into. A reader fills what its format says and leaves the rest
/// empty.
struct EncodingTable
{
    std::vector<TensorEncoding> activations;
    std::vector<TensorEncoding> weights;
    std::vector<OperatorEncoding> operators; ///< readers: only those that the file names, type may be empty

    [[nodiscard]] const TensorEncoding* activation(std::string_view tensor) const;
    [[nodiscard]] const TensorEncoding* weight(std::string_view tensor) const;
    [[nodiscard]] const OperatorEncoding* op(std::string_view name) const;
};

/// Everything a resolved plan says, in execution order: activations that exist as codes, weights of linear
/// operators, every operator but inputs.
[[nodiscard]] EncodingTable encodingTable(const core::OperatorGraph& graph,
                                          const core::ResolvedPlan& resolved);

/// Largest magnitude of the codes of a tensor, what formats call amax; of symmetric ones that of the highest
/// code, so that the scale is the same after reading.
[[nodiscard]] double largestMagnitude(const core::QuantizationParams& params);

/// Zero point 0 of a signed type.
[[nodiscard]] bool isSymmetric(const core::QuantizationParams& params);

/// Symmetric signed params of a magnitude: scale = magnitude / (2^(bits−1) − 1), no wider than what a float
/// holds.
[[nodiscard]] core::QuantizationParams symmetricParams(double magnitude, int bits);

} // namespace io
