#include "core/calibration/window_error.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// ∫ |t|^p dt over [from, to] for p = 2 or 1.
double integral(double from, double to, Norm norm)
{
    if (norm == Norm::L2) {
        return (to * to * to - from * from * from) / 3.0;
    }
    return (to * std::abs(to) - from * std::abs(from)) / 2.0;
}

} // namespace

double windowError(const FixedHistogram& histogram, BinWindow window, int cells, Norm norm)
{
    const double width = histogram.width;
    const double cell = width * window.bins / cells;
    if (cell == 0.0) {
        return 0.0;
    }
    double error = 0.0;
    for (int bin = 0; bin < histogram.bins(); ++bin) {
        const double density = histogram.counts[static_cast<std::size_t>(bin)] / width;
        if (density == 0.0) {
            continue;
        }
        const double begin = (bin - window.start) * width;
        const double end = begin + width;
        const double first = std::clamp(std::floor(begin / cell), 0.0, cells - 1.0);
        const double last = std::clamp(std::floor(end / cell), 0.0, cells - 1.0);
        const double firstCentre = (first + 0.5) * cell;
        const double lastCentre = (last + 0.5) * cell;
        if (first == last) {
            error += density * integral(begin - firstCentre, end - firstCentre, norm);
        } else {
            error += density
                * (integral(begin - firstCentre, cell / 2.0, norm)
                   + (last - first - 1.0) * integral(-cell / 2.0, cell / 2.0, norm)
                   + integral(-cell / 2.0, end - lastCentre, norm));
        }
    }
    return error;
}

WindowErrors::WindowErrors(const FixedHistogram& histogram, int cells, Norm norm)
    : m_counts(histogram.counts)
    , m_cumulative(histogram.counts.size() + 1)
    , m_width(histogram.width)
    , m_cells(cells)
    , m_norm(norm)
{
    for (std::size_t bin = 0; bin < m_counts.size(); ++bin) {
        const auto x = static_cast<double>(bin);
        const Moments3& m = m_cumulative[bin];
        const double n = m_counts[bin];
        m_cumulative[bin + 1] = {m.count + n, m.first + n * (x + 0.5),
                                 m.second + n * (x * x + x + 1.0 / 3.0)};
    }
}

WindowErrors::Moments3 WindowErrors::below(double x) const
{
    if (x <= 0.0) {
        return {};
    }
    const auto bin = static_cast<std::size_t>(x);
    if (bin >= m_counts.size()) {
        return m_cumulative.back();
    }
    const Moments3& m = m_cumulative[bin];
    const auto left = static_cast<double>(bin);
    const double n = m_counts[bin];
    return {m.count + n * (x - left), m.first + n * (x * x - left * left) / 2.0,
            m.second + n * (x * x * x - left * left * left) / 3.0};
}

double WindowErrors::about(const Moments3& from, const Moments3& to, double centre) const
{
    if (m_norm == Norm::L2) {
        return (to.second - from.second) - 2.0 * centre * (to.first - from.first)
            + centre * centre * (to.count - from.count);
    }
    const Moments3 middle = below(centre);
    return centre * (2.0 * middle.count - from.count - to.count)
        - (2.0 * middle.first - from.first - to.first);
}

double WindowErrors::error(BinWindow window, double limit) const
{
    const double scale = m_norm == Norm::L2 ? m_width * m_width : m_width;
    const double bound = limit / scale;
    const double cell = static_cast<double>(window.bins) / m_cells;
    // The two end cells reach to infinity; they hold the clipping error and decide most windows.
    const double firstCentre = window.start + 0.5 * cell;
    const double lastCentre = window.start + window.bins - 0.5 * cell;
    if (m_cells == 1) {
        return scale * about({}, m_cumulative.back(), firstCentre);
    }
    Moments3 from = below(window.start + cell);
    const Moments3 end = below(window.start + window.bins - cell);
    double error = about({}, from, firstCentre) + about(end, m_cumulative.back(), lastCentre);
    for (int k = 1; k + 1 < m_cells && error <= bound; ++k) {
        const Moments3 to = k + 2 == m_cells ? end : below(window.start + (k + 1) * cell);
        error += about(from, to, window.start + (k + 0.5) * cell);
        from = to;
    }
    return scale * error;
}

} // namespace core
