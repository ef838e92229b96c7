#pragma once

#include "core/params/quantization_params.h"

#include <QPointF>
#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

namespace views {

/// Many small plots on the same axes, for comparing at a glance. Click chooses one, double click or Enter
/// activates it.
class SmallMultiples : public QWidget
{
    Q_OBJECT

public:
    struct Panel
    {
        int key = 0;
        QString title;
        QString value; ///< the number that is compared, at the right of the title
        std::vector<QPointF> curve;
        std::vector<QPointF> behind; ///< what all are compared with; may be empty
        std::optional<core::Range> range; ///< the rest of the x axis is tinted as clipped
        bool best = false;
        bool current = false; ///< in use
        QString toolTip;
    };
    struct Axes
    {
        core::Range x;
        core::Range y;
    };
    enum class Shape
    {
        Histogram, ///< steps, filled; y is drawn as log(1 + y)
        Line
    };

    SmallMultiples(const QString& name, const QString& accessibleName, Shape shape, QWidget* parent);

    void setPanels(std::vector<Panel> panels, const Axes& axes);
    void setChosen(std::optional<int> key);
    [[nodiscard]] QRect panelRect(int key) const; ///< empty when there is none
    [[nodiscard]] QString asCsv() const;
    [[nodiscard]] QSize minimumSizeHint() const override { return {150, 70}; }

signals:
    void chosen(int key);
    void activated(int key);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    void fitHeight();
    void paintPanel(QPainter& painter, const Panel& panel, const QRect& cell) const;
    [[nodiscard]] QPolygonF outline(const std::vector<QPointF>& points, const QRectF& area) const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] QRect cell(std::size_t index) const;
    [[nodiscard]] const Panel* panelAt(QPoint position) const;

    Shape m_shape;
    std::vector<Panel> m_panels;
    Axes m_axes;
    std::optional<int> m_chosen;
};

} // namespace views
