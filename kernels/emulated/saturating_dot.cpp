#include "kernels/emulated/saturating_dot.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <vector>

namespace kernels {

namespace {

std::int32_t pairSum(std::span<const std::uint8_t> x, std::span<const std::int8_t> w, std::size_t k,
                     std::int64_t& count)
{
    const std::int32_t second = k + 1 < x.size() ? x[k + 1] * w[k + 1] : 0;
    return saturated16(x[k] * w[k] + second, count);
}

} // namespace

std::int32_t dotExact(std::span<const std::uint8_t> x, std::span<const std::int8_t> w)
{
    assert(x.size() == w.size());
    return std::transform_reduce(x.begin(), x.end(), w.begin(), std::int32_t{0});
}

SaturatingSum dotPairSaturating(std::span<const std::uint8_t> x, std::span<const std::int8_t> w)
{
    assert(x.size() == w.size());
    SaturatingSum sum;
    for (std::size_t k = 0; k < x.size(); k += 2) {
        sum.value += pairSum(x, w, k, sum.saturatedPairs);
    }
    return sum;
}

SaturatingSum dotPairSaturating(std::span<const std::int8_t> x, std::span<const std::int8_t> w)
{
    std::vector<std::uint8_t> shifted(x.size());
    std::ranges::transform(x, shifted.begin(),
                           [](std::int8_t v) { return static_cast<std::uint8_t>(v + 128); });
    SaturatingSum sum = dotPairSaturating(shifted, w);
    sum.value -= 128 * std::accumulate(w.begin(), w.end(), std::int32_t{0});
    return sum;
}

SaturatingSum dotAcc16(std::span<const std::uint8_t> x, std::span<const std::int8_t> w, std::size_t block)
{
    assert(x.size() == w.size() && block > 0 && block % 2 == 0);
    SaturatingSum sum;
    for (std::size_t begin = 0; begin < x.size(); begin += block) {
        const std::size_t end = std::min(x.size(), begin + block);
        std::int32_t narrow = 0;
        for (std::size_t k = begin; k < end; k += 2) {
            narrow = saturated16(narrow + pairSum(x, w, k, sum.saturatedPairs), sum.saturatedSums);
        }
        sum.value += narrow;
    }
    return sum;
}

bool isAcc16Outlier(std::int8_t w, int bits)
{
    if (bits == 0) {
        return true;
    }
    const int limit = 1 << (bits - 1);
    return w < -limit || w >= limit;
}

} // namespace kernels
