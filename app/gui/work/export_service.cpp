#include "app/gui/work/export_service.h"

#include "app/common/export_difference.h"
#include "app/common/export_source.h"
#include "app/gui/work/run_controller.h"

#include <QPointer>
#include <QStringList>

#include <exception>

namespace app {

ExportService::ExportService(RunController* controller, QObject* parent)
    : QObject(parent)
    , m_controller(controller)
{
}

std::function<void(std::function<void(ExportService&)>)> ExportService::teller()
{
    m_busy = true;
    return [service = QPointer(this), controller = m_controller,
            number = ++m_newest](std::function<void(ExportService&)> what) {
        QMetaObject::invokeMethod(
            controller,
            [service, number, what = std::move(what)] {
                if (service && service->m_newest == number) {
                    what(*service);
                }
            },
            Qt::QueuedConnection);
    };
}

void ExportService::prepare(const io::ExportFormat& format, const std::filesystem::path& model,
                            std::shared_ptr<const core::QuantizationPlan> plan,
                            std::shared_ptr<const core::Report> report)
{
    m_prepared.reset();
    m_controller->withProject([tell = teller(), format = &format, model, plan,
                               report](const Project& project, const std::stop_token& stop) {
        auto prepared = std::make_shared<PreparedExport>();
        prepared->format = format;
        try {
            auto source = exportSource(project, model, plan, *format, stop, {}, report);
            if (!source) {
                return; // pushed aside: it starts over
            }
            prepared->source = std::move(*source);
            prepared->made = io::exportAs(*format, prepared->source);
            const auto differences =
                exportDifferences(project, prepared->source, *format, prepared->made, stop);
            if (!differences) {
                return;
            }
            prepared->made.losses.insert(prepared->made.losses.end(), differences->begin(),
                                         differences->end());
        } catch (const std::exception& error) { // the one catch of a job
            prepared->problem = QString::fromUtf8(error.what());
        }
        tell([prepared](ExportService& service) {
            service.m_busy = false;
            service.m_prepared = prepared;
            emit service.ready();
        });
    });
}

void ExportService::write(const std::filesystem::path& file)
{
    m_controller->withProject(
        [tell = teller(), file, prepared = m_prepared](const Project& project, const std::stop_token& stop) {
            try {
                QStringList files;
                for (const auto& path : io::writeExport(prepared->made, file)) {
                    files << QString::fromStdString(path.string());
                }
                tell([files](ExportService& service) { emit service.written(files); });
                io::VerificationRequest request;
                request.format = prepared->format;
                request.source = prepared->source;
                request.file = file;
                request.data = project.data.evaluation;
                request.labelsOutput = project.data.labelsOutput;
                if (auto verification = io::verifyExport(request, stop)) {
                    tell([shared = std::make_shared<const io::Verification>(std::move(*verification))](
                             ExportService& service) {
                        service.m_busy = false;
                        emit service.verified(shared);
                    });
                }
            } catch (const std::exception& error) { // the one catch of a job
                tell([message = QString::fromUtf8(error.what())](ExportService& service) {
                    service.m_busy = false;
                    emit service.failed(message);
                });
            }
        });
}

} // namespace app
