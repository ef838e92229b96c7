// What the parts of the main window tell each other.
#include "app/gui/window/main_window.h"

#include "app/gui/window/status_panel.h"
#include "views/channels/channels_view.h"
#include "views/distribution/distribution_view.h"
#include "views/doctor/doctor_view.h"
#include "views/graph/graph_view.h"
#include "views/inspector/inspector_view.h"
#include "views/messages/messages_view.h"
#include "views/methods/methods_view.h"
#include "views/methods/network_methods.h"
#include "views/operators/operators_view.h"
#include "views/profile/error_profile_view.h"
#include "views/runs/runs_view.h"
#include "views/samples/samples_view.h"
#include "views/samples/tensor_view.h"
#include "views/search/search_view.h"
#include "views/sensitivity/sensitivity_view.h"

#include <QDockWidget>

#include <utility>

namespace app {

void MainWindow::connectDelivery()
{
    using Results = std::shared_ptr<const core::Results>;
    const auto shows = [this](const char* name, std::function<void(Results)> show,
                              Delivery::When when = Delivery::When::InView) {
        m_delivery.add(
            findChild<QDockWidget*>(QLatin1String(name)), [this, show] { show(m_workspace.results()); },
            when);
        m_shows.push_back(std::move(show));
    };
    shows("graphDock", [this](const Results& results) { m_graph->setResults(results); });
    // The distribution asks for what the methods cost, which Methods shows too.
    shows(
        "methodsDock", [this](const Results& results) { m_methods->setResults(results); },
        Delivery::When::Always);
    shows(
        "distributionDock", [this](const Results& results) { m_distribution->setResults(results); },
        Delivery::When::Always);
    shows("doctorDock", [this](const Results& results) { m_doctor->setResults(results); });
    shows("sensitivityDock", [this](const Results& results) { m_sensitivity->setResults(results); });
    shows("searchDock", [this](const Results& results) { m_search->setResults(results); });
    shows("profileDock", [this](const Results& results) { m_profile->setResults(results); });
    shows("channelsDock", [this](const Results& results) { m_channels->setResults(results); });
    shows("tensorDock", [this](const Results& results) { m_tensor->setResults(results); });
    shows("samplesDock", [this](const Results& results) { m_samples->setResults(results); });
    shows("messagesDock",
          [this](const Results& results) { m_messages->setReport(results ? results->report : nullptr); });
    m_delivery.add(findChild<QDockWidget*>(QStringLiteral("runsDock")),
                   [this] { m_runs->setRuns(m_workspace.runs()); });
}

void MainWindow::connectWorkspace()
{
    connect(&m_workspace, &Workspace::planChanged, m_distribution, &views::DistributionView::setPlan);
    connect(&m_workspace, &Workspace::planChanged, m_inspector, &views::InspectorView::setPlan);
    connect(&m_workspace, &Workspace::planChanged, m_methods, &views::MethodsView::setPlan);
    connect(m_methods, &views::MethodsView::planEdited, &m_workspace, &Workspace::edit);
    connectMethods();
    connectDoctor();
    connectSearch();
    connectSensitivity();
    connect(m_runs, &views::RunsView::planEdited, &m_workspace, &Workspace::edit);
    connect(m_runs, &views::RunsView::baselineWanted, &m_workspace, &Workspace::pinBaseline);
    connect(m_runs, &views::RunsView::noteEdited, &m_workspace, &Workspace::setNote);
    connect(&m_workspace, &Workspace::runsChanged, this, [this] {
        m_workspace.runs().empty() ? m_runs->setRuns({})
                                   : m_delivery.schedule(findChild<QDockWidget*>(QStringLiteral("runsDock")));
    });
    connect(&m_workspace, &Workspace::baselineChanged, this, [this] {
        m_runs->setBaseline(m_workspace.baseline());
        m_profile->setBaseline(m_workspace.baseline());
    });
    connect(&m_workspace, &Workspace::planChanged, this, [this](const auto& plan) {
        if (m_controller.project() && !m_workspace.isUpToDate()) {
            m_controller.run(plan);
        }
    });
    connect(&m_workspace, &Workspace::resultsChanged, this, &MainWindow::showResults);
    connect(&m_workspace, &Workspace::staleChanged, this, [this](bool stale) {
        m_operators->setStale(stale);
        m_distribution->setStale(stale);
        m_graph->setStale(stale);
        m_profile->setStale(stale);
        m_channels->setStale(stale);
        m_samples->setStale(stale);
        m_tensor->setStale(stale);
        m_status->setResults(m_workspace.results().get(), stale);
    });
    connect(m_distribution, &views::DistributionView::planEdited, &m_workspace, &Workspace::edit);
    connect(m_inspector, &views::InspectorView::planEdited, &m_workspace, &Workspace::edit);
    connect(m_inspector, &views::InspectorView::copyCommandRequested, this, &MainWindow::copyCommand);

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
    connect(&m_controller, &RunController::opened, this, &MainWindow::showOpened);
    connect(&m_controller, &RunController::openFailed, this, &MainWindow::showOpenFailure);
    connect(&m_controller, &RunController::sessionOpened, this,
            [this](const auto& session) { showSession(*session); });
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
        m_status->showMessage(m_workspace.isStale() ? tr("Stopped: the numbers are those of an earlier plan")
                                                    : tr("Stopped"));
    });
    connect(&m_controller, &RunController::failed, this, &MainWindow::showFailure);
    connect(m_tensor, &views::TensorView::tensorsWanted, this,
            [this](core::OperatorId op, std::size_t sample) {
                m_controller.requestTensors(m_workspace.results()->report->plan, op, sample);
            });
    connect(&m_controller, &RunController::tensorsReady, m_tensor, &views::TensorView::setTensors);
    connect(&m_controller, &RunController::tensorsReady, m_distribution,
            &views::DistributionView::setTensors);
    connect(&m_controller, &RunController::tensorsReady, m_channels, &views::ChannelsView::setTensors);
    connect(&m_selection, &views::Selection::sampleChanged, this, &MainWindow::requestSample);
    connect(&m_delivery, &Delivery::delivered, this, &MainWindow::requestSample); // of the new results
    connect(&m_selection, &views::Selection::changed, this, &MainWindow::requestSample);
    connect(m_status, &StatusPanel::cancelRequested, &m_controller, &RunController::cancel);
    m_workspace.start(m_workspace.plan());
}

void MainWindow::connectMethods()
{
    views::NetworkMethods* const network = m_methods->network();
    connect(network, &views::NetworkMethods::compareWanted, this,
            [this] { m_controller.compareMethods(m_workspace.plan()); });
    connect(network, &views::NetworkMethods::cancelWanted, &m_controller, &RunController::cancelComparison);
    connect(&m_controller, &RunController::methodCompared, network, &views::NetworkMethods::addOutcome);
    connect(&m_controller, &RunController::comparisonProgressed, network,
            &views::NetworkMethods::setProgress);
    connect(&m_controller, &RunController::comparingChanged, network, &views::NetworkMethods::setComparing);
}

void MainWindow::connectDoctor()
{
    connect(&m_workspace, &Workspace::planChanged, m_doctor, &views::DoctorView::setPlan);
    connect(m_doctor, &views::DoctorView::planEdited, &m_workspace, &Workspace::edit);
    connect(m_doctor, &views::DoctorView::baselineWanted, this, [this] {
        if (!m_workspace.baseline()) { // one that the user pinned stays
            m_workspace.pinBaseline(m_workspace.results());
        }
    });
    connect(m_doctor, &views::DoctorView::diagnosisWanted, this,
            [this] { m_diagnosis.start(m_workspace.plan()); });
    connect(m_doctor, &views::DoctorView::cancelWanted, &m_diagnosis, &DiagnosisService::cancel);
    connect(&m_diagnosis, &DiagnosisService::ready, m_doctor, &views::DoctorView::setDiagnosis);
    connect(&m_diagnosis, &DiagnosisService::progressed, m_doctor, &views::DoctorView::setProgress);
    connect(&m_diagnosis, &DiagnosisService::busyChanged, m_doctor, &views::DoctorView::setBusy);
    connect(&m_diagnosis, &DiagnosisService::failed, this, &MainWindow::showFailure);
}

void MainWindow::connectSearch()
{
    connect(&m_workspace, &Workspace::planChanged, m_search, &views::SearchView::setPlan);
    connect(m_search, &views::SearchView::planEdited, &m_workspace, &Workspace::edit);
    connect(m_search, &views::SearchView::searchWanted, this,
            [this](const core::SearchGoal& goal, std::size_t trials) {
                m_searching.start(m_workspace.plan(), goal, trials);
            });
    connect(m_search, &views::SearchView::cancelWanted, &m_searching, &SearchService::cancel);
    connect(&m_searching, &SearchService::advanced, m_search, &views::SearchView::setRecord);
    connect(&m_searching, &SearchService::progressed, m_search, &views::SearchView::setProgress);
    connect(&m_searching, &SearchService::busyChanged, m_search, &views::SearchView::setBusy);
    connect(&m_searching, &SearchService::failed, this, &MainWindow::showFailure);
}

void MainWindow::connectSensitivity()
{
    connect(&m_workspace, &Workspace::planChanged, m_sensitivity, &views::SensitivityView::setPlan);
    connect(
        m_sensitivity, &views::SensitivityView::measureWanted, this,
        [this](const core::SensitivityOptions& options) { m_measuring.start(m_workspace.plan(), options); });
    connect(m_sensitivity, &views::SensitivityView::cancelWanted, &m_measuring, &SensitivityService::cancel);
    connect(&m_measuring, &SensitivityService::ready, m_sensitivity, &views::SensitivityView::setTable);
    connect(&m_measuring, &SensitivityService::progressed, m_sensitivity,
            &views::SensitivityView::setProgress);
    connect(&m_measuring, &SensitivityService::busyChanged, m_sensitivity, &views::SensitivityView::setBusy);
    connect(&m_measuring, &SensitivityService::failed, this, &MainWindow::showFailure);
}

} // namespace app
