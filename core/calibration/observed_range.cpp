#include "core/calibration/observed_range.h"

#include "core/base/error.h"
#include "core/calibration/dnnlowp_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

Range observedRange(const FixedHistogram& histogram, const CalibrationMethod& method,
                    const CalibrationTarget& target)
{
    const auto withZero = [](const Range& range) {
        return Range{std::min(range.min, 0.0), std::max(range.max, 0.0)};
    };
    const Range whole = withZero({histogram.lowest, histogram.highest()});
    const FixedHistogram padded = paddedToZero(histogram);
    const bool keepsAll = padded.width == 0.0 || dnnlowpKeepsAll(padded, target.bits);
    const auto windowOf = [&](const auto& search) {
        return keepsAll ? whole : withZero(rangeOf(padded, search()));
    };
    const auto norm = [&](Norm n) {
        return windowOf([&] { return searchDnnlowpNorm(padded, target.bits, target.scheme, n).window; });
    };
    if (method.name == "minmax") {
        return whole;
    }
    if (method.name == "l1:dnnlowp") {
        return norm(Norm::L1);
    }
    if (method.name == "l2:dnnlowp" || (method.name == "l2-approx" && target.scheme == Scheme::Symmetric)) {
        return norm(Norm::L2);
    }
    if (method.name == "l2-approx") {
        return windowOf([&] { return searchDnnlowpApprox(padded, target.bits).window; });
    }
    if (method.name == "p99") {
        return padded.width == 0.0
            ? whole
            : withZero(rangeOf(padded, searchDnnlowpP99(padded, method.parameter.value_or(0.99))));
    }
    if (method.name == "entropy:dnnlowp") {
        return padded.width == 0.0
            ? whole
            : withZero(dnnlowpKlRange(
                padded, searchDnnlowpKl(padded, std::min(target.bits, 8), target.scheme).window));
    }
    throw Error(
        ErrorKind::Usage,
        fmt::format(
            "'{}' cannot choose from an observer file; minmax, l1:dnnlowp, l2:dnnlowp, l2-approx, p99 and "
            "entropy:dnnlowp can",
            toString(method)));
}

std::vector<std::uint64_t> observedCounts(const TensorStatistics& statistics, int bins)
{
    const FixedHistogram histogram = rebinned(statistics, {statistics.total.min, statistics.total.max}, bins);
    std::vector<std::uint64_t> counts;
    counts.reserve(histogram.counts.size());
    double sum = 0.0;
    std::uint64_t given = 0;
    for (const double count : histogram.counts) {
        sum += count; // rounding the running sum keeps the total
        const auto upTo = static_cast<std::uint64_t>(std::llround(sum));
        counts.push_back(upTo - given);
        given = upTo;
    }
    return counts;
}

} // namespace core
