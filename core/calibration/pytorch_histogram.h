#pragma once

#include "core/calibration/fixed_histogram.h"

#include <span>

namespace core {

/// PyTorch's HistogramObserver as it collects today (torch/ao/quantization/observer.py, after pull requests
/// 129387, 130316 and 156457): equal bins over the range so far. When a sample widens it, each old bin is cut
/// into 16, whose middles go to the new bins with a sixteenth of the count each: counts become fractions and
/// may move by a bin, so the result depends on the order of the samples. A first sample of one single value
/// goes to one bin.
class PytorchHistogram
{
public:
    static constexpr int kUpsampling = 16;

    explicit PytorchHistogram(int bins);

    /// The finite values of one sample.
    void add(std::span<const float> values);

    /// Over [min, max]; no bins before the first value.
    [[nodiscard]] const FixedHistogram& histogram() const { return m_histogram; }

private:
    [[nodiscard]] FixedHistogram emptyOver(double min, double max) const;

    int m_bins;
    double m_min = 0.0;
    double m_max = 0.0;
    FixedHistogram m_histogram;
};

} // namespace core
