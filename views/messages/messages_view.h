#pragma once

#include "core/report/report.h"
#include "views/base/panel.h"

class QListWidget;

namespace views {

/// Warnings of the newest report, and what went wrong since the window opened, newest first.
class MessagesView : public Panel
{
    Q_OBJECT

public:
    explicit MessagesView(QWidget* parent = nullptr);
    void setResults(std::shared_ptr<const core::Results> results) override;
    void addFailure(const QString& message);
    [[nodiscard]] int count() const;

private:
    void refresh();
    QListWidget* m_list;
    QStringList m_failures;
    std::shared_ptr<const core::Report> m_report;
};

} // namespace views
