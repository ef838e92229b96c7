#pragma once

#include <QLabel>

namespace views {

/// One line of plain text that ends in "…" where it does not fit; its width asks for nothing.
class ElidedLabel : public QLabel
{
    Q_OBJECT

public:
    explicit ElidedLabel(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// Lets a text take more lines instead of widening what holds it.
void wrapInside(QLabel* label);

} // namespace views
