#include "kernels/float/elementwise.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>
#include <vector>

namespace kernels {
namespace {

/// A plain loop over equal spans, which the compiler vectorizes.
template <typename Function>
void loop(Function f, const float* a, const float* b, float* dst, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        dst[i] = f(a[i], b[i]);
    }
}

void block(BinaryOperation operation, const float* a, const float* b, float* dst, std::size_t count)
{
    const auto run = [&](auto f) { loop(f, a, b, dst, count); };
    switch (operation) {
    case BinaryOperation::Add:
        return run([](float x, float y) { return x + y; });
    case BinaryOperation::Sub:
        return run([](float x, float y) { return x - y; });
    case BinaryOperation::Mul:
        return run([](float x, float y) { return x * y; });
    case BinaryOperation::Div:
        return run([](float x, float y) { return x / y; });
    case BinaryOperation::Max:
        return run([](float x, float y) { return x < y ? y : x; });
    case BinaryOperation::Min:
        return run([](float x, float y) { return y < x ? y : x; });
    }
}

constexpr std::size_t kBlock = 2048; // operands and result of a block stay in the first-level cache

/// An operand that repeats, laid out as floats: block() gives any kBlock of its endless repetition without
/// copying.
class Repeated
{
public:
    Repeated(std::vector<float> period, std::size_t count)
        : m_period(period.size())
        , m_values(std::move(period))
    {
        m_values.resize(m_period + std::min(kBlock, count));
        for (std::size_t i = m_period; i < m_values.size(); ++i) {
            m_values[i] = m_values[i - m_period];
        }
    }
    [[nodiscard]] const float* block(std::size_t i) const { return m_values.data() + i % m_period; }

private:
    std::size_t m_period;
    std::vector<float> m_values;
};

std::optional<Repeated> repeated(std::span<const float> values, std::size_t count)
{
    return values.size() < count
        ? std::optional<Repeated>(std::in_place, std::vector<float>(values.begin(), values.end()), count)
        : std::nullopt;
}

} // namespace

void binary(BinaryOperation operation, std::span<const float> a, std::span<const float> b,
            std::span<float> dst, const Activation& activation)
{
    assert(!a.empty() && !b.empty());
    const auto left = repeated(a, dst.size());
    const auto right = repeated(b, dst.size());
    for (std::size_t i = 0; i < dst.size(); i += kBlock) {
        const std::size_t n = std::min(kBlock, dst.size() - i);
        block(operation, left ? left->block(i) : a.data() + i, right ? right->block(i) : b.data() + i,
              dst.data() + i, n);
        if (activation.kind != Activation::Kind::None) {
            activate(activation, dst.subspan(i, n), dst.subspan(i, n));
        }
    }
}

} // namespace kernels
