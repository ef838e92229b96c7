// Plans in, exports and reports out.
#include "app/gui/window/main_window.h"

#include "app/common/import_file.h"
#include "app/gui/dialogs/export_dialog.h"
#include "app/gui/window/command_line.h"
#include "app/gui/window/path_text.h"
#include "app/gui/window/status_panel.h"
#include "io/plans/plan_json.h"
#include "io/reports/report_html.h"
#include "views/messages/messages_view.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>

#include <map>

namespace app {

void MainWindow::openPlanDialog()
{
    QStringList filters;
    std::map<QString, std::string> formats;
    for (const ImportFormat& format : importFormats()) {
        const QString filter =
            tr("%1 (*%2)")
                .arg(QString::fromStdString(format.title), QString::fromStdString(format.extension));
        formats[filter] = format.name;
        filters << filter;
    }
    QString chosen;
    const QString file = QFileDialog::getOpenFileName(this, tr("Apply a plan, or what another tool wrote"),
                                                      {}, filters.join(QStringLiteral(";;")), &chosen);
    if (!file.isEmpty()) {
        importPlanFile(pathOf(file), formats.contains(chosen) ? formats[chosen] : "plan");
    }
}

void MainWindow::importPlanFile(const std::filesystem::path& file, const std::string& format)
{
    if (format == "plan" || !m_controller.project()) {
        applyPlanFile(file);
        return;
    }
    m_status->showMessage(tr("Reading %1…").arg(textOf(file.filename())));
    using Imported = std::shared_ptr<const io::ImportedPlan>;
    const auto base = m_workspace.plan();
    m_controller.jobs()->run(
        views::Jobs::Lane::Preview, this,
        [project = m_controller.project(), file, format, base](const views::Jobs::Call&) {
            return std::make_shared<const io::ImportedPlan>(importFile(*project, *base, format, file));
        },
        [this, file, base](const Imported& imported) {
            if (m_workspace.plan() != base) {
                showFailure(tr("Not applied: the plan was edited meanwhile. Apply %1 again.")
                                .arg(textOf(file.filename())));
            } else {
                applyImported(*imported, textOf(file.filename()));
            }
        },
        {.failed = [this](const QString& problem) { showFailure(problem); }});
}

void MainWindow::applyImported(const io::ImportedPlan& imported, const QString& file)
{
    for (const io::ExportLoss& loss : imported.losses) {
        part<views::MessagesView>()->addFailure(
            tr("%1: not taken over: %2").arg(file, QString::fromStdString(io::toString(loss))));
    }
    m_status->showMessage(imported.losses.empty()
                              ? tr("Took everything over from %1").arg(file)
                              : tr("%n things of %1 could not be taken over: see Messages", nullptr,
                                   static_cast<int>(imported.losses.size()))
                                    .arg(file));
    m_workspace.edit(
        {std::make_shared<core::QuantizationPlan>(imported.plan), tr("Import %1").arg(file), {}});
}

void MainWindow::applyPlanFile(const std::filesystem::path& file)
{
    try {
        m_workspace.edit({std::make_shared<core::QuantizationPlan>(io::readPlan(file)),
                          tr("Plan %1").arg(textOf(file.filename())),
                          {}});
    } catch (const std::exception& error) {
        showFailure(QString::fromUtf8(error.what()));
    }
}

void MainWindow::exportDialog()
{
    if (!m_controller.project()) {
        m_status->showMessage(tr("Nothing to export yet: open a model first"));
        return;
    }
    auto* const dialog = new ExportDialog(
        &m_controller, m_model, m_workspace.plan(),
        m_workspace.isStale() || !m_workspace.results() ? nullptr : m_workspace.results()->report, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::saveHtmlDialog()
{
    if (!m_workspace.results()) {
        m_status->showMessage(tr("Nothing to report yet: open a model first"));
        return;
    }
    const QString proposed = textOf(m_model.parent_path() / m_model.stem()) + QStringLiteral(".report.html");
    const QString file = QFileDialog::getSaveFileName(this, tr("Report as one HTML page"), proposed,
                                                      tr("HTML pages (*.html)"));
    if (!file.isEmpty()) {
        saveHtml(pathOf(file));
    }
}

void MainWindow::saveHtml(const std::filesystem::path& file)
{
    m_status->showWork(tr("Writing %1…").arg(textOf(file.filename())));
    m_pageWriter.write(file, [results = m_workspace.results()](const std::stop_token& stop) {
        return io::reportToHtml(*results, stop);
    });
}

void MainWindow::copyCommand()
{
    QApplication::clipboard()->setText(
        commandFor(textOf(m_model), textOf(m_data), *m_workspace.plan(), m_shapes));
    m_status->showMessage(tr("Command copied"));
}

} // namespace app
