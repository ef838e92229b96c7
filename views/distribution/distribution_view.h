#pragma once

#include "core/session/session.h"
#include "views/base/panel.h"
#include "views/base/tensor_costs.h"
#include "views/distribution/distribution_plot.h"

class QLabel;
class QLineEdit;
class QSplitter;
class QStackedLayout;
class QStackedWidget;
class QToolButton;

namespace views {

class MethodLegend;
class PinnedDistribution;
class Selection;
class WeightsPanel;

/// The output of the selected operator: its histograms, what each method would choose, the range in use to be
/// dragged; or its weights by channel. Another tensor can be pinned beside it. While a sample is selected,
/// the histograms are those of that sample.
class DistributionView : public Panel
{
    Q_OBJECT

public:
    DistributionView(Selection* selection, TensorCostsService* service, QWidget* parent = nullptr);
    ~DistributionView() override;

    void setResults(std::shared_ptr<const core::Results> results) override;
    void setPlan(std::shared_ptr<const core::QuantizationPlan> plan) override;
    void setStale(bool stale) override;
    /// The output of an operator for one sample; taken while both are selected.
    void setTensors(core::OperatorId op, std::size_t sample,
                    const std::shared_ptr<const core::SampleTensors>& tensors) override;
    void showWeights(); ///< instead of the output
    [[nodiscard]] bool isBusy() const override; ///< weights are being sorted by channel

public slots:
    void nudge(int steps); ///< moves the handle last touched by that many steps of the output's scale

    void pinCurrent(); ///< or lets go of what is pinned, when nothing else is selected

private:
    /// Of the sample that is selected.
    struct SampleValues
    {
        core::TensorStatistics statistics;
        core::CodeCounts codes;
    };

    QWidget* makeHead();
    QWidget* makeOutputPage();
    void connectParts();
    void refresh();
    void showOutput();
    void showEmpty(const QString& text);
    void showLimits(core::Range range);
    void showCost(const core::QuantizationParams& params,
                  bool live); ///< on the values that the histogram shows
    void showCosts(const std::shared_ptr<const TensorCosts>& costs);
    void dragged(core::Range range);
    void commit(core::Range range, const QString& mergeKey);
    void takeTypedLimits();
    void applyMethod(const core::CalibrationMethod& method);
    [[nodiscard]] core::Range currentRange() const;

    Selection* m_selection;
    TensorCostsService* m_service;
    DistributionPlot* m_plot;
    PinnedDistribution* m_pinned;
    QSplitter* m_plots;
    WeightsPanel* m_weights;
    QLabel* m_title;
    QLabel* m_details;
    QLabel* m_key; // which curve is which
    QLabel* m_empty;
    QLineEdit* m_min;
    QLineEdit* m_max;
    QLabel* m_cost;
    QToolButton* m_weightsButton;
    QToolButton* m_pinButton;
    QToolButton* m_lockButton;
    QToolButton* m_linear;
    MethodLegend* m_methods;
    std::string m_methodsOf; // the tensor whose costs it shows
    QStackedWidget* m_pages;
    QStackedLayout* m_stack;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::QuantizationPlan> m_plan;
    std::shared_ptr<const core::LayerReport> m_layer;
    std::optional<SampleValues> m_sample;
    DistributionPlot::Handle m_touched = DistributionPlot::Handle::Max;
};

} // namespace views
