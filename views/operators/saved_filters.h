#pragma once

#include <QStringList>
#include <QToolButton>

class QLineEdit;

namespace views {

/// A button beside a filter field: its menu offers the filters that were saved, keeps the one in the field,
/// and forgets.
class SavedFilters : public QToolButton
{
    Q_OBJECT

public:
    SavedFilters(QLineEdit* field, const QStringList& suggestions, QWidget* parent);

    [[nodiscard]] const QStringList& filters() const { return m_filters; }
    void setFilters(const QStringList& filters);

signals:
    void filtersChanged(const QStringList& filters);

private:
    void fillMenu();

    QLineEdit* m_field;
    QStringList m_suggestions;
    QStringList m_filters;
};

} // namespace views
