#include "core/graph/operator_traits.h"

#include "core/tensor/shape.h"

#include <algorithm>
#include <array>

namespace core {

namespace {

using Kind = OperatorKind;
using kernels::BinaryOperation;
using Act = kernels::Activation::Kind;
using Traits = OperatorTraits;

constexpr Traits linear(std::string_view type, LinearForm form)
{
    return {.type = type, .kind = Kind::Linear, .linear = form, .hasFactors = true};
}

constexpr Traits binary(std::string_view type, Kind kind, BinaryOperation operation)
{
    return {.type = type, .kind = kind, .binary = operation};
}

constexpr Traits function(std::string_view type)
{
    return {.type = type, .kind = Kind::Function, .channels = ChannelFlow::Keeps, .isContinuous = true};
}

constexpr Traits rising(Traits traits)
{
    traits.isMonotone = true;
    return traits;
}

constexpr Traits jumping(Traits traits)
{
    traits.isContinuous = false;
    return traits;
}

constexpr Traits homogeneous(Traits traits)
{
    traits.isHomogeneous = true;
    return traits;
}

constexpr Traits inUnit(Traits traits)
{
    traits.staysInUnit = true;
    return traits;
}

constexpr Traits keepingChannels(Traits traits)
{
    traits.channels = ChannelFlow::Keeps;
    return traits;
}

constexpr Traits fused(Traits traits, Act activation)
{
    traits.activation = activation;
    return traits;
}

/// Results are elements of the first input.
constexpr Traits moving(std::string_view type, ElementFlow elements)
{
    return {.type = type,
            .kind = Kind::Movement,
            .elements = elements,
            .isHomogeneous = true,
            .staysInRange = true};
}

constexpr Traits reshaping(std::string_view type)
{
    Traits traits = moving(type, ElementFlow::Kept);
    traits.channels = ChannelFlow::Reshapes;
    return traits;
}

constexpr Traits onCodes(Traits traits)
{
    traits.isOnCodes = true;
    return traits;
}

constexpr Traits pool(Traits traits, PoolForm form)
{
    traits.pool = form;
    return keepingChannels(traits);
}

constexpr Traits ownRange(std::string_view type) { return {.type = type, .kind = Kind::OwnRange}; }

constexpr Traits mean(std::string_view type)
{
    Traits traits = homogeneous(ownRange(type));
    traits.staysInRange = true;
    return traits;
}

constexpr Traits kTraits[] = {
    linear("Conv", LinearForm::Convolution),
    linear("ConvTranspose", LinearForm::TransposedConvolution),
    linear("Gemm", LinearForm::Gemm),
    linear("MatMul", LinearForm::MatMul),

    binary("Add", Kind::Binary, BinaryOperation::Add),
    binary("Sub", Kind::Binary, BinaryOperation::Sub),
    binary("Mul", Kind::Binary, BinaryOperation::Mul),
    binary("Div", Kind::Quotient, BinaryOperation::Div),
    {.type = "Sum", .kind = Kind::Sum},

    fused(homogeneous(rising(function("LeakyRelu"))), Act::LeakyRelu),
    fused(rising(function("Clip")), Act::Clip),
    fused(inUnit(rising(function("Sigmoid"))), Act::Sigmoid),
    fused(function("HardSwish"), Act::HardSwish),
    inUnit(rising(function("HardSigmoid"))),
    fused(rising(function("Tanh")), Act::Tanh),
    fused(rising(function("Elu")), Act::Elu),
    rising(function("Selu")),
    rising(function("Celu")),
    rising(function("Softplus")),
    rising(function("Softsign")),
    rising(function("Erf")),
    fused(rising(function("Exp")), Act::Exp),
    fused(rising(function("Sqrt")), Act::Sqrt),
    rising(function("Log")),
    fused(function("Gelu"), Act::Gelu),
    function("Mish"),
    fused(homogeneous(function("Abs")), Act::Abs),
    homogeneous(function("Neg")),
    {.type = "Pow", .kind = Kind::Function, .isContinuous = true}, // exponents may differ by channel
    jumping(function("Reciprocal")),
    jumping(rising(function("ThresholdedRelu"))),
    jumping(rising(function("Floor"))),
    jumping(rising(function("Ceil"))),
    jumping(rising(function("Round"))),
    jumping(rising(function("Sign"))),

    onCodes(reshaping("Reshape")),
    onCodes(reshaping("Flatten")),
    onCodes(reshaping("Squeeze")),
    onCodes(reshaping("Unsqueeze")),
    onCodes(keepingChannels(moving("Identity", ElementFlow::Kept))),
    keepingChannels(moving("Dropout", ElementFlow::Kept)),

    onCodes(moving("Transpose", ElementFlow::Placed)),
    onCodes(moving("Slice", ElementFlow::Placed)),
    onCodes(moving("Split", ElementFlow::Placed)),
    onCodes(moving("Gather", ElementFlow::Placed)),
    onCodes(moving("Expand", ElementFlow::Placed)),
    onCodes(moving("Tile", ElementFlow::Placed)),
    onCodes(moving("DepthToSpace", ElementFlow::Placed)),
    onCodes(moving("SpaceToDepth", ElementFlow::Placed)),
    {.type = "Pad", // of spatial axes, as networks use it, it keeps channels; it adds a number of its own
     .kind = Kind::Movement,
     .channels = ChannelFlow::Keeps,
     .elements = ElementFlow::Placed},
    {.type = "GatherElements", .elements = ElementFlow::Placed, .isHomogeneous = true, .staysInRange = true},
    {.type = "Resize", .kind = Kind::Resampling, .elements = ElementFlow::Placed},
    {.type = "Upsample", .kind = Kind::Resampling, .elements = ElementFlow::Placed},
    {.type = "Concat", .kind = Kind::Join, .elements = ElementFlow::Placed},

    {.type = "Relu", // the larger of the element and zero, which need not be an element
     .kind = Kind::Movement,
     .channels = ChannelFlow::Keeps,
     .elements = ElementFlow::Compared,
     .activation = Act::Relu,
     .isHomogeneous = true,
     .isMonotone = true,
     .isContinuous = true},
    onCodes(pool(moving("MaxPool", ElementFlow::Compared), PoolForm::Max)),
    pool(moving("GlobalMaxPool", ElementFlow::Compared), PoolForm::Max),
    moving("ReduceMax", ElementFlow::Compared),
    moving("ReduceMin", ElementFlow::Compared),

    pool(homogeneous(ownRange("AveragePool")), PoolForm::Average), // its padding may count as zeros
    pool(mean("GlobalAveragePool"), PoolForm::Average),
    mean("ReduceMean"),
    homogeneous(ownRange("ReduceSum")),
    inUnit(ownRange("Softmax")),
    homogeneous(ownRange("PRelu")),
    {.type = "BatchNormalization",
     .kind = Kind::OwnRange,
     .channels = ChannelFlow::Keeps,
     .hasFactors = true},
    keepingChannels(ownRange("ElementwiseLinear")),
    ownRange("LayerNormalization"),
    ownRange("LRN"), // on codes as MXNet had it: dequantized, normalized in FP32, quantized
    keepingChannels(ownRange("InstanceNormalization")),
    {.type = "GroupNormalization", .kind = Kind::OwnRange, .normalizesGroups = true},

    {.type = "LSTM", .kind = Kind::Recurrent, .hasFactors = true, .gates = 4},
    {.type = "GRU", .kind = Kind::Recurrent, .hasFactors = true, .gates = 3},
    {.type = "RNN", .hasFactors = true, .gates = 1},
};

constexpr auto kSorted = [] {
    std::array<OperatorTraits, std::size(kTraits)> rows{};
    std::ranges::copy(kTraits, rows.begin());
    std::ranges::sort(rows, {}, &OperatorTraits::type);
    return rows;
}();

constexpr OperatorTraits kNothingKnown{};

} // namespace

const OperatorTraits& traitsOf(std::string_view type)
{
    const auto found = std::ranges::lower_bound(kSorted, type, {}, &OperatorTraits::type);
    return found != kSorted.end() && found->type == type ? *found : kNothingKnown;
}

std::string_view typeOf(kernels::Activation::Kind activation)
{
    const auto found = std::ranges::find(kTraits, activation, &OperatorTraits::activation);
    return activation == Act::None ? std::string_view() : found->type;
}

std::span<const OperatorTraits> allTraits() { return kSorted; }

bool isConvolution(std::string_view type)
{
    const LinearForm form = traitsOf(type).linear;
    return form == LinearForm::Convolution || form == LinearForm::TransposedConvolution;
}

std::int64_t convolutionGroups(const Node& linear)
{
    return isConvolution(linear.type) ? linear.integer("group", 1) : 1;
}

bool hasTransposedWeights(const Node& linear)
{
    return isGemm(linear.type) && linear.integer("transB", 0) != 0;
}

WeightAxisPair weightAxes(const Node& linear, std::size_t rank)
{
    switch (traitsOf(linear.type).linear) {
    case LinearForm::TransposedConvolution:
        return {1, 0};
    case LinearForm::Gemm:
        return hasTransposedWeights(linear) ? WeightAxisPair{0, 1} : WeightAxisPair{1, 0};
    case LinearForm::MatMul:
        return {rank - 1, rank > 1 ? rank - 2 : 0};
    case LinearForm::Convolution:
    case LinearForm::None:
        break;
    }
    return {0, 1};
}

double macsOf(const Node& node, const Shape& data, const Shape& weights, const Shape& result)
{
    const auto results = static_cast<double>(elementCount(result));
    const auto taps = [&] {
        return static_cast<double>(elementCount(weights)) / static_cast<double>(weights[0]);
    };
    switch (traitsOf(node.type).linear) {
    case LinearForm::Convolution:
        return weights.empty() ? 0.0 : results * taps();
    case LinearForm::TransposedConvolution:
        return weights.empty() || data.size() < 2 ? 0.0 : static_cast<double>(elementCount(data)) * taps();
    case LinearForm::Gemm:
    case LinearForm::MatMul: {
        const bool isTransposed = isGemm(node.type) && node.integer("transA", 0) != 0;
        return data.empty() ? 0.0 : results * static_cast<double>(isTransposed ? data[0] : data.back());
    }
    case LinearForm::None:
        break;
    }
    return 0.0;
}

} // namespace core
