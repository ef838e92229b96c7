#pragma once

#include "core/diagnosis/finding.h"
#include "core/diagnosis/operator_probe.h"
#include "core/report/report.h"
#include "core/session/session.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

struct DiagnosisOptions
{
    std::size_t probeSamples = 4; ///< evaluation samples over which the error is charged to operators
    std::size_t observedSamples = 256; ///< of each data set, looked at one by one
    std::size_t mostMeasured = 12; ///< findings whose fixes are tried, worst first; 0: none
    int threads = 0; ///< 0: one per core
    PlanObjection objection{}; ///< of the target that the plan is for; unset: none
};

/// What one operator adds to the output error, by name.
struct AttributedOperator
{
    std::string name;
    OperatorProbe probe;
};

/// What is wrong with a plan on some data, why, and what helps: a constant value that crosses threads as it
/// is.
struct Diagnosis
{
    std::shared_ptr<const QuantizationPlan> plan;
    std::shared_ptr<const Report> report; ///< without isolated errors
    OutputQuality quality; ///< of the plan, on the evaluation data
    std::vector<Finding> findings; ///< worst first
    std::vector<AttributedOperator> operators; ///< largest share first; those that were measured
    std::size_t probeSamples = 0;
    QuantizationPlan fixedPlan; ///< with the fixes that were accepted, one after the other
    OutputQuality fixedQuality;
    std::vector<std::string> accepted; ///< their labels, in order
};

/// Runs both pipelines, charges the output error to operators, applies every rule and tries the fixes of the
/// worst findings on the evaluation data of the session. Recommended is the cheapest fix that gains nearly as
/// much as the best. Accepted are recommended fixes that still gain on top of those before: 0.1 dB, or 1 dB
/// where they cost bits. None when stopped. Throws core::Error as Session::run does.
[[nodiscard]] std::shared_ptr<const Diagnosis>
diagnose(Session& session, std::shared_ptr<const QuantizationPlan> plan, const DiagnosisOptions& options,
         const std::stop_token& stop, const ProgressCallback& progress);

} // namespace core
