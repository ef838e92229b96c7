#pragma once

#include "core/report.h"
#include "core/sensitivity/error_flow.h"
#include "core/sensitivity/output_effect.h"
#include "core/sensitivity/three_truths.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// What `sensitivity` found out.
struct SensitivityTable
{
    std::string modelFile;
    std::string modelSha256;
    bool isSynthetic = false;
    std::shared_ptr<const core::Report> report; ///< of the exact method
    std::optional<core::ErrorFlow> flow;
    std::vector<core::MeasuredOutput> outputs;
    core::OutputEffect all; ///< everything quantized
    std::string method; ///< "exact" or "fast"
    std::vector<core::OperatorTruths> rows;
};

/// noisefloor-sensitivity/1; rows in execution order, errors as relative L2 and gains in dB, null where not
/// known.
[[nodiscard]] std::string tableToJson(const SensitivityTable& table);

/// Worst at the output first; `top` 0 prints all.
void print(const SensitivityTable& table, std::size_t top);

} // namespace cli
