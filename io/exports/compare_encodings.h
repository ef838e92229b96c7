#pragma once

#include "io/exports/format.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace io {

/// Something that came back from a file other than it went in.
struct EncodingDifference
{
    std::string item; ///< tensor or operator
    std::string what; ///< "scale 0.0208 became 0.0416"
    std::optional<double> ulps; ///< of a scale
    std::string loss; ///< the loss that the export named for it; empty: none, so the export is wrong
};

struct EncodingComparison
{
    std::size_t tensors = 0; ///< compared
    std::size_t operators = 0;
    double maxUlps = 0.0; ///< largest difference of a scale among tensors without a named loss
    std::vector<EncodingDifference> differences;
    [[nodiscard]] bool passed() const; ///< every difference has its loss named
};

/// What should be in the file against what is read from it. Scales may differ by 1 unit in the last place;
/// zero points are compared by their distance from the lowest code, so that u8 and s8 of the same grid are
/// equal.
[[nodiscard]] EncodingComparison compareEncodings(const ExportFormat& format, const EncodingTable& expected,
                                                  const EncodingTable& found,
                                                  std::span<const ExportLoss> losses);

/// Distance of two floats in units in the last place.
[[nodiscard]] double ulpsBetween(float a, float b);

} // namespace io
