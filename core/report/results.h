#pragma once

#include "core/network/operator_graph.h"
#include "core/report/report.h"
#include "core/statistics/statistics.h"

#include <map>
#include <memory>
#include <string>

namespace core {

using StatisticsByValue = std::map<std::string, TensorStatistics>;

/// What a run hands over to whoever shows it: shared constant values, so it crosses threads as it is.
struct Results
{
    std::shared_ptr<const Report> report;
    std::shared_ptr<const OperatorGraph> operators; ///< report->layers[i] is operator i
    std::shared_ptr<const StatisticsByValue> calibration; ///< what thresholds were chosen from
    std::shared_ptr<const StatisticsByValue> evaluation; ///< what code counts are compared with; may be null
    std::size_t samplesToCome = 0; ///< of a run that goes on: the report is on its first samples

    [[nodiscard]] bool isEarly() const { return samplesToCome > 0; }

    /// FP32 statistics of a value: of the evaluation data, else of the calibration data, else null.
    [[nodiscard]] const TensorStatistics* measured(const std::string& value) const;
    /// Statistics that thresholds are chosen from: of the calibration data, else null.
    [[nodiscard]] const TensorStatistics* calibrated(const std::string& value) const;
    /// The layer of that name; null when there is none.
    [[nodiscard]] std::shared_ptr<const LayerReport> layer(const std::string& name) const;
    [[nodiscard]] std::shared_ptr<const LayerReport> layer(OperatorId id) const;
};

} // namespace core
