#pragma once

#include "core/report/results.h"
#include "core/session/session.h"
#include "views/base/panel.h"

class QLabel;

namespace views {

class ChannelStrip;
class Selection;
class ValueTable;

/// The channels of the selected operator, worst first: a heat strip and the ranges behind it.
class ChannelsView : public Panel
{
    Q_OBJECT

public:
    explicit ChannelsView(Selection* selection, QWidget* parent = nullptr);
    void setResults(std::shared_ptr<const core::Results> results) override;
    void setStale(bool stale) override;
    /// The output of an operator for one sample; taken while both are selected.
    void setTensors(core::OperatorId op, std::size_t sample,
                    const std::shared_ptr<const core::SampleTensors>& tensors) override;

private:
    void refresh();
    [[nodiscard]] std::shared_ptr<const core::LayerReport> layer() const;
    void showTitle(const core::LayerReport* layer, std::size_t channels);
    [[nodiscard]] std::vector<QVariant> numbersOf(const core::LayerReport& layer, std::size_t channel) const;

    Selection* m_selection;
    QLabel* m_title;
    ChannelStrip* m_strip;
    ValueTable* m_table;
    std::shared_ptr<const core::Results> m_results;
    std::vector<float> m_sample; ///< errors by channel of the selected sample; empty: of all samples
};

} // namespace views
