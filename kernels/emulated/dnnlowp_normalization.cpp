#include "kernels/emulated/dnnlowp_normalization.h"

#include "kernels/codes/reference_quantize.h"
#include "kernels/emulated/fixed_point.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

namespace kernels {

namespace {

constexpr CodeBounds kWhole{std::numeric_limits<std::int32_t>::min(),
                            std::numeric_limits<std::int32_t>::max()};

struct Integers
{
    std::vector<std::int32_t> codes;
    float scale = 1.0f;
};

Integers integersAt(std::span<const float> reals, float scale)
{
    Integers result{{}, scale};
    for (const float real : reals) {
        result.codes.push_back(
            quantizeByReciprocal(real, scale, 0, kWhole, RoundingOrder::AddZeroPointThenRound));
    }
    return result;
}

Integers integersOf(std::span<const float> reals, const std::function<float(float, float)>& scaleOf)
{
    const auto [min, max] = std::ranges::minmax(reals);
    return integersAt(reals, scaleOf(min, max));
}

/// Wraps as 32-bit registers do.
std::int32_t wrapped(std::int64_t value)
{
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

} // namespace

void normalizeFixedPoint(const DnnlowpNormalization& how, std::span<const std::byte> src,
                         std::span<std::byte> dst)
{
    assert(how.groups > 0 && how.channels % how.groups == 0 && src.size() % (how.channels * how.plane) == 0);
    const std::size_t inGroup = how.channels / how.groups;
    const std::size_t length = inGroup * how.plane;
    const std::size_t blocks = src.size() / length; // groups of all items
    if (blocks == 0) {
        return;
    }
    std::vector<std::int32_t> mean; // of codes
    std::vector<float> inverse; // 1/σ
    for (std::size_t block = 0; block < blocks; ++block) {
        std::int64_t sum = 0;
        std::int64_t squares = 0;
        for (std::size_t i = block * length; i < (block + 1) * length; ++i) {
            const std::int64_t code = codeAt(src, how.src.type, i);
            sum += code;
            squares += code * code;
        }
        const auto count = static_cast<float>(length);
        const float average = static_cast<float>(sum) / count;
        const float square = average * average;
        const float variance = static_cast<float>(squares) / count - square;
        mean.push_back(static_cast<std::int32_t>(std::round(average)));
        inverse.push_back(1.0f / std::sqrt(how.src.scale * how.src.scale * variance + how.epsilon));
    }
    const Integers gamma = integersOf(how.gamma, how.scaleOf);
    const Integers sigma = integersOf(inverse, how.scaleOf);
    Integers beta = integersAt(how.beta, how.src.scale * gamma.scale);
    const FixedPointFactor toInternal = chooseDnnlowpFactor(1.0f / sigma.scale);
    for (std::int32_t& code : beta.codes) {
        code = requantizeDnnlowp(code, toInternal, 0, kWhole);
    }
    const float internal = sigma.scale * gamma.scale * how.src.scale;
    const FixedPointFactor toResult = chooseDnnlowpFactor(internal / how.dst.scale);
    const CodeBounds bounds{how.dst.lowest, how.dst.highest};
    for (std::size_t i = 0; i < src.size(); ++i) {
        const std::size_t channel = i / how.plane % how.channels;
        const std::size_t block = i / length;
        const std::int32_t factor = wrapped(std::int64_t{gamma.codes[channel]} * sigma.codes[block]);
        const std::int32_t addend = wrapped(beta.codes[channel] - std::int64_t{factor} * mean[block]);
        const std::int32_t sum = wrapped(std::int64_t{codeAt(src, how.src.type, i)} * factor + addend);
        storeCode(dst, how.dst.type, i, requantizeDnnlowp(sum, toResult, how.dst.zeroPoint, bounds));
    }
}

} // namespace kernels
