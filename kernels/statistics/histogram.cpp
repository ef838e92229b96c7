#include "kernels/statistics/histogram.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/statistics/histogram.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

HWY_BEFORE_NAMESPACE();
namespace kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Writes half + floor(x·scale) of the elements other than 0, in order, and returns how many they are.
/// `indices` has room for one vector more than count. `touched` grows to hold all bins, and that of 0.
std::size_t binIndices(const float* src, std::size_t count, float scale, std::int32_t half,
                       std::int32_t* indices, BinRange& touched)
{
    const hn::ScalableTag<float> df;
    const hn::RebindToSigned<decltype(df)> di;
    const std::size_t width = hn::Lanes(df);
    const auto factor = hn::Set(df, scale);
    const auto origin = hn::Set(di, half);
    const auto minusOne = hn::Set(di, -1);
    const auto zero = hn::Zero(df);
    auto lowest = hn::Set(di, touched.lowest);
    auto highest = hn::Set(di, touched.highest);
    std::size_t written = 0;
    std::size_t i = 0;
    for (; i + width <= count; i += width) {
        const auto x = hn::LoadU(df, src + i);
        const auto scaled = hn::Mul(x, factor);
        const auto truncated = hn::ConvertTo(di, scaled);
        // floor: one less where truncation went up.
        const auto wentUp = hn::VecFromMask(df, hn::Lt(scaled, hn::ConvertTo(df, truncated)));
        auto bin = hn::Add(truncated, hn::BitCast(di, wentUp));
        // A negative number so small that scaling made it -0 still belongs below zero.
        const auto negative = hn::RebindMask(di, hn::Lt(x, zero));
        bin = hn::IfThenElse(negative, hn::Min(bin, minusOne), bin);
        const auto nonZero = hn::RebindMask(di, hn::Ne(x, zero));
        bin = hn::Add(bin, origin);
        lowest = hn::Min(lowest, bin);
        highest = hn::Max(highest, bin);
        if (hn::AllTrue(di, nonZero)) {
            hn::StoreU(bin, di, indices + written);
            written += width;
        } else {
            // Packed in a register and stored whole: storing under a mask is microcode on some processors.
            hn::StoreU(hn::Compress(bin, nonZero), di, indices + written);
            written += hn::CountTrue(di, nonZero);
        }
    }
    touched.lowest = hn::GetLane(hn::MinOfLanes(di, lowest));
    touched.highest = hn::GetLane(hn::MaxOfLanes(di, highest));
    for (; i < count; ++i) {
        if (src[i] != 0.0f) {
            const auto floored = static_cast<std::int32_t>(std::floor(src[i] * scale));
            const std::int32_t bin = half + (src[i] < 0.0f ? std::min(floored, -1) : floored);
            touched = {std::min(touched.lowest, bin), std::max(touched.highest, bin)};
            indices[written++] = bin;
        }
    }
    return written;
}

} // namespace kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(binIndices);

namespace {

constexpr std::size_t kBlock = 2048;
constexpr std::size_t kPadding = 64; // widest vector, in elements
/// Equal neighbours would wait for each other's counter; four counters per bin let them pass.
constexpr std::size_t kTables = 4;
/// Below this many values clearing the tables costs more than the waiting.
constexpr std::size_t kFewValues = 16384;
/// Narrow, so that the tables stay in the first-level cache; emptied before one could overflow.
using Counter = std::uint16_t;
constexpr std::size_t kMostPerTable = std::numeric_limits<Counter>::max() - kBlock;

void fold(std::span<Counter> tables, BinRange touched, std::span<std::uint64_t> counts)
{
    for (auto bin = static_cast<std::size_t>(touched.lowest);
         bin <= static_cast<std::size_t>(touched.highest); ++bin) {
        Counter* t = &tables[bin * kTables];
        counts[bin] += std::uint64_t{t[0]} + t[1] + t[2] + t[3];
        std::fill_n(t, kTables, Counter{0});
    }
}

} // namespace

void addToHistogramReference(std::span<const float> values, int exponent, std::span<std::uint64_t> counts)
{
    const auto half = static_cast<std::int64_t>(counts.size() / 2);
    for (const float x : values) {
        if (x != 0.0f) {
            const auto bin =
                static_cast<std::int64_t>(std::floor(std::ldexp(static_cast<double>(x), -exponent)));
            ++counts[static_cast<std::size_t>(half + bin)];
        }
    }
}

BinRange addToHistogram(std::span<const float> values, int exponent, std::span<std::uint64_t> counts)
{
    const float scale = std::ldexp(1.0f, -exponent);
    const auto half = static_cast<std::int32_t>(counts.size() / 2);
    const bool few = values.size() < kFewValues;
    // Kept by the thread, and left empty by fold(): a fresh block of this size costs more than the counting.
    thread_local std::vector<Counter> tables;
    if (!few) {
        tables.resize(std::max(tables.size(), counts.size() * kTables));
    }
    alignas(64) std::array<std::int32_t, kBlock + kPadding> indices;
    std::size_t inFirstTable = 0;
    BinRange touched{half, half};
    for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
        const std::size_t count = std::min(kBlock, values.size() - begin);
        const std::size_t n = HWY_DYNAMIC_DISPATCH(binIndices)(values.data() + begin, count, scale, half,
                                                               indices.data(), touched);
        if (few) {
            for (std::size_t i = 0; i < n; ++i) {
                ++counts[static_cast<std::size_t>(indices[i])];
            }
            continue;
        }
        Counter* table = tables.data();
        std::size_t i = 0;
        for (; i + kTables <= n; i += kTables) {
            ++table[static_cast<std::size_t>(indices[i]) * kTables];
            ++table[static_cast<std::size_t>(indices[i + 1]) * kTables + 1];
            ++table[static_cast<std::size_t>(indices[i + 2]) * kTables + 2];
            ++table[static_cast<std::size_t>(indices[i + 3]) * kTables + 3];
        }
        for (; i < n; ++i) {
            ++table[static_cast<std::size_t>(indices[i]) * kTables];
        }
        inFirstTable += n / kTables + n % kTables; // no other has more
        if (inFirstTable > kMostPerTable) {
            fold(tables, touched, counts);
            inFirstTable = 0;
        }
    }
    if (!few) {
        fold(tables, touched, counts);
    }
    return touched;
}

} // namespace kernels
#endif
