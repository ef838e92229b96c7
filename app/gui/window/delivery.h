#pragma once

#include <QObject>

#include <functional>
#include <vector>

class QDockWidget;

namespace app {

/// Brings one change to many docks without holding up the event loop: one dock a turn, those in view first
/// come first; those out of view when they are shown.
class Delivery : public QObject
{
    Q_OBJECT

public:
    enum class When
    {
        InView,
        Always ///< others depend on what it asks for
    };
    using QObject::QObject;

    void add(QDockWidget* dock, std::function<void()> refresh,
             When when = When::InView); ///< in order of importance
    void schedule(); ///< everything is out of date
    void schedule(const QDockWidget* dock);
    [[nodiscard]] bool isPending() const; ///< a dock that need not be shown first waits

signals:
    void delivered(); ///< nothing in view waits any more

private:
    struct Part
    {
        QDockWidget* dock = nullptr;
        std::function<void()> refresh;
        When when = When::InView;
        bool due = false;
        bool inView = false;
        [[nodiscard]] bool isReady() const { return due && (inView || when == When::Always); }
    };
    void next();
    void queueNext();

    std::vector<Part> m_parts;
    bool m_queued = false;
};

} // namespace app
