#include "app/gui/window/main_window.h"

#include "app/gui/window/dock_titles.h"
#include "app/gui/window/memory_menu.h"
#include "app/gui/window/path_text.h"
#include "app/gui/window/recent_files.h"
#include "app/gui/window/status_panel.h"
#include "app/gui/work/comparison_service.h"
#include "app/gui/work/diagnosis_service.h"
#include "app/gui/work/search_service.h"
#include "app/gui/work/sensitivity_service.h"
#include "views/base/panel.h"
#include "views/base/sample_badge.h"
#include "views/base/wheel_guard.h"
#include "views/operators/operators_view.h"
#include "views/operators/saved_filters.h"

#include <QApplication>
#include <QCloseEvent>
#include <QScreen>
#include <QSettings>
#include <QStatusBar>

namespace app {

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
    new views::WheelGuard(this);
    makeActions();
    connectDocks();
    connectWorkspace();
    connectController();
    connectWriters();
    m_controller.setMemory(memoryBytes());
    m_workspace.start(m_workspace.plan());
    resetLayout();
    m_asksBeforeLeaving = layout == Layout::Remembered;
    connect(m_workspace.undoStack(), &QUndoStack::cleanChanged, this,
            [this](bool clean) { setWindowModified(!clean); });
    if (layout == Layout::Remembered) {
        const QSettings settings;
        restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
        restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
        part<views::OperatorsView>()->restoreColumns(
            settings.value(QStringLiteral("operators/columns")).toByteArray());
        part<views::OperatorsView>()->savedFilters()->setFilters(
            settings.value(QStringLiteral("operators/filters")).toStringList());
        setPaletteChoice(
            static_cast<views::PaletteChoice>(settings.value(QStringLiteral("window/palette"), 0).toInt()));
    }
    updateTitle();
}

ComparisonService* MainWindow::comparison() const { return part<ComparisonService>(); }

DiagnosisService* MainWindow::diagnosis() const { return part<DiagnosisService>(); }

SearchService* MainWindow::search() const { return part<SearchService>(); }

SensitivityService* MainWindow::sensitivity() const { return part<SensitivityService>(); }

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
    for (const Dock& dock : m_docks) {
        dock.panel->setDataset(source.evaluation);
    }
    const auto samples = static_cast<int>(source.evaluation->size());
    m_status->setSource(QString::fromStdString(m_controller.project()->model->file),
                        source.evaluation->isSynthetic()
                            ? tr("%n synthetic samples", nullptr, samples)
                            : tr("%1 (%n samples)", nullptr, samples).arg(textOf(m_data.filename())));
}

void MainWindow::showResults()
{
    const auto& results = m_workspace.results();
    for (const Dock& dock : m_docks) {
        // Another network: nothing of the old one may stay, and emptying is quick.
        if (dock.row->turn == 0 || !results) {
            dock.panel->setResults(results);
        }
    }
    if (results) {
        m_delivery.schedule(); // one dock a turn: together they would hold up the event loop
    }
    m_badge->setCount(results ? results->report->samples : 0);
    m_status->setResults(results.get(), m_workspace.isStale());
    if (results) {
        if (!m_worst && results->report->metric) {
            raiseDock(QStringLiteral("samplesDock")); // the user's own number: its worst sample comes first
        }
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

void MainWindow::selectWorst()
{
    // Until the user selects or edits something, the worst operator is shown: by isolated error first, by the
    // error at the output as soon as that is known.
    const bool isUntouched = m_workspace.undoStack()->count() == 0 && !m_selection.canGoBack();
    if (!m_selection.current() || (m_selection.current() == m_worst && isUntouched)) {
        part<views::OperatorsView>()->selectWorst();
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
        m_closesWhenWritten = m_writer.isBusy(); // what was answered with Save
        return;
    }
    if (m_writer.isBusy()) { // a session that was saved is on its way to the disk
        event->ignore();
        m_closesWhenWritten = true;
        return;
    }
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/state"), saveState());
    settings.setValue(QStringLiteral("operators/columns"), part<views::OperatorsView>()->saveColumns());
    settings.setValue(QStringLiteral("operators/filters"),
                      part<views::OperatorsView>()->savedFilters()->filters());
    QMainWindow::closeEvent(event);
}

} // namespace app
