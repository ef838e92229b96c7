#include "kernels/int8/integer_epilogue.h"

#include "kernels/codes/quantize.h"
#include "kernels/float/elementwise.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/int8/integer_epilogue.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// values[i] = float(sums[i] + bias[i])·multiplier[i]
void scaleSums(const std::int32_t* HWY_RESTRICT sums, const std::int32_t* HWY_RESTRICT bias,
               const float* HWY_RESTRICT multiplier, std::size_t count, float* HWY_RESTRICT values)
{
    const hn::ScalableTag<float> df;
    const hn::RebindToSigned<decltype(df)> di;
    const std::size_t lanes = hn::Lanes(df);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto sum = hn::Add(hn::LoadU(di, sums + i), hn::LoadU(di, bias + i));
        hn::StoreU(hn::Mul(hn::ConvertTo(df, sum), hn::LoadU(df, multiplier + i)), df, values + i);
    }
    for (; i < count; ++i) {
        values[i] = static_cast<float>(sums[i] + bias[i]) * multiplier[i];
    }
}

/// values[i] = fma(scale, codes[i] − zeroPoint, values[i])
template <typename T>
void addCodes(const T* HWY_RESTRICT codes, float scale, std::int32_t zeroPoint, std::size_t count,
              float* HWY_RESTRICT values)
{
    const hn::ScalableTag<float> df;
    const hn::RebindToSigned<decltype(df)> di;
    const hn::Rebind<T, decltype(df)> dt;
    const std::size_t lanes = hn::Lanes(df);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto code = hn::Sub(hn::PromoteTo(di, hn::LoadU(dt, codes + i)), hn::Set(di, zeroPoint));
        const auto sum = hn::MulAdd(hn::Set(df, scale), hn::ConvertTo(df, code), hn::LoadU(df, values + i));
        hn::StoreU(sum, df, values + i);
    }
    for (; i < count; ++i) {
        values[i] = std::fma(scale, static_cast<float>(codes[i] - zeroPoint), values[i]);
    }
}

void addCodesU8(const std::byte* codes, float scale, std::int32_t zeroPoint, std::size_t count, float* values)
{
    addCodes(reinterpret_cast<const std::uint8_t*>(codes), scale, zeroPoint, count, values);
}

void addCodesS8(const std::byte* codes, float scale, std::int32_t zeroPoint, std::size_t count, float* values)
{
    addCodes(reinterpret_cast<const std::int8_t*>(codes), scale, zeroPoint, count, values);
}

} // namespace HWY_NAMESPACE
} // namespace kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(scaleSums);
HWY_EXPORT(addCodesU8);
HWY_EXPORT(addCodesS8);

namespace {

constexpr std::size_t kBlock = 1024; // FP32 values that stay in the first-level cache

template <typename T>
void repeat(std::vector<T>& values, std::size_t times)
{
    const std::size_t period = values.size();
    values.resize(period * times);
    for (std::size_t i = period; i < values.size(); ++i) {
        values[i] = values[i - period];
    }
}

} // namespace

IntegerEpilogue::IntegerEpilogue(Requantization how, std::span<const std::int32_t> bias, std::size_t channels)
    : m_how(std::move(how))
    , m_bias(bias.begin(), bias.end())
{
    assert(m_how.multiplier.size() == 1 || m_how.multiplier.size() == channels);
    m_how.multiplier.resize(channels, m_how.multiplier.front());
    m_bias.resize(channels, 0);
    // Rows of few channels are taken several at a time.
    const std::size_t rows = std::max<std::size_t>(kBlock / std::max<std::size_t>(channels, 1), 1);
    repeat(m_how.multiplier, rows);
    repeat(m_bias, rows);
}

void IntegerEpilogue::apply(std::span<const std::int32_t> accumulators,
                            std::span<const std::byte> residualCodes, std::span<std::byte> dstBytes) const
{
    std::array<float, kBlock> values;
    const std::size_t period = m_bias.size(); // whole rows
    const std::size_t width = sizeOf(m_how.dst.type);
    QuantizedFormat codes = m_how.dst; // values are in units of `divisor` when they are rounded
    codes.scale = m_how.divisor;
    for (std::size_t row = 0; row < accumulators.size(); row += period) {
        const std::size_t length = std::min(period, accumulators.size() - row);
        for (std::size_t c0 = 0; c0 < length; c0 += kBlock) {
            const std::size_t count = std::min(kBlock, length - c0);
            const std::int32_t* sums = accumulators.data() + row + c0;
            const auto out = dstBytes.subspan((row + c0) * width, count * width);
            if (m_how.dst.type == ElementType::S32) {
                for (std::size_t i = 0; i < count; ++i) {
                    const std::int32_t sum = sums[i] + m_bias[c0 + i];
                    std::memcpy(out.data() + i * width, &sum, width);
                }
                continue;
            }
            HWY_DYNAMIC_DISPATCH(scaleSums)
            (sums, m_bias.data() + c0, m_how.multiplier.data() + c0, count, values.data());
            if (m_how.residual) {
                const auto add = m_how.residual->type == ElementType::U8 ? HWY_DYNAMIC_DISPATCH(addCodesU8)
                                                                         : HWY_DYNAMIC_DISPATCH(addCodesS8);
                add(residualCodes.data() + row + c0, m_how.residualMultiplier, m_how.residual->zeroPoint,
                    count, values.data());
            }
            const auto real = std::span(values).first(count);
            if (m_how.activation.kind != Activation::Kind::None) {
                activate(m_how.activation, real, real);
            }
            if (m_how.dst.type == ElementType::F32) {
                std::memcpy(out.data(), real.data(), real.size_bytes());
            } else {
                quantizeLinear(real, codes, out);
            }
        }
    }
}

} // namespace kernels
#endif
