#include "kernels/statistics/error_metrics.h"

#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/statistics/quantization_split.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef NOISEFLOOR_KERNELS_QUANTIZATION_SPLIT_ONCE
#define NOISEFLOOR_KERNELS_QUANTIZATION_SPLIT_ONCE
namespace kernels {

/// A step between codes whose squares, and those of what it leaves, float can hold.
[[nodiscard]] inline bool isOrdinaryScale(float scale) { return scale >= 1e-12f && scale <= 1e12f; }

/// The parts of `count` values in double; `clipped` and `count` are left to the caller.
void addSquaresExactly(const float* y, std::size_t count, const QuantizedFormat& format,
                       QuantizationSplit& split);

} // namespace kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Whole vectors of the first `count` values; returns how many were done.
std::size_t splitVectors(const float* y, std::size_t count, const QuantizedFormat& format,
                         QuantizationSplit& split)
{
    // So few squares are added in single precision that clip² + round² + cross equals l2² to 1e-6.
    constexpr std::size_t kBlock = 8;
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    const auto scale = hn::Set(d, format.scale);
    const auto lowest = hn::Set(d, static_cast<float>(format.lowest - format.zeroPoint));
    const auto highest = hn::Set(d, static_cast<float>(format.highest - format.zeroPoint));
    const auto smallest = hn::Mul(lowest, scale);
    const auto greatest = hn::Mul(highest, scale);
    std::size_t i = 0;
    while (i + lanes <= count) {
        const std::size_t first = i;
        auto clipSum = hn::Zero(d);
        auto roundSum = hn::Zero(d);
        auto crossSum = hn::Zero(d);
        for (std::size_t k = 0; k < kBlock && i + lanes <= count; ++k, i += lanes) {
            const auto value = hn::LoadU(d, y + i);
            const auto inside = hn::Min(hn::Max(value, smallest), greatest);
            const auto nearest = hn::Round(hn::Div(value, scale));
            const auto code = hn::Min(hn::Max(nearest, lowest), highest);
            const auto clip = hn::Sub(value, inside);
            const auto round = hn::Sub(inside, hn::Mul(code, scale));
            clipSum = hn::MulAdd(clip, clip, clipSum);
            roundSum = hn::MulAdd(round, round, roundSum);
            crossSum = hn::MulAdd(clip, round, crossSum);
            split.clipped += hn::CountTrue(d, hn::Ne(nearest, code));
        }
        const float clipped = hn::GetLane(hn::SumOfLanes(d, clipSum));
        const float rounded = hn::GetLane(hn::SumOfLanes(d, roundSum));
        if (!std::isfinite(clipped + rounded)) {
            addSquaresExactly(y + first, i - first, format, split);
            continue;
        }
        split.squaredClip += static_cast<double>(clipped);
        split.squaredRound += static_cast<double>(rounded);
        split.cross += 2.0 * static_cast<double>(hn::GetLane(hn::SumOfLanes(d, crossSum)));
    }
    return i;
}

} // namespace HWY_NAMESPACE
} // namespace kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(splitVectors);

void QuantizationSplit::merge(const QuantizationSplit& other)
{
    squaredClip += other.squaredClip;
    squaredRound += other.squaredRound;
    cross += other.cross;
    clipped += other.clipped;
    count += other.count;
}

void addSquaresExactly(const float* y, std::size_t count, const QuantizedFormat& format,
                       QuantizationSplit& split)
{
    const float smallest = format.scale * static_cast<float>(format.lowest - format.zeroPoint);
    const float greatest = format.scale * static_cast<float>(format.highest - format.zeroPoint);
    for (std::size_t i = 0; i < count; ++i) {
        const float inside = std::min(std::max(y[i], smallest), greatest);
        const auto code = codeOfScaled(static_cast<double>(y[i] / format.scale), format) - format.zeroPoint;
        const double clip = static_cast<double>(y[i]) - static_cast<double>(inside);
        const double round =
            static_cast<double>(inside) - static_cast<double>(format.scale * static_cast<float>(code));
        split.squaredClip += clip * clip;
        split.squaredRound += round * round;
        split.cross += 2.0 * clip * round;
    }
}

QuantizationSplit splitQuantization(std::span<const float> y, const QuantizedFormat& format)
{
    QuantizationSplit split;
    const std::size_t done = isOrdinaryScale(format.scale)
        ? HWY_DYNAMIC_DISPATCH(splitVectors)(y.data(), y.size(), format, split)
        : 0;
    addSquaresExactly(y.data() + done, y.size() - done, format, split);
    for (std::size_t i = done; i < y.size(); ++i) {
        const auto code = codeOfScaled(static_cast<double>(y[i] / format.scale), format) - format.zeroPoint;
        split.clipped += std::nearbyint(y[i] / format.scale) != static_cast<float>(code) ? 1 : 0;
    }
    split.count = y.size();
    return split;
}

std::array<std::uint64_t, 256> countCodes(std::span<const std::byte> codes)
{
    // Eight tables: equal neighbours, as zeros after Relu are, would wait for one counter.
    constexpr std::size_t kTables = sizeof(std::uint64_t);
    // Tables of 32-bit counters are emptied before one could overflow.
    constexpr std::size_t kMostPerTable = std::size_t{1} << 31;
    std::array<std::uint64_t, 256> counts{};
    while (!codes.empty()) {
        const auto part = codes.first(std::min(codes.size(), kMostPerTable * kTables));
        std::array<std::array<std::uint32_t, 256>, kTables> tables{};
        std::size_t i = 0;
        for (; i + kTables <= part.size(); i += kTables) {
            std::uint64_t word;
            std::memcpy(&word, part.data() + i, kTables);
            for (std::size_t k = 0; k < kTables; ++k) {
                ++tables[k][(word >> (8 * k)) & 0xff];
            }
        }
        for (; i < part.size(); ++i) {
            ++tables[0][static_cast<std::uint8_t>(part[i])];
        }
        for (const auto& table : tables) {
            std::transform(counts.begin(), counts.end(), table.begin(), counts.begin(), std::plus{});
        }
        codes = codes.subspan(part.size());
    }
    return counts;
}

} // namespace kernels
#endif
