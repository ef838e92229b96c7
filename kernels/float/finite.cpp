#include "kernels/float/finite.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/float/finite.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Sums 0·x, which is NaN from the first value on that is not finite.
float zeroTimesAll(const float* values, std::size_t count)
{
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    const auto zero = hn::Zero(d);
    auto even = zero;
    auto odd = zero;
    std::size_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        even = hn::MulAdd(zero, hn::LoadU(d, values + i), even);
        odd = hn::MulAdd(zero, hn::LoadU(d, values + i + lanes), odd);
    }
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
    for (; i < count; ++i) {
        sum += 0.0f * values[i];
    }
    return sum;
}

} // namespace HWY_NAMESPACE
} // namespace kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(zeroTimesAll);

bool allFinite(std::span<const float> values)
{
    return !std::isnan(HWY_DYNAMIC_DISPATCH(zeroTimesAll)(values.data(), values.size()));
}

} // namespace kernels
#endif
