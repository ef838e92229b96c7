#pragma once

#include "core/calibration/fixed_histogram.h"

namespace core {

enum class Norm
{
    L1,
    L2
};

/// A window of whole bins: [start, start + bins). It may reach beyond the histogram.
struct BinWindow
{
    int start = 0;
    int bins = 0;
    bool operator==(const BinWindow&) const = default;
};

/// Error of quantizing a histogram to a window, as DNNLOWP and PyTorch's HistogramObserver model it: the
/// window is cut into `cells` cells that are represented by their centres, values lie evenly within their
/// bin, and what lies outside the window goes to the first or last cell. L2: Σ (x − c)², L1: Σ |x − c|, in
/// real units.
///
/// The model has `cells` representatives at cell centres; a real quantizer of b bits has its 2^b levels at
/// the ends of 2^b − 1 steps and 0 among them. At 8 bits the difference is small, at 2 to 4 bits it is not.
[[nodiscard]] double windowError(const FixedHistogram& histogram, BinWindow window, int cells, Norm norm);

/// The L2 error of many windows of one histogram, each in O(cells) from cumulative moments. Equals
/// windowError up to rounding, relative to the second moment of the data, of some 1e-15.
class WindowErrors
{
public:
    WindowErrors(const FixedHistogram& histogram, int cells, Norm norm);

    /// The error, or any number above `limit` if it is above.
    [[nodiscard]] double error(BinWindow window, double limit) const;

private:
    struct Moments3
    {
        double count = 0.0;
        double first = 0.0;
        double second = 0.0;
    };
    /// Moments of everything below x (in bins).
    [[nodiscard]] Moments3 below(double x) const;
    /// Error, in bins, of what lies between two points represented by one number.
    [[nodiscard]] double about(const Moments3& from, const Moments3& to, double centre) const;

    std::vector<double> m_counts;
    std::vector<Moments3> m_cumulative; ///< at the edges
    double m_width;
    int m_cells;
    Norm m_norm;
};

} // namespace core
