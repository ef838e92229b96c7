#pragma once

#include "core/report/report.h"

#include <QWidget>

#include <cstddef>
#include <memory>
#include <optional>

class QCPItemStraightLine;
class QCustomPlot;

namespace views {

/// Errors of a recurrent network along its sequences: SQNR of every output and state per step, accumulated
/// from the start of the sequence, which a dashed line marks.
class SequencePlot : public QWidget
{
    Q_OBJECT

public:
    explicit SequencePlot(QWidget* parent = nullptr);

    void setReport(std::shared_ptr<const core::Report> report); ///< null, or without a sequence: empty
    [[nodiscard]] bool hasSequence() const { return m_report != nullptr; }
    void setStep(std::optional<std::size_t> step); ///< the selected sample
    [[nodiscard]] QPoint pointOf(std::size_t step) const; ///< on the line of the first output, for tests

signals:
    void stepClicked(std::size_t step);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void redraw();
    void recolor();
    [[nodiscard]] std::optional<std::size_t> stepAt(QPoint position) const;
    [[nodiscard]] QString textOf(std::size_t step) const;

    QCustomPlot* m_plot;
    QCPItemStraightLine* m_marker;
    std::shared_ptr<const core::Report> m_report;
};

} // namespace views
