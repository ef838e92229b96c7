// The docks of the main window: made from their table, and where they stand.
#include "app/gui/window/main_window.h"

#include "app/gui/window/docks.h"
#include "views/base/panel.h"

#include <QDockWidget>

#include <algorithm>

namespace app {

namespace {

constexpr int kLeastDockHeight = 90;

bool isNamed(const QString& name, const char* word)
{
    return name.compare(QLatin1String(word), Qt::CaseInsensitive) == 0;
}

} // namespace

void MainWindow::makeDocks()
{
    // No central widget: every part of the window is a dock that can be closed and found again.
    auto* const none = new QWidget(this);
    none->setObjectName(QStringLiteral("noCentralWidget"));
    none->setMaximumSize(0, 0);
    none->hide();
    setCentralWidget(none);
    const DockContext context{&m_selection, &m_costs, &m_workspace, &m_controller, this};
    for (const DockRow& row : dockRows()) {
        views::Panel* const panel = row.make(context);
        auto* const dock = new QDockWidget(tr(row.title), this);
        dock->setObjectName(QLatin1String(row.name));
        dock->setWidget(panel);
        m_docks.push_back({&row, dock, panel});
    }
}

void MainWindow::connectDocks()
{
    std::vector<Dock> inTurn = m_docks;
    std::ranges::stable_sort(inTurn, {}, [](const Dock& dock) { return dock.row->turn; });
    for (const Dock& dock : inTurn) {
        views::Panel* const panel = dock.panel;
        connect(panel, &views::Panel::planEdited, &m_workspace, &Workspace::edit);
        connect(&m_workspace, &Workspace::planChanged, panel, &views::Panel::setPlan);
        connect(&m_workspace, &Workspace::staleChanged, panel, &views::Panel::setStale);
        connect(&m_workspace, &Workspace::baselineChanged, panel,
                [this, panel] { panel->setBaseline(m_workspace.baseline()); });
        connect(&m_controller, &RunController::tensorsReady, panel, &views::Panel::setTensors);
        if (dock.row->news == DockNews::Runs) {
            m_delivery.add(
                dock.widget, [this, panel] { panel->setRuns(m_workspace.runs()); }, dock.row->when);
            connect(&m_workspace, &Workspace::runsChanged, panel, [this, dock] {
                m_workspace.runs().empty() ? dock.panel->setRuns({}) : m_delivery.schedule(dock.widget);
            });
        } else if (dock.row->turn > 0) {
            m_delivery.add(
                dock.widget, [this, panel] { panel->setResults(m_workspace.results()); }, dock.row->when);
        }
    }
}

void MainWindow::resetLayout()
{
    const auto at = [this](DockPlace place) {
        return std::ranges::find(m_docks, place, [](const Dock& dock) { return dock.row->place; })->widget;
    };
    QDockWidget* const left = at(DockPlace::Left);
    QDockWidget* const middle = at(DockPlace::Middle);
    QDockWidget* const right = at(DockPlace::Right);
    QDockWidget* const belowRight = at(DockPlace::BelowRight);
    QDockWidget* const bottom = at(DockPlace::Bottom);
    for (const Dock& dock : m_docks) {
        removeDockWidget(dock.widget);
    }
    addDockWidget(Qt::TopDockWidgetArea, left);
    splitDockWidget(left, middle, Qt::Horizontal);
    splitDockWidget(middle, right, Qt::Horizontal);
    splitDockWidget(right, belowRight, Qt::Vertical);
    addDockWidget(Qt::BottomDockWidgetArea, bottom);
    for (const Dock& dock : m_docks) {
        if (dock.row->place == DockPlace::Bottom && dock.widget != bottom) {
            tabifyDockWidget(bottom, dock.widget);
        }
    }
    for (const Dock& dock : m_docks) {
        dock.widget->setFloating(false);
        dock.widget->show();
    }
    bottom->raise();
    for (const Dock& dock : m_docks) {
        // Else the dock that needs most room just now would decide about the height of all, and it would grow
        // with every longer text in one of them.
        if (dock.row->place == DockPlace::Bottom) {
            dock.panel->setMinimumHeight(kLeastDockHeight);
        }
    }
    const int w = width();
    resizeDocks({left, middle, right}, {w * 37 / 100, w * 20 / 100, w * 43 / 100}, Qt::Horizontal);
    resizeDocks({right, belowRight}, {height() * 53 / 100, height() * 17 / 100}, Qt::Vertical);
    resizeDocks({left, bottom}, {height() * 70 / 100, height() * 30 / 100}, Qt::Vertical);
}

bool MainWindow::raiseDock(const QString& name)
{
    const auto page =
        std::ranges::find_if(dockPages(), [&](const DockPage& p) { return isNamed(name, p.name); });
    const bool isPage = page != dockPages().end();
    const auto dock = std::ranges::find_if(m_docks, [&](const Dock& d) {
        return isPage ? QLatin1String(page->dock) == QLatin1String(d.row->name)
                      : name == QLatin1String(d.row->name) || isNamed(name, d.row->title);
    });
    if (dock == m_docks.end()) {
        return false;
    }
    if (isPage) {
        page->show(*dock->panel);
    }
    dock->widget->show();
    dock->widget->raise();
    return true;
}

} // namespace app
