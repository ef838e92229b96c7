// Opening, what went wrong, and what is dropped onto the main window.
#include "app/gui/window/main_window.h"

#include "app/gui/dialogs/data_dialog.h"
#include "app/gui/dialogs/shape_dialog.h"
#include "app/gui/window/path_text.h"
#include "app/gui/window/recent_files.h"
#include "app/gui/window/sample.h"
#include "app/gui/window/status_panel.h"
#include "io/plans/plan_json.h"
#include "views/messages/messages_view.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>

namespace app {

namespace {

bool isSessionFile(const std::filesystem::path& file) { return file.extension() == ".nfs"; }

} // namespace

void MainWindow::openDialog()
{
    if (!mayLeave()) {
        return;
    }
    const QString file =
        QFileDialog::getOpenFileName(this, tr("Open a model or a session"), textOf(m_model.parent_path()),
                                     tr("Models and sessions (*.onnx *.nfs)"));
    if (!file.isEmpty()) {
        openFile(pathOf(file));
    }
}

void MainWindow::openFile(const std::filesystem::path& model)
{
    if (isSessionFile(model)) {
        openSession(model);
        return;
    }
    for (const RecentFile& recent : recentFiles()) {
        if (recent.model == textOf(model) && (recent.data.isEmpty() || QFileInfo::exists(recent.data))) {
            openProject(model, pathOf(recent.data)); // with the data it had last
            return;
        }
    }
    openProject(model, {});
}

void MainWindow::openSample()
{
    if (!mayLeave()) {
        return;
    }
    if (const auto sample = builtInSample(QApplication::applicationDirPath().toStdString())) {
        openProject(sample->model, sample->data,
                    std::make_shared<core::QuantizationPlan>(io::readPlan(sample->plan)));
    }
}

MainWindow::Opening MainWindow::subject() const
{
    return m_model.empty() ? m_asked : Opening{m_model, m_data, m_shapes, m_workspace.plan()};
}

void MainWindow::openDataDialog() { openDataDialog(subject()); }

void MainWindow::openDataDialog(const Opening& subject)
{
    if (subject.model.empty()) {
        openDialog();
        return;
    }
    DataPreviewService::Request request{.model = subject.model,
                                        .opened = nullptr,
                                        .shapes = subject.shapes,
                                        .data = subject.data,
                                        .description = {},
                                        .sample = m_selection.sample().value_or(0)};
    if (m_controller.project() && subject.model == m_model) {
        request.opened = m_controller.project()->model;
    }
    auto* const dialog = new DataDialog(request, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, subject] {
        openProject(subject.model, dialog->data(), subject.plan, subject.shapes);
    });
    dialog->open();
}

void MainWindow::openShapeDialog() { openShapeDialog(subject()); }

void MainWindow::openShapeDialog(const Opening& subject)
{
    if (subject.model.empty()) {
        return;
    }
    try {
        const auto model = m_controller.project() && subject.model == m_model
            ? m_controller.project()->model
            : std::make_shared<const io::OnnxModel>(io::readOnnx(subject.model));
        if (!ShapeDialog::isNeeded(model->graph)) {
            m_status->showMessage(tr("Every dimension of the model's inputs is fixed"));
            return;
        }
        auto* const dialog = new ShapeDialog(model->graph, subject.shapes, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QDialog::accepted, this, [this, dialog, subject] {
            openProject(subject.model, subject.data, subject.plan, dialog->shapes());
        });
        dialog->open();
    } catch (const std::exception& error) {
        showFailure(QString::fromUtf8(error.what()));
    }
}

QMessageBox* MainWindow::showFailure(const QString& message)
{
    part<views::MessagesView>()->addFailure(message);
    m_status->showMessage(QString());
    auto* const box = new QMessageBox(QMessageBox::Warning, tr("Noisefloor"), message, QMessageBox::Ok, this);
    box->setObjectName(QStringLiteral("failureBox"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextInteractionFlags(Qt::TextSelectableByMouse);
    box->setEscapeButton(QMessageBox::Ok);
    box->open();
    return box;
}

void MainWindow::showOpenFailure(const QString& message, bool modelIsReadable)
{
    QMessageBox* const box = showFailure(message);
    if (modelIsReadable) { // the next step is one of these
        box->setInformativeText(tr("Choose other data, or give dimensions that the model leaves open."));
        QPushButton* const choose = box->addButton(tr("Data…"), QMessageBox::ActionRole);
        QPushButton* const shapes = box->addButton(tr("Input shapes…"), QMessageBox::ActionRole);
        choose->setObjectName(QStringLiteral("failureData"));
        shapes->setObjectName(QStringLiteral("failureShapes"));
        connect(choose, &QPushButton::clicked, this, [this, asked = m_asked] { openDataDialog(asked); });
        connect(shapes, &QPushButton::clicked, this, [this, asked = m_asked] { openShapeDialog(asked); });
    } else if (m_controller.project()) {
        box->setInformativeText(tr("What was open stays open."));
    }
    if (m_controller.project() && !m_workspace.isUpToDate()) {
        m_controller.run(m_workspace.plan()); // opening had stopped it
    }
}

void MainWindow::fillRecentMenu(QMenu* menu)
{
    menu->clear();
    for (const RecentFile& file : recentFiles()) {
        QAction* const action = menu->addAction(
            file.data.isEmpty()
                ? QFileInfo(file.model).fileName()
                : tr("%1 with %2").arg(QFileInfo(file.model).fileName(), QFileInfo(file.data).fileName()));
        action->setToolTip(file.model);
        connect(action, &QAction::triggered, this, [this, file] {
            if (!mayLeave()) {
                return;
            }
            isSessionFile(pathOf(file.model)) ? openSession(pathOf(file.model))
                                              : openProject(pathOf(file.model), pathOf(file.data));
        });
    }
    menu->setToolTipsVisible(true);
    menu->setEnabled(!menu->isEmpty());
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event)
{
    std::filesystem::path model;
    std::filesystem::path other;
    for (const QUrl& url : event->mimeData()->urls()) {
        const QString file = url.toLocalFile();
        const bool opens =
            file.endsWith(QLatin1String(".onnx"), Qt::CaseInsensitive) || isSessionFile(pathOf(file));
        (opens ? model : other) = pathOf(file);
    }
    event->acceptProposedAction();
    if (!model.empty() && !mayLeave()) {
        return;
    }
    if (!model.empty()) {
        other.empty() || isSessionFile(model) ? openFile(model) : openProject(model, other);
    } else if (!other.empty() && !m_model.empty()) {
        io::isPlanFile(other) ? applyPlanFile(other)
                              : openProject(m_model, other, m_workspace.plan(), m_shapes);
    } else if (!other.empty()) {
        m_status->showMessage(tr("Open a model first: drop an .onnx file, alone or together with its data"));
    }
}

} // namespace app
