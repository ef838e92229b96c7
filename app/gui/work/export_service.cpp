#include "app/gui/work/export_service.h"

#include "app/common/export_difference.h"
#include "app/common/export_source.h"
#include "app/gui/work/run_controller.h"

#include <QStringList>

#include <utility>

namespace app {

namespace {

constexpr auto kLane = views::Jobs::Lane::Preview;

} // namespace

ExportService::ExportService(RunController* controller, QObject* parent)
    : QObject(parent)
    , m_controller(controller)
{
}

bool ExportService::isBusy() const { return m_controller->jobs()->isPending(this, kLane); }

void ExportService::prepare(const io::ExportFormat& format, const std::filesystem::path& model,
                            std::shared_ptr<const core::QuantizationPlan> plan,
                            std::shared_ptr<const core::Report> report)
{
    using Prepared = std::shared_ptr<const PreparedExport>;
    m_prepared.reset();
    if (!m_controller->project()) {
        return;
    }
    const auto take = [this](const Prepared& prepared) {
        m_prepared = prepared;
        emit ready();
    };
    const auto refuse = [take, format = &format](const QString& problem) {
        auto prepared = std::make_shared<PreparedExport>();
        prepared->format = format;
        prepared->problem = problem;
        take(prepared);
    };
    const auto work = [project = m_controller->project(), format = &format, model, plan,
                       report](const views::Jobs::Call& call) -> Prepared {
        auto prepared = std::make_shared<PreparedExport>();
        prepared->format = format;
        auto source = exportSource(*project, model, plan, *format, call.stop, {}, report);
        if (!source) {
            return nullptr;
        }
        prepared->source = std::move(*source);
        prepared->made = io::exportAs(*format, prepared->source);
        const auto differences =
            exportDifferences(*project, prepared->source, *format, prepared->made, call.stop);
        if (!differences) {
            return nullptr;
        }
        prepared->made.losses.insert(prepared->made.losses.end(), differences->begin(), differences->end());
        return prepared;
    };
    m_controller->jobs()->run(kLane, this, work, take, {.failed = refuse});
}

void ExportService::write(const std::filesystem::path& file)
{
    using Verified = std::shared_ptr<const io::Verification>;
    if (!m_controller->project()) {
        return;
    }
    const auto work = [this, project = m_controller->project(), file,
                       prepared = m_prepared](const views::Jobs::Call& call) -> Verified {
        QStringList files;
        for (const auto& path : io::writeExport(prepared->made, file)) {
            files << QString::fromStdString(path.string());
        }
        call.tell([this, files] { emit written(files); });
        io::VerificationRequest request;
        request.format = prepared->format;
        request.source = prepared->source;
        request.file = file;
        request.data = project->data.evaluation;
        request.labelsOutput = project->data.labelsOutput;
        auto verification = io::verifyExport(request, call.stop);
        return verification ? std::make_shared<const io::Verification>(std::move(*verification)) : nullptr;
    };
    m_controller->jobs()->run(kLane, this, work,
                              [this](const Verified& verification) { emit verified(verification); },
                              {.failed = [this](const QString& message) { emit failed(message); }});
}

} // namespace app
