#pragma once

#include <QObject>

namespace views {

/// While it lives, the wheel changes only fields that have the focus, and gives none: over others it scrolls
/// what lies around them. Watches the whole application.
class WheelGuard : public QObject
{
    Q_OBJECT

public:
    explicit WheelGuard(QObject* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace views
