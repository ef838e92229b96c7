#include "kernels/int8/zero_point_terms.h"

namespace kernels {

namespace {

std::uint32_t signedCode(std::byte code)
{
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<std::int8_t>(code)));
}

} // namespace

ZeroPointTerms::ZeroPointTerms(const MatMulShape& shape, ElementType aType, std::int32_t aZeroPoint,
                               std::int32_t bZeroPoint)
    : m_shape(shape)
    , m_aIsSigned(aType == ElementType::S8)
    , m_aZeroPoint(static_cast<std::uint32_t>(aZeroPoint))
    , m_bZeroPoint(static_cast<std::uint32_t>(bZeroPoint))
{
}

std::vector<std::int32_t> ZeroPointTerms::columnSums(std::span<const std::byte> b) const
{
    const auto k = static_cast<std::size_t>(m_shape.k);
    const auto n = static_cast<std::size_t>(m_shape.n);
    std::vector<std::int32_t> sums(k > 0 ? b.size() / k : 0);
    for (std::size_t i = 0; i < b.size(); ++i) {
        const std::size_t matrix = i / (k * n);
        const std::size_t within = i % (k * n);
        const std::size_t column = m_shape.transposedB ? within / k : within % n;
        sums[matrix * n + column] += static_cast<std::int8_t>(b[i]);
    }
    return sums;
}

std::uint32_t ZeroPointTerms::rowSum(std::span<const std::byte> row) const
{
    std::uint32_t sum = 0;
    for (const std::byte code : row) {
        sum += m_aIsSigned ? signedCode(code) : std::to_integer<std::uint32_t>(code);
    }
    return sum;
}

void ZeroPointTerms::apply(std::span<const std::byte> a, std::span<const std::int32_t> columnSums,
                           std::span<std::int32_t> sums) const
{
    const auto m = static_cast<std::size_t>(m_shape.m);
    const auto k = static_cast<std::size_t>(m_shape.k);
    const auto n = static_cast<std::size_t>(m_shape.n);
    const std::uint32_t constant = static_cast<std::uint32_t>(m_shape.k) * m_aZeroPoint * m_bZeroPoint;
    for (std::size_t row = 0; row < static_cast<std::size_t>(m_shape.batch) * m; ++row) {
        const std::uint32_t ofRow = constant - m_bZeroPoint * rowSum(a.subspan(row * k, k));
        const auto columns = columnSums.subspan(m_shape.sharedB ? 0 : row / m * n, n);
        const auto dst = sums.subspan(row * n, n);
        for (std::size_t c = 0; c < n; ++c) {
            dst[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(dst[c]) + ofRow
                                               - m_aZeroPoint * static_cast<std::uint32_t>(columns[c]));
        }
    }
}

} // namespace kernels
