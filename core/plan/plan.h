#pragma once

#include "core/calibration/method.h"
#include "core/params/arithmetic.h"
#include "core/params/quantization_params.h"
#include "core/plan/input_methods.h"
#include "core/plan/repair_settings.h"
#include "core/plan/runtime.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace core {

struct Precision
{
    enum class Kind : std::uint8_t
    {
        Integer,
        Fp32,
        Bf16,
        Fp16,
        // DNNLOWP's fake forms of Gemm and MatMul: operands rounded, FP32 product, result not rounded.
        FakeFp16,
        FakeBfp14, ///< the top 14 bits of the FP32 pattern, cut off
        FakeBfp16, ///< the top 16 bits, cut off
        FakeBfp16Round, ///< the top 16 bits, half away from zero
        FakeBfp24, ///< the top 24 bits, cut off
        // Of linear operators: activations and sums in FP32, the weights of fewer bits.
        WeightOnly, ///< weights as codes, as `weight` says
        WeightFp16, ///< weights rounded to FP16: FbFCPacked
    };
    Kind kind = Kind::Integer;
    int bits = 8; ///< of Integer: both widths; 0 where activations and weights differ
    bool operator==(const Precision&) const = default;
    [[nodiscard]] bool isInteger() const { return kind == Kind::Integer; }
    /// Floating-point arithmetic on operands of fewer bits.
    /// Only the weights have fewer bits.
    [[nodiscard]] bool isWeightOnly() const { return kind == Kind::WeightOnly || kind == Kind::WeightFp16; }
    [[nodiscard]] bool isLowFloat() const { return kind != Kind::Integer && kind != Kind::Fp32; }
};
inline constexpr int kFewestBits = 2;
inline constexpr int kMostBits = 16;
inline constexpr Precision kInt8{Precision::Kind::Integer, 8};
inline constexpr Precision kFp32{Precision::Kind::Fp32, 32};

struct Granularity
{
    enum class Kind : std::uint8_t
    {
        PerTensor,
        PerChannel,
        PerConvGroup,
        Group
    };
    Kind kind = Kind::PerChannel;
    int group = 0; ///< of Group: source channels of one output channel that share a scale
    bool operator==(const Granularity&) const = default;
};

enum class Backend : std::uint8_t
{
    Real, ///< oneDNN where it has the operator fast, else our own exact kernels
    Emulated, ///< our own integer arithmetic, chosen where the processor has no exact u8×s8 products
    Reference, ///< the readable twins
};

/// From where on convolutions with 16-bit sums run with 32-bit sums of saturating pairs instead, as DNNLOWP's
/// caffe2_dnnlowp_acc16_*_threshold.
struct OutlierLimits
{
    double density = 0.05; ///< more outliers than this share of the weights
    int rows = 0; ///< fewer pixels of the result than m,
    int columns = 0; ///< fewer channels of a group than n,
    int products = 0; ///< fewer products in a sum than k
    bool operator==(const OutlierLimits&) const = default;
};

struct ActivationSettings
{
    std::optional<Scheme> scheme;
    std::optional<int> bits;
    std::optional<CalibrationMethod> method;
    std::optional<Range> range; ///< of method `manual`
    std::optional<Convention> convention{};
    std::optional<bool> reduceRange{}; ///< one bit less, against saturating pairs
    std::optional<bool> powerOfTwo{}; ///< scales rounded up to powers of two
    std::optional<Signedness> sign{};
    std::optional<bool>
        followedBy{}; ///< narrows the range to what a following Relu, Sigmoid or Tanh can tell apart
    std::optional<QuantizedType> type{}; ///< of MXNet's types; decides scheme and sign where set
    std::optional<InputMethods> inputMethods{}; ///< of what the operator reads
    bool operator==(const ActivationSettings&) const = default;
};

struct WeightSettings
{
    std::optional<Scheme> scheme;
    std::optional<Granularity> granularity;
    std::optional<int> bits;
    std::optional<CalibrationMethod> method;
    std::optional<Convention> convention{};
    std::optional<WeightRange> range{}; ///< unset: restricted where symmetric, full where asymmetric
    std::optional<bool> reduceRange{};
    std::optional<bool> powerOfTwo{};
    std::optional<ZeroDeadChannels> zeroDeadChannels{};
    std::optional<Equalization>
        equalize{}; ///< of the operator's source channels, where what writes them can be scaled
    std::optional<BiasCorrection> biasCorrection{};
    std::optional<RoundingMask> roundingMask{}; ///< of one operator: as many bits as weights
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
    std::optional<Accumulator> accumulator{};
    std::optional<Rounding> rounding{};
    std::optional<Requantization> requantization{};
    std::optional<Target> target{};
    std::optional<int> sumBits{}; ///< of Add and Sum: bits of DNNLOWP's common intermediate
    std::optional<int> factorBits{}; ///< of requantization dnnlowp: bits of its multiplier; unset: 32
    std::optional<OutlierLimits> outlierLimits{}; ///< of s16-outlier sums in convolutions
    std::optional<int> spillEvery{}; ///< of s16-outlier: products between two widenings; unset: 256
    std::optional<bool> shareRange{}; ///< Concat: one range for its output and everything it joins
    std::optional<Runtime> runtime{}; ///< of the whole plan: in its defaults only
    std::optional<QuantizeMode> quantizeMode{}; ///< of the whole plan
    std::optional<LowFloatOrphans> bf16Orphans{}; ///< of the whole plan
    bool operator==(const OperatorSettings&) const = default;
    [[nodiscard]] bool isEmpty() const { return *this == OperatorSettings{}; }
};

/// `over` on top of `base`, field by field. A precision intN sets both widths; a width alone changes the
/// precision.
[[nodiscard]] OperatorSettings layered(const OperatorSettings& base, const OperatorSettings& over);

/// What the user wants. A value: comparable; with…() returns another plan. Keys are names of operators, or
/// selectors (operator_selector.h), and of inputs.
struct QuantizationPlan
{
    OperatorSettings defaults;
    std::map<std::string, OperatorSettings> types;
    std::map<std::string, OperatorSettings> operators;
    std::map<std::string, OperatorSettings> inputs;
    bool quantizeOutputs = true;
    bool fuse = true; ///< false: every ONNX node is an operator of its own

    /// What the selectors among `operators` come to in the graph at hand, by name of operator and inner node;
    /// boundTo() fills it in. No wish of its own: neither compared nor written.
    std::map<std::string, OperatorSettings> selected{};

    [[nodiscard]] bool operator==(const QuantizationPlan& other) const;

    /// int8 everywhere, u8 asymmetric min-max activations, s8 symmetric per-channel min-max weights, Softmax
    /// and LRN in FP32.
    [[nodiscard]] static QuantizationPlan makeDefault();
    /// Of an already-quantized model: every tensor as the model says (method `written`), the rest in FP32.
    [[nodiscard]] static QuantizationPlan makeWritten();
    [[nodiscard]] QuantizationPlan withOperator(const std::string& name,
                                                const OperatorSettings& settings) const;
    /// Everything that applies to an operator, all fields set (range aside): its own entry over what
    /// selectors say of it, over its type, over the defaults.
    [[nodiscard]] OperatorSettings settingsFor(const std::string& name, const std::string& type) const;
    [[nodiscard]] OperatorSettings settingsForInput(const std::string& name) const;
    [[nodiscard]] Runtime runtime() const { return defaults.runtime.value_or(Runtime::OnnxRuntime); }
    /// Whether residual sums are fused where an operator does not say itself: as told, else as the runtime
    /// does.
    [[nodiscard]] bool fusesSums() const;
};

[[nodiscard]] std::string toString(Precision precision); ///< "int8", "fp32", …; "int" where widths differ
[[nodiscard]] std::string toString(Granularity granularity); ///< "per-tensor", "per-channel", "group:32"
[[nodiscard]] std::string toString(Scheme scheme);
[[nodiscard]] std::string toString(Backend backend);
[[nodiscard]] std::string toString(const OutlierLimits& limits); ///< "density=0.05,m=0,n=0,k=0"
/// Inverses. Throw core::Error(Usage) listing what is accepted.
[[nodiscard]] Precision parsePrecision(std::string_view text);
[[nodiscard]] Granularity parseGranularity(std::string_view text);
[[nodiscard]] Scheme parseScheme(std::string_view text);
[[nodiscard]] Backend parseBackend(std::string_view text);
/// Parts that are left out have DNNLOWP's values: "k=128", "density=0.2,m=16".
[[nodiscard]] OutlierLimits parseOutlierLimits(std::string_view text);

} // namespace core
