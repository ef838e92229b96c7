#include "views/operators/saved_filters.h"

#include "views/base/operators_query.h"

#include <QLineEdit>
#include <QMenu>

namespace views {

SavedFilters::SavedFilters(QLineEdit* field, const QStringList& suggestions, QWidget* parent)
    : QToolButton(parent)
    , m_field(field)
    , m_suggestions(suggestions)
{
    setObjectName(QStringLiteral("savedFilters"));
    setText(QStringLiteral("★"));
    setAccessibleName(tr("Saved filters"));
    setToolTip(tr("Saved filters, and examples"));
    setAutoRaise(true);
    setPopupMode(QToolButton::InstantPopup);
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("savedFiltersMenu"));
    setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, &SavedFilters::fillMenu);
}

void SavedFilters::setFilters(const QStringList& filters) { m_filters = filters; }

void SavedFilters::fillMenu()
{
    menu()->clear();
    const QString now = m_field->text().simplified();
    const bool saved = m_filters.contains(now);
    const auto offer = [this](const QString& filter) {
        QAction* const action =
            menu()->addAction(filter, m_field, [this, filter] { m_field->setText(filter); });
        action->setCheckable(true);
        action->setChecked(filter == m_field->text());
    };
    for (const QString& filter : m_filters) {
        offer(filter);
    }
    if (!m_filters.isEmpty()) {
        menu()->addSeparator();
    }
    QAction* const keep = menu()->addAction(now.isEmpty() ? tr("Save the filter") : tr("Save “%1”").arg(now),
                                            this, [this, now] {
                                                m_filters << now;
                                                emit filtersChanged(m_filters);
                                            });
    keep->setObjectName(QStringLiteral("saveFilter"));
    keep->setEnabled(!now.isEmpty() && !saved && OperatorsQuery::parse(now).problem().isEmpty());
    if (saved) {
        QAction* const forget = menu()->addAction(tr("Forget “%1”").arg(now), this, [this, now] {
            m_filters.removeAll(now);
            emit filtersChanged(m_filters);
        });
        forget->setObjectName(QStringLiteral("forgetFilter"));
    }
    menu()->addSection(tr("Examples"));
    for (const QString& filter : m_suggestions) {
        offer(filter);
    }
}

} // namespace views
