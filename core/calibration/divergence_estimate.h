#pragma once

#include "core/calibration/entropy_search.h"

#include <optional>
#include <span>
#include <vector>

namespace core {

/// The divergence of every window of searchEntropy() in one step per level instead of some per bin, so that a
/// search looks closely only at windows that can win.
///
/// Σ p·ln p over a window, each p less by what smoothing takes, comes from prefix sums of the Taylor series
/// of x·ln x around the counts, or, where counts are small beside what smoothing takes, from the occupied
/// bins one by one; Σ p·ln q from the mass and the occupied bins of each level that holds anything.
class DivergenceEstimate
{
public:
    /// How far from the exact value an estimate may be, in nats.
    static constexpr double kError = 1e-8;

    DivergenceEstimate(const FixedHistogram& histogram, std::size_t levels, EntropyForm form);

    /// Of the window [start, stop); infinite where smoothing fails; nothing where a count is no more
    /// than what smoothing takes from it.
    [[nodiscard]] std::optional<double> of(std::size_t start, std::size_t stop);

private:
    struct Sums
    {
        double mass = 0.0;
        double occupied = 0.0;
        double xLogX = 0.0;
        double logX = 0.0;
        double inverse[4] = {0.0, 0.0, 0.0, 0.0}; ///< of 1/x, 1/x², …
    };
    /// One window: its ends with the tails folded in.
    struct Window
    {
        std::size_t start = 0;
        std::size_t size = 0;
        double front = 0.0; ///< of P
        double back = 0.0;
        double taken = 0.0; ///< from every occupied bin of P
    };
    struct Level
    {
        double value = 0.0; ///< of Q
        double receivers = 0.0; ///< bins that get it
        double mass = 0.0; ///< of smoothed P in them
    };

    [[nodiscard]] double countAt(std::size_t bin) const { return m_histogram.counts[bin]; }
    /// Mass and occupied bins of P in [from, to) of a window, before smoothing.
    [[nodiscard]] Sums clipped(const Window& w, std::size_t from, std::size_t to) const;
    /// The same of the data alone, as the form counts them.
    [[nodiscard]] Sums inner(const Window& w, std::size_t from, std::size_t to) const;
    [[nodiscard]] Level levelOf(const Window& w, std::size_t level) const;
    [[nodiscard]] std::span<const std::size_t> occupiedIn(std::size_t from, std::size_t to) const;
    void fillLevels(const Window& w);
    [[nodiscard]] bool seriesHolds(const Window& w) const;
    [[nodiscard]] double seriesOfPLogP(const Window& w) const;
    [[nodiscard]] double sumOfPLogP(const Window& w, double zeros) const;

    const FixedHistogram& m_histogram;
    std::size_t m_levels;
    EntropyForm m_form;
    std::vector<Sums> m_prefix;
    double m_smallest; ///< of the counts above 0
    std::vector<std::size_t> m_occupied; ///< bins that hold anything, in order
    std::vector<Level> m_values; ///< of the window at hand
};

} // namespace core
