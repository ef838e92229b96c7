#pragma once

#include "tests/support/thread_time.h"

#include <QApplication>
#include <QEvent>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace support {

/// An application that measures how long every turn of its event loop is held up, in processor time of the UI
/// thread, which a busy machine does not change.
class TimedApplication : public QApplication
{
public:
    using QApplication::QApplication;

    struct Stall
    {
        double milliseconds = 0.0;
        std::string what; ///< class, object name and event
    };

    void startTiming()
    {
        m_stalls.clear();
        m_timing = true;
    }

    /// Longest first.
    [[nodiscard]] std::vector<Stall> stopTiming()
    {
        m_timing = false;
        std::ranges::sort(m_stalls, std::greater{}, &Stall::milliseconds);
        return m_stalls;
    }

    bool notify(QObject* receiver, QEvent* event) override
    {
        if (!m_timing || m_inside) {
            return QApplication::notify(receiver, event);
        }
        m_inside = true;
        const std::string what = std::string(receiver->metaObject()->className()) + " "
            + receiver->objectName().toStdString() + " " + std::to_string(static_cast<int>(event->type()));
        const double start = threadMilliseconds();
        const bool handled = QApplication::notify(receiver, event);
        m_stalls.push_back({threadMilliseconds() - start, what});
        m_inside = false;
        return handled;
    }

private:
    std::vector<Stall> m_stalls;
    bool m_timing = false;
    bool m_inside = false;
};

} // namespace support
