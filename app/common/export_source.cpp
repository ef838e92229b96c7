#include "app/common/export_source.h"

#include <fmt/format.h>

namespace app {

namespace {

std::string described(const core::Value& value)
{
    return fmt::format("{} {}", core::nameOf(value.type), core::toString(value.shape));
}

std::string known(const core::Tensor& value)
{
    return value.count() == 1
        ? fmt::format("{}", core::doublesOf(value)[0])
        : fmt::format("{} {}", core::nameOf(value.type()), core::toString(value.shape()));
}

/// Shapes are bound to those of the data, reals are computed as float32, codes become reals; what tells how
/// to compute (an axis, a rate, a size) is taken from the data and stays as it was there.
std::vector<io::ExportLoss> narrowedBy(const core::Graph& model, const core::Graph& bound)
{
    std::vector<io::ExportLoss> losses;
    for (const auto* ids : {&model.inputs(), &model.outputs()}) {
        for (const core::ValueId id : *ids) {
            const core::Value& was = model.value(id);
            const auto found = bound.findValue(was.name);
            const bool isDeclared = was.type != core::DataType::Undefined && was.hasShape;
            if (ids == &model.inputs() && found && !was.constant && bound.value(*found).constant) {
                losses.push_back({"",
                                  fmt::format("'{}' is no input of the file: it is the constant {}", was.name,
                                              known(*bound.value(*found).constant))});
                continue;
            }
            if (!found || !isDeclared || bound.value(*found).constant) {
                continue;
            }
            const core::Value& is = bound.value(*found);
            if (was.type != is.type || was.shape != is.shape) {
                losses.push_back({"", // of no tensor's params
                                  fmt::format("'{}' is {} in the model, {} in the file", was.name,
                                              described(was), described(is))});
            }
        }
    }
    return losses;
}

} // namespace

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
    source.narrowed = narrowedBy(project.model->graph, *project.graph);
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
