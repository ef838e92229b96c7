#pragma once

#include "core/statistics/growing_histogram.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace core {

/// Counts and moments of a set of floats. NaN and infinities are counted and otherwise left out.
struct Moments
{
    std::uint64_t count = 0; ///< finite values
    std::uint64_t zeros = 0; ///< of them exactly 0
    std::uint64_t nans = 0;
    std::uint64_t infinities = 0;
    float min = std::numeric_limits<float>::infinity();
    float max = -std::numeric_limits<float>::infinity();
    double sum = 0.0;
    double sumOfSquares = 0.0;

    void merge(const Moments& other);
    [[nodiscard]] double mean() const { return count ? sum / static_cast<double>(count) : 0.0; }
    [[nodiscard]] double variance() const; ///< population variance, 0 when empty
    bool operator==(const Moments&) const = default;
};

class Collector; // core/calibration/collector.h

/// What methods that take the samples in data order know of one tensor, by toString(CalibrationMethod).
using CollectedMethods = std::map<std::string, std::shared_ptr<const Collector>>;

/// Mergeable, bounded-size sketch of one tensor over a data set.
///
/// Merged in sample order (double sums are order-dependent, everything else is not), so the result is
/// bit-equal for any split of the samples into batches and any number of threads.
struct TensorStatistics
{
    Moments total;
    std::vector<Moments> channels; ///< by index of axis 1; empty for rank < 2 or where not asked for
    GrowingHistogram histogram; ///< finite non-zero values
    std::uint64_t samples = 0;
    CollectedMethods collected; ///< empty unless asked for; fed during a pass, never merged

    /// Samples may differ in the extent of axis 1 (a time axis): what is missing in one counts as nothing.
    void merge(const TensorStatistics& other);
    void merge(TensorStatistics&& other);
    [[nodiscard]] double zeroShare() const; ///< of the finite values, 0 when there are none
    /// Memory of the sketch; depends on the number of channels, never on the number of samples.
    [[nodiscard]] std::size_t byteCount() const;
    bool operator==(const TensorStatistics&) const = default;
};

/// Where the channels of a span lie: element i belongs to channel (i / stride) % channels.
/// channels = 0: statistics per channel are not asked for.
struct ChannelMap
{
    std::size_t channels = 1;
    std::size_t stride = 1;
};

/// Statistics of one sample of one tensor.
[[nodiscard]] TensorStatistics statisticsOf(std::span<const float> values, ChannelMap channels);

/// Statistics of one sample of every channel of a tensor, each with a histogram of its own (64 KiB): for
/// tensors asked about, not for all of them. Merge them channel by channel, in sample order.
[[nodiscard]] std::vector<TensorStatistics> channelStatisticsOf(std::span<const float> values,
                                                                ChannelMap channels);

} // namespace core
