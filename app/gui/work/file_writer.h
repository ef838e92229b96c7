#pragma once

#include "views/base/jobs.h"

#include <QObject>
#include <QString>

#include <filesystem>
#include <functional>
#include <string>

namespace app {

/// Makes a file's content off the UI thread and writes it; the newest wins.
class FileWriter : public QObject
{
    Q_OBJECT

public:
    /// Content of the file; empty when stopped. May throw.
    using Content = std::function<std::string(const std::stop_token&)>;

    using QObject::QObject;
    void write(const std::filesystem::path& file, Content content);
    [[nodiscard]] bool isBusy() const { return !m_jobs.idle(); }

signals:
    void written(const QString& file);
    void failed(const QString& message);

private:
    views::Jobs m_jobs; // last: joins before the rest is destroyed
};

} // namespace app
