#include "core/calibration/dnnlowp_search.h"

#include "core/calibration/x_log_x.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

namespace core {

namespace {

/// What a window leaves out on either side.
struct Outliers
{
    double left = 0.0;
    double right = 0.0;
};

Outliers outliersOf(const FixedHistogram& histogram, BinWindow window)
{
    const auto at = [&](int bin) { return histogram.counts.begin() + std::clamp(bin, 0, histogram.bins()); };
    return {std::accumulate(histogram.counts.begin(), at(window.start), 0.0),
            std::accumulate(at(window.start + window.bins), histogram.counts.end(), 0.0)};
}

/// Bin by bin. A window that begins below the histogram has upstream's shares: its bins are rounded towards
/// 0, so that bin 0 may have a share above 1.
double klDivergence(const FixedHistogram& histogram, BinWindow window, int levels, Outliers out, double total)
{
    const int n = histogram.bins();
    const double span = static_cast<double>(window.bins) / levels;
    const int first = std::max(window.start, 0);
    const int last = std::min(window.start + window.bins, n) - 1;
    const auto massOf = [&](int bin) {
        return histogram.counts[static_cast<std::size_t>(bin)] + (bin == first ? out.left : 0.0)
            + (bin == last ? out.right : 0.0);
    };
    double result = 0.0;
    for (int level = 0; level < levels; ++level) {
        const double from = window.start + level * span;
        const double to = window.start + (level + 1) * span;
        const int front = static_cast<int>(from);
        const int back = static_cast<int>(std::ceil(to)) - 1;
        const auto share = [&](int bin) {
            return (bin == back ? to : bin + 1.0) - (bin == front ? from : bin);
        };
        double sum = 0.0;
        double length = 0.0;
        for (int bin = std::max(front, 0); bin <= std::min(back, n - 1); ++bin) {
            sum += histogram.counts[static_cast<std::size_t>(bin)] * share(bin);
            length += massOf(bin) > 0.0 ? share(bin) : 0.0;
        }
        for (int bin = std::max(front, 0); bin <= std::min(back, n - 1); ++bin) {
            if (massOf(bin) > 0.0) {
                const double p = std::floor(massOf(bin) * share(bin)) / total;
                const double q = sum * share(bin) / length / total;
                result += p > 0.0 ? p * std::log(p / q) : 0.0;
            }
        }
    }
    return result;
}

/// The same for windows inside the histogram in a step or three per level: whole bins of a level are known
/// from prefix sums.
class KlEstimate
{
public:
    KlEstimate(const FixedHistogram& histogram, int levels)
        : m_counts(histogram.counts)
        , m_prefix(m_counts.size() + 1)
        , m_levels(static_cast<std::size_t>(levels))
    {
        for (std::size_t i = 0; i < m_counts.size(); ++i) {
            const double whole = std::floor(m_counts[i]);
            const Sums& before = m_prefix[i];
            m_prefix[i + 1] = {before.mass + m_counts[i], before.occupied + (m_counts[i] > 0.0 ? 1.0 : 0.0),
                               before.whole + whole, before.xLogX + xLogX(whole)};
            m_isWhole = m_isWhole && whole == m_counts[i];
        }
    }

    [[nodiscard]] double total() const { return m_prefix.back().mass; }

    /// What no divergence of a window is below. By the log-sum inequality a level of mass P over Q holds at
    /// least P·ln(P/Q); only the first and the last, into which the outliers go, differ from their Q. Broken
    /// shares that upstream drops are less than one count per boundary of levels, and one more where counts
    /// are broken.
    [[nodiscard]] double leastOf(int start, int bins) const
    {
        const double left = massBelow(start);
        const double right = total() - massBelow(start + bins);
        const auto levels = static_cast<double>(m_levels.size());
        double bound = -levels - (m_isWhole ? 0.0 : bins);
        if (bins
            < static_cast<int>(m_levels.size())) { // levels of less than a bin share what is folded into it
            bound += left + right;
        } else {
            const double span = bins / levels;
            bound += endLevel(massBelow(start + span) - massBelow(start), left)
                + endLevel(massBelow(start + bins) - massBelow(start + bins - span), right);
        }
        return bound / total();
    }

    /// How the levels of a window of that many bins lie over them.
    void cut(int bins)
    {
        m_bins = static_cast<std::size_t>(bins);
        const double span = static_cast<double>(bins) / static_cast<double>(m_levels.size());
        for (std::size_t i = 0; i < m_levels.size(); ++i) {
            const double from = static_cast<double>(i) * span;
            const double to = static_cast<double>(i + 1) * span;
            Level& level = m_levels[i];
            level.front = static_cast<std::size_t>(from);
            level.back = std::min(static_cast<std::size_t>(std::ceil(to)), m_bins) - 1;
            const bool isOne = level.front == level.back;
            level.frontShare = (isOne ? to : static_cast<double>(level.front) + 1.0) - from;
            level.backShare = isOne ? 0.0 : to - static_cast<double>(level.back);
            level.frontLog = std::log(level.frontShare);
            level.backLog = isOne ? 0.0 : std::log(level.backShare);
        }
    }

    [[nodiscard]] double of(int windowStart) const
    {
        const auto start = static_cast<std::size_t>(windowStart);
        const double left = m_prefix[start].mass;
        const double right = total() - m_prefix[start + m_bins].mass;
        double result = 0.0;
        for (const Level& level : m_levels) {
            double sum = 0.0;
            double length = 0.0;
            double whole = 0.0;
            double terms = 0.0;
            const auto addEnd = [&](std::size_t offset, double share, double log) {
                const double count = m_counts[start + offset];
                const double mass = count + (offset == 0 ? left : 0.0) + (offset + 1 == m_bins ? right : 0.0);
                sum += count * share;
                length += mass > 0.0 ? share : 0.0;
                const double p = std::floor(mass * share);
                whole += p;
                terms += p > 0.0 ? p * (std::log(p) - log) : 0.0;
            };
            addEnd(level.front, level.frontShare, level.frontLog);
            if (level.back > level.front) {
                addEnd(level.back, level.backShare, level.backLog);
                const Sums& a = m_prefix[start + level.front + 1];
                const Sums& b = m_prefix[start + level.back];
                sum += b.mass - a.mass;
                length += b.occupied - a.occupied;
                whole += b.whole - a.whole;
                terms += b.xLogX - a.xLogX;
            }
            if (whole > 0.0) {
                result += terms - whole * std::log(sum / length);
            }
        }
        return result / total();
    }

private:
    /// Counts below a place between bins, or within one.
    [[nodiscard]] double massBelow(double place) const
    {
        const auto bin = std::min(static_cast<std::size_t>(place), m_counts.size());
        const double part = place - static_cast<double>(bin);
        return m_prefix[bin].mass + (part > 0.0 ? part * m_counts[bin] : 0.0);
    }

    /// P·ln(P/Q) of a level that outliers go to, less a count that may be dropped.
    [[nodiscard]] static double endLevel(double mass, double outliers)
    {
        if (mass <= 0.0) {
            return outliers >= 1.0 ? std::numeric_limits<double>::infinity() : -1.0;
        }
        const double log = std::log1p(outliers / mass);
        return (mass + outliers) * log - log - 1.0;
    }

    struct Sums
    {
        double mass = 0.0;
        double occupied = 0.0;
        double whole = 0.0; ///< of counts rounded down
        double xLogX = 0.0; ///< of the same
    };
    /// Offsets of its first and last bin, and their shares; all between them are whole.
    struct Level
    {
        std::size_t front = 0;
        std::size_t back = 0;
        double frontShare = 1.0;
        double backShare = 0.0;
        double frontLog = 0.0;
        double backLog = 0.0;
    };

    const std::vector<double>& m_counts;
    std::vector<Sums> m_prefix;
    std::vector<Level> m_levels;
    std::size_t m_bins = 0;
    bool m_isWhole = true; ///< all counts are
};

/// Those that can have the smallest divergence.
std::vector<BinWindow> promisingWindows(const FixedHistogram& histogram, int levels)
{
    constexpr double kError = 1e-9; // of an estimate, in nats
    KlEstimate estimate(histogram, levels);
    const int n = histogram.bins();
    double least = std::numeric_limits<double>::infinity();
    std::vector<std::pair<double, BinWindow>> windows;
    const auto look = [&](int step) { // wide windows first: they clip little
        for (int bins = n; bins >= 1; bins -= step) {
            estimate.cut(bins);
            for (int start = 0; start + bins <= n; start += step) {
                if (estimate.leastOf(start, bins) > least + kError) {
                    continue;
                }
                const double d = estimate.of(start);
                if (d <= least + 2.0 * kError) {
                    least = std::min(least, d);
                    windows.push_back({d, {start, bins}});
                }
            }
        }
    };
    look(std::max(1, n / 64)); // a small divergence at once, so that little is looked at closely
    windows.clear();
    look(1);
    std::vector<BinWindow> promising;
    for (const auto& [d, window] : windows) {
        if (d <= least + 2.0 * kError) {
            promising.push_back(window);
        }
    }
    return promising;
}

/// Those centred on the bin of 0, of which there is one of every width; from 0 up where nothing is below.
std::vector<BinWindow> centredWindows(const FixedHistogram& histogram)
{
    const int zero = static_cast<int>(std::lround(-histogram.lowest / histogram.width));
    std::vector<BinWindow> windows;
    for (int bins = histogram.bins(); bins >= 1; --bins) {
        windows.push_back({histogram.lowest == 0.0 ? 0 : zero - bins / 2, bins});
    }
    return windows;
}

} // namespace

double dnnlowpDivergence(const FixedHistogram& histogram, BinWindow window, int precision)
{
    return klDivergence(histogram, window, 1 << precision, outliersOf(histogram, window), histogram.total());
}

WindowChoice searchDnnlowpKl(const FixedHistogram& histogram, int precision, Scheme scheme)
{
    const auto windows =
        scheme == Scheme::Symmetric ? centredWindows(histogram) : promisingWindows(histogram, 1 << precision);
    WindowChoice best{{0, histogram.bins()}, std::numeric_limits<double>::infinity()};
    const auto isFirst = [&](BinWindow w) {
        return std::tie(w.start, w.bins) < std::tie(best.window.start, best.window.bins);
    };
    for (const BinWindow& window : windows) {
        const double d = dnnlowpDivergence(histogram, window, precision);
        const bool isSame = d == best.error && std::isfinite(d);
        if (d < best.error
            || (isSame && (scheme == Scheme::Symmetric ? window.bins < best.window.bins : isFirst(window)))) {
            best = {window, d};
        }
    }
    return best;
}

Range dnnlowpKlRange(const FixedHistogram& histogram, BinWindow window)
{
    return {histogram.lowest + histogram.width * (window.start + 0.5),
            histogram.lowest + histogram.width * (window.start + window.bins + 0.5)};
}

} // namespace core
