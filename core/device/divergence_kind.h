#pragma once

#include "core/network/operator_graph.h"
#include "core/params/quantization_params.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// Why a device writes other numbers than our integer form does on the same inputs.
enum class DivergenceKind : std::uint8_t
{
    Layout,
    BatchOrder,
    Type,
    Rounding, ///< ties of ±1 LSB
    ZeroPoint,
    Scale,
    Clip,
    StaleRange,
    MissingFusion,
    ExtraFusion,
    Padding,
    Channel,
    SaturatingAccumulator,
    Unknown,
};
[[nodiscard]] std::string_view nameOf(DivergenceKind kind);

struct Divergence
{
    DivergenceKind kind = DivergenceKind::Unknown;
    std::string proof; ///< the number that shows it
    std::string advice; ///< what to set
};

/// What the operator gives under another setting of the plan, on the same inputs.
struct Alternative
{
    DivergenceKind kind;
    std::string setting; ///< as --set takes it
    std::vector<float> values;
};

/// One operator's result, three ways; all in ONNX's order.
struct DivergentResult
{
    const Operator& op;
    const Shape& shape;
    std::span<const float> device;
    std::span<const float> own; ///< our integer form on the device's inputs
    std::span<const float> real; ///< our FP32 form on the device's inputs
    const QuantizationParams* params = nullptr; ///< null: not codes
    std::vector<std::pair<std::string, std::vector<float>>> rearranged{}; ///< the same bytes read otherwise
    std::vector<std::pair<std::size_t, std::vector<float>>> otherSamples{}; ///< our int8 results
    std::vector<Alternative> alternatives{};

    [[nodiscard]] double step() const; ///< one LSB; of floats 10⁻³ of the largest
};

/// Whether the device departs from our form: by more than a quarter of an LSB anywhere.
[[nodiscard]] bool departs(const DivergentResult& result);
/// The first kind whose prediction the numbers keep.
[[nodiscard]] Divergence kindOf(const DivergentResult& result);

} // namespace core
