#include "app/gui/work/data_preview_service.h"

#include "app/common/project.h"
#include "io/data/data_reader.h"

#include <algorithm>
#include <exception>

namespace app {

DataPreviewService::DataPreviewService(QObject* parent)
    : QObject(parent)
{
}

void DataPreviewService::request(Request request)
{
    m_jobs.run(
        views::Jobs::Lane::Preview, this,
        [request = std::move(request)](const views::Jobs::Call&) {
            return std::make_shared<const DataPreview>(previewOf(request));
        },
        [this](const auto& preview) { emit ready(preview); });
}

DataPreview previewOf(const DataPreviewService::Request& request)
{
    DataPreview preview;
    try {
        const auto model = request.opened
            ? request.opened
            : std::make_shared<const io::OnnxModel>(io::readOnnx(request.model));
        const core::Graph& graph = model->graph;
        preview.description = request.description
            ? *request.description
            : io::describeData(graph, {.path = request.data, .shapes = request.shapes});
        const core::DataSource source =
            io::openData(graph, *preview.description, request.shapes, userMetrics({}));
        preview.warnings = source.warnings;
        preview.samples = source.evaluation->size();
        preview.index = std::min(request.sample, preview.samples == 0 ? 0 : preview.samples - 1);
        preview.sampleName = source.evaluation->sampleName(preview.index);
        preview.inputs = io::previewInputs(graph, source.evaluation->load(preview.index));
    } catch (const std::exception& error) {
        preview.problem = error.what();
    }
    return preview;
}

} // namespace app
