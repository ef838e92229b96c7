#pragma once

#include "core/calibration/method.h"
#include "core/quantization_params.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace core {

struct Precision
{
    enum class Kind : std::uint8_t { Integer, Fp32, Bf16, Fp16 };
    Kind kind = Kind::Integer;
    int bits = 8; ///< of Integer
    bool operator==(const Precision&) const = default;
    [[nodiscard]] bool isInteger() const { return kind == Kind::Integer; }
};
inline constexpr Precision kInt8 {Precision::Kind::Integer, 8};
inline constexpr Precision kFp32 {Precision::Kind::Fp32, 32};

struct Granularity
{
    enum class Kind : std::uint8_t { PerTensor, PerChannel, Group };
    Kind kind = Kind::PerChannel;
    int group = 0; ///< channels per group
    bool operator==(const Granularity&) const = default;
};

enum class Backend : std::uint8_t {
    Real,      ///< oneDNN where it has the operator fast, else our own exact kernels
    Emulated,  ///< our own integer arithmetic, chosen where the processor has no exact u8×s8 products
    Reference, ///< the readable twins
};

struct ActivationSettings
{
    std::optional<Scheme> scheme;
    std::optional<int> bits;
    std::optional<CalibrationMethod> method;
    std::optional<Range> range; ///< of method `manual`
    bool operator==(const ActivationSettings&) const = default;
};

struct WeightSettings
{
    std::optional<Scheme> scheme;
    std::optional<Granularity> granularity;
    std::optional<int> bits;
    std::optional<CalibrationMethod> method;
    bool operator==(const WeightSettings&) const = default;
};

/// Wishes; unset means "as the layer below says": operator over type over defaults.
struct OperatorSettings
{
    std::optional<Precision> precision;
    ActivationSettings activation;
    WeightSettings weight;
    std::optional<Backend> backend;
    std::optional<bool> fuseResidual;
    bool operator==(const OperatorSettings&) const = default;
    [[nodiscard]] bool isEmpty() const { return *this == OperatorSettings {}; }
};

/// `over` on top of `base`, field by field.
[[nodiscard]] OperatorSettings layered(const OperatorSettings& base, const OperatorSettings& over);

/// What the user wants. A value: comparable; with…() returns another plan. Keys are names of operators and inputs.
struct QuantizationPlan
{
    OperatorSettings defaults;
    std::map<std::string, OperatorSettings> types;
    std::map<std::string, OperatorSettings> operators;
    std::map<std::string, OperatorSettings> inputs;
    bool quantizeOutputs = true;
    bool fuse = true; ///< false: every ONNX node is an operator of its own

    bool operator==(const QuantizationPlan&) const = default;

    /// int8 everywhere, u8 asymmetric min-max activations, s8 symmetric per-channel min-max weights, Softmax in FP32.
    [[nodiscard]] static QuantizationPlan makeDefault();
    [[nodiscard]] QuantizationPlan withOperator(const std::string& name, const OperatorSettings& settings) const;
    /// Everything that applies to an operator, all fields set (range aside).
    [[nodiscard]] OperatorSettings settingsFor(const std::string& name, const std::string& type) const;
    [[nodiscard]] OperatorSettings settingsForInput(const std::string& name) const;
};

[[nodiscard]] std::string toString(Precision precision);     ///< "int8", "fp32", …
[[nodiscard]] std::string toString(Granularity granularity); ///< "per-tensor", "per-channel", "group:32"
[[nodiscard]] std::string toString(Scheme scheme);
[[nodiscard]] std::string toString(Backend backend);
/// Inverses. Throw core::Error(Usage) listing what is accepted.
[[nodiscard]] Precision parsePrecision(std::string_view text);
[[nodiscard]] Granularity parseGranularity(std::string_view text);
[[nodiscard]] Scheme parseScheme(std::string_view text);
[[nodiscard]] Backend parseBackend(std::string_view text);

} // namespace core
