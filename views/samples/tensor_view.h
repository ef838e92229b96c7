#pragma once

#include "core/report/results.h"
#include "core/session/session.h"
#include "views/base/panel.h"

#include <array>

class QLabel;
class QSpinBox;

namespace views {

class Selection;

/// The selected operator's output for the selected sample: feature maps FP32, int8 and their difference, and
/// the density of int8 over FP32 values. Asks for tensors only while it can be seen.
class TensorView : public Panel
{
    Q_OBJECT

public:
    explicit TensorView(Selection* selection, QWidget* parent = nullptr);

    void setResults(std::shared_ptr<const core::Results> results) override;
    void setTensors(core::OperatorId op, std::size_t sample,
                    const std::shared_ptr<const core::SampleTensors>& tensors) override;

    void setStale(bool stale) override;
    [[nodiscard]] QString asCsv() const; ///< FP32 and quantized values of what is drawn

signals:
    void tensorsWanted(core::OperatorId op, std::size_t sample);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void ask();
    void draw();
    [[nodiscard]] int channel() const; ///< the selected one, else the worst

    Selection* m_selection;
    QLabel* m_title;
    std::array<QLabel*, 4> m_pictures;
    std::array<QLabel*, 4> m_captions;
    std::shared_ptr<const core::Results> m_results;
    std::shared_ptr<const core::SampleTensors> m_tensors;
};

} // namespace views
