#pragma once

#include "core/calibration/fixed_histogram.h"

#include <span>

namespace core {

/// MXNet's calibration collector: a histogram symmetric about zero whose bins keep the width that the first
/// batch gave them, while their number grows with later batches and stays odd. Depends on the order of the
/// batches; one enormous value needs memory in proportion. Exact zeros are counted like other values.
class MxnetHistogram
{
public:
    static constexpr int kBins = 8001;

    /// Values must be finite. An all-zero first batch gives the range ±0.5 here; upstream then divides by
    /// zero.
    void add(std::span<const float> values);

    [[nodiscard]] double threshold() const { return m_threshold; }
    [[nodiscard]] const FixedHistogram& histogram() const
    {
        return m_histogram;
    } ///< over [−threshold, threshold]
    /// Bins now, divided by bins at first.
    [[nodiscard]] double growth() const { return static_cast<double>(m_histogram.bins()) / kBins; }

private:
    double m_threshold = 0.0;
    FixedHistogram m_histogram;
};

} // namespace core
