#pragma once

#include "app/common/project.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "io/exports/format.h"

#include <memory>
#include <optional>
#include <stop_token>

namespace app {

/// What an export of a project under a plan is written from. Calibrates when needed, and runs the network
/// where the format needs a report and none is given. None when stopped.
[[nodiscard]] std::optional<io::ExportSource>
exportSource(const Project& project, const std::filesystem::path& model,
             std::shared_ptr<const core::QuantizationPlan> plan, const io::ExportFormat& format,
             const std::stop_token& stop, const core::ProgressCallback& progress,
             std::shared_ptr<const core::Report> report = nullptr);

} // namespace app
