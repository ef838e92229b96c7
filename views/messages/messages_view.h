#pragma once

#include "core/report/report.h"

#include <QWidget>

class QListWidget;

namespace views {

/// Warnings of the newest report, and what went wrong since the window opened, newest first.
class MessagesView : public QWidget
{
    Q_OBJECT

public:
    explicit MessagesView(QWidget* parent = nullptr);
    void setReport(std::shared_ptr<const core::Report> report);
    void addFailure(const QString& message);
    [[nodiscard]] int count() const;

private:
    void refresh();
    QListWidget* m_list;
    QStringList m_failures;
    std::shared_ptr<const core::Report> m_report;
};

} // namespace views
