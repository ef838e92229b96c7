#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kernels {

/// Running moments of the columns ("lanes") of a matrix, one entry per lane in every vector.
///
/// Each lane adds its own elements one after the other in double, so a lane's sums do not depend on the width
/// of the vector unit. The square of a float is exact in double.
struct LaneMoments
{
    explicit LaneMoments(std::size_t lanes);

    std::vector<float> min; ///< +inf where nothing was added
    std::vector<float> max; ///< -inf where nothing was added
    std::vector<double> sum;
    std::vector<double> sumOfSquares; ///< not finite as soon as one element is not finite
    std::vector<std::int32_t> zeros; ///< elements equal to 0, of either sign

    [[nodiscard]] std::size_t lanes() const { return min.size(); }
};

/// Adds a row-major matrix; element i belongs to lane i % lanes. A last, shorter row is allowed.
/// Elements that are NaN or infinite make sumOfSquares of their lane NaN or infinite, and then nothing of
/// that lane is to be trusted. Precondition: fewer than 2^31 rows per lane in all calls together.
void addMoments(std::span<const float> rows, LaneMoments& moments);

/// The readable twin of addMoments, equal bit for bit on finite input.
void addMomentsReference(std::span<const float> rows, LaneMoments& moments);

} // namespace kernels
