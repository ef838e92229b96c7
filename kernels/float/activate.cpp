#include "kernels/float/elementwise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/float/activate.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Whole vectors; the last one is run on a copy padded by zeros, so every value meets the same arithmetic.
template <class Function>
void transform(Function f, const float* src, float* dst, std::size_t count)
{
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        hn::StoreU(f(d, hn::LoadU(d, src + i)), d, dst + i);
    }
    if (i < count) {
        HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
        std::memcpy(rest, src + i, (count - i) * sizeof(float));
        hn::Store(f(d, hn::Load(d, rest)), d, rest);
        std::memcpy(dst + i, rest, (count - i) * sizeof(float));
    }
}

/// A minimum or maximum may drop a NaN: it stays.
template <class V>
HWY_INLINE V orNan(V x, V value)
{
    return hn::IfThenElse(hn::Eq(x, x), value, x);
}

void activateAll(const Activation& activation, const float* src, float* dst, std::size_t count)
{
    const float alpha = activation.alpha;
    const float beta = activation.beta;
    switch (activation.kind) {
    case Activation::Kind::None:
        std::memmove(dst, src, count * sizeof(float));
        return;
    case Activation::Kind::Relu:
        return transform([](auto d, auto x) { return orNan(x, hn::Max(x, hn::Zero(d))); }, src, dst, count);
    case Activation::Kind::Clip:
        return transform(
            [=](auto d, auto x) {
                return orNan(x, hn::Min(hn::Max(x, hn::Set(d, alpha)), hn::Set(d, beta)));
            },
            src, dst, count);
    case Activation::Kind::LeakyRelu:
        return transform(
            [=](auto d, auto x) {
                return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(hn::Set(d, alpha), x), x);
            },
            src, dst, count);
    case Activation::Kind::HardSwish:
        return transform(
            [](auto d, auto x) {
                const auto gate = hn::Add(hn::Div(x, hn::Set(d, 6.0f)), hn::Set(d, 0.5f));
                return hn::Mul(x, hn::Max(hn::Zero(d), hn::Min(hn::Set(d, 1.0f), gate)));
            },
            src, dst, count);
    case Activation::Kind::Sigmoid:
        return transform(
            [](auto d, auto x) {
                const auto one = hn::Set(d, 1.0f);
                // Beyond ±87 the exponential leaves FP32; the result is 0 or 1 to its precision there.
                const auto bounded = hn::Min(hn::Max(hn::Neg(x), hn::Set(d, -87.0f)), hn::Set(d, 87.0f));
                const auto value = hn::Div(one, hn::Add(one, hn::Exp(d, bounded)));
                return orNan(x, value);
            },
            src, dst, count);
    case Activation::Kind::Tanh:
    case Activation::Kind::Exp:
    case Activation::Kind::Sqrt:
    case Activation::Kind::Abs:
    case Activation::Kind::Elu:
    case Activation::Kind::Gelu:
        std::transform(src, src + count, dst, [&](float x) { return apply(activation, x); });
        return;
    }
}

float maxOf(const float* src, std::size_t count)
{
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    auto best = hn::Set(d, src[0]);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        best = hn::Max(best, hn::LoadU(d, src + i));
    }
    float result = hn::GetLane(hn::MaxOfLanes(d, best));
    for (; i < count; ++i) {
        result = std::max(result, src[i]);
    }
    return result;
}

/// dst = e^(src − shift)
void expAll(const float* src, float shift, float* dst, std::size_t count)
{
    transform(
        [shift](auto d, auto x) {
            const auto below = hn::Sub(x, hn::Set(d, shift)); // NaN where x is, or for ∞ − ∞
            return orNan(below, hn::Exp(d, hn::Max(below, hn::Set(d, -104.0f))));
        },
        src, dst, count);
}

} // namespace HWY_NAMESPACE
} // namespace kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernels {

HWY_EXPORT(activateAll);
HWY_EXPORT(maxOf);
HWY_EXPORT(expAll);

void activate(const Activation& activation, std::span<const float> src, std::span<float> dst)
{
    assert(src.size() == dst.size());
    HWY_DYNAMIC_DISPATCH(activateAll)(activation, src.data(), dst.data(), src.size());
}

void softmax(std::span<const float> src, std::int64_t outer, std::int64_t n, std::int64_t inner,
             std::span<float> dst)
{
    assert(src.size() == static_cast<std::size_t>(outer * n * inner) && dst.size() == src.size());
    if (inner == 1) {
        for (std::int64_t row = 0; row < outer; ++row) {
            const float* from = src.data() + row * n;
            float* to = dst.data() + row * n;
            const auto count = static_cast<std::size_t>(n);
            HWY_DYNAMIC_DISPATCH(expAll)(from, HWY_DYNAMIC_DISPATCH(maxOf)(from, count), to, count);
            float sum = 0.0f;
            for (std::int64_t i = 0; i < n; ++i) {
                sum += to[i];
            }
            for (std::int64_t i = 0; i < n; ++i) {
                to[i] /= sum;
            }
        }
        return;
    }
    for (std::int64_t row = 0; row < outer; ++row) {
        for (std::int64_t column = 0; column < inner; ++column) {
            const float* from = src.data() + row * n * inner + column;
            float* to = dst.data() + row * n * inner + column;
            float largest = from[0];
            for (std::int64_t i = 1; i < n; ++i) {
                largest = std::max(largest, from[i * inner]);
            }
            float sum = 0.0f;
            for (std::int64_t i = 0; i < n; ++i) {
                sum += to[i * inner] = std::exp(from[i * inner] - largest);
            }
            for (std::int64_t i = 0; i < n; ++i) {
                to[i * inner] /= sum;
            }
        }
    }
}

} // namespace kernels
#endif
