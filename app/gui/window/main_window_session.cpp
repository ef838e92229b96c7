// Saving what the main window has worked out, and opening it again.
#include "app/gui/window/main_window.h"

#include "app/common/saved_session.h"
#include "app/gui/window/path_text.h"
#include "app/gui/window/recent_files.h"
#include "app/gui/window/status_panel.h"
#include "app/gui/work/saved_workspace.h"
#include "views/messages/messages_view.h"

#include <QFileDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMessageBox>

namespace app {

namespace {

constexpr std::size_t kKeptSamples = 4; ///< whose tensors a session keeps where that is chosen

} // namespace

void MainWindow::saveSessionAgain() { m_session.empty() ? saveSessionDialog() : saveSession(m_session); }

void MainWindow::saveSessionDialog()
{
    if (!m_controller.project()) {
        m_status->showMessage(tr("Nothing to save yet: open a model first"));
        return;
    }
    const QString proposed = textOf(m_model.parent_path() / m_model.stem()) + QStringLiteral(".nfs");
    const auto graph = m_controller.project()->session->operators(*m_workspace.plan());
    const auto bytes = static_cast<double>(core::capturedBytes(*graph, kKeptSamples));
    const QString plain = tr("Sessions (*.nfs)");
    const QString whole = tr("Sessions with the tensors of %1 samples, %2 MB more (*.nfs)")
                              .arg(kKeptSamples)
                              .arg(bytes / 1e6, 0, 'f', 1);
    const bool fits = bytes <= static_cast<double>(io::kMostTensorBytes);
    QString chosen = plain;
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Save the session"), proposed, fits ? plain + QStringLiteral(";;") + whole : plain, &chosen);
    if (!file.isEmpty() && chosen == whole) {
        saveSessionWithTensors(file.toStdString(), kKeptSamples);
    } else if (!file.isEmpty()) {
        saveSession(file.toStdString());
    }
}

void MainWindow::saveSessionWithTensors(const std::filesystem::path& file, std::size_t samples)
{
    m_status->showMessage(tr("Computing the tensors of %1 samples…").arg(samples));
    const auto project = m_controller.project();
    if (!project) {
        return;
    }
    using Tensors = std::shared_ptr<const io::SavedTensors>;
    m_controller.jobs()->run(
        views::Jobs::Lane::Preview, this,
        [project, samples, plan = m_workspace.plan()](const views::Jobs::Call& call) -> Tensors {
            return captureForSession(*project, plan, samples, call.stop);
        },
        [this, file](const Tensors& tensors) { saveSession(file, tensors); },
        {.failed = [this](const QString& problem) { showFailure(problem); },
         .dropped =
             [this] { showFailure(tr("Not saved: other work came first. Save the session again.")); }});
}

void MainWindow::saveSession(const std::filesystem::path& file,
                             const std::shared_ptr<const io::SavedTensors>& tensors)
{
    if (!m_controller.project()) {
        return;
    }
    m_session = file;
    m_status->showMessage(tr("Writing %1…").arg(textOf(file.filename())));
    io::SessionFile worked = describeWorkspace(m_workspace);
    worked.layout = layoutText();
    worked.tensors = tensors ? tensors : m_controller.project()->tensors; // those it came with stay
    ProjectRequest request;
    request.model = std::filesystem::absolute(m_model);
    request.data = m_data.empty() ? m_data : std::filesystem::absolute(m_data);
    request.shapes = m_shapes;
    m_writer.write(file,
                   [request, worked = std::move(worked), project = m_controller.project(),
                    folder = std::filesystem::absolute(file).parent_path()](const std::stop_token&) {
                       io::SessionFile session = describeProject(request, *project);
                       session.history = worked.history;
                       session.current = worked.current;
                       session.runs = worked.runs;
                       session.baseline = worked.baseline;
                       session.layout = worked.layout;
                       session.tensors = worked.tensors;
                       return io::sessionToBytes(session, folder);
                   });
    rememberFile({textOf(file), {}});
    m_workspace.undoStack()->setClean();
}

void MainWindow::openSession(const std::filesystem::path& file, const std::filesystem::path& model)
{
    m_status->showMessage(tr("Opening %1…").arg(textOf(file.filename())));
    m_opening = file;
    m_asked = {};
    m_controller.openSession(file, model);
}

void MainWindow::showSession(const ReopenedSession& session)
{
    m_model = session.request.model;
    m_data = session.request.data;
    m_shapes = session.request.shapes;
    m_session = m_opening;
    m_selection.clear();
    m_worst.reset();
    rememberFile({textOf(m_session), {}});
    showSource();
    m_workspace.restore(session.history, session.runs, session.baseline);
    restoreLayout(session.layout);
    for (const std::string& warning : session.warnings) {
        part<views::MessagesView>()->addFailure(QString::fromStdString(warning));
    }
    m_status->showMessage(session.warnings.empty() ? tr("Opened as it was saved: nothing was computed again")
                                                   : QString::fromStdString(session.warnings.front()));
    updateTitle();
}

std::string MainWindow::layoutText() const
{
    return QJsonDocument(QJsonObject{{QStringLiteral("docks"), QString::fromLatin1(saveState().toBase64())}})
        .toJson(QJsonDocument::Compact)
        .toStdString();
}

void MainWindow::restoreLayout(const std::string& text)
{
    const QJsonObject layout = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
    restoreState(QByteArray::fromBase64(layout.value(QStringLiteral("docks")).toString().toLatin1()));
}

bool MainWindow::mayLeave()
{
    if (!m_asksBeforeLeaving || m_workspace.undoStack()->isClean()) {
        return true;
    }
    QMessageBox box(QMessageBox::Question, tr("Noisefloor"), tr("Keep the edits of this plan?"),
                    QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    box.setObjectName(QStringLiteral("leaveBox"));
    box.setInformativeText(tr("No session holds them yet."));
    box.setDefaultButton(QMessageBox::Save);
    switch (box.exec()) {
    case QMessageBox::Save:
        saveSessionAgain();
        return false; // it is written off the UI thread: what was wanted can be asked for again then
    case QMessageBox::Discard:
        return true;
    default:
        return false;
    }
}

} // namespace app
