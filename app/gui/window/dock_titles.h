#pragma once

#include <QObject>

class QDockWidget;
class QMainWindow;
class QTabBar;

namespace app {

/// A dock among tabs needs no title bar: its tab says the same and the room belongs to the view. What the
/// title bar offers, float and close, is then on the tab: double click, and a menu.
class DockTitles : public QObject
{
    Q_OBJECT

public:
    explicit DockTitles(QMainWindow* window);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void queueUpdate();
    void update();
    [[nodiscard]] QDockWidget* dockOf(const QTabBar* bar, QPoint position) const;

    QMainWindow* m_window;
    bool m_queued = false;
};

} // namespace app
