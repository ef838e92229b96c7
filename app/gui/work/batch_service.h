#pragma once

#include "app/common/project.h"
#include "core/session/session.h"

#include <QObject>

#include <cstdint>
#include <functional>
#include <stop_token>

namespace app {

class RunController;

/// A long job off the UI thread, behind runs and previews; a run stops it. A job that a short one pushes
/// aside starts over, so it must be repeatable.
class BatchService : public QObject
{
    Q_OBJECT

public:
    /// `title` names the work where another one has to wait for it.
    BatchService(RunController* controller, const QString& title, QObject* parent);

    void cancel();
    [[nodiscard]] bool isBusy() const { return m_busy; }

signals:
    void progressed(const core::Progress& progress);
    void busyChanged(bool busy);
    void failed(const QString& message);

protected:
    using Tell =
        std::function<void(std::function<void()>)>; ///< on the UI thread, unless a newer job has begun
    /// True when it is done; false when it was stopped on the way. What it throws arrives as failed().
    using Job = std::function<bool(const Project& project, const std::stop_token& stop,
                                   const core::ProgressCallback& progress, const Tell& tell)>;
    /// Nothing while no project is open; failed() while a service of another title works.
    void startJob(Job job);
    [[nodiscard]] RunController* controller() const { return m_controller; }

private:
    void setBusy(bool busy);

    RunController* m_controller;
    QString m_title;
    std::uint64_t m_newest = 0; // answers of older ones are dropped
    bool m_busy = false;
};

} // namespace app
