#include "app/gui/window/dock_titles.h"

#include <QContextMenuEvent>
#include <QDockWidget>
#include <QMainWindow>
#include <QMenu>
#include <QMouseEvent>
#include <QTabBar>

namespace app {

namespace {

/// Not exactly over the tab that takes its place. A double click on its title docks it again.
void floatAside(QDockWidget* dock)
{
    const QPoint place = dock->mapToGlobal(QPoint(40, -120));
    dock->setFloating(true);
    dock->move(place);
}

} // namespace

DockTitles::DockTitles(QMainWindow* window)
    : QObject(window)
    , m_window(window)
{
    m_window->installEventFilter(this); // every change of the layout asks the window for a new one
}

void DockTitles::queueUpdate()
{
    if (!m_queued) {
        m_queued = true;
        QMetaObject::invokeMethod(this, &DockTitles::update, Qt::QueuedConnection);
    }
}

void DockTitles::update()
{
    m_queued = false;
    for (auto* const dock : m_window->findChildren<QDockWidget*>(Qt::FindDirectChildrenOnly)) {
        const bool tabbed = !dock->isFloating() && !m_window->tabifiedDockWidgets(dock).isEmpty();
        QWidget* const bar = dock->titleBarWidget();
        if (tabbed && !bar) {
            dock->setTitleBarWidget(new QWidget(dock));
        } else if (!tabbed && bar) {
            dock->setTitleBarWidget(nullptr);
            delete bar;
        }
    }
    for (auto* const tabs : m_window->findChildren<QTabBar*>(Qt::FindDirectChildrenOnly)) {
        tabs->removeEventFilter(this);
        tabs->installEventFilter(this);
    }
}

QDockWidget* DockTitles::dockOf(const QTabBar* bar, QPoint position) const
{
    const int tab = bar->tabAt(position);
    for (auto* const dock : m_window->findChildren<QDockWidget*>(Qt::FindDirectChildrenOnly)) {
        if (tab >= 0 && dock->windowTitle() == bar->tabText(tab)
            && !m_window->tabifiedDockWidgets(dock).isEmpty()) {
            return dock;
        }
    }
    return nullptr;
}

bool DockTitles::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_window) {
        if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Show) {
            queueUpdate();
        }
        return false;
    }
    const auto* const tabs = qobject_cast<QTabBar*>(watched);
    if (!tabs) {
        return false;
    }
    if (event->type() == QEvent::MouseButtonDblClick) {
        if (QDockWidget* const dock = dockOf(tabs, static_cast<QMouseEvent*>(event)->pos())) {
            floatAside(dock);
            return true;
        }
    }
    if (event->type() == QEvent::ContextMenu) {
        const auto* const menuEvent = static_cast<QContextMenuEvent*>(event);
        if (QDockWidget* const dock = dockOf(tabs, menuEvent->pos())) {
            QMenu menu;
            menu.addAction(tr("Float (double click its title to dock it again)"), dock,
                           [dock] { floatAside(dock); });
            menu.addAction(tr("Close"), dock, &QDockWidget::close);
            menu.exec(menuEvent->globalPos());
            return true;
        }
    }
    return false;
}

} // namespace app
