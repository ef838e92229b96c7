#pragma once

#include "core/report/results.h"
#include "core/sensitivity/sensitivity_table.h"
#include "views/base/panel.h"

#include <memory>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace views {

class Selection;
class ValueTable;

/// The truths about each operator side by side: its own error, the error that has accumulated at it, and what
/// it does to the network's output; where their ranks disagree, and what it makes of the error that comes in.
class SensitivityView : public Panel
{
    Q_OBJECT

public:
    using Table = std::shared_ptr<const core::SensitivityTable>;

    explicit SensitivityView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override; ///< null: another network
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan) override;
    void setTable(Table table);
    void setProgress(const core::Progress& progress);
    void setBusy(bool busy);
    void start(); ///< by the method that is chosen
    [[nodiscard]] const Table& table() const { return m_table; }

signals:
    void measureWanted(const core::SensitivityOptions& options);
    void cancelWanted();

private:
    void refresh();
    void refreshSummary();
    void refreshButtons();
    void follow(); ///< the selection

    Selection* m_selection;
    QComboBox* m_method;
    QPushButton* m_start;
    QProgressBar* m_bar;
    QLabel* m_summary;
    ValueTable* m_rows;
    Table m_table;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    bool m_busy = false;
};

} // namespace views
