#include "app/common/export_source.h"

namespace app {

std::optional<io::ExportSource> exportSource(const Project& project, const std::filesystem::path& model,
                                             std::shared_ptr<const core::QuantizationPlan> plan,
                                             const io::ExportFormat& format, const std::stop_token& stop,
                                             const core::ProgressCallback& progress,
                                             std::shared_ptr<const core::Report> report)
{
    auto resolved = project.session->resolve(*plan, stop, progress);
    if (!resolved) {
        return std::nullopt;
    }
    io::ExportSource source;
    source.graph = project.session->operators(*plan);
    source.resolved = std::make_shared<const core::ResolvedPlan>(std::move(*resolved));
    source.plan = plan;
    source.report = std::move(report);
    source.statistics = project.session->calibrationStatistics();
    source.model = model;
    source.isSynthetic = project.data.calibration->isSynthetic();
    if (format.needsReport && !source.report) {
        source.report = project.session->run(plan, stop, progress);
        if (!source.report) {
            return std::nullopt;
        }
    }
    return source;
}

} // namespace app
