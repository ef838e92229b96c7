#pragma once

#include "core/calibration/method.h"
#include "core/network/operator_graph.h"
#include "core/plan/plan.h"
#include "core/statistics/statistics.h"
#include "io/plans/observer_text.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace io {

inline constexpr int kObserverBins = 2048; ///< of ObserveHistogramOfOutput

/// What DNNLOWP's observers would write of a calibration, one entry per tensor in the order of the operators.
/// Blanks in names become '_', since a reader could not take them apart again. `form`: MinMax or Histogram.
[[nodiscard]] std::vector<ObservedOutput>
observedOutputs(const core::OperatorGraph& graph,
                const std::map<std::string, core::TensorStatistics>& statistics, ObserverForm form,
                int bins = kObserverBins);

/// A name as one word.
[[nodiscard]] std::string asObserverWord(std::string name);

/// What several files say of the same tensors as one: ranges united, histograms poured into common bins.
[[nodiscard]] std::vector<ObservedOutput> mergedObservations(std::vector<ObservedOutput> observed);

struct ObserverPlan
{
    core::QuantizationPlan plan;
    std::vector<std::string>
        warnings; ///< tensors that the model does not have, or that take their params elsewhere
};

/// The plan with a manual range for every tensor of an observer file. Tensors are found by name, never by
/// index (upstream goes by position and carries on with the wrong numbers). A histogram is searched by
/// `method` for what the plan says of the operator; a min-max line gives its own range, the columns of a
/// column file the largest |x| of them all to both sides. Throws
/// core::Error(FileFormat) naming `file` when no tensor is the model's.
[[nodiscard]] ObserverPlan planFromObservers(const core::QuantizationPlan& base,
                                             const core::OperatorGraph& graph,
                                             std::span<const ObservedOutput> observed,
                                             const core::CalibrationMethod& method, const std::string& file);

} // namespace io
