#include "kernels/emulated/emulated_convolution.h"

#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/saturating_dot.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

namespace kernels {
namespace {

constexpr std::int32_t kPadding =
    std::numeric_limits<std::int32_t>::min(); // in a patch: no code, not even that of 0

/// Source position under one tap along one axis; false on padding or between the strides of a transposed one.
bool locate(const ConvolutionShape& s, std::size_t axis, std::int64_t dst, std::int64_t tap,
            std::int64_t& src)
{
    if (s.transposed) {
        const auto scaled = dst + s.padBegin[axis] - tap * s.dilation[axis];
        src = scaled / s.stride[axis];
        return scaled >= 0 && scaled % s.stride[axis] == 0 && src < s.src[axis];
    }
    src = dst * s.stride[axis] - s.padBegin[axis] + tap * s.dilation[axis];
    return src >= 0 && src < s.src[axis];
}

/// Index of a weight in ONNX order.
std::size_t weightAt(const ConvolutionShape& s, std::int64_t channel, std::int64_t source, std::int64_t tap)
{
    const auto perGroup = s.srcChannels / s.groups;
    const auto dstPerGroup = s.dstChannels / s.groups;
    const auto filter = s.transposed
        ? (channel / dstPerGroup * perGroup + source) * dstPerGroup + channel % dstPerGroup
        : channel * perGroup + source;
    return static_cast<std::size_t>(filter * s.taps() + tap);
}

bool isOutlier(std::int32_t weight, int bits)
{
    const std::int32_t limit = bits == 0 ? 0 : 1 << (bits - 1);
    return bits == 0 || weight < -limit || weight >= limit;
}

} // namespace

EmulatedConvolution::EmulatedConvolution(const EmulatedConvolutionSpec& spec)
    : m_spec(spec)
    , m_weightScale(spec.weightScale.begin(), spec.weightScale.end())
    , m_bias(spec.bias.begin(), spec.bias.end())
    , m_biasScale(spec.biasScale.begin(), spec.biasScale.end())
{
    assert(spec.weights.size() == static_cast<std::size_t>(spec.shape.weightCount()));
    if (spec.accumulator != AccumulatorForm::Exact) {
        assert(sizeOf(spec.src.type) == 1 && spec.groupSize == 0);
        assert(spec.spillEvery > 0 && spec.spillEvery % 2 == 0);
        m_sourceShift = spec.src.type == ElementType::S8 ? 128 : 0;
    }
    lineUp();
    packWeights(spec);
    chooseFactors();
    m_spec.weights = {};
    m_spec.weightScale = {};
    m_spec.weightZeroPoint = {};
    m_spec.bias = {};
    m_spec.biasScale = {};
}

void EmulatedConvolution::lineUp()
{
    const auto& s = m_spec.shape;
    const auto perGroup = s.srcChannels / s.groups;
    const auto block = m_spec.groupSize > 0 ? m_spec.groupSize : perGroup;
    const bool paired = m_spec.accumulator != AccumulatorForm::Exact;
    const bool fillTaps = paired && m_spec.order == PairOrder::PerTap;
    const auto fill = [&] {
        if (m_tapOf.size() % 2 != 0) {
            m_tapOf.push_back(-1);
            m_sourceOf.push_back(0);
        }
    };
    for (std::int64_t first = 0; first < perGroup; first += block) {
        for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
            for (auto source = first; source < std::min(first + block, perGroup); ++source) {
                m_tapOf.push_back(static_cast<std::int32_t>(tap));
                m_sourceOf.push_back(static_cast<std::int32_t>(source));
            }
            if (fillTaps) {
                fill();
            }
        }
        m_segmentEnd.push_back(static_cast<std::int64_t>(m_tapOf.size()));
    }
    if (paired) {
        fill();
    }
    m_length = static_cast<std::int64_t>(m_tapOf.size());
}

void EmulatedConvolution::packWeights(const EmulatedConvolutionSpec& spec)
{
    const auto& s = m_spec.shape;
    const bool exact = m_spec.accumulator == AccumulatorForm::Exact;
    const auto segments = static_cast<std::int64_t>(m_segmentEnd.size());
    const auto entry = [&](std::int64_t channel, std::int64_t source) {
        const auto segment = m_spec.groupSize > 0 ? source / m_spec.groupSize : 0;
        return spec.weightZeroPoint.empty()
            ? 0
            : spec.weightZeroPoint[static_cast<std::size_t>(channel * segments + segment)];
    };
    std::int64_t outliers = 0;
    std::int64_t largest = 0; // Σ|w| of the worst channel
    m_weights.assign(static_cast<std::size_t>(s.dstChannels * m_length), 0);
    m_isOutlier.assign(spec.accumulator == AccumulatorForm::Acc16 ? m_weights.size() : 0, 0);
    for (std::int64_t c = 0; c < s.dstChannels; ++c) {
        std::int64_t magnitude = 0;
        for (std::int64_t k = 0; k < m_length; ++k) {
            const auto tap = m_tapOf[static_cast<std::size_t>(k)];
            if (tap < 0) {
                continue;
            }
            const auto source = m_sourceOf[static_cast<std::size_t>(k)];
            auto weight = spec.weights[weightAt(s, c, source, tap)];
            if (exact) {
                weight -= entry(c, source);
            } else if (spec.halvedWeights) {
                weight = static_cast<std::int32_t>(std::nearbyint(weight / 2.0));
            }
            magnitude += std::abs(weight);
            const auto at = static_cast<std::size_t>(c * m_length + k);
            m_weights[at] = weight;
            if (!m_isOutlier.empty() && isOutlier(weight, spec.outlierBits)) {
                m_isOutlier[at] = 1;
                ++outliers;
            }
        }
        largest = std::max(largest, magnitude);
        if (!exact) {
            m_zeroPoints.push_back(entry(c, 0));
        }
    }
    const std::int64_t source = std::max(std::abs(std::int64_t{m_spec.src.highest} - m_spec.src.zeroPoint),
                                         std::abs(std::int64_t{m_spec.src.lowest} - m_spec.src.zeroPoint));
    std::int64_t bias = 0;
    for (const std::int32_t b : m_bias) {
        bias = std::max(bias, std::abs(std::int64_t{b}));
    }
    m_narrow = exact && largest * source + bias <= std::numeric_limits<std::int32_t>::max();
    m_outlierShare =
        static_cast<double>(outliers) / static_cast<double>(std::max<std::int64_t>(s.weightCount(), 1));
}

void EmulatedConvolution::chooseFactors()
{
    m_bounds = {m_spec.dst.lowest, m_spec.dst.highest};
    using Kind = Activation::Kind;
    const auto codeOf = [&](float bound) {
        return codeOfScaled(static_cast<double>(bound) / static_cast<double>(m_spec.dst.scale), m_spec.dst);
    };
    if (m_spec.activation.kind == Kind::Relu) {
        m_bounds.lowest = std::max(m_bounds.lowest, m_spec.dst.zeroPoint);
    } else if (m_spec.activation.kind == Kind::Clip) {
        m_bounds = {std::max(m_bounds.lowest, codeOf(m_spec.activation.alpha)),
                    std::min(m_bounds.highest, codeOf(m_spec.activation.beta))};
    }
    if (m_spec.requantization == RequantizationForm::Float) {
        return;
    }
    assert(m_segmentEnd.size() == 1);
    const double residual = m_spec.residual
        ? static_cast<double>(m_spec.residual->scale) / static_cast<double>(m_spec.dst.scale)
        : 0.0;
    for (std::int64_t c = 0; c < m_spec.shape.dstChannels; ++c) {
        const float scale = m_weightScale[m_weightScale.size() == 1 ? 0 : static_cast<std::size_t>(c)];
        const double real =
            static_cast<double>(m_spec.src.scale) * scale / static_cast<double>(m_spec.dst.scale);
        if (m_spec.residual && m_spec.requantization != RequantizationForm::Reciprocal) {
            m_sumFactors.push_back(m_spec.requantization == RequantizationForm::Gemmlowp
                                       ? chooseGemmlowpSum(real, residual)
                                       : chooseCommonShiftSum(real, residual));
            continue;
        }
        switch (m_spec.requantization) {
        case RequantizationForm::Gemmlowp:
            m_factor.push_back(chooseGemmlowpFactor(real));
            break;
        case RequantizationForm::Qnnpack:
            m_factor.push_back(chooseQnnpackFactor(static_cast<float>(real)));
            break;
        case RequantizationForm::Dnnlowp:
            m_factor.push_back(chooseDnnlowpFactor(static_cast<float>(real), m_spec.factorBits));
            break;
        default:
            break;
        }
    }
}

void EmulatedConvolution::gather(std::span<const std::byte> src, std::int64_t image, std::int64_t position,
                                 std::int64_t group, std::int32_t* patch) const
{
    const auto& s = m_spec.shape;
    const bool exact = m_spec.accumulator == AccumulatorForm::Exact;
    const std::int32_t offset = exact ? m_spec.src.zeroPoint : -m_sourceShift;
    const std::int32_t padding = exact      ? 0
        : m_spec.order == PairOrder::PerTap ? kPadding
                                            : m_spec.src.zeroPoint + m_sourceShift;
    const auto perGroup = s.srcChannels / s.groups;
    const std::array y{position / (s.dst[1] * s.dst[2]), position / s.dst[2] % s.dst[1], position % s.dst[2]};
    std::int32_t lastTap = -2;
    std::int64_t pixel = -1;
    for (std::size_t k = 0; k < static_cast<std::size_t>(m_length); ++k) {
        const auto tap = m_tapOf[k];
        if (tap < 0) {
            patch[k] = exact ? 0 : kPadding;
            continue;
        }
        if (tap != lastTap) {
            lastTap = tap;
            const std::array t{tap / (s.kernel[1] * s.kernel[2]), tap / s.kernel[2] % s.kernel[1],
                               tap % s.kernel[2]};
            std::array<std::int64_t, 3> x{};
            const bool inside = locate(s, 0, y[0], t[0], x[0]) && locate(s, 1, y[1], t[1], x[1])
                && locate(s, 2, y[2], t[2], x[2]);
            pixel = inside ? ((image * s.src[0] + x[0]) * s.src[1] + x[1]) * s.src[2] + x[2] : -1;
        }
        if (pixel < 0) {
            patch[k] = padding;
            continue;
        }
        const auto at = static_cast<std::size_t>(pixel * s.srcChannels + group * perGroup + m_sourceOf[k]);
        patch[k] = codeAt(src, m_spec.src.type, at) - offset;
    }
}

std::int64_t EmulatedConvolution::exactSum(const std::int32_t* patch, std::int64_t channel) const
{
    const std::int32_t* weights = m_weights.data() + channel * m_length;
    if (m_narrow) {
        std::int32_t sum = 0;
        for (std::int64_t k = 0; k < m_length; ++k) {
            sum += patch[k] * weights[k];
        }
        return sum;
    }
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < m_length; ++k) {
        sum += std::int64_t{patch[k]} * weights[k];
    }
    return sum;
}

double EmulatedConvolution::groupedSum(const std::int32_t* patch, std::int64_t channel) const
{
    const std::int32_t* weights = m_weights.data() + channel * m_length;
    const auto segments = static_cast<std::int64_t>(m_segmentEnd.size());
    double real = 0.0;
    std::int64_t k = 0;
    for (std::int64_t segment = 0; segment < segments; ++segment) {
        std::int64_t sum = 0;
        for (; k < m_segmentEnd[static_cast<std::size_t>(segment)]; ++k) {
            sum += std::int64_t{patch[k]} * weights[k];
        }
        real += static_cast<double>(sum)
            * (static_cast<double>(m_spec.src.scale)
               * m_weightScale[static_cast<std::size_t>(channel * segments + segment)]);
    }
    return real;
}

std::int64_t EmulatedConvolution::saturatingSum(const std::int32_t* patch, std::int64_t channel,
                                                SaturationCounts* counts) const
{
    const std::int32_t* weights = m_weights.data() + channel * m_length;
    const std::uint8_t* outlier = m_isOutlier.empty() ? nullptr : m_isOutlier.data() + channel * m_length;
    const bool narrow = m_spec.accumulator == AccumulatorForm::Acc16;
    const std::int32_t zeroPoint = m_spec.src.zeroPoint + m_sourceShift;
    std::int64_t pairs = 0;
    std::int64_t sums = 0;
    std::int64_t total = 0;
    std::int64_t correction = 0; // Σ (x − z_x)(w − z_w) − Σ x·w, which the zero points make exactly
    const std::int32_t weightZeroPoint = m_zeroPoints[static_cast<std::size_t>(channel)];
    std::int32_t sixteen = 0;
    for (std::int64_t k = 0; k < m_length; k += 2) {
        std::int32_t pair = 0;
        for (const std::int64_t i : {k, k + 1}) {
            if (patch[i] == kPadding) {
                continue;
            }
            const std::int32_t product = patch[i] * weights[i];
            if (outlier && outlier[i]) {
                total += product;
            } else {
                pair += product;
            }
            correction -= zeroPoint * weights[i] + weightZeroPoint * (patch[i] - zeroPoint);
        }
        pair = saturated16(pair, pairs);
        if (!narrow) {
            total += pair;
            continue;
        }
        if (k % m_spec.spillEvery == 0) {
            total += sixteen;
            sixteen = 0;
        }
        sixteen = saturated16(sixteen + pair, sums);
    }
    total += sixteen + correction;
    if (counts) {
        counts->pairs[static_cast<std::size_t>(channel)] += pairs;
        counts->sums[static_cast<std::size_t>(channel)] += sums;
    }
    return m_spec.halvedWeights ? 2 * total : total;
}

void EmulatedConvolution::execute(std::span<const std::byte> src, std::span<std::byte> dst,
                                  std::span<const std::byte> residual, SaturationCounts* counts) const
{
    const auto& s = m_spec.shape;
    assert(src.size() == static_cast<std::size_t>(s.srcCount()) * sizeOf(m_spec.src.type));
    assert(dst.size() == static_cast<std::size_t>(s.dstCount()) * sizeOf(m_spec.dst.type));
    thread_local std::vector<std::int32_t> patch;
    patch.resize(static_cast<std::size_t>(m_length));
    const auto dstPerGroup = s.dstChannels / s.groups;
    const auto positions = s.dst[0] * s.dst[1] * s.dst[2];
    const bool exact = m_spec.accumulator == AccumulatorForm::Exact;
    const bool grouped = m_segmentEnd.size() > 1;
    for (std::int64_t image = 0; image < s.batch; ++image) {
        for (std::int64_t position = 0; position < positions; ++position) {
            for (std::int64_t group = 0; group < s.groups; ++group) {
                gather(src, image, position, group, patch.data());
                for (auto c = group * dstPerGroup; c < (group + 1) * dstPerGroup; ++c) {
                    const auto i =
                        static_cast<std::size_t>((image * positions + position) * s.dstChannels + c);
                    const std::int64_t bias = m_bias.empty() ? 0 : m_bias[static_cast<std::size_t>(c)];
                    if (grouped) {
                        const double biasScale = static_cast<double>(m_spec.src.scale)
                            * (m_bias.empty() ? 0.0f : m_biasScale[static_cast<std::size_t>(c)]);
                        storeReal(groupedSum(patch.data(), c) + static_cast<double>(bias) * biasScale,
                                  residual, dst, i);
                        continue;
                    }
                    const auto sum =
                        (exact ? exactSum(patch.data(), c) : saturatingSum(patch.data(), c, counts)) + bias;
                    if (m_spec.dst.type == ElementType::S32) {
                        storeCode(dst, ElementType::S32, i, static_cast<std::int32_t>(sum));
                    } else if (m_spec.requantization != RequantizationForm::Float && m_spec.residual) {
                        storeFixedSum(sum, c, residual, dst, i);
                    } else if (m_spec.requantization != RequantizationForm::Float) {
                        storeFixed(sum, c, dst, i);
                    } else {
                        storeReal(realOf(sum, c), residual, dst, i);
                    }
                }
            }
        }
    }
}

} // namespace kernels
