#include "kernels/int8/integer_matmul.h"

#include "kernels/codes/reference_quantize.h"
#include "kernels/int8/multiply_pairs.h"

#include <algorithm>

namespace kernels {

IntegerMatMul::IntegerMatMul(const QuantizedMatMulSpec& spec)
    : m_shape(spec.shape)
    , m_a(spec.a)
    , m_bType(spec.bType)
    , m_bZeroPoint(spec.bZeroPoint.begin(), spec.bZeroPoint.end())
{
    const auto n = static_cast<std::size_t>(m_shape.n);
    m_bZeroPoint.resize(n, m_bZeroPoint.empty() ? 0 : m_bZeroPoint.front());
    std::vector<float> scale;
    for (std::size_t i = 0; i < n; ++i) {
        scale.push_back(spec.a.scale * spec.bScale[spec.bScale.size() == 1 ? 0 : i]);
    }
    m_epilogue =
        IntegerEpilogue(makeRequantization(scale, spec.dst, spec.activation, spec.residual), spec.bias, n);
    if (!spec.b.empty()) {
        const auto count = m_shape.sharedB ? 1 : m_shape.batch;
        const auto size = static_cast<std::size_t>(m_shape.k * m_shape.n);
        m_packed.resize(static_cast<std::size_t>(count * packedSize()));
        for (std::int64_t i = 0; i < count; ++i) {
            pack(spec.b.subspan(static_cast<std::size_t>(i) * size, size),
                 m_packed.data() + i * packedSize());
        }
    }
}

std::int64_t IntegerMatMul::packedSize() const { return (m_shape.k + 1) / 2 * m_shape.n * 2; }

void IntegerMatMul::pack(std::span<const std::byte> b, std::int16_t* packed) const
{
    std::fill_n(packed, packedSize(), std::int16_t{0});
    for (std::int64_t k = 0; k < m_shape.k; ++k) {
        for (std::int64_t n = 0; n < m_shape.n; ++n) {
            const auto at =
                static_cast<std::size_t>(m_shape.transposedB ? n * m_shape.k + k : k * m_shape.n + n);
            packed[(k / 2 * m_shape.n + n) * 2 + k % 2] =
                static_cast<std::int16_t>(codeAt(b, m_bType, at) - m_bZeroPoint[static_cast<std::size_t>(n)]);
        }
    }
}

void IntegerMatMul::execute(std::span<const std::byte> a, std::span<const std::byte> b,
                            std::span<std::byte> dst, std::span<const std::byte> residual) const
{
    thread_local std::vector<std::int16_t> packedHere;
    const auto pairs = (m_shape.k + 1) / 2;
    const auto n = static_cast<std::size_t>(m_shape.n);
    const auto width = sizeOf(m_epilogue.dstType());
    std::vector<std::int16_t> row(static_cast<std::size_t>(2 * pairs), 0);
    std::vector<std::int32_t> sums(n);
    for (std::int64_t batch = 0; batch < m_shape.batch; ++batch) {
        const std::int16_t* packed = m_packed.data() + (m_shape.sharedB ? 0 : batch * packedSize());
        if (!b.empty()) {
            if (batch == 0 || !m_shape.sharedB) {
                const auto size = static_cast<std::size_t>(m_shape.k * m_shape.n);
                packedHere.resize(static_cast<std::size_t>(packedSize()));
                pack(b.subspan(m_shape.sharedB ? 0 : static_cast<std::size_t>(batch) * size, size),
                     packedHere.data());
            }
            packed = packedHere.data();
        }
        for (std::int64_t m = 0; m < m_shape.m; ++m) {
            const auto at = static_cast<std::size_t>(batch * m_shape.m + m);
            for (std::size_t k = 0; k < static_cast<std::size_t>(m_shape.k); ++k) {
                row[k] = static_cast<std::int16_t>(
                    codeAt(a, m_a.type, at * static_cast<std::size_t>(m_shape.k) + k) - m_a.zeroPoint);
            }
            std::fill(sums.begin(), sums.end(), 0);
            multiplyPairs(row.data(), packed, pairs, m_shape.n, sums.data());
            m_epilogue.apply(sums, residual.empty() ? residual : residual.subspan(at * n, n),
                             dst.subspan(at * n * width, n * width));
        }
    }
}

} // namespace kernels
