// Menus, the toolbar and the keys of the main window.
#include "app/gui/window/main_window.h"

#include "app/gui/window/help_dialog.h"
#include "app/gui/window/memory_menu.h"
#include "app/gui/window/status_panel.h"
#include "app/gui/window/tour.h"
#include "views/base/format.h"
#include "views/base/sample_badge.h"
#include "views/distribution/distribution_view.h"
#include "views/graph/graph_view.h"
#include "views/inspector/inspector_view.h"
#include "views/operators/operators_view.h"

#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QToolBar>
#include <QToolButton>

namespace app {

namespace {

struct MethodKey
{
    const char* method;
    Qt::Key key;
};

constexpr MethodKey kMethodKeys[]{
    {"minmax", Qt::Key_1}, {"percentile:99.99", Qt::Key_2}, {"entropy", Qt::Key_3}, {"l2", Qt::Key_4},
    {"l1", Qt::Key_5},     {"manual", Qt::Key_6},
};

} // namespace

QAction* MainWindow::addKey(QMenu* menu, const QString& text, const QKeySequence& key,
                            const std::function<void()>& run)
{
    QAction* const action = menu->addAction(text);
    action->setShortcut(key);
    connect(action, &QAction::triggered, this, run);
    return action;
}

void MainWindow::makeMethodMenu(QMenu* menu)
{
    for (const MethodKey& entry : kMethodKeys) {
        const core::CalibrationMethod method = core::parseCalibrationMethod(entry.method);
        addKey(menu, views::methodTitle(method), entry.key,
               [this, method] { part<views::InspectorView>()->applyMethod(method); });
    }
    menu->addSeparator();
    addKey(menu, tr("Keep in FP32, or quantize again"), Qt::Key_F,
           [this] { part<views::InspectorView>()->toggleFloat(); });
    addKey(menu, tr("Nudge the threshold up"), Qt::Key_BracketRight,
           [this] { part<views::DistributionView>()->nudge(+1); });
    addKey(menu, tr("Nudge the threshold down"), Qt::Key_BracketLeft,
           [this] { part<views::DistributionView>()->nudge(-1); });
    menu->addSeparator();
    addKey(menu, tr("Reset to the defaults"), {},
           [this] { part<views::InspectorView>()->resetToDefaults(); });
    addKey(menu, tr("Select all of its type"), {}, [this] { part<views::InspectorView>()->selectType(); });
    part<views::OperatorsView>()->setOperatorMenu(menu);
    part<views::GraphView>()->setOperatorMenu(menu);
}

void MainWindow::makeActions()
{
    QMenu* const file = menuBar()->addMenu(tr("&File"));
    QAction* const open = addKey(file, tr("Open…"), QKeySequence::Open, [this] { openDialog(); });
    QMenu* const recent = file->addMenu(tr("Recent"));
    recent->setObjectName(QStringLiteral("recentMenu"));
    connect(file, &QMenu::aboutToShow, recent, [this, recent] { fillRecentMenu(recent); });
    addKey(file, tr("Built-in sample"), {}, [this] { openSample(); });
    QAction* const openData =
        addKey(file, tr("Data…"), QKeySequence(tr("Ctrl+D")), [this] { openDataDialog(); });
    addKey(file, tr("Input shapes…"), {}, [this] { openShapeDialog(); });
    addKey(file, tr("Apply or import a plan…"), {}, [this] { openPlanDialog(); });
    addKey(file, tr("Save session"), QKeySequence::Save, [this] { saveSessionAgain(); });
    addKey(file, tr("Save session as…"), QKeySequence(tr("Ctrl+Shift+S")), [this] { saveSessionDialog(); });
    QAction* const exportPlan =
        addKey(file, tr("Export…"), QKeySequence(tr("Ctrl+E")), [this] { exportDialog(); });
    addKey(file, tr("Report as HTML…"), QKeySequence(tr("Ctrl+Shift+E")), [this] { saveHtmlDialog(); });
    addKey(file, tr("Copy as command"), QKeySequence(tr("Ctrl+Shift+C")), [this] { copyCommand(); });
    file->addSeparator();
    addKey(file, tr("Quit"), QKeySequence::Quit, [this] { close(); });

    QMenu* const edit = menuBar()->addMenu(tr("&Edit"));
    QAction* const undo = m_workspace.undoStack()->createUndoAction(this, tr("Undo"));
    undo->setShortcut(QKeySequence::Undo);
    QAction* const redo = m_workspace.undoStack()->createRedoAction(this, tr("Redo"));
    redo->setShortcuts({QKeySequence(tr("Ctrl+Y")), QKeySequence(tr("Ctrl+Shift+Z"))});
    edit->addAction(undo);
    edit->addAction(redo);
    edit->addSeparator();
    QMenu* const methods = edit->addMenu(tr("Method of the selection"));
    makeMethodMenu(methods);

    QMenu* const go = menuBar()->addMenu(tr("&Go"));
    addKey(go, tr("Next worst"), Qt::Key_N, [this] { part<views::OperatorsView>()->selectBetter(); });
    addKey(go, tr("Previous worst"), Qt::Key_P, [this] { part<views::OperatorsView>()->selectWorse(); });
    QAction* const back =
        addKey(go, tr("Back"), QKeySequence(tr("Alt+Left")), [this] { m_selection.back(); });
    back->setEnabled(false);
    connect(&m_selection, &views::Selection::canGoBackChanged, back, &QAction::setEnabled);
    addKey(go, tr("Fit the graph"), Qt::Key_Space, [this] { part<views::GraphView>()->fit(); });
    addKey(go, tr("Find"), QKeySequence::Find, [this] { part<views::OperatorsView>()->focusFilter(); });
    addKey(go, tr("Clear the filter, then leave the sample"), Qt::Key_Escape,
           [this] { leaveFilterOrSample(); });

    QMenu* const run = menuBar()->addMenu(tr("&Run"));
    m_runAction = addKey(run, tr("Run"), Qt::Key_F5, [this] {
        m_controller.isBusy() ? m_controller.cancel() : m_controller.run(m_workspace.plan());
    });
    QAction* const baseline = addKey(run, tr("Baseline"), Qt::Key_B, [this] {
        m_workspace.pinBaseline(m_workspace.results());
        m_status->showMessage(m_workspace.results()
                                  ? tr("Pinned as the baseline that later runs are compared with")
                                  : tr("Nothing to pin yet: open a model first"));
    });
    baseline->setToolTip(
        tr("Pins the present results as the baseline that later ones are compared with (B)"));

    addKey(run, tr("Diagnose"), QKeySequence(tr("Ctrl+Shift+D")),
           [this] { raiseDock(QLatin1String(kDiagnosisPage)); });
    addKey(run, tr("Search precisions"), QKeySequence(tr("Ctrl+Shift+P")),
           [this] { raiseDock(QLatin1String(kSearchingPage)); });
    addKey(run, tr("Compare runs"), Qt::Key_D, [this] { raiseDock(QStringLiteral("runsDock")); });
    run->addSeparator();
    makeMemoryMenu(
        run->addMenu(tr("Memory")), [this](std::size_t bytes) { m_controller.setMemory(bytes); },
        [this] { return m_controller.project() ? m_controller.project()->session->keptBytes() : 0; });

    m_viewMenu = menuBar()->addMenu(tr("&View"));
    for (const Dock& dock : m_docks) {
        m_viewMenu->addAction(dock.widget->toggleViewAction());
    }
    m_viewMenu->addSeparator();
    addKey(m_viewMenu, tr("Reset layout"), {}, [this] { resetLayout(); });
    QMenu* const palettes = m_viewMenu->addMenu(tr("Palette"));
    const std::pair<QString, views::PaletteChoice> choices[]{
        {tr("As the system"), views::PaletteChoice::System},
        {tr("Light"), views::PaletteChoice::Light},
        {tr("Dark"), views::PaletteChoice::Dark}};
    auto* const group = new QActionGroup(this);
    const int now = QSettings().value(QStringLiteral("window/palette"), 0).toInt();
    for (const auto& [text, choice] : choices) {
        QAction* const action = addKey(palettes, text, {}, [this, choice = choice] {
            setPaletteChoice(choice);
            QSettings().setValue(QStringLiteral("window/palette"), static_cast<int>(choice));
        });
        action->setCheckable(true);
        action->setChecked(now == static_cast<int>(choice));
        group->addAction(action);
    }
    QMenu* const help = menuBar()->addMenu(tr("&Help"));
    addKey(help, tr("Keys and formulas"), QKeySequence(Qt::Key_F1), [this] { showHelp(); });
    addKey(help, tr("Tour of the sample"), {}, [this] { startTour(); });
    addKey(help, tr("About Noisefloor"), {}, [this] { showAbout(); });

    auto* const bar = addToolBar(tr("Toolbar"));
    bar->setObjectName(QStringLiteral("toolbar"));
    bar->setMovable(false);
    bar->setToolButtonStyle(Qt::ToolButtonTextOnly);
    bar->addActions({open, openData});
    bar->addSeparator();
    bar->addAction(m_runAction);
    bar->addSeparator();
    auto* const shortUndo = new QAction(tr("Undo"), this);
    auto* const shortRedo = new QAction(tr("Redo"), this);
    for (const auto& [action, source] : {std::pair(shortUndo, undo), std::pair(shortRedo, redo)}) {
        // The stack's own actions carry the name of the step, which would make the toolbar jump.
        connect(action, &QAction::triggered, source, &QAction::trigger);
        connect(source, &QAction::changed, action, [action = action, source = source] {
            action->setEnabled(source->isEnabled());
            action->setToolTip(source->text());
        });
        action->setEnabled(source->isEnabled());
        bar->addAction(action);
    }
    bar->addSeparator();
    bar->addAction(baseline);
    auto* const method = new QToolButton(bar);
    method->setObjectName(QStringLiteral("methodButton"));
    method->setText(tr("Method"));
    method->setToolTip(tr("Calibration method of the selected operators (keys 1 to 6)"));
    method->setMenu(methods);
    method->setPopupMode(QToolButton::InstantPopup);
    bar->addWidget(method);
    bar->addSeparator();
    bar->addAction(exportPlan);
    auto* const room = new QWidget(bar);
    room->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(room);
    m_badge = new views::SampleBadge(&m_selection, bar);
    // A toolbar shows and hides the action of a widget, not the widget.
    QAction* const badge = bar->addWidget(m_badge);
    badge->setVisible(false);
    connect(&m_selection, &views::Selection::sampleChanged, badge,
            [this, badge] { badge->setVisible(m_selection.sample().has_value()); });
}

void MainWindow::leaveFilterOrSample()
{
    if (!part<views::OperatorsView>()->hasFilter()) {
        m_selection.setSample(std::nullopt);
    }
    clearFilters();
}

void MainWindow::clearFilters()
{
    part<views::OperatorsView>()->clearFilter();
    part<views::GraphView>()->clearFind();
}

void MainWindow::showHelp()
{
    auto* dialog = findChild<HelpDialog*>();
    if (!dialog) {
        dialog = new HelpDialog(this);
        connect(dialog, &HelpDialog::tourWanted, this, &MainWindow::startTour);
    }
    dialog->show();
    dialog->raise();
}

void MainWindow::showAbout()
{
    auto* const box = new QMessageBox(
        QMessageBox::NoIcon, tr("About Noisefloor"),
        tr("<h3>Noisefloor %1</h3><p>Finds where a neural network loses accuracy when it is quantized, and "
           "mends it.</p>")
            .arg(QCoreApplication::applicationVersion()),
        QMessageBox::Close, this);
    box->setObjectName(QStringLiteral("aboutBox"));
    box->setInformativeText(
        tr("Free software under the GNU General Public License, version 3 or later. It stands on oneDNN, "
           "Qt %1, QCustomPlot, HDF5, ONNX and Graphviz.")
            .arg(QLatin1String(qVersion())));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::startTour()
{
    auto* tour = findChild<Tour*>();
    if (!tour) {
        tour = new Tour(this);
        connect(tour, &Tour::dockWanted, this, &MainWindow::raiseDock);
        connect(tour, &Tour::sampleWanted, this, &MainWindow::openSample);
    }
    tour->start();
}

} // namespace app
