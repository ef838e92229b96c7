#include "views/base/wheel_guard.h"

#include <QApplication>
#include <QComboBox>
#include <QSpinBox>
#include <QTest>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <gtest/gtest.h>

namespace {

/// Whether the widget took it: what nobody takes goes on to the widget around.
bool isWheelTaken(QWidget* over)
{
    const QPointF at(over->rect().center());
    QWheelEvent down(at, over->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, Qt::NoModifier,
                     Qt::NoScrollPhase, false);
    QApplication::sendEvent(over, &down);
    return down.isAccepted();
}

TEST(WheelGuard, OnlyAFieldWithTheFocusTakesTheWheel)
{
    QWidget page;
    const views::WheelGuard guard(&page);
    auto* const column = new QVBoxLayout(&page);
    auto* const combo = new QComboBox;
    combo->addItems({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")});
    auto* const spin = new QSpinBox;
    spin->setValue(5);
    auto* const other = new QComboBox;
    column->addWidget(other);
    column->addWidget(combo);
    column->addWidget(spin);
    page.show();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&page));
    other->setFocus();

    EXPECT_FALSE(isWheelTaken(combo));
    EXPECT_FALSE(isWheelTaken(spin));
    EXPECT_EQ(combo->currentIndex(), 0);
    EXPECT_EQ(spin->value(), 5);
    EXPECT_TRUE(other->hasFocus());
    EXPECT_EQ(combo->focusPolicy(), Qt::StrongFocus);

    combo->setFocus();
    EXPECT_TRUE(isWheelTaken(combo));
    EXPECT_EQ(combo->currentIndex(), 1);
}

} // namespace
