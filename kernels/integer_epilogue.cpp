#include "kernels/integer_epilogue.h"

#include "kernels/elementwise.h"
#include "kernels/quantize.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace kernels {

void IntegerEpilogue::apply(std::span<const std::int32_t> accumulators,
                            std::span<const std::byte> residualCodes, std::span<std::byte> dstBytes) const
{
    constexpr std::size_t kBlock = 1024; // FP32 values that stay in the first-level cache
    std::array<float, kBlock> values;
    std::array<float, kBlock> added;
    const std::size_t channels = scale.size();
    const std::size_t width = sizeOf(dst.type);
    for (std::size_t row = 0; row < accumulators.size(); row += channels) {
        for (std::size_t c0 = 0; c0 < channels; c0 += kBlock) {
            const std::size_t count = std::min(kBlock, channels - c0);
            const std::int32_t* sums = accumulators.data() + row + c0;
            const auto out = dstBytes.subspan((row + c0) * width, count * width);
            if (dst.type == ElementType::S32) {
                for (std::size_t i = 0; i < count; ++i) {
                    const std::int32_t sum = sums[i] + (bias.empty() ? 0 : bias[c0 + i]);
                    std::memcpy(out.data() + i * width, &sum, width);
                }
                continue;
            }
            if (bias.empty()) {
                for (std::size_t i = 0; i < count; ++i) {
                    values[i] = static_cast<float>(sums[i]) * scale[c0 + i];
                }
            } else {
                for (std::size_t i = 0; i < count; ++i) {
                    values[i] = static_cast<float>(sums[i] + bias[c0 + i]) * scale[c0 + i];
                }
            }
            if (residual) {
                dequantizeLinear(residualCodes.subspan(row + c0, count), *residual,
                                 std::span(added).first(count));
                for (std::size_t i = 0; i < count; ++i) {
                    values[i] += added[i];
                }
            }
            const auto real = std::span(values).first(count);
            if (activation.kind != Activation::Kind::None) {
                activate(activation, real, real);
            }
            if (dst.type == ElementType::F32) {
                std::memcpy(out.data(), real.data(), real.size_bytes());
            } else {
                quantizeLinear(real, dst, out);
            }
        }
    }
}

} // namespace kernels
