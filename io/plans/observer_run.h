#pragma once

#include "core/calibration/dynamic_histogram.h"
#include "core/network/operator_graph.h"
#include "core/statistics/statistics.h"
#include "core/tensor/dataset.h"
#include "io/plans/observer_text.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace io {

/// What an observer keeps of each output.
enum class Observation
{
    MinMax,
    Histogram, ///< exact counts, put into bins when they are written
    DynamicHistogram, ///< as DNNLOWP's: bins that grow with the data, counts that may leak by a bin
    ColumnMax ///< of outputs with 2 or 3 dimensions, by column (last axis): the largest |x| of each item
};

inline constexpr int kColumnBins = 16; ///< of AddOutputColumnMaxHistogramObserver

struct ObserverOptions
{
    Observation kind = Observation::Histogram;
    std::vector<bool> watched; ///< by OperatorId
    int bins = 0; ///< 0: 2048; of ColumnMax 16
    std::size_t dumpEvery = 0; ///< items between two dumps; 0: none but the last
    char delimiter = ' ';
};

/// One of DNNLOWP's observers on a net while FP32 items go by, in data order. An item is one run of the net.
/// Upstream's histogram observer loses at its end all that it dumped before; this one keeps both.
class ObserverRun
{
public:
    /// The graph must outlive it.
    ObserverRun(const core::OperatorGraph& graph, ObserverOptions options);

    /// The items of one sample with every FP32 value, by ValueId. Returns the dumps that fell due: their
    /// number, from 1, and what was seen since the one before. Throws core::Error where a matrix changes its
    /// number of columns.
    [[nodiscard]] std::vector<std::pair<std::size_t, std::string>>
    add(const core::Sample& sample, const std::vector<core::Tensor>& values);

    /// Everything seen, in the order of operators.
    [[nodiscard]] std::vector<ObservedOutput> outputs() const { return outputsOf(m_total); }
    [[nodiscard]] std::string text() const;

private:
    struct Seen
    {
        core::TensorStatistics statistics;
        std::vector<core::DynamicHistogram> histograms; ///< one, or one per column
    };
    using SeenByValue = std::map<std::size_t, Seen>;

    void look(std::size_t value, std::span<const float> item, std::size_t columns, SeenByValue& seen) const;
    [[nodiscard]] std::vector<ObservedOutput> outputsOf(const SeenByValue& seen) const;
    [[nodiscard]] ObserverForm form() const;

    const core::OperatorGraph& m_graph;
    ObserverOptions m_options;
    SeenByValue m_total;
    SeenByValue m_sinceDump;
    std::size_t m_runs = 0;
};

/// "ranges.txt" and 3 → "ranges_3.txt": the number stands before the last dot behind the last slash.
[[nodiscard]] std::string dumpPath(const std::string& path, std::size_t number);

} // namespace io
