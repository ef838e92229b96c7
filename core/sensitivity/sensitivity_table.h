#pragma once

#include "core/plan/plan.h"
#include "core/sensitivity/error_flow.h"
#include "core/sensitivity/leave_one.h"
#include "core/sensitivity/output_effect.h"
#include "core/sensitivity/three_truths.h"
#include "core/session/session.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace core {

enum class SensitivityMethod : std::uint8_t
{
    Exact, ///< every operator alone, and all but it
    Fast ///< all predicted from one run, the worst measured
};

struct SensitivityOptions
{
    SensitivityMethod method = SensitivityMethod::Exact;
    std::size_t samples = 16; ///< 4 already rank as 300 do; top-1 wants as many as there are. 0: all
    std::size_t confirmed = 5; ///< of Fast: how many of the worst are measured
};

/// What each operator's quantization does: to its own output, in the pipeline, and to the network's output.
struct SensitivityTable
{
    std::shared_ptr<const QuantizationPlan> plan;
    SensitivityMethod method = SensitivityMethod::Exact;
    std::vector<MeasuredOutput> outputs;
    OutputEffect all; ///< everything quantized
    std::optional<ErrorFlow> flow;
    std::size_t linearised = 0; ///< of Fast: samples of the reverse passes
    std::vector<std::string> ends; ///< of Fast: operators at which the reverse pass ends
    std::vector<OperatorTruths> rows; ///< in execution order
};

/// None when stopped: what was finished is in the memory.
[[nodiscard]] std::optional<SensitivityTable>
measureSensitivity(Session& session, std::shared_ptr<const QuantizationPlan> plan,
                   const SensitivityOptions& options, const EffectMemory& memory, const std::stop_token& stop,
                   const ProgressCallback& progress);

} // namespace core
