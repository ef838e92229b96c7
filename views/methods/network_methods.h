#pragma once

#include "core/report/results.h"
#include "core/session/network_comparison.h"
#include "core/session/session.h"
#include "views/base/small_multiples.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QLabel;
class QProgressBar;
class QPushButton;

namespace views {

class ValueTable;

/// Every calibration method applied to every operator: what the network's output and each operator lose. The
/// runs happen elsewhere, when asked for; outcomes come one by one.
class NetworkMethods : public QWidget
{
    Q_OBJECT

public:
    explicit NetworkMethods(QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results); ///< what the outcomes are compared with
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan);
    void forget(); ///< another network
    void addOutcome(const core::NetworkOutcome& outcome); ///< replaces one of the same method
    void setProgress(const core::Progress& progress);
    void setComparing(bool comparing);
    [[nodiscard]] std::optional<core::CalibrationMethod> chosen() const;

signals:
    void compareWanted(); ///< all methods, on the plan of the moment
    void cancelWanted();
    void chosenChanged();
    void activated(); ///< double click or Enter on the chosen one

private:
    void refresh();
    [[nodiscard]] bool isStale() const; ///< the plan changed in more than the method

    ValueTable* m_table;
    SmallMultiples* m_multiples;
    QPushButton* m_compare;
    QProgressBar* m_bar;
    QLabel* m_status;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    std::vector<core::NetworkOutcome> m_outcomes;
    bool m_comparing = false;
};

} // namespace views
