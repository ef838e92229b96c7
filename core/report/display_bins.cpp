#include "core/report/display_bins.h"

#include <algorithm>
#include <cmath>

namespace core {

DisplayGrid displayGrid(const TensorStatistics& statistics, Range representable, int wanted)
{
    DisplayGrid grid;
    const double low = std::min({0.0, static_cast<double>(statistics.total.min), representable.min});
    const double high = std::max({0.0, static_cast<double>(statistics.total.max), representable.max});
    if (statistics.total.count == 0 || !(high > low)) {
        return grid;
    }
    const double own =
        statistics.histogram.isEmpty() ? (high - low) / wanted : statistics.histogram.binWidth();
    grid.width = own * std::max(1.0, std::round((high - low) / (own * wanted)));
    const double first = std::floor(low / grid.width);
    grid.lower = first * grid.width;
    // One more, so that a value at the very end still has a bin.
    grid.bins = static_cast<int>(std::floor(high / grid.width) - first) + 1;
    return grid;
}

std::vector<double> binnedValues(const TensorStatistics& statistics, const DisplayGrid& grid)
{
    std::vector<double> counts(static_cast<std::size_t>(grid.bins), 0.0);
    const auto add = [&](double value, double count) {
        const auto bin = static_cast<int>(std::floor((value - grid.lower) / grid.width));
        if (bin >= 0 && bin < grid.bins) {
            counts[static_cast<std::size_t>(bin)] += count;
        }
    };
    const auto histogram = statistics.histogram.counts();
    for (std::size_t i = 0; i < histogram.size(); ++i) {
        if (histogram[i] != 0) {
            const double center =
                statistics.histogram.lowerEdge(static_cast<int>(i)) + statistics.histogram.binWidth() / 2;
            add(center, static_cast<double>(histogram[i]));
        }
    }
    add(grid.width / 2, static_cast<double>(statistics.total.zeros));
    return counts;
}

std::vector<double> binnedCodes(const CodeCounts& codes, const QuantizationParams& params,
                                std::uint64_t exactZeros, const DisplayGrid& grid)
{
    std::vector<double> counts(static_cast<std::size_t>(grid.bins), 0.0);
    const auto spread = [&](double from, double to, double count) {
        from = std::max(from, grid.lower); // the cell of an end code may reach past all values
        to = std::min(to, grid.upper());
        const double density = count / (to - from);
        const int first =
            std::clamp(static_cast<int>(std::floor((from - grid.lower) / grid.width)), 0, grid.bins - 1);
        const int last =
            std::clamp(static_cast<int>(std::floor((to - grid.lower) / grid.width)), 0, grid.bins - 1);
        for (int bin = first; bin <= last; ++bin) {
            const double overlap = std::min(to, grid.edge(bin + 1)) - std::max(from, grid.edge(bin));
            counts[static_cast<std::size_t>(bin)] += density * std::max(0.0, overlap);
        }
    };
    if (grid.bins == 0 || params.scale.empty()) {
        return counts;
    }
    const double scale = params.scale.front();
    const std::int32_t zeroPoint = params.zeroPoint.empty() ? 0 : params.zeroPoint.front();
    for (std::size_t i = 0; i < codes.size(); ++i) {
        double count = static_cast<double>(codes[i]);
        const std::int32_t code = params.codes.lowest + static_cast<std::int32_t>(i);
        const double value = scale * (code - zeroPoint);
        if (code == zeroPoint) {
            const double zeros = std::min(count, static_cast<double>(exactZeros));
            spread(0.0, grid.width, zeros);
            count -= zeros;
        }
        if (count > 0.0) {
            spread(value - scale / 2, value + scale / 2, count);
        }
    }
    return counts;
}

CodeCounts simulatedCodes(const TensorStatistics& statistics, const QuantizationParams& params)
{
    CodeCounts codes(static_cast<std::size_t>(params.codes.highest - params.codes.lowest) + 1, 0);
    const double scale = params.scale.front();
    const double zeroPoint = params.zeroPoint.empty() ? 0 : params.zeroPoint.front();
    const auto add = [&](double value, std::uint64_t count) {
        const double code = std::clamp<double>(std::nearbyint(value / scale) + zeroPoint, params.codes.lowest,
                                               params.codes.highest);
        codes[static_cast<std::size_t>(static_cast<std::int32_t>(code) - params.codes.lowest)] += count;
    };
    const auto histogram = statistics.histogram.counts();
    for (std::size_t i = 0; i < histogram.size(); ++i) {
        if (histogram[i] != 0) {
            add(statistics.histogram.lowerEdge(static_cast<int>(i)) + statistics.histogram.binWidth() / 2,
                histogram[i]);
        }
    }
    add(0.0, statistics.total.zeros);
    return codes;
}

} // namespace core
