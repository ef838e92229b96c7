#pragma once

#include "app/common/project.h"
#include "views/base/jobs.h"

#include <QObject>

#include <functional>

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
    /// True when it is done; false when it was stopped on the way. What it throws arrives as failed().
    using Job = std::function<bool(const Project& project, const views::Jobs::Call& call)>;
    /// Nothing while no project is open; failed() while another service works.
    void startJob(Job job);

private:
    void setBusy(bool busy);

    RunController* m_controller;
    QString m_title;
    bool m_busy = false;
};

} // namespace app
