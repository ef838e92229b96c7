#include "kernels/statistics/error_metrics.h"

#include "kernels/codes/reference_quantize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/statistics/error_metrics.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef NOISEFLOOR_KERNELS_ERROR_METRICS_ONCE
#define NOISEFLOOR_KERNELS_ERROR_METRICS_ONCE
namespace kernels {

/// What one vectorized call adds to: `lanes` counters of squares, for interleaved channels, and the totals.
struct Counters
{
    double* squaredError;
    double* squaredReference;
    double dotProduct = 0.0;
    double squaredApproximation = 0.0;
    double maxAbsError = 0.0;
};

/// Squares below leave float's normal numbers when they are summed, and squares above its range: such sums
/// are made again in double. 256 squares lost below 1e-38 are 1e-12 of a sum of 1e-24.
inline constexpr float kLeastTrusted = 1e-24f;
inline constexpr float kGreatestTrusted = std::numeric_limits<float>::max();
[[nodiscard]] inline bool isTrusted(float sum) { return sum >= kLeastTrusted && sum <= kGreatestTrusted; }

} // namespace kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

std::size_t lanesHere() { return hn::Lanes(hn::ScalableTag<float>()); }

struct FloatLoader
{
    const float* values;
    template <class D>
    HWY_INLINE hn::Vec<D> operator()(D d, std::size_t i) const
    {
        return hn::LoadU(d, values + i);
    }
    HWY_INLINE void prefetch(std::size_t i) const { hwy::Prefetch(values + i); }
    double exactly(std::size_t i) const { return static_cast<double>(values[i]); }
};

template <typename T>
struct CodeLoader
{
    const T* codes;
    float scale;
    std::int32_t zeroPoint;
    template <class D>
    HWY_INLINE hn::Vec<D> operator()(D d, std::size_t i) const
    {
        const hn::RebindToSigned<D> di;
        const hn::Rebind<T, D> dt;
        const auto code = hn::PromoteTo(di, hn::LoadU(dt, codes + i));
        return hn::Mul(hn::ConvertTo(d, hn::Sub(code, hn::Set(di, zeroPoint))), hn::Set(d, scale));
    }
    HWY_INLINE void prefetch(std::size_t i) const { hwy::Prefetch(codes + i); }
    double exactly(std::size_t i) const
    {
        return static_cast<double>(scale * static_cast<float>(std::int32_t{codes[i]} - zeroPoint));
    }
};

/// Exactly, one value after another: the way for values whose squares float cannot hold.
template <class Loader>
HWY_NOINLINE void sumColumnsExactly(const float* y, Loader load, std::size_t r0, std::size_t r1,
                                    std::size_t width, std::size_t c, std::size_t lanes, Counters& counters)
{
    for (std::size_t r = r0; r < r1; ++r) {
        for (std::size_t k = c; k < c + lanes; ++k) {
            const double exact = static_cast<double>(y[r * width + k]);
            const double off = exact - load.exactly(r * width + k);
            counters.squaredError[k] += off * off;
            counters.squaredReference[k] += exact * exact;
            counters.maxAbsError = std::max(counters.maxAbsError, std::abs(off));
        }
    }
}

template <class Loader>
HWY_NOINLINE void sumProductsExactly(const float* y, Loader load, std::size_t first, std::size_t last,
                                     Counters& counters)
{
    for (std::size_t i = first; i < last; ++i) {
        const double near = load.exactly(i);
        counters.dotProduct += static_cast<double>(y[i]) * near;
        counters.squaredApproximation += near * near;
    }
}

/// Rows r0 … r1 of the columns of one vector.
struct Columns
{
    std::size_t r0;
    std::size_t r1;
    std::size_t width;
    std::size_t c;
};

/// Whether every lane of the sums holds what it should: isTrusted(), or zero because all values are.
template <class D, class V = hn::Vec<D>>
HWY_INLINE bool areTrusted(D d, const float* y, Columns columns, V errors, V squares, V largest)
{
    const auto zero = hn::Zero(d);
    const auto isInRange = [d](V sums) {
        return hn::And(hn::Ge(sums, hn::Set(d, kLeastTrusted)), hn::Le(sums, hn::Set(d, kGreatestTrusted)));
    };
    const auto noErrors = hn::And(hn::Eq(errors, zero), hn::Eq(largest, zero));
    if (!hn::AllTrue(d, hn::Or(isInRange(errors), noErrors))) {
        return false;
    }
    auto isHeld = isInRange(squares);
    if (hn::AllTrue(d, isHeld)) {
        return true;
    }
    auto areZeros = hn::Eq(squares, zero);
    for (std::size_t r = columns.r0; r < columns.r1; ++r) {
        areZeros = hn::And(areZeros, hn::Eq(hn::LoadU(d, y + r * columns.width + columns.c), zero));
    }
    return hn::AllTrue(d, hn::Or(isHeld, areZeros));
}

/// sums[k] += lane k.
template <class D>
HWY_INLINE void addLanes(D d, hn::Vec<D> lanes, double* sums)
{
#if HWY_TARGET == HWY_SCALAR
    *sums += static_cast<double>(hn::GetLane(lanes));
    static_cast<void>(d);
#else
    const hn::Repartition<double, D> dd;
    const hn::Half<D> dh;
    double* upper = sums + hn::Lanes(dd);
    hn::StoreU(hn::Add(hn::LoadU(dd, sums), hn::PromoteTo(dd, hn::LowerHalf(dh, lanes))), dd, sums);
    hn::StoreU(hn::Add(hn::LoadU(dd, upper), hn::PromoteTo(dd, hn::UpperHalf(dh, lanes))), dd, upper);
#endif
}

/// `rows` rows of `width` values; width is a multiple of the vector, and each column has its own counters.
template <class Loader>
void accumulate(const float* y, Loader load, std::size_t rows, std::size_t width, Counters& counters)
{
    // Blocks that stay in the first-level cache while every column walks down them, each fetched in order of
    // memory while the one before is worked on: a column alone would wait for every line. FP32 sums are
    // emptied into doubles behind each, after at most kBlockElements / lanes additions.
    constexpr std::size_t kBlockElements = 4096;
    const std::size_t rowsPerBlock = std::clamp<std::size_t>(kBlockElements / width, 1, 256);
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    auto farthest = hn::Zero(d);
    for (std::size_t r0 = 0; r0 < rows; r0 += rowsPerBlock) {
        const std::size_t r1 = std::min(rows, r0 + rowsPerBlock);
        std::size_t next = r1 * width; // what the block after this one starts with
        auto dot0 = hn::Zero(d);
        auto dot1 = hn::Zero(d);
        auto a0 = hn::Zero(d);
        auto a1 = hn::Zero(d);
        for (std::size_t c = 0; c < width; c += lanes) {
            auto e0 = hn::Zero(d);
            auto e1 = hn::Zero(d);
            auto y0 = hn::Zero(d);
            auto y1 = hn::Zero(d);
            auto largest = hn::Zero(d);
            std::size_t r = r0;
            for (; r + 2 <= r1; r += 2) {
                const std::size_t i = r * width + c;
                hwy::Prefetch(y + next);
                hwy::Prefetch(y + next + lanes);
                load.prefetch(next);
                next += 2 * lanes;
                const auto left = hn::LoadU(d, y + i);
                const auto right = hn::LoadU(d, y + i + width);
                const auto nearLeft = load(d, i);
                const auto nearRight = load(d, i + width);
                const auto offLeft = hn::Sub(left, nearLeft);
                const auto offRight = hn::Sub(right, nearRight);
                e0 = hn::MulAdd(offLeft, offLeft, e0);
                e1 = hn::MulAdd(offRight, offRight, e1);
                y0 = hn::MulAdd(left, left, y0);
                y1 = hn::MulAdd(right, right, y1);
                dot0 = hn::MulAdd(left, nearLeft, dot0);
                dot1 = hn::MulAdd(right, nearRight, dot1);
                a0 = hn::MulAdd(nearLeft, nearLeft, a0);
                a1 = hn::MulAdd(nearRight, nearRight, a1);
                largest = hn::Max(largest, hn::Max(hn::Abs(offLeft), hn::Abs(offRight)));
            }
            if (r < r1) {
                const std::size_t i = r * width + c;
                hwy::Prefetch(y + next);
                load.prefetch(next);
                next += lanes;
                const auto left = hn::LoadU(d, y + i);
                const auto nearLeft = load(d, i);
                const auto offLeft = hn::Sub(left, nearLeft);
                e0 = hn::MulAdd(offLeft, offLeft, e0);
                y0 = hn::MulAdd(left, left, y0);
                dot0 = hn::MulAdd(left, nearLeft, dot0);
                a0 = hn::MulAdd(nearLeft, nearLeft, a0);
                largest = hn::Max(largest, hn::Abs(offLeft));
            }
            const auto errors = hn::Add(e0, e1);
            const auto squares = hn::Add(y0, y1);
            if (!areTrusted(d, y, {r0, r1, width, c}, errors, squares, largest)) {
                sumColumnsExactly(y, load, r0, r1, width, c, lanes, counters);
                continue;
            }
            addLanes(d, errors, counters.squaredError + c);
            addLanes(d, squares, counters.squaredReference + c);
            farthest = hn::Max(farthest, largest);
        }
        const float dot = hn::GetLane(hn::SumOfLanes(d, hn::Add(dot0, dot1)));
        const float squares = hn::GetLane(hn::SumOfLanes(d, hn::Add(a0, a1)));
        if (!isTrusted(squares) || !std::isfinite(dot)) {
            sumProductsExactly(y, load, r0 * width, r1 * width, counters);
            continue;
        }
        counters.dotProduct += static_cast<double>(dot);
        counters.squaredApproximation += static_cast<double>(squares);
    }
    counters.maxAbsError =
        std::max(counters.maxAbsError, static_cast<double>(hn::GetLane(hn::MaxOfLanes(d, farthest))));
}

void accumulateFloats(const float* y, const float* approximation, std::size_t rows, std::size_t width,
                      Counters& counters)
{
    accumulate(y, FloatLoader{approximation}, rows, width, counters);
}

void accumulateCodes(const float* y, const std::byte* codes, const QuantizedFormat& format, std::size_t rows,
                     std::size_t width, Counters& counters)
{
    const auto run = [&](auto* typed) {
        using T = std::remove_const_t<std::remove_pointer_t<decltype(typed)>>;
        accumulate(y, CodeLoader<T>{typed, format.scale, format.zeroPoint}, rows, width, counters);
    };
    switch (format.type) {
    case ElementType::U8:
        return run(reinterpret_cast<const std::uint8_t*>(codes));
    case ElementType::S8:
        return run(reinterpret_cast<const std::int8_t*>(codes));
    case ElementType::U16:
        return run(reinterpret_cast<const std::uint16_t*>(codes));
    default:
        return run(reinterpret_cast<const std::int16_t*>(codes));
    }
}

} // namespace HWY_NAMESPACE
} // namespace kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(lanesHere);
HWY_EXPORT(accumulateFloats);
HWY_EXPORT(accumulateCodes);

namespace {

/// vectors(first, rows, width, counters) runs whole rows; approximation(i) is one value.
template <typename Vectors, typename Approximation>
ErrorSums compareAll(std::span<const float> y, ChannelLayout layout, Vectors vectors,
                     Approximation approximation)
{
    ErrorSums sums;
    sums.squaredError.assign(layout.channels, 0.0);
    sums.squaredReference.assign(layout.channels, 0.0);
    sums.count = y.size();
    // Interleaved channels: as many pixels make a row as it takes to fill whole vectors. Otherwise each run
    // of `stride` values of one channel is a tensor of its own, with one channel.
    const std::size_t channels = layout.stride == 1 ? layout.channels : 1;
    const std::size_t lanes = HWY_DYNAMIC_DISPATCH(lanesHere)();
    const std::size_t width = std::lcm(channels, lanes);
    const std::size_t run = layout.stride == 1 ? y.size() : layout.stride;
    std::vector<double> error(width);
    std::vector<double> reference(width);
    Counters counters{error.data(), reference.data()};
    for (std::size_t start = 0, slab = 0; start < y.size(); start += run, ++slab) {
        std::fill(error.begin(), error.end(), 0.0);
        std::fill(reference.begin(), reference.end(), 0.0);
        const std::size_t rows = run / width;
        vectors(start, rows, width, counters);
        for (std::size_t i = rows * width; i < run; ++i) {
            const double exact = static_cast<double>(y[start + i]);
            const double near = static_cast<double>(approximation(start + i));
            const double off = exact - near;
            error[i % width] += off * off;
            reference[i % width] += exact * exact;
            counters.dotProduct += exact * near;
            counters.squaredApproximation += near * near;
            counters.maxAbsError = std::max(counters.maxAbsError, std::abs(off));
        }
        for (std::size_t i = 0; i < width; ++i) {
            const std::size_t c = layout.stride == 1 ? i % channels : slab % layout.channels;
            sums.squaredError[c] += error[i];
            sums.squaredReference[c] += reference[i];
        }
    }
    sums.dotProduct = counters.dotProduct;
    sums.squaredApproximation = counters.squaredApproximation;
    sums.maxAbsError = counters.maxAbsError;
    if (std::isnan(sums.totalSquaredError())) {
        sums.maxAbsError = std::numeric_limits<double>::quiet_NaN(); // a vector maximum may drop a NaN
    }
    return sums;
}

void addTo(std::vector<double>& sums, const std::vector<double>& other)
{
    sums.resize(std::max(sums.size(), other.size()), 0.0);
    for (std::size_t i = 0; i < other.size(); ++i) {
        sums[i] += other[i];
    }
}

} // namespace

void ErrorSums::merge(const ErrorSums& other)
{
    addTo(squaredError, other.squaredError);
    addTo(squaredReference, other.squaredReference);
    dotProduct += other.dotProduct;
    squaredApproximation += other.squaredApproximation;
    if (!(other.maxAbsError <= maxAbsError)) { // takes a NaN over
        maxAbsError = std::isnan(maxAbsError) ? maxAbsError : other.maxAbsError;
    }
    count += other.count;
}

double ErrorSums::totalSquaredError() const
{
    return std::accumulate(squaredError.begin(), squaredError.end(), 0.0);
}

double ErrorSums::totalSquaredReference() const
{
    return std::accumulate(squaredReference.begin(), squaredReference.end(), 0.0);
}

ErrorSums compare(std::span<const float> y, std::span<const float> approximation, ChannelLayout layout)
{
    assert(y.size() == approximation.size());
    return compareAll(
        y, layout,
        [&](std::size_t start, std::size_t rows, std::size_t width, Counters& counters) {
            HWY_DYNAMIC_DISPATCH(accumulateFloats)
            (y.data() + start, approximation.data() + start, rows, width, counters);
        },
        [&](std::size_t i) { return approximation[i]; });
}

ErrorSums compare(std::span<const float> y, std::span<const std::byte> codes, const QuantizedFormat& format,
                  ChannelLayout layout)
{
    const std::size_t bytes = sizeOf(format.type);
    assert(y.size() * bytes == codes.size());
    return compareAll(
        y, layout,
        [&](std::size_t start, std::size_t rows, std::size_t width, Counters& counters) {
            HWY_DYNAMIC_DISPATCH(accumulateCodes)
            (y.data() + start, codes.data() + start * bytes, format, rows, width, counters);
        },
        [&](std::size_t i) {
            return format.scale * static_cast<float>(codeAt(codes, format.type, i) - format.zeroPoint);
        });
}

} // namespace kernels
#endif
