#include "views/messages/messages_view.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QListWidget>
#include <QTime>
#include <QVBoxLayout>

namespace views {

MessagesView::MessagesView(QWidget* parent)
    : Panel(parent)
    , m_list(new QListWidget(this))
{
    setObjectName(QStringLiteral("messagesView"));
    m_list->setObjectName(QStringLiteral("messagesList"));
    m_list->setAccessibleName(tr("Messages"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setWordWrap(true);
    m_list->setAlternatingRowColors(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    auto* const copy = new QAction(tr("Copy"), m_list);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this] {
        QStringList lines;
        for (const QListWidgetItem* const item : m_list->selectedItems()) {
            lines << item->text();
        }
        QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    });
    m_list->addAction(copy);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_list);
    refresh();
}

void MessagesView::setResults(std::shared_ptr<const core::Results> results)
{
    m_report = results ? results->report : nullptr;
    refresh();
}

void MessagesView::addFailure(const QString& message)
{
    m_failures.prepend(QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + message);
    refresh();
}

int MessagesView::count() const
{
    return static_cast<int>(m_failures.size()) + (m_report ? static_cast<int>(m_report->warnings.size()) : 0);
}

void MessagesView::refresh()
{
    m_list->clear();
    m_list->addItems(m_failures);
    for (std::size_t i = 0; m_report && i < m_report->warnings.size(); ++i) {
        m_list->addItem(QString::fromStdString(m_report->warnings[i]));
    }
    if (m_list->count() == 0) {
        m_list->addItem(m_report ? tr("Nothing to report: the run gave no warnings.")
                                 : tr("Messages of a run appear here."));
    }
}

} // namespace views
