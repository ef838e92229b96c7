#include "kernels/codes/quantize.h"
#include "kernels/float/elementwise.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/float/code_elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/codes/nearest_code-inl.h"

#ifndef NOISEFLOOR_KERNELS_CODE_ELEMENTWISE_ONCE
#define NOISEFLOOR_KERNELS_CODE_ELEMENTWISE_ONCE
namespace kernels {

/// Part of an operand: codes, or reals where it repeats. Codes of S8 are read as U8 with the top bit turned
/// over, and their zero point moved along.
struct CodeOperand
{
    const std::uint8_t* codes = nullptr;
    const float* reals = nullptr;
    float scale = 1.0f;
    std::int32_t zeroPoint = 0;
    std::uint8_t flip = 0;
};

/// After the operation: bounds of Relu and Clip, then the codes of that format.
struct CodeResult
{
    QuantizedFormat format;
    bool isBounded = false;
    float least = 0.0f;
    float most = 0.0f;
};

} // namespace kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> realsOf(D d, const CodeOperand& operand, std::size_t i)
{
    if (operand.reals) {
        return hn::LoadU(d, operand.reals + i);
    }
    const hn::RebindToSigned<D> di;
    const hn::Rebind<std::uint8_t, D> dt;
    const auto code = hn::Xor(hn::LoadU(dt, operand.codes + i), hn::Set(dt, operand.flip));
    const auto distance = hn::Sub(hn::PromoteTo(di, code), hn::Set(di, operand.zeroPoint));
    return hn::Mul(hn::ConvertTo(d, distance), hn::Set(d, operand.scale));
}

template <class Function>
std::size_t codesOfAll(Function f, const CodeOperand& a, const CodeOperand& b, const CodeResult& result,
                       std::size_t count, std::uint8_t* dst)
{
    const hn::ScalableTag<float> d;
    const hn::RebindToSigned<decltype(d)> di;
    const hn::Rebind<std::uint8_t, decltype(d)> dt;
    const std::size_t lanes = hn::Lanes(d);
    const NearestCode nearest(result.format);
    const std::uint8_t flip = result.format.type == ElementType::S8 ? 0x80 : 0;
    const auto zeroPoint = hn::Set(di, result.format.zeroPoint + flip);
    const auto least = hn::Set(d, result.least);
    const auto most = hn::Set(d, result.most);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        auto value = f(realsOf(d, a, i), realsOf(d, b, i));
        if (result.isBounded) { // a minimum or maximum may drop a NaN: it stays
            const auto bounded = hn::Min(hn::Max(value, least), most);
            value = hn::IfThenElse(hn::Eq(value, value), bounded, value);
        }
        const auto code = hn::DemoteTo(dt, hn::Add(nearest(d, value), zeroPoint));
        hn::StoreU(hn::Xor(code, hn::Set(dt, flip)), dt, dst + i);
    }
    return i;
}

/// Whole vectors; returns how many elements were done.
std::size_t binaryVectors(BinaryOperation operation, const CodeOperand& a, const CodeOperand& b,
                          const CodeResult& result, std::size_t count, std::uint8_t* dst)
{
    const auto run = [&](auto f) HWY_ATTR { return codesOfAll(f, a, b, result, count, dst); };
    switch (operation) {
    case BinaryOperation::Add:
        return run([](auto x, auto y) HWY_ATTR { return hn::Add(x, y); });
    case BinaryOperation::Sub:
        return run([](auto x, auto y) HWY_ATTR { return hn::Sub(x, y); });
    case BinaryOperation::Mul:
        return run([](auto x, auto y) HWY_ATTR { return hn::Mul(x, y); });
    case BinaryOperation::Div:
        return run([](auto x, auto y) HWY_ATTR { return hn::Div(x, y); });
    case BinaryOperation::Max:
        return run([](auto x, auto y) HWY_ATTR { return hn::IfThenElse(hn::Lt(x, y), y, x); });
    case BinaryOperation::Min:
        return run([](auto x, auto y) HWY_ATTR { return hn::IfThenElse(hn::Lt(y, x), y, x); });
    }
    return 0;
}

} // namespace kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(binaryVectors);

namespace {

constexpr std::size_t kBlock = 2048;

/// An operand as vectors read it. One that repeats is laid out as reals, once around and a block beyond.
class Operand
{
public:
    Operand(std::span<const std::byte> codes, const QuantizedFormat& format, std::size_t count)
        : m_period(codes.size())
    {
        if (codes.size() >= count) {
            m_whole.codes = reinterpret_cast<const std::uint8_t*>(codes.data());
            m_whole.flip = format.type == ElementType::S8 ? 0x80 : 0;
            m_whole.scale = format.scale;
            m_whole.zeroPoint = format.zeroPoint + m_whole.flip;
            return;
        }
        m_reals.resize(m_period + std::min(kBlock, count));
        dequantizeLinear(codes, format, std::span(m_reals).first(m_period));
        for (std::size_t i = m_period; i < m_reals.size(); ++i) {
            m_reals[i] = m_reals[i - m_period];
        }
    }

    /// From element i on; a repeated one is good for a block.
    [[nodiscard]] CodeOperand from(std::size_t i) const
    {
        CodeOperand part = m_whole;
        if (part.codes) {
            part.codes += i;
        } else {
            part.reals = m_reals.data() + i % m_period;
        }
        return part;
    }

    [[nodiscard]] bool repeats() const { return !m_whole.codes; }
    /// One real number.
    [[nodiscard]] float at(std::size_t i) const
    {
        if (repeats()) {
            return m_reals[i % m_period];
        }
        const auto code = static_cast<std::int32_t>(m_whole.codes[i] ^ m_whole.flip);
        return m_whole.scale * static_cast<float>(code - m_whole.zeroPoint);
    }

private:
    std::size_t m_period;
    CodeOperand m_whole;
    std::vector<float> m_reals;
};

} // namespace

void binary(BinaryOperation operation, std::span<const std::byte> a, const QuantizedFormat& aFormat,
            std::span<const std::byte> b, const QuantizedFormat& bFormat, std::span<std::byte> dst,
            const QuantizedFormat& dstFormat, const Activation& activation)
{
    assert(!a.empty() && !b.empty());
    CodeResult result{dstFormat};
    bool isVector = sizeOf(dstFormat.type) == 1;
    switch (activation.kind) {
    case Activation::Kind::None:
        break;
    case Activation::Kind::Relu:
        result = {dstFormat, true, 0.0f, std::numeric_limits<float>::infinity()};
        break;
    case Activation::Kind::Clip:
        result = {dstFormat, true, activation.alpha, activation.beta};
        break;
    default:
        isVector = false;
        break;
    }
    const Operand left(a, aFormat, dst.size());
    const Operand right(b, bFormat, dst.size());
    const std::size_t step = left.repeats() || right.repeats() ? kBlock : dst.size();
    std::array<float, kBlock> aReals;
    std::array<float, kBlock> bReals;
    std::array<float, kBlock> values;
    for (std::size_t begin = 0; begin < dst.size(); begin += step) {
        const std::size_t end = std::min(dst.size(), begin + step);
        std::size_t i = begin;
        if (isVector) {
            i += HWY_DYNAMIC_DISPATCH(binaryVectors)(operation, left.from(i), right.from(i), result, end - i,
                                                     reinterpret_cast<std::uint8_t*>(dst.data()) + i);
        }
        while (i < end) { // less than a vector, or another activation: by way of FP32
            const std::size_t n = std::min(kBlock, end - i);
            for (std::size_t k = 0; k < n; ++k) {
                aReals[k] = left.at(i + k);
                bReals[k] = right.at(i + k);
            }
            binary(operation, std::span<const float>(aReals).first(n),
                   std::span<const float>(bReals).first(n), std::span(values).first(n), activation);
            quantizeLinear(std::span<const float>(values).first(n), dstFormat, dst.subspan(i, n));
            i += n;
        }
    }
}

} // namespace kernels
#endif
