#include "core/calibration/divergence_estimate.h"

#include "core/calibration/x_log_x.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr double kEps = 1e-4; // smoothDistribution()
constexpr double kLeastRatio = 20.0; // of a count to what is taken from it: the sixth term is below 1e-8
constexpr double kInfinite = std::numeric_limits<double>::infinity();

} // namespace

DivergenceEstimate::DivergenceEstimate(const FixedHistogram& histogram, std::size_t levels, EntropyForm form)
    : m_histogram(histogram)
    , m_levels(levels)
    , m_form(form)
    , m_prefix(histogram.counts.size() + 1)
    , m_smallest(kInfinite)
{
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
        const double c = countAt(i);
        Sums sums = m_prefix[i];
        if (c > 0.0) {
            sums.mass += c;
            sums.occupied += 1.0;
            sums.xLogX += xLogX(c);
            sums.logX += std::log(c);
            double power = 1.0;
            for (double& inverse : sums.inverse) {
                power /= c;
                inverse += power;
            }
            m_smallest = std::min(m_smallest, c);
            m_occupied.push_back(i);
        }
        m_prefix[i + 1] = sums;
    }
}

DivergenceEstimate::Sums DivergenceEstimate::clipped(const Window& w, std::size_t from, std::size_t to) const
{
    Sums sums;
    sums.mass = m_prefix[w.start + to].mass - m_prefix[w.start + from].mass;
    sums.occupied = m_prefix[w.start + to].occupied - m_prefix[w.start + from].occupied;
    const auto fold = [&](std::size_t bin, double p) {
        if (from <= bin && bin < to) {
            const double c = countAt(w.start + bin);
            sums.mass += p - c;
            sums.occupied += c == 0.0 && p > 0.0 ? 1.0 : 0.0;
        }
    };
    fold(0, w.front);
    fold(w.size - 1, w.back);
    return sums;
}

DivergenceEstimate::Sums DivergenceEstimate::inner(const Window& w, std::size_t from, std::size_t to) const
{
    Sums sums;
    if (m_form == EntropyForm::Ort) { // masses are truncated: added up as the search does
        for (const std::size_t bin : occupiedIn(w.start + from, w.start + to)) {
            sums.mass += countAt(bin);
        }
    } else {
        sums.mass = m_prefix[w.start + to].mass - m_prefix[w.start + from].mass;
    }
    sums.occupied = m_prefix[w.start + to].occupied - m_prefix[w.start + from].occupied;
    if (m_form == EntropyForm::Mxnet && from == 0 && to > 0 && countAt(w.start) > 0.0) {
        sums.mass -= countAt(w.start);
        sums.occupied -= 1.0;
    }
    return sums;
}

DivergenceEstimate::Level DivergenceEstimate::levelOf(const Window& w, std::size_t level) const
{
    const std::size_t merged = w.size / m_levels;
    const bool isLast = level + 1 == m_levels;
    const std::size_t begin = level * merged;
    const std::size_t end = isLast ? w.size : begin + merged;
    std::size_t share = end;
    if (isLast && m_form == EntropyForm::MxnetPr9552) {
        share = w.size - 1;
    } else if (m_form == EntropyForm::Ort) {
        share = begin + merged;
    }
    const double mass = inner(w, begin, end).mass;
    const Sums own = inner(w, begin, share);
    const Sums folded = clipped(w, begin, share);
    const double count = m_form == EntropyForm::Ort ? folded.occupied : own.occupied;
    if (count == 0.0) {
        return {};
    }
    const auto bins = static_cast<double>(share - begin);
    switch (m_form) {
    case EntropyForm::Ort:
        return {std::trunc(mass / count), bins,
                folded.mass - w.taken * folded.occupied + kEps * (bins - folded.occupied)};
    case EntropyForm::Mxnet:
        return {mass / count, folded.occupied, folded.mass - w.taken * folded.occupied};
    case EntropyForm::MxnetPr9552:
        break;
    }
    // Bins that only a tail occupies get nothing.
    double received = folded.mass - w.taken * own.occupied;
    if (begin == 0 && countAt(w.start) == 0.0) {
        received -= w.front;
    }
    return {mass / count, own.occupied, received};
}

std::span<const std::size_t> DivergenceEstimate::occupiedIn(std::size_t from, std::size_t to) const
{
    const auto first = static_cast<std::size_t>(m_prefix[from].occupied);
    const auto last = static_cast<std::size_t>(m_prefix[to].occupied);
    return std::span(m_occupied).subspan(first, last - first);
}

/// Levels that hold anything of the window, in order; all of them where that is no more work.
void DivergenceEstimate::fillLevels(const Window& w)
{
    m_values.clear();
    const auto occupied = occupiedIn(w.start + 1, w.start + w.size - 1);
    if (occupied.size() >= m_levels) {
        for (std::size_t level = 0; level < m_levels; ++level) {
            m_values.push_back(levelOf(w, level));
        }
        return;
    }
    const std::size_t merged = w.size / m_levels;
    std::size_t next = 0; // levels below it are told
    const auto tell = [&](std::size_t bin) {
        const std::size_t level = std::min(bin / merged, m_levels - 1);
        if (level >= next) {
            m_values.push_back(levelOf(w, level));
            next = level + 1;
        }
    };
    tell(0);
    for (const std::size_t bin : occupied) {
        tell(bin - w.start);
    }
    tell(w.size - 1);
}

double DivergenceEstimate::sumOfPLogP(const Window& w, double zeros) const
{
    double sum = seriesHolds(w) ? seriesOfPLogP(w) : 0.0;
    if (!seriesHolds(w)) {
        for (const std::size_t bin : occupiedIn(w.start + 1, w.start + w.size - 1)) {
            sum += xLogX(countAt(bin) - w.taken);
        }
    }
    for (const double end : {w.front, w.back}) {
        sum += end > 0.0 ? xLogX(end - w.taken) : 0.0;
    }
    return sum + zeros * xLogX(kEps);
}

bool DivergenceEstimate::seriesHolds(const Window& w) const { return m_smallest >= kLeastRatio * w.taken; }

/// Of the occupied bins between the ends.
double DivergenceEstimate::seriesOfPLogP(const Window& w) const
{
    const Sums& low = m_prefix[w.start + 1];
    const Sums& high = m_prefix[w.start + w.size - 1];
    const double t = w.taken;
    double sum = high.xLogX - low.xLogX - t * (high.logX - low.logX + high.occupied - low.occupied);
    double power = t;
    for (std::size_t k = 0; k < 4; ++k) { // x·ln x: the (k+2)th derivative is ±k!/x^(k+1)
        power *= t;
        sum += power * (high.inverse[k] - low.inverse[k]) / static_cast<double>((k + 1) * (k + 2));
    }
    return sum;
}

std::optional<double> DivergenceEstimate::of(std::size_t start, std::size_t stop)
{
    if (stop - start < 3) {
        return std::nullopt;
    }
    const double total = m_prefix.back().mass;
    Window w{start, stop - start, countAt(start) + m_prefix[start].mass,
             countAt(stop - 1) + total - m_prefix[stop].mass, 0.0};
    const auto size = static_cast<double>(w.size);
    const double occupied = clipped(w, 0, w.size).occupied;
    w.taken = occupied > 0.0 ? kEps * (size - occupied) / occupied : 1.0;
    if (w.taken >= 1.0) {
        return kInfinite;
    }
    if (m_smallest <= w.taken) {
        return std::nullopt;
    }
    double nonZero = 0.0;
    double sumQ = 0.0;
    double rest = total; // of P in bins where Q has nothing
    fillLevels(w);
    for (const Level& l : m_values) {
        if (l.value != 0.0) {
            nonZero += l.receivers;
            sumQ += l.receivers * l.value;
            rest -= l.mass;
        }
    }
    const double taken = nonZero > 0.0 ? kEps * (size - nonZero) / nonZero : 1.0;
    if (taken >= 1.0) {
        return kInfinite;
    }
    double pLogQ = rest * std::log(kEps);
    for (const Level& l : m_values) {
        if (l.value != 0.0) {
            if (l.value <= taken) {
                return std::nullopt;
            }
            pLogQ += l.mass * std::log(l.value - taken);
        }
    }
    return (sumOfPLogP(w, size - occupied) - pLogQ) / total + std::log(sumQ / total);
}

} // namespace core
