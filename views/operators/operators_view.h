#pragma once

#include "core/report/results.h"
#include "views/base/panel.h"

class QLabel;
class QLineEdit;
class QMenu;
class QTableView;

namespace views {

class HeatDelegate;
class OperatorsFilter;
class OperatorsModel;
class OperatorsQuery;
class SavedFilters;
class Selection;

/// The list of operators, worst first.
class OperatorsView : public Panel
{
    Q_OBJECT

public:
    explicit OperatorsView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override;
    void setStale(bool stale) override;
    [[nodiscard]] QByteArray saveColumns() const;
    void restoreColumns(const QByteArray& state);
    [[nodiscard]] bool hasFilter() const;
    [[nodiscard]] SavedFilters* savedFilters() const { return m_saved; }

public slots:
    void selectWorst(); ///< the first row
    void selectWorse(); ///< the row above; the first row when none is selected
    void selectBetter();
    void focusFilter();
    void clearFilter();

    void setOperatorMenu(QMenu* menu) { m_operatorMenu = menu; } ///< of a right click; of the selection

signals:
    void queryChanged(const views::OperatorsQuery& query);

private:
    void followSelection();
    void takeSelection();
    void sortWorstFirst();
    void showColumnMenu(QPoint position);
    void applyFilter(const QString& text);
    void updateSummary();
    void step(int rows);
    void chooseRow(int row);

    Selection* m_selection;
    OperatorsModel* m_model;
    OperatorsFilter* m_filter;
    QTableView* m_table;
    HeatDelegate* m_delegate;
    QLineEdit* m_filterField;
    SavedFilters* m_saved;
    QLabel* m_summary;
    QLabel* m_empty;
    std::shared_ptr<const core::Results> m_results;
    QMenu* m_operatorMenu = nullptr;
    bool m_userSorted = false;
    bool m_following = false; // the table is being set from the selection
};

} // namespace views
