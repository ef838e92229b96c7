#include "views/base/wheel_guard.h"

#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QScrollBar>

namespace views {

namespace {

QWidget* fieldOf(QObject* watched)
{
    const bool isField = qobject_cast<QComboBox*>(watched) || qobject_cast<QAbstractSpinBox*>(watched)
        || (qobject_cast<QAbstractSlider*>(watched) && !qobject_cast<QScrollBar*>(watched));
    return isField ? static_cast<QWidget*>(watched) : nullptr;
}

} // namespace

WheelGuard::WheelGuard(QObject* parent)
    : QObject(parent)
{
    qApp->installEventFilter(this);
}

bool WheelGuard::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Polish) { // before it is seen for the first time
        if (QWidget* const field = fieldOf(watched); field && field->focusPolicy() == Qt::WheelFocus) {
            field->setFocusPolicy(Qt::StrongFocus);
        }
    } else if (event->type() == QEvent::Wheel) {
        if (const QWidget* const field = fieldOf(watched); field && !field->hasFocus()) {
            event->ignore(); // goes on to the widget around it
            return true;
        }
    }
    return QObject::eventFilter(watched, event);
}

} // namespace views
