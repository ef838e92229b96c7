#include "views/operators/operators_view.h"

#include "views/base/elided_label.h"
#include "views/base/heat_delegate.h"
#include "views/base/roles.h"
#include "views/base/selection.h"
#include "views/base/table_copy.h"
#include "views/operators/operators_filter.h"
#include "views/operators/operators_model.h"
#include "views/operators/saved_filters.h"

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

namespace views {

namespace {

using Column = OperatorsModel::Column;

QTableView* makeTable(QWidget* parent)
{
    auto* const table = new QTableView(parent);
    table->setObjectName(QStringLiteral("operatorsTable"));
    table->setAccessibleName(OperatorsView::tr("Operators, worst first"));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setAlternatingRowColors(true);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setSortingEnabled(true);
    table->setFrameShape(QFrame::NoFrame);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 7);
    table->horizontalHeader()->setSectionsMovable(true);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
    return table;
}

} // namespace

OperatorsView::OperatorsView(Selection* selection, QWidget* parent)
    : Panel(parent)
    , m_selection(selection)
    , m_model(new OperatorsModel(this))
    , m_filter(new OperatorsFilter(this))
    , m_table(makeTable(this))
    , m_delegate(new HeatDelegate(this))
    , m_filterField(new QLineEdit(this))
    , m_saved(new SavedFilters(m_filterField,
                               {QStringLiteral("type:Conv sqnr<20"), QStringLiteral("why:clipped"),
                                QStringLiteral("out>1%"), QStringLiteral("precision:fp32")},
                               this))
    , m_summary(new QLabel(this))
    , m_empty(new QLabel(this))
{
    setObjectName(QStringLiteral("operatorsView"));
    m_filterField->setObjectName(QStringLiteral("operatorsFilter"));
    m_filterField->setAccessibleName(tr("Filter of operators"));
    m_filterField->setPlaceholderText(tr("Filter: type:Conv out>1% name:block3"));
    m_filterField->setToolTip(tr("Words that must all hold. Text: type: name: precision: method: why:\n"
                                 "Numbers with < <= > >=, in dB: iso acc, and sqnr, the worse of both;\n"
                                 "as shares: out>1% (at output) err (isolated) clip; and lsb depth.\n"
                                 "A word alone looks into names; conv* and /conv[0-9]+$/ match them,\n"
                                 "#3 is a position in execution order, Conv>Conv the second of two.\n"
                                 "Esc clears."));
    m_filterField->setClearButtonEnabled(true);
    m_summary->setObjectName(QStringLiteral("operatorsSummary"));
    wrapInside(m_summary);
    m_summary->setContentsMargins(6, 0, 6, 2);
    m_empty->setObjectName(QStringLiteral("operatorsEmpty"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);

    m_filter->setSourceModel(m_model);
    m_table->setModel(m_filter);
    m_table->setItemDelegate(m_delegate);
    installCopy(m_table);
    for (int column = 0; column < OperatorsModel::kColumns; ++column) {
        m_table->setColumnHidden(column, !OperatorsModel::isShownByDefault(static_cast<Column>(column)));
    }

    auto* const stack = new QStackedLayout;
    stack->addWidget(m_table);
    stack->addWidget(m_empty);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(4);
    auto* const filterRow = new QHBoxLayout;
    filterRow->setContentsMargins(4, 0, 4, 0);
    filterRow->setSpacing(2);
    filterRow->addWidget(m_filterField);
    filterRow->addWidget(m_saved);
    layout->addLayout(filterRow);
    layout->addLayout(stack, 1);
    layout->addWidget(m_summary);

    connect(m_filterField, &QLineEdit::textChanged, this, &OperatorsView::applyFilter);
    connect(m_selection, &Selection::changed, this, &OperatorsView::followSelection);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &OperatorsView::takeSelection);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](QPoint position) {
        if (m_operatorMenu && m_table->indexAt(position).isValid()) {
            m_operatorMenu->exec(m_table->viewport()->mapToGlobal(position));
        }
    });
    connect(m_table->horizontalHeader(), &QWidget::customContextMenuRequested, this,
            &OperatorsView::showColumnMenu);
    connect(m_table->horizontalHeader(), &QHeaderView::sectionClicked, this, [this] { m_userSorted = true; });
    updateSummary();
}

void OperatorsView::setResults(std::shared_ptr<const core::Results> results)
{
    const bool first = m_model->rowCount() == 0;
    const bool sensitivityBefore = m_model->hasSensitivity();
    m_results = std::move(results);
    // Rows stay where they are while their numbers become sharper.
    const bool isRefined = m_results && m_results->isEarly() && !first;
    m_filter->setDynamicSortFilter(!isRefined);
    m_following = true; // a reset clears the table's selection, which nobody chose
    m_model->setReport(m_results ? m_results->report : nullptr);
    m_following = false;
    if (!m_filterField->text().isEmpty()) {
        applyFilter(m_filterField->text()); // positions and sequences are those of the new operators
    }
    if (first || (!isRefined && !m_userSorted && sensitivityBefore != m_model->hasSensitivity())) {
        sortWorstFirst();
    }
    if (first && m_model->rowCount() > 0) {
        m_table->resizeColumnsToContents();
        auto* const header = m_table->horizontalHeader();
        for (int column = 0; column < header->count(); ++column) {
            header->resizeSection(column, std::min(header->sectionSize(column) + 4, column == 0 ? 220 : 170));
        }
        // Its number of samples comes later, and its arrow stands beside it.
        header->resizeSection(1, header->fontMetrics().horizontalAdvance(tr("At output · n 64")) + 26);
    }
    followSelection();
    updateSummary();
}

void OperatorsView::setStale(bool stale)
{
    m_delegate->setStale(stale);
    m_table->viewport()->update();
}

void OperatorsView::sortWorstFirst()
{
    const Column column = m_model->hasSensitivity() ? Column::AtOutput : Column::Isolated;
    m_table->sortByColumn(static_cast<int>(column), Qt::DescendingOrder);
}

void OperatorsView::applyFilter(const QString& text)
{
    OperatorsQuery query = OperatorsQuery::parse(text);
    query.bind(m_results.get());
    m_filterField->setStyleSheet(query.problem().isEmpty() ? QString() : QStringLiteral("color: #d1490f"));
    m_filter->setQuery(query);
    followSelection();
    updateSummary();
    emit queryChanged(query);
}

void OperatorsView::updateSummary()
{
    auto* const stack = static_cast<QStackedLayout*>(layout()->itemAt(1)->layout());
    const int all = m_model->rowCount();
    const int shown = m_filter->rowCount();
    stack->setCurrentIndex(shown > 0 ? 0 : 1);
    m_empty->setText(all == 0 ? tr("No results yet: they come with the first run.\nOpen a model with Ctrl+O; "
                                   "its operators appear here, worst first.")
                              : tr("No operator matches the filter.\nEsc clears it."));
    if (!m_filter->query().problem().isEmpty()) {
        m_summary->setText(
            tr("“%1” means nothing here; there are type: name: precision: method: why: and numbers of out "
               "err iso acc sqnr clip lsb depth, as out>1%")
                .arg(m_filter->query().problem()));
        return;
    }
    m_summary->setText(all == 0           ? QString()
                           : shown == all ? tr("%n operators", nullptr, all)
                                          : tr("%1 of %n operators", nullptr, all).arg(shown));
}

void OperatorsView::followSelection()
{
    if (m_following) {
        return;
    }
    m_following = true;
    QItemSelection rows;
    QModelIndex leading;
    for (const core::OperatorId op : m_selection->operators()) {
        const int row = m_model->rowOf(op);
        const QModelIndex index = row < 0 ? QModelIndex() : m_filter->mapFromSource(m_model->index(row, 0));
        if (index.isValid()) {
            rows.select(index, index);
            leading = index;
        }
    }
    m_table->selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (leading.isValid()) {
        m_table->selectionModel()->setCurrentIndex(leading, QItemSelectionModel::NoUpdate);
        m_table->scrollTo(leading.siblingAtColumn(m_table->horizontalHeader()->logicalIndexAt(0)));
    }
    m_following = false;
}

void OperatorsView::takeSelection()
{
    if (m_following) {
        return;
    }
    std::vector<core::OperatorId> operators;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        operators.push_back(static_cast<core::OperatorId>(index.data(OperatorRole).toUInt()));
    }
    if (operators.empty()) {
        return; // a filter that hides the selected row does not deselect it everywhere
    }
    const QModelIndex current = m_table->currentIndex();
    const auto leading = current.isValid() && m_table->selectionModel()->isRowSelected(current.row())
        ? static_cast<core::OperatorId>(current.data(OperatorRole).toUInt())
        : operators.back();
    m_following = true;
    m_selection->selectMany(operators, leading);
    m_following = false;
}

void OperatorsView::chooseRow(int row)
{
    // selectRow() would extend the selection while Shift or Ctrl is held, as in a shortcut.
    m_table->selectionModel()->setCurrentIndex(
        m_filter->index(row, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void OperatorsView::selectWorst()
{
    if (m_filter->rowCount() > 0) {
        chooseRow(0);
    }
}

void OperatorsView::selectWorse() { step(-1); }

void OperatorsView::selectBetter() { step(+1); }

void OperatorsView::step(int rows)
{
    if (m_filter->rowCount() == 0) {
        return;
    }
    const QModelIndexList selected = m_table->selectionModel()->selectedRows();
    const int from = selected.isEmpty() ? -1 : m_table->currentIndex().row();
    const int row = from < 0 ? 0 : std::clamp(from + rows, 0, m_filter->rowCount() - 1);
    chooseRow(row);
    m_table->scrollTo(m_filter->index(row, 0));
}

void OperatorsView::focusFilter()
{
    m_filterField->setFocus(Qt::ShortcutFocusReason);
    m_filterField->selectAll();
}

void OperatorsView::clearFilter() { m_filterField->clear(); }

bool OperatorsView::hasFilter() const { return !m_filterField->text().isEmpty(); }

void OperatorsView::showColumnMenu(QPoint position)
{
    QMenu menu(this);
    menu.setObjectName(QStringLiteral("columnMenu"));
    for (int column = 1; column < OperatorsModel::kColumns; ++column) {
        QAction* const action =
            menu.addAction(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setToolTip(m_model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString());
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(column));
        connect(action, &QAction::toggled, this, [this, column](bool on) {
            m_table->setColumnHidden(column, !on);
            if (on) {
                m_table->resizeColumnToContents(column);
            }
        });
    }
    menu.addSeparator();
    menu.addAction(tr("Worst first"), this, [this] {
        m_userSorted = false;
        sortWorstFirst();
    });
    menu.setToolTipsVisible(true);
    menu.exec(m_table->horizontalHeader()->mapToGlobal(position));
}

QByteArray OperatorsView::saveColumns() const { return m_table->horizontalHeader()->saveState(); }

void OperatorsView::restoreColumns(const QByteArray& state)
{
    m_table->horizontalHeader()->restoreState(state);
}

} // namespace views
