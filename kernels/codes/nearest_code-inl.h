// Per target: included again for every instruction set that Highway compiles a source for.
#if defined(NOISEFLOOR_KERNELS_NEAREST_CODE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NOISEFLOOR_KERNELS_NEAREST_CODE_INL_H
#undef NOISEFLOOR_KERNELS_NEAREST_CODE_INL_H
#else
#define NOISEFLOOR_KERNELS_NEAREST_CODE_INL_H
#endif

#include "kernels/shape/quantized_format.h"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace kernels::HWY_NAMESPACE {

/// clamp(roundHalfEven(x / scale), lowest − zero point, highest − zero point) of vectors of FP32, NaN as 0:
/// codes of U8 and S8 before their zero point is added.
///
/// It multiplies by the reciprocal, and divides only where that could round to another code. Codes are below
/// 512 in magnitude, so both quotients are within 3·2⁻²⁴·512 < 10⁻⁴ of each other: no closer to a half than
/// 2⁻¹², they round alike.
class NearestCode
{
public:
    explicit NearestCode(const QuantizedFormat& format)
        : m_scale(format.scale)
        , m_inverse(1.0f / format.scale)
        , m_lowest(static_cast<float>(format.lowest - format.zeroPoint))
        , m_highest(static_cast<float>(format.highest - format.zeroPoint))
        , m_divides(!(format.scale >= 1e-30f && format.scale <= 1e30f && m_lowest >= -512.0f
                      && m_highest <= 512.0f))
    {
    }

    template <class D>
    HWY_INLINE hwy::HWY_NAMESPACE::Vec<hwy::HWY_NAMESPACE::RebindToSigned<D>>
    operator()(D d, hwy::HWY_NAMESPACE::Vec<D> x) const
    {
        namespace hn = hwy::HWY_NAMESPACE;
        if (!m_divides) {
            const auto near = clamped(d, hn::Mul(x, hn::Set(d, m_inverse)));
            const auto code = hn::NearestInt(near);
            const auto off = hn::Abs(hn::Sub(near, hn::ConvertTo(d, code)));
            constexpr float kSure = 0.5f - 1.0f / 4096.0f;
            if (hn::AllFalse(d, hn::Gt(off, hn::Set(d, kSure)))) {
                return code;
            }
        }
        return hn::NearestInt(clamped(d, hn::Div(x, hn::Set(d, m_scale))));
    }

private:
    template <class D>
    HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> clamped(D d, hwy::HWY_NAMESPACE::Vec<D> quotient) const
    {
        namespace hn = hwy::HWY_NAMESPACE;
        const auto number = hn::IfThenElseZero(hn::Eq(quotient, quotient), quotient);
        return hn::Min(hn::Max(number, hn::Set(d, m_lowest)), hn::Set(d, m_highest));
    }

    float m_scale;
    float m_inverse;
    float m_lowest;
    float m_highest;
    bool m_divides;
};

} // namespace kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
