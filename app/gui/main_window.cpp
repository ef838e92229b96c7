#include "app/gui/main_window.h"

#include "app/gui/dock_titles.h"
#include "app/gui/recent_files.h"
#include "app/gui/status_panel.h"
#include "views/channels_view.h"
#include "views/distribution_view.h"
#include "views/doctor_view.h"
#include "views/error_profile_view.h"
#include "views/graph_view.h"
#include "views/inspector_view.h"
#include "views/messages_view.h"
#include "views/methods_view.h"
#include "views/network_methods.h"
#include "views/operators_view.h"
#include "views/runs_view.h"
#include "views/sample_badge.h"
#include "views/samples_view.h"
#include "views/saved_filters.h"
#include "views/search_view.h"
#include "views/sensitivity_view.h"
#include "views/tensor_view.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QScreen>
#include <QSettings>
#include <QStatusBar>
#include <QStyle>

namespace app {

namespace {

constexpr int kLeastDockHeight = 90;

QString textOf(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

} // namespace

MainWindow::MainWindow(Layout layout, QWidget* parent)
    : QMainWindow(parent)
    , m_systemPalette(QApplication::palette())
{
    setObjectName(QStringLiteral("mainWindow"));
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    resize(QSize(1440, 900).boundedTo(screen()->availableSize()));
    m_status = new StatusPanel(this);
    statusBar()->addWidget(m_status, 1);
    statusBar()->setSizeGripEnabled(false);
    makeDocks();
    new DockTitles(this);
    makeActions();
    connectDelivery();
    connectWorkspace();
    resetLayout();
    m_asksBeforeLeaving = layout == Layout::Remembered;
    connect(m_workspace.undoStack(), &QUndoStack::cleanChanged, this,
            [this](bool clean) { setWindowModified(!clean); });
    if (layout == Layout::Remembered) {
        const QSettings settings;
        restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
        restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
        m_operators->restoreColumns(settings.value(QStringLiteral("operators/columns")).toByteArray());
        m_operators->savedFilters()->setFilters(
            settings.value(QStringLiteral("operators/filters")).toStringList());
        setPaletteChoice(
            static_cast<views::PaletteChoice>(settings.value(QStringLiteral("window/palette"), 0).toInt()));
    }
    updateTitle();
}

QDockWidget* MainWindow::addDock(const QString& name, const QString& title, QWidget* content)
{
    auto* const dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(content);
    m_docks.push_back(dock);
    return dock;
}

void MainWindow::makeDocks()
{
    // No central widget: every part of the window is a dock that can be closed and found again.
    auto* const none = new QWidget(this);
    none->setObjectName(QStringLiteral("noCentralWidget"));
    none->setMaximumSize(0, 0);
    none->hide();
    setCentralWidget(none);
    m_operators = new views::OperatorsView(&m_selection, this);
    m_distribution = new views::DistributionView(&m_selection, &m_costs, this);
    m_inspector = new views::InspectorView(&m_selection, this);
    m_graph = new views::GraphView(&m_selection, this);
    m_profile = new views::ErrorProfileView(&m_selection, this);
    m_methods = new views::MethodsView(&m_selection, &m_costs, this);
    m_channels = new views::ChannelsView(&m_selection, this);
    m_samples = new views::SamplesView(&m_selection, this);
    m_runs = new views::RunsView(&m_selection, this);
    m_tensor = new views::TensorView(&m_selection, this);
    m_doctor = new views::DoctorView(&m_selection, this);
    m_sensitivity = new views::SensitivityView(&m_selection, this);
    m_search = new views::SearchView(this);
    m_messages = new views::MessagesView(this);
    addDock(QStringLiteral("operatorsDock"), tr("Operators"), m_operators);
    addDock(QStringLiteral("graphDock"), tr("Graph"), m_graph);
    addDock(QStringLiteral("distributionDock"), tr("Distribution"), m_distribution);
    addDock(QStringLiteral("inspectorDock"), tr("Inspector"), m_inspector);
    addDock(QStringLiteral("profileDock"), tr("Error profile"), m_profile);
    addDock(QStringLiteral("doctorDock"), tr("Doctor"), m_doctor);
    addDock(QStringLiteral("sensitivityDock"), tr("Sensitivity"), m_sensitivity);
    addDock(QStringLiteral("searchDock"), tr("Search"), m_search);
    addDock(QStringLiteral("methodsDock"), tr("Methods"), m_methods);
    addDock(QStringLiteral("channelsDock"), tr("Channels"), m_channels);
    addDock(QStringLiteral("tensorDock"), tr("Tensor"), m_tensor);
    addDock(QStringLiteral("samplesDock"), tr("Samples"), m_samples);
    addDock(QStringLiteral("runsDock"), tr("Runs"), m_runs);
    addDock(QStringLiteral("messagesDock"), tr("Messages"), m_messages);
    connect(m_operators, &views::OperatorsView::queryChanged, m_graph, &views::GraphView::setQuery);
}

void MainWindow::resetLayout()
{
    for (QDockWidget* const dock : m_docks) {
        removeDockWidget(dock);
    }
    // Operators | Graph | Distribution over Inspector; below all of them the profile and its tabs.
    enum
    {
        Operators,
        Graph,
        Distribution,
        Inspector,
        Profile
    };
    addDockWidget(Qt::TopDockWidgetArea, m_docks[Operators]);
    splitDockWidget(m_docks[Operators], m_docks[Graph], Qt::Horizontal);
    splitDockWidget(m_docks[Graph], m_docks[Distribution], Qt::Horizontal);
    splitDockWidget(m_docks[Distribution], m_docks[Inspector], Qt::Vertical);
    addDockWidget(Qt::BottomDockWidgetArea, m_docks[Profile]);
    for (std::size_t i = Profile + 1; i < m_docks.size(); ++i) {
        tabifyDockWidget(m_docks[Profile], m_docks[i]);
    }
    for (QDockWidget* const dock : m_docks) {
        dock->setFloating(false);
        dock->show();
    }
    m_docks[Profile]->raise();
    for (std::size_t i = Profile; i < m_docks.size(); ++i) {
        // Else the dock that needs most room just now would decide about the height of all, and it would grow
        // with every longer text in one of them.
        m_docks[i]->widget()->setMinimumHeight(kLeastDockHeight);
    }
    const int w = width();
    resizeDocks({m_docks[Operators], m_docks[Graph], m_docks[Distribution]},
                {w * 37 / 100, w * 20 / 100, w * 43 / 100}, Qt::Horizontal);
    resizeDocks({m_docks[Operators], m_docks[Profile]}, {height() * 70 / 100, height() * 30 / 100},
                Qt::Vertical);
}

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

void MainWindow::openProject(const std::filesystem::path& model, const std::filesystem::path& samples,
                             std::shared_ptr<const core::QuantizationPlan> plan,
                             const std::map<std::string, core::Shape>& shapes)
{
    m_asked = {model, samples, shapes, plan};
    m_controller.cancel();
    ProjectRequest request;
    request.model = model;
    request.data = samples;
    request.shapes = shapes;
    m_controller.open(request, plan);
    m_status->showMessage(tr("Opening %1…").arg(textOf(model.filename())));
}

void MainWindow::showOpened(const std::shared_ptr<const core::QuantizationPlan>& plan)
{
    m_model = m_asked.model;
    m_data = m_asked.data;
    m_shapes = m_asked.shapes;
    m_session.clear();
    m_selection.clear();
    m_worst.reset();
    rememberFile({textOf(m_model), textOf(m_data)});
    m_workspace.start(plan);
    showSource();
    updateTitle();
}

void MainWindow::showSource()
{
    const core::DataSource& source = m_controller.project()->data;
    m_samples->setDataset(source.evaluation);
    const auto samples = static_cast<int>(source.evaluation->size());
    m_status->setSource(QString::fromStdString(m_controller.project()->model->file),
                        source.evaluation->isSynthetic()
                            ? tr("%n synthetic samples", nullptr, samples)
                            : tr("%1 (%n samples)", nullptr, samples).arg(textOf(m_data.filename())));
}

void MainWindow::showResults()
{
    const auto& results = m_workspace.results();
    m_operators->setResults(results);
    m_inspector->setResults(results); // keys edit through it
    if (results) {
        m_delivery.schedule(); // one dock a turn: together they would hold up the event loop
    } else {
        for (const auto& show : m_shows) {
            show(nullptr); // another network: nothing of the old one may stay, and emptying is quick
        }
    }
    m_badge->setCount(results ? results->report->samples : 0);
    m_status->setResults(results.get(), m_workspace.isStale());
    if (results) {
        selectWorst();
    }
}

void MainWindow::requestSample()
{
    // While a sample is selected, every view shows the selected operator's output for it.
    if (m_selection.sample() && m_selection.current() && m_workspace.results()) {
        m_controller.requestTensors(m_workspace.results()->report->plan, *m_selection.current(),
                                    *m_selection.sample());
    }
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

void MainWindow::selectWorst()
{
    // Until the user selects or edits something, the worst operator is shown: by isolated error first, by the
    // error at the output as soon as that is known.
    const bool isUntouched = m_workspace.undoStack()->count() == 0 && !m_selection.canGoBack();
    if (m_selection.current() == m_worst && isUntouched) {
        m_operators->selectWorst();
        m_worst = m_selection.current();
        m_selection.forgetBack();
    }
}

bool MainWindow::selectOperator(const QString& name)
{
    const auto layer = m_workspace.results() ? m_workspace.results()->layer(name.toStdString()) : nullptr;
    if (layer) {
        m_selection.select(layer->id);
    }
    return layer != nullptr;
}

bool MainWindow::raiseDock(const QString& name)
{
    if (name.compare(tr("Weights"), Qt::CaseInsensitive) == 0) {
        m_distribution->showWeights();
        return raiseDock(QStringLiteral("distributionDock"));
    }
    if (name.compare(tr("Over time"), Qt::CaseInsensitive) == 0) {
        m_profile->showTime(true);
        return raiseDock(QStringLiteral("profileDock"));
    }
    if (name.compare(tr("Network methods"), Qt::CaseInsensitive) == 0) {
        m_methods->showPage(views::MethodsView::Page::Network);
        m_controller.compareMethods(m_workspace.plan());
        return raiseDock(QStringLiteral("methodsDock"));
    }
    if (name.compare(tr("Diagnosis"), Qt::CaseInsensitive) == 0) {
        m_diagnosis.start(m_workspace.plan());
        return raiseDock(QStringLiteral("doctorDock"));
    }
    if (name.compare(tr("Searching"), Qt::CaseInsensitive) == 0) {
        m_search->start();
        return raiseDock(QStringLiteral("searchDock"));
    }
    if (name.compare(tr("Truths"), Qt::CaseInsensitive) == 0) {
        m_sensitivity->start();
        return raiseDock(QStringLiteral("sensitivityDock"));
    }
    for (QDockWidget* const dock : m_docks) {
        if (dock->objectName() == name || dock->windowTitle().compare(name, Qt::CaseInsensitive) == 0) {
            dock->show();
            dock->raise();
            return true;
        }
    }
    return false;
}

void MainWindow::setPaletteChoice(views::PaletteChoice choice)
{
    const bool dark = choice == views::PaletteChoice::Dark
        || (choice == views::PaletteChoice::System && views::isDark(m_systemPalette));
    QApplication::setPalette(dark ? views::darkPalette() : views::lightPalette());
}

void MainWindow::updateTitle()
{
    QString title =
        m_model.empty() ? tr("Noisefloor") : tr("%1[*] – Noisefloor").arg(textOf(m_model.filename()));
    if (m_status->percent() >= 0) {
        title = tr("%1 % – ").arg(m_status->percent()) + title;
    }
    setWindowTitle(title);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!mayLeave()) {
        event->ignore();
        return;
    }
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/state"), saveState());
    settings.setValue(QStringLiteral("operators/columns"), m_operators->saveColumns());
    settings.setValue(QStringLiteral("operators/filters"), m_operators->savedFilters()->filters());
    QMainWindow::closeEvent(event);
}

} // namespace app
