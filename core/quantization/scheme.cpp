#include "core/quantization/scheme.h"

#include "core/base/error.h"
#include "core/calibration/dnnlowp_params.h"
#include "core/graph/operator_traits.h"
#include "core/params/compatible_params.h"
#include "core/quantization/quantized_kind.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace core {

namespace {

// Where DNNLOWP's tables end: errors of 0.01 and 0.02.
constexpr double kSigmoidSaturates = 6.0;
constexpr double kTanhSaturates = 3.0;

Range withZero(Range range) { return {std::min(range.min, 0.0), std::max(range.max, 0.0)}; }

double magnitudeOf(Range range) { return std::max(std::fabs(range.min), std::fabs(range.max)); }

float usable(double scale)
{
    return std::clamp(static_cast<float>(scale), kSmallestScale, std::numeric_limits<float>::max());
}

std::int32_t zeroPointOf(double min, float scale, CodeRange codes)
{
    const double zeroPoint = codes.lowest - std::nearbyint(min / static_cast<double>(scale));
    return static_cast<std::int32_t>(std::clamp<double>(zeroPoint, codes.lowest, codes.highest));
}

int reducedBits(int bits, bool reduce)
{
    if (reduce && bits <= kFewestBits) {
        throw Error(ErrorKind::Usage,
                    fmt::format("plan: reduce_range leaves fewer than {} of {} bits", kFewestBits, bits));
    }
    return bits - (reduce ? 1 : 0);
}

void refuseOtherWidths(Convention convention, int bits)
{
    if (bits != 8) {
        throw Error(ErrorKind::Usage,
                    fmt::format("plan: convention {} has 8 bits, not {}: leave bits or the convention out",
                                toString(convention), bits));
    }
}

QuantizationParams signedParams(int bits, CodeRange codes, float scale, std::int32_t zeroPoint)
{
    QuantizationParams params;
    params.type = bits <= 8 ? DataType::Int8 : DataType::Int16;
    params.bits = bits;
    params.codes = codes;
    params.scale = {scale};
    params.zeroPoint = {zeroPoint};
    return params;
}

QuantizationParams mxnetParams(Range range, bool isUnsigned)
{
    const auto scale = usable(1.0 / mxnetScale(range, isUnsigned));
    if (!isUnsigned) {
        return signedParams(8, {-128, 127}, scale, 0);
    }
    QuantizationParams params;
    params.scale = {scale};
    params.zeroPoint = {0};
    return params;
}

QuantizationParams dnnlowpParams(Range range, Scheme scheme, int bits, bool powerOfTwo)
{
    const DnnlowpParams chosen =
        chooseDnnlowpParams(static_cast<float>(range.min), static_cast<float>(range.max), dnnlowpCodes(bits),
                            {scheme == Scheme::Symmetric, powerOfTwo, true});
    QuantizationParams params;
    params.type = bits <= 8 ? DataType::UInt8 : DataType::UInt16;
    params.bits = bits;
    const CodeRange codes = dnnlowpCodes(bits);
    params.codes = codes;
    params.scale = {chosen.scale};
    params.zeroPoint = {chosen.zeroPoint};
    return params;
}

} // namespace

Follower followerOf(const OperatorGraph& graph, ValueId id)
{
    Follower result = Follower::None;
    for (const OperatorId reader : graph.consumersOf[indexOf(id)]) {
        const std::string& type = graph.at(reader).type;
        const Follower here = type == "Relu" ? Follower::Relu
            : type == "Sigmoid"              ? Follower::Sigmoid
            : type == "Tanh"                 ? Follower::Tanh
                                             : Follower::None;
        if (here == Follower::None || (result != Follower::None && here != result)) {
            return Follower::None;
        }
        result = here;
    }
    return graph.graph->isOutput(id) ? Follower::None : result;
}

std::optional<Range> readersRange(Follower follower, Convention convention)
{
    if (follower == Follower::Relu) {
        return Range{0.0, std::numeric_limits<double>::infinity()};
    }
    const bool isTable = follower == Follower::Sigmoid || follower == Follower::Tanh;
    if (!isTable || convention != Convention::Dnnlowp) {
        return std::nullopt;
    }
    const double most = follower == Follower::Sigmoid ? kSigmoidSaturates : kTanhSaturates;
    return Range{-most, most};
}

Range narrowed(Range range, Range to)
{
    return {std::clamp(range.min, to.min, to.max), std::clamp(range.max, to.min, to.max)};
}

QuantizationParams dnnlowpTableParams(Follower follower)
{
    QuantizationParams params;
    params.scale = {
        static_cast<float>((follower == Follower::Sigmoid ? kSigmoidSaturates : kTanhSaturates) / 127.0)};
    params.zeroPoint = {128};
    return params;
}

QuantizationParams dnnlowpTableResult(Follower follower)
{
    QuantizationParams params;
    params.scale = {static_cast<float>((follower == Follower::Sigmoid ? 0.5 : 1.0) / 127.0)};
    params.zeroPoint = {follower == Follower::Sigmoid ? 0 : 128};
    return params;
}

Follower dnnlowpTableOf(const Operator& op, const QuantizationParams& src, const QuantizationParams& dst)
{
    const Follower kind = op.type == "Sigmoid" ? Follower::Sigmoid
        : op.type == "Tanh"                    ? Follower::Tanh
                                               : Follower::None;
    const auto isSame = [](const QuantizationParams& a, const QuantizationParams& b) {
        return a.type == b.type && a.codes == b.codes && a.scale == b.scale && a.zeroPoint == b.zeroPoint;
    };
    const bool fits = kind != Follower::None && isSame(src, dnnlowpTableParams(kind))
        && isSame(dst, dnnlowpTableResult(kind));
    return fits ? kind : Follower::None;
}

float roundedUpToPowerOfTwo(float scale)
{
    int exponent = 0;
    const float fraction = std::frexp(scale, &exponent); // scale = fraction·2^exponent, fraction in [0.5, 1)
    return std::ldexp(1.0f, fraction == 0.5f ? exponent - 1 : std::min(exponent, 127));
}

int effectiveBits(const ActivationSettings& settings)
{
    return reducedBits(*settings.bits, settings.reduceRange.value_or(false));
}

int effectiveBits(const WeightSettings& settings)
{
    return reducedBits(*settings.bits, settings.reduceRange.value_or(false));
}

Provenance provenanceOf(const OperatorGraph& graph, const Operator& op)
{
    using Kind = kernels::Activation::Kind;
    if (op.activation.kind == Kind::Relu || (op.activation.kind == Kind::Clip && op.activation.alpha >= 0.0f)
        || traitsOf(op.type).activation == Kind::Relu) {
        return Provenance::Unsigned;
    }
    const OperatorTraits& traits = traitsOf(op.type);
    const bool passesOn = traits.kind == OperatorKind::Join || traits.pool == PoolForm::Average
        || quantizedFormOf(graph, op).kind == QuantizedKind::Inherits;
    if (!passesOn) {
        return Provenance::Signed;
    }
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (op.inputs[i] == kNoValue || op.constants[i]) {
            continue;
        }
        const auto producer = graph.producerOf[indexOf(op.inputs[i])];
        if (!producer || provenanceOf(graph, graph.at(*producer)) == Provenance::Signed) {
            return Provenance::Signed;
        }
    }
    return Provenance::Unsigned;
}

Scheme schemeOf(QuantizedType type, bool goesBelowZero)
{
    return type == QuantizedType::Int8 || goesBelowZero ? Scheme::Symmetric : Scheme::Asymmetric;
}

QuantizationParams activationParams(Range range, const ActivationSettings& settings, Provenance provenance)
{
    const Convention convention = settings.convention.value_or(Convention::Noisefloor);
    const bool byProvenance = settings.sign.value_or(Signedness::ByRange) == Signedness::ByProvenance;
    const bool powerOfTwo = settings.powerOfTwo.value_or(false);
    bool isUnsigned = byProvenance ? provenance == Provenance::Unsigned : range.min >= 0.0;
    Scheme scheme = *settings.scheme;
    if (settings.type) {
        scheme = schemeOf(*settings.type, range.min < 0.0);
        isUnsigned = scheme == Scheme::Asymmetric;
        if (convention == Convention::Pytorch || convention == Convention::Dnnlowp) {
            throw Error(
                ErrorKind::Usage,
                fmt::format("plan: quantized_dtype {} is MXNet's, convention {} has types of its own: "
                            "leave one out",
                            toString(*settings.type), toString(convention)));
        }
    } else if (byProvenance) {
        scheme = isUnsigned ? Scheme::Asymmetric : Scheme::Symmetric;
        range.min = isUnsigned ? std::max(range.min, 0.0) : range.min;
        range.max = std::max(range.min, range.max);
    }
    switch (convention) {
    case Convention::Mxnet: {
        refuseOtherWidths(convention, *settings.bits);
        QuantizationParams params = mxnetParams(range, isUnsigned);
        if (powerOfTwo) {
            params.scale = {roundedUpToPowerOfTwo(params.scale[0])};
        }
        return params;
    }
    case Convention::Pytorch: {
        refuseOtherWidths(convention, *settings.bits);
        PytorchObserverOptions options;
        options.isSigned = byProvenance && !isUnsigned;
        options.reduceRange = settings.reduceRange.value_or(false);
        QuantizationParams params = choosePytorchParams(range, scheme, options);
        if (powerOfTwo) {
            params.scale = {roundedUpToPowerOfTwo(params.scale[0])};
            if (scheme == Scheme::Asymmetric) {
                params.zeroPoint = {zeroPointOf(withZero(range).min, params.scale[0], params.codes)};
            }
        }
        return params;
    }
    case Convention::Dnnlowp:
        return dnnlowpParams(range, scheme, effectiveBits(settings), powerOfTwo);
    case Convention::Noisefloor:
        break;
    }
    return powerOfTwo ? choosePowerOfTwoParams(range, scheme, effectiveBits(settings))
                      : chooseActivationParams(range, scheme, effectiveBits(settings));
}

QuantizationParams weightParams(Range range, const WeightSettings& settings, double smallestScale)
{
    const Convention convention = settings.convention.value_or(Convention::Noisefloor);
    const bool symmetric = *settings.scheme == Scheme::Symmetric;
    const bool powerOfTwo = settings.powerOfTwo.value_or(false);
    const int bits = effectiveBits(settings);
    const int half = 1 << (bits - 1);
    range = withZero(range);
    QuantizationParams params;
    if (convention == Convention::Dnnlowp) {
        params = dnnlowpParams(range, *settings.scheme, bits, powerOfTwo);
        params = signedParams(bits, {-half, half - 1}, params.scale[0], params.zeroPoint[0] - half);
    } else if (convention == Convention::Mxnet) {
        refuseOtherWidths(convention, *settings.bits);
        params = mxnetParams(range, false);
    } else if (convention == Convention::Pytorch) {
        refuseOtherWidths(convention, *settings.bits);
        PytorchObserverOptions options;
        options.isSigned = true;
        options.reduceRange = settings.reduceRange.value_or(false);
        params = choosePytorchParams(range, *settings.scheme, options);
    } else if (symmetric) {
        const bool full = settings.range.value_or(WeightRange::Restricted) == WeightRange::Full;
        const double scale =
            full ? std::max(-range.min / half, range.max / (half - 1)) : magnitudeOf(range) / (half - 1);
        params = signedParams(bits, {full ? -half : 1 - half, half - 1}, usable(scale), 0);
    } else {
        const bool full = settings.range.value_or(WeightRange::Full) == WeightRange::Full;
        const CodeRange codes{full ? -half : 1 - half, half - 1};
        const float scale = usable((range.max - range.min) / (codes.highest - codes.lowest));
        params = signedParams(bits, codes, scale, zeroPointOf(range.min, scale, codes));
    }
    const float chosen = params.scale[0];
    params.scale = {std::max(chosen, usable(smallestScale))};
    if (powerOfTwo) {
        params.scale = {roundedUpToPowerOfTwo(params.scale[0])};
    }
    if (params.scale[0] != chosen && params.zeroPoint[0] != 0) {
        params.zeroPoint = {zeroPointOf(range.min, params.scale[0], params.codes)};
    }
    return params;
}

} // namespace core
