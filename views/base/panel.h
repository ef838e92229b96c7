#pragma once

#include "core/network/operator_graph.h"
#include "core/report/results.h"
#include "views/base/plan_edit.h"
#include "views/base/run_record.h"

#include <QWidget>

#include <memory>
#include <vector>

namespace core {
class Dataset;
struct SampleTensors;
} // namespace core

namespace views {

/// A part of the window that lives in a dock. The window tells every panel what is new, and each takes what
/// it shows; what it does not care for it leaves alone.
class Panel : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;

    virtual void setResults(std::shared_ptr<const core::Results> results); ///< null: another network
    virtual void setPlan(std::shared_ptr<const core::QuantizationPlan> plan);
    virtual void setStale(bool stale); ///< the results are those of an earlier plan
    virtual void setBaseline(std::shared_ptr<const core::Results> baseline); ///< null: none is pinned
    virtual void setRuns(const std::vector<RunRecord>& runs);
    virtual void setDataset(std::shared_ptr<const core::Dataset> dataset); ///< the evaluation samples
    /// The output of an operator for one sample.
    virtual void setTensors(core::OperatorId op, std::size_t sample,
                            const std::shared_ptr<const core::SampleTensors>& tensors);
    [[nodiscard]] virtual bool isBusy() const; ///< part of what it shows is on its way; settled() follows

signals:
    void planEdited(const views::PlanEdit& edit);
    void settled(); ///< isBusy() became false
};

} // namespace views
