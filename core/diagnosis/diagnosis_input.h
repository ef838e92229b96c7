#pragma once

#include "core/diagnosis/data_observation.h"
#include "core/diagnosis/operator_probe.h"
#include "core/plan/plan.h"
#include "core/quantization/resolved_plan.h"
#include "core/report/report.h"
#include "core/report/results.h"

#include <memory>
#include <string>
#include <vector>

namespace core {

/// Everything that rules look at. Constant values.
struct DiagnosisInput
{
    std::shared_ptr<const OperatorGraph> graph;
    std::shared_ptr<const QuantizationPlan> plan;
    ResolvedPlan resolved;
    std::shared_ptr<const Report> report; ///< report->layers[i] is operator i
    std::shared_ptr<const StatisticsByValue> calibration;
    std::shared_ptr<const StatisticsByValue> evaluation;
    NetworkProbe probe;
    DataObservation data;
    std::size_t calibrationSamples = 0;
    bool calibratesOnEvaluation = false;

    [[nodiscard]] const Operator& at(std::size_t i) const { return graph->operators[i]; }
    [[nodiscard]] std::string outputName(std::size_t i) const;
    /// Statistics of what operator i writes; null where there are none.
    [[nodiscard]] const TensorStatistics* calibrated(std::size_t i) const;
    [[nodiscard]] const TensorStatistics* evaluated(std::size_t i) const; ///< else calibrated
    [[nodiscard]] const TensorStatistics* calibrated(ValueId id) const;
    /// How the output of operator i is quantized; null where it is not, at run time, or as its input is.
    [[nodiscard]] const ResolvedValue* ownValue(std::size_t i) const;
    [[nodiscard]] OperatorSettings settings(std::size_t i) const;
    /// Producer of operator i's data input, behind operators that only move values.
    [[nodiscard]] std::optional<std::size_t> sourceOf(std::size_t i) const;
    /// Linear operators that read what operator i writes, through operators that keep channels apart.
    [[nodiscard]] std::vector<std::size_t> linearReaders(std::size_t i) const;
};

} // namespace core
