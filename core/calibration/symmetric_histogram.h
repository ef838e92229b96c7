#pragma once

#include "core/calibration/fixed_histogram.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace core {

/// The collector of MXNet and of ONNX Runtime: a histogram symmetric about zero whose bins keep the width
/// that the first sample gave them, while their number grows by as many on each side as a later sample needs.
/// Depends on the order of the samples. Exact zeros are counted like other values.
class SymmetricHistogram
{
public:
    /// Growth ends here: upstream would take memory in proportion to outlier / first sample; what lies beyond
    /// goes to the end bins instead, and isCut() says so.
    static constexpr std::size_t kMostBins = std::size_t{1} << 18;

    explicit SymmetricHistogram(int bins);

    /// Values must be finite. Samples of nothing but zeros before the first range go to the middle bin, as in
    /// ONNX Runtime; MXNet takes ±0.5 for them and then divides by zero.
    void add(std::span<const float> values);

    [[nodiscard]] double threshold() const { return m_threshold; }
    /// Over [−threshold, threshold]; ±0.5 while there were only zeros.
    [[nodiscard]] const FixedHistogram& histogram() const { return m_histogram; }
    [[nodiscard]] bool isCut() const { return m_isCut; }
    /// Bins now, divided by bins at first.
    [[nodiscard]] double growth() const { return static_cast<double>(m_histogram.bins()) / m_firstBins; }
    [[nodiscard]] std::size_t byteCount() const
    {
        return sizeof(*this) + m_histogram.counts.capacity() * sizeof(double);
    }

private:
    void grow(double magnitude);

    int m_firstBins;
    double m_threshold = 0.0;
    bool m_isCut = false;
    FixedHistogram m_histogram;
};

} // namespace core
