#include "app/gui/window/delivery.h"

#include <QDockWidget>

#include <algorithm>

namespace app {

void Delivery::add(QDockWidget* dock, std::function<void()> refresh, When when)
{
    const std::size_t index = m_parts.size();
    m_parts.push_back({dock, std::move(refresh), when});
    connect(dock, &QDockWidget::visibilityChanged, this, [this, index](bool visible) {
        m_parts[index].inView = visible; // false too when another tab covers it
        if (visible && m_parts[index].due) {
            queueNext();
        }
    });
}

bool Delivery::isPending() const { return std::ranges::any_of(m_parts, &Part::isReady); }

void Delivery::schedule()
{
    for (Part& part : m_parts) {
        part.due = true;
    }
    queueNext();
}

void Delivery::schedule(const QDockWidget* dock)
{
    for (Part& part : m_parts) {
        part.due = part.due || part.dock == dock;
    }
    queueNext();
}

void Delivery::queueNext()
{
    if (!m_queued) {
        m_queued = true;
        QMetaObject::invokeMethod(this, &Delivery::next, Qt::QueuedConnection);
    }
}

void Delivery::next()
{
    m_queued = false;
    const auto part = std::ranges::find_if(m_parts, &Part::isReady);
    if (part == m_parts.end()) {
        emit delivered();
        return;
    }
    part->due = false;
    part->refresh();
    queueNext();
}

} // namespace app
