#pragma once

#include <QProxyStyle>

namespace views {

/// Fusion, with a frame around entry fields that can be seen on a dark ground too: Fusion's own is darker
/// than the window.
class FieldStyle : public QProxyStyle
{
    Q_OBJECT

public:
    FieldStyle();
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
};

} // namespace views
