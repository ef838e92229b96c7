// What the parts of the main window tell each other.
#include "app/gui/window/main_window.h"

#include "app/gui/window/status_panel.h"
#include "app/gui/work/batch_service.h"
#include "core/base/error.h"
#include "core/network/selected_operators.h"
#include "views/graph/graph_view.h"
#include "views/inspector/inspector_view.h"
#include "views/operators/operators_view.h"

#include <utility>

namespace app {

void MainWindow::connectWorkspace()
{
    m_workspace.setBinder([this](Workspace::Plan plan) {
        const auto& project = m_controller.project();
        try {
            return project && core::mayHaveSelectors(*plan)
                ? core::boundTo(*project->session->operators(*plan), plan)
                : plan;
        } catch (const core::Error&) { // the run says it
            return plan;
        }
    });
    connect(part<views::OperatorsView>(), &views::OperatorsView::queryChanged, part<views::GraphView>(),
            &views::GraphView::setQuery);
    connect(part<views::InspectorView>(), &views::InspectorView::copyCommandRequested, this,
            &MainWindow::copyCommand);
    connect(&m_workspace, &Workspace::planChanged, this, [this](const auto& plan) {
        if (m_controller.project() && !m_workspace.isUpToDate()) {
            m_controller.run(plan);
        }
    });
    connect(&m_workspace, &Workspace::resultsChanged, this, &MainWindow::showResults);
    connect(&m_workspace, &Workspace::staleChanged, this,
            [this](bool stale) { m_status->setResults(m_workspace.results().get(), stale); });
    connect(&m_selection, &views::Selection::sampleChanged, this, &MainWindow::requestSample);
    connect(&m_delivery, &Delivery::delivered, this, &MainWindow::requestSample); // of the new results
    connect(&m_selection, &views::Selection::changed, this, &MainWindow::requestSample);
}

void MainWindow::connectWriters()
{
    for (const FileWriter* const writer : {&m_writer, &m_pageWriter}) {
        connect(writer, &FileWriter::written, this,
                [this](const QString& file) { m_status->showMessage(tr("Written: %1").arg(file)); });
        connect(writer, &FileWriter::failed, this, &MainWindow::showFailure);
    }
    connect(&m_writer, &FileWriter::written, this, [this] {
        if (std::exchange(m_closesWhenWritten, false)) {
            close();
        }
    });
    connect(&m_writer, &FileWriter::failed, this, [this] { m_closesWhenWritten = false; });
    connect(&m_writer, &FileWriter::failed, m_workspace.undoStack(), &QUndoStack::resetClean);
}

void MainWindow::connectController()
{
    connect(&m_controller, &RunController::opened, this, &MainWindow::showOpened);
    connect(&m_controller, &RunController::openFailed, this, &MainWindow::showOpenFailure);
    connect(&m_controller, &RunController::sessionOpened, this,
            [this](const auto& session) { showSession(*session); });
    connect(&m_controller, &RunController::earlyResultsReady, &m_workspace, &Workspace::setEarlyResults);
    connect(&m_controller, &RunController::resultsReady, &m_workspace, &Workspace::setResults);
    connect(&m_controller, &RunController::sensitivityReady, &m_workspace, &Workspace::setResults);
    connect(&m_controller, &RunController::progressed, this, [this](const core::Progress& progress) {
        m_status->setProgress(progress);
        updateTitle();
    });
    connect(&m_controller, &RunController::busyChanged, this, [this](bool busy) {
        m_status->setBusy(busy);
        m_runAction->setText(busy ? tr("Stop") : tr("Run"));
        updateTitle();
    });
    connect(&m_controller, &RunController::cancelled, this, [this] {
        const auto& results = m_workspace.results();
        m_status->showMessage(m_workspace.isStale() ? tr("Stopped: the numbers are those of an earlier plan")
                                  : results && results->isEarly()
                                  ? tr("Stopped: the numbers are those of the first %n samples", nullptr,
                                       static_cast<int>(results->report->samples))
                                  : tr("Stopped"));
    });
    connect(&m_controller, &RunController::failed, this, &MainWindow::showFailure);
    connect(m_status, &StatusPanel::cancelRequested, &m_controller, &RunController::cancel);
    for (BatchService* const service : findChildren<BatchService*>()) {
        connect(service, &BatchService::failed, this, &MainWindow::showFailure);
    }
}

} // namespace app
