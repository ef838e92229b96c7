#include "kernels/codes/fake_quantize.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <vector>

namespace kernels {

namespace {

constexpr std::size_t kWord = 64; // elements per word of the mask

/// Of one element, with the reciprocal that the forward multiplies by.
struct Coded
{
    float code = 0.0f; ///< before clamping, without the zero point
    bool inside = false;
};

Coded codeOf(float x, float inverse, float lowest, float highest)
{
    const float code = std::nearbyint(x * inverse);
    return {code, code >= lowest && code <= highest};
}

/// Up to 64 elements of one channel.
std::uint64_t forwardWord(const float* src, std::size_t count, float scale, std::int32_t zeroPoint,
                          const FakeQuantizeParams& p, float* dst)
{
    const float inverse = 1.0f / scale;
    const auto lowest = static_cast<float>(p.lowest - zeroPoint);
    const auto highest = static_cast<float>(p.highest - zeroPoint);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto [code, inside] = codeOf(src[i], inverse, lowest, highest);
        bits |= static_cast<std::uint64_t>(inside) << i;
        dst[i] = std::isnan(code) ? 0.0f : std::min(std::max(code, lowest), highest) * scale;
    }
    return bits;
}

} // namespace

void fakeQuantize(std::span<const float> src, const FakeQuantizeParams& p, std::span<float> dst,
                  std::span<std::uint64_t> mask)
{
    assert(src.size() == dst.size() && (mask.empty() || mask.size() == maskWords(src.size())));
    assert(p.scale.size() == p.zeroPoint.size() && !p.scale.empty());
    std::fill(mask.begin(), mask.end(), 0);
    const bool perTensor = p.scale.size() == 1;
    std::size_t i = 0;
    while (i < src.size()) {
        // A run stays in one word and in one channel.
        const std::size_t c = perTensor ? 0 : i / p.layout.stride % p.layout.channels;
        std::size_t run = std::min(kWord - i % kWord, src.size() - i);
        if (!perTensor) {
            run = std::min(run, p.layout.stride - i % p.layout.stride);
        }
        const std::uint64_t bits =
            forwardWord(src.data() + i, run, p.scale[c], p.zeroPoint[c], p, dst.data() + i);
        if (!mask.empty()) {
            mask[i / kWord] |= bits << (i % kWord);
        }
        i += run;
    }
}

void fakeQuantizeBackward(std::span<const float> dDst, std::span<const std::uint64_t> mask,
                          std::span<float> dSrc)
{
    assert(dDst.size() == dSrc.size() && mask.size() == maskWords(dDst.size()));
    for (std::size_t word = 0; word < mask.size(); ++word) {
        const std::size_t first = word * kWord;
        const std::size_t count = std::min(kWord, dDst.size() - first);
        for (std::size_t i = 0; i < count; ++i) {
            dSrc[first + i] = (mask[word] >> i & 1u) != 0 ? dDst[first + i] : 0.0f;
        }
    }
}

void fakeQuantizeLearnable(std::span<const float> src, std::span<const float> dDst,
                           const FakeQuantizeParams& p, float gradFactor, std::span<double> dScale,
                           std::span<double> dZeroPoint)
{
    assert(src.size() == dDst.size());
    assert(dScale.size() == p.scale.size() && dZeroPoint.size() == p.scale.size());
    std::fill(dScale.begin(), dScale.end(), 0.0);
    std::fill(dZeroPoint.begin(), dZeroPoint.end(), 0.0);
    const bool perTensor = p.scale.size() == 1;
    for (std::size_t i = 0; i < src.size(); ++i) {
        const std::size_t c = perTensor ? 0 : i / p.layout.stride % p.layout.channels;
        const float scale = p.scale[c];
        const auto lowest = static_cast<float>(p.lowest - p.zeroPoint[c]);
        const auto highest = static_cast<float>(p.highest - p.zeroPoint[c]);
        const auto [code, inside] = codeOf(src[i], 1.0f / scale, lowest, highest);
        const double gradient = dDst[i];
        if (inside) {
            dScale[c] += gradient * (static_cast<double>(code * scale) - src[i]) / scale;
        } else if (!std::isnan(code)) {
            dScale[c] += gradient * (code < lowest ? lowest : highest);
            dZeroPoint[c] -= gradient * scale;
        }
    }
    for (std::size_t c = 0; c < dScale.size(); ++c) {
        dScale[c] *= gradFactor;
        dZeroPoint[c] *= gradFactor;
    }
}

} // namespace kernels
