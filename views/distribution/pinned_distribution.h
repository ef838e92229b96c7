#pragma once

#include "core/report/results.h"
#include "views/base/tensor_costs.h"
#include "views/distribution/distribution_plot.h"

#include <QWidget>

#include <memory>
#include <string>

class QLabel;

namespace views {

/// The distribution of one operator's output that stays while the selection moves on. New results of the
/// same operator replace its numbers.
class PinnedDistribution : public QWidget
{
    Q_OBJECT

public:
    explicit PinnedDistribution(QWidget* parent = nullptr);

    void pin(std::shared_ptr<const core::Results> results, const std::string& name);
    void setResults(std::shared_ptr<const core::Results> results);
    void setCountScale(DistributionPlot::CountScale scale) { m_plot->setCountScale(scale); }
    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] DistributionPlot* plot() const { return m_plot; }

signals:
    void unpinned();

private:
    void refresh();

    QLabel* m_title;
    DistributionPlot* m_plot;
    std::shared_ptr<const core::Results> m_results;
    std::string m_name;
    TensorCostsService m_service; // last: its worker must not outlive the rest
};

} // namespace views
