#include "kernels/statistics/moments.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/statistics/moments.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
/// The scalar target has no halves of a vector to promote: every lane is left to the caller.
std::size_t addRows(const float*, std::size_t, std::size_t, LaneMoments&) { return 0; }
#else
/// One vector of neighbouring lanes, down all full rows; the accumulators stay in registers.
/// Meanwhile fetches one vector per row from `next` on.
void addColumns(const float* src, std::size_t rows, std::size_t stride, std::size_t lane, const float* next,
                LaneMoments& m)
{
    const hn::ScalableTag<float> df;
    const hn::RebindToSigned<decltype(df)> di;
    const hn::Repartition<double, decltype(df)> dd;
    const hn::Half<decltype(df)> dh;
    const std::size_t half = hn::Lanes(dd);

    auto lowest = hn::LoadU(df, &m.min[lane]);
    auto highest = hn::LoadU(df, &m.max[lane]);
    auto zeros = hn::LoadU(di, &m.zeros[lane]);
    auto sumLow = hn::LoadU(dd, &m.sum[lane]);
    auto sumHigh = hn::LoadU(dd, &m.sum[lane + half]);
    auto squaresLow = hn::LoadU(dd, &m.sumOfSquares[lane]);
    auto squaresHigh = hn::LoadU(dd, &m.sumOfSquares[lane + half]);
    const auto zero = hn::Zero(df);
    for (std::size_t r = 0; r < rows; ++r, src += stride, next += 2 * half) {
        hwy::Prefetch(next);
        const auto x = hn::LoadU(df, src);
        lowest = hn::Min(lowest, x);
        highest = hn::Max(highest, x);
        // A true lane of the mask is −1.
        zeros = hn::Sub(zeros, hn::BitCast(di, hn::VecFromMask(df, hn::Eq(x, zero))));
        const auto low = hn::PromoteTo(dd, hn::LowerHalf(dh, x));
        const auto high = hn::PromoteTo(dd, hn::UpperHalf(dh, x));
        sumLow = hn::Add(sumLow, low);
        sumHigh = hn::Add(sumHigh, high);
        // The product is exact, so a fused multiply-add rounds no differently from the plain one.
        squaresLow = hn::MulAdd(low, low, squaresLow);
        squaresHigh = hn::MulAdd(high, high, squaresHigh);
    }
    hn::StoreU(lowest, df, &m.min[lane]);
    hn::StoreU(highest, df, &m.max[lane]);
    hn::StoreU(zeros, di, &m.zeros[lane]);
    hn::StoreU(sumLow, dd, &m.sum[lane]);
    hn::StoreU(sumHigh, dd, &m.sum[lane + half]);
    hn::StoreU(squaresLow, dd, &m.sumOfSquares[lane]);
    hn::StoreU(squaresHigh, dd, &m.sumOfSquares[lane + half]);
}

/// Lanes [0, result) of `rows` full rows. What follows them is fetched in order of memory meanwhile: a column
/// alone would wait for every line.
std::size_t addRows(const float* src, std::size_t rows, std::size_t stride, LaneMoments& m)
{
    const std::size_t width = hn::Lanes(hn::ScalableTag<float>());
    std::size_t lane = 0;
    for (; lane + width <= stride; lane += width) {
        addColumns(src + lane, rows, stride, lane, src + rows * (stride + lane), m);
    }
    return lane;
}
#endif

} // namespace kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(addRows);

namespace {

void addElement(float x, std::size_t lane, LaneMoments& m)
{
    m.min[lane] = std::min(m.min[lane], x);
    m.max[lane] = std::max(m.max[lane], x);
    m.zeros[lane] += x == 0.0f ? 1 : 0;
    const double value = x;
    m.sum[lane] += value;
    m.sumOfSquares[lane] += value * value;
}

} // namespace

LaneMoments::LaneMoments(std::size_t lanes)
    : min(lanes, std::numeric_limits<float>::infinity())
    , max(lanes, -std::numeric_limits<float>::infinity())
    , sum(lanes)
    , sumOfSquares(lanes)
    , zeros(lanes)
{
}

void addMomentsReference(std::span<const float> rows, LaneMoments& moments)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        addElement(rows[i], i % moments.lanes(), moments);
    }
}

void addMoments(std::span<const float> rows, LaneMoments& moments)
{
    const std::size_t lanes = moments.lanes();
    // Rows are taken in blocks that stay in the first-level cache while every column walks down them.
    constexpr std::size_t kBlockElements = 4096;
    const std::size_t rowsPerBlock = std::max<std::size_t>(1, kBlockElements / lanes);
    std::size_t done = 0;
    while (rows.size() - done >= lanes) {
        const std::size_t block = std::min(rowsPerBlock, (rows.size() - done) / lanes);
        const float* src = rows.data() + done;
        const std::size_t covered = HWY_DYNAMIC_DISPATCH(addRows)(src, block, lanes, moments);
        for (std::size_t r = 0; r < block && covered < lanes; ++r) {
            for (std::size_t lane = covered; lane < lanes; ++lane) {
                addElement(src[r * lanes + lane], lane, moments);
            }
        }
        done += block * lanes;
    }
    addMomentsReference(rows.subspan(done), moments);
}

} // namespace kernels
#endif
