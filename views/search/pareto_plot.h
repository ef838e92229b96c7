#pragma once

#include "views/base/search_record.h"

#include <QWidget>

#include <memory>
#include <optional>

class QCPGraph;
class QCPItemStraightLine;
class QCustomPlot;

namespace views {

/// The trials of a search: share of multiply-accumulates in int8 against quality, the front joined by a line,
/// the target dashed. Up is better. A trial without any error has no finite SQNR and is left out.
class ParetoPlot : public QWidget
{
    Q_OBJECT

public:
    explicit ParetoPlot(QWidget* parent = nullptr);

    void setRecord(std::shared_ptr<const SearchRecord> record);
    void setChosen(std::optional<std::size_t> trial); ///< index
    [[nodiscard]] QPoint pointOf(std::size_t trial) const; ///< where it is drawn, for tests

signals:
    void trialClicked(int trial); ///< index
    void trialActivated(int trial); ///< double click

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void recolor();
    void redraw();
    [[nodiscard]] std::optional<double> qualityOf(const core::Trial& trial) const;
    [[nodiscard]] int trialAt(QPoint position) const; ///< −1: none near
    [[nodiscard]] QString textOf(const core::Trial& trial) const;

    QCustomPlot* m_plot;
    QCPGraph* m_all;
    QCPGraph* m_front;
    QCPGraph* m_best;
    QCPGraph* m_mark; ///< the chosen one
    QCPItemStraightLine* m_target;
    std::shared_ptr<const SearchRecord> m_record;
    std::optional<std::size_t> m_chosen;
};

} // namespace views
