#include "kernels/int8/multiply_pairs.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/int8/multiply_pairs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
// On x86 one vpmaddwd: both products of a pair land in their own 32-bit lane.
template <class V, class W>
HWY_INLINE W addPairs(V x, V w, W sum)
{
    const hn::DFromV<W> d32;
    W rest = hn::Zero(d32);
    sum = hn::ReorderWidenMulAccumulate(d32, x, w, sum, rest);
    return hn::RearrangeToOddPlusEven(sum, rest);
}

template <std::int64_t kVectors>
std::int64_t pairsBlock(const std::int16_t* HWY_RESTRICT x, const std::int16_t* HWY_RESTRICT w,
                        std::int64_t pairs, std::int64_t count, std::int64_t o,
                        std::int32_t* HWY_RESTRICT sums)
{
    const hn::ScalableTag<std::int32_t> d32;
    const hn::Repartition<std::int16_t, decltype(d32)> d16;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d32));
    for (; o + kVectors * lanes <= count; o += kVectors * lanes) {
        auto s0 = hn::LoadU(d32, sums + o);
        auto s1 = kVectors > 1 ? hn::LoadU(d32, sums + o + lanes) : hn::Zero(d32);
        auto s2 = kVectors > 2 ? hn::LoadU(d32, sums + o + 2 * lanes) : hn::Zero(d32);
        auto s3 = kVectors > 2 ? hn::LoadU(d32, sums + o + 3 * lanes) : hn::Zero(d32);
        const std::int16_t* row = w + 2 * o;
        for (std::int64_t p = 0; p < pairs; ++p, row += 2 * count) {
            std::int32_t both;
            std::memcpy(&both, x + 2 * p, sizeof(both));
            const auto pair = hn::BitCast(d16, hn::Set(d32, both));
            s0 = addPairs(pair, hn::LoadU(d16, row), s0);
            if constexpr (kVectors > 1) {
                s1 = addPairs(pair, hn::LoadU(d16, row + 2 * lanes), s1);
            }
            if constexpr (kVectors > 2) {
                s2 = addPairs(pair, hn::LoadU(d16, row + 4 * lanes), s2);
                s3 = addPairs(pair, hn::LoadU(d16, row + 6 * lanes), s3);
            }
        }
        hn::StoreU(s0, d32, sums + o);
        if constexpr (kVectors > 1) {
            hn::StoreU(s1, d32, sums + o + lanes);
        }
        if constexpr (kVectors > 2) {
            hn::StoreU(s2, d32, sums + o + 2 * lanes);
            hn::StoreU(s3, d32, sums + o + 3 * lanes);
        }
    }
    return o;
}

#endif

void pairsAll(const std::int16_t* x, const std::int16_t* w, std::int64_t pairs, std::int64_t count,
              std::int32_t* sums)
{
    std::int64_t o = 0;
#if HWY_TARGET != HWY_SCALAR
    o = pairsBlock<4>(x, w, pairs, count, o, sums);
    o = pairsBlock<1>(x, w, pairs, count, o, sums);
#endif
    for (; o < count; ++o) {
        std::int32_t sum = sums[o];
        for (std::int64_t p = 0; p < pairs; ++p) {
            const std::int16_t* pair = w + 2 * (p * count + o);
            sum += x[2 * p] * pair[0] + x[2 * p + 1] * pair[1];
        }
        sums[o] = sum;
    }
}

void elementsAll(const std::int16_t* HWY_RESTRICT x, const std::int16_t* HWY_RESTRICT w, std::int64_t count,
                 std::int32_t* HWY_RESTRICT sums)
{
    const hn::ScalableTag<std::int32_t> d32;
    const hn::Rebind<std::int16_t, decltype(d32)> d16;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d32));
    std::int64_t c = 0;
    for (; c + lanes <= count; c += lanes) {
        const auto a = hn::PromoteTo(d32, hn::LoadU(d16, x + c));
        const auto b = hn::PromoteTo(d32, hn::LoadU(d16, w + c));
        hn::StoreU(hn::Add(hn::LoadU(d32, sums + c), hn::Mul(a, b)), d32, sums + c);
    }
    for (; c < count; ++c) {
        sums[c] += x[c] * w[c];
    }
}

} // namespace HWY_NAMESPACE
} // namespace kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(pairsAll);
HWY_EXPORT(elementsAll);

void multiplyPairs(const std::int16_t* x, const std::int16_t* w, std::int64_t pairs, std::int64_t count,
                   std::int32_t* sums)
{
    HWY_DYNAMIC_DISPATCH(pairsAll)(x, w, pairs, count, sums);
}

void multiplyElements(const std::int16_t* x, const std::int16_t* w, std::int64_t count, std::int32_t* sums)
{
    HWY_DYNAMIC_DISPATCH(elementsAll)(x, w, count, sums);
}

} // namespace kernels
#endif
