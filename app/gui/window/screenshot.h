#pragma once

#include <QObject>
#include <QString>

#include <chrono>
#include <functional>

namespace app {

class MainWindow;

/// Waits for the results of the window's project (with sensitivity), then renders the window to a file.
class Screenshot : public QObject
{
    Q_OBJECT

public:
    struct Request
    {
        QString file;
        QString operatorName; ///< empty: the worst
        QString dock; ///< raised before; empty: as it is
    };
    Screenshot(MainWindow* window, Request request, QObject* parent = nullptr);

signals:
    void done(int exitCode, const QString& message);

private:
    void take();
    void saveWhenSettled();
    MainWindow* m_window;
    Request m_request;
    bool m_failed = false;
};

} // namespace app
