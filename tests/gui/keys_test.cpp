#include "tests/gui/window_fixture.h"
#include "views/graph/graph_view.h"

#include <QDockWidget>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QTableView>
#include <QTest>

#include <gtest/gtest.h>

#include <algorithm>

namespace {

/// The keys that product and help promise, by real events on the real window.
class Keys : public support::Window
{
protected:
    void SetUp() override
    {
        open();
        window.activateWindow();
    }

    void press(int key, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::keyClick(&window, Qt::Key(key), modifiers);
    }

    core::OperatorSettings settings()
    {
        const auto layer = window.workspace()->results()->layer(*window.selection()->current());
        const auto& plan = *window.workspace()->plan();
        const auto& all = layer->type == "Input" ? plan.inputs : plan.operators;
        const auto found = all.find(layer->name);
        return found == all.end() ? core::OperatorSettings{} : found->second;
    }
};

TEST_F(Keys, NextAndPreviousWorstAndBack)
{
    const auto* const table = window.findChild<QTableView*>(QStringLiteral("operatorsTable"));
    const auto first = *window.selection()->current();
    EXPECT_EQ(table->currentIndex().row(), 0);
    press(Qt::Key_N);
    const auto second = *window.selection()->current();
    EXPECT_EQ(table->currentIndex().row(), 1);
    press(Qt::Key_N);
    EXPECT_EQ(table->currentIndex().row(), 2);
    press(Qt::Key_P);
    EXPECT_EQ(window.selection()->current(), second);
    press(Qt::Key_P);
    press(Qt::Key_P);
    EXPECT_EQ(window.selection()->current(), first) << "the first has none before it";
    press(Qt::Key_Left, Qt::AltModifier);
    EXPECT_EQ(window.selection()->current(), second);
}

TEST_F(Keys, MemoryIsChosenAtOnceAndForLater)
{
    auto* const menu = window.findChild<QMenu*>(QStringLiteral("memoryMenu"));
    ASSERT_TRUE(menu);
    for (const qulonglong bytes : {256ULL << 20, 2048ULL << 20}) {
        const auto actions = menu->actions();
        const auto action =
            std::ranges::find_if(actions, [&](const QAction* a) { return a->data().toULongLong() == bytes; });
        ASSERT_NE(action, actions.end());
        (*action)->trigger();
        EXPECT_EQ(window.controller()->project()->session->budget()->mostBytes(),
                  core::cacheBytesOf(static_cast<std::size_t>(bytes)));
        emit menu->aboutToShow();
        EXPECT_TRUE((*action)->isChecked());
        EXPECT_TRUE(actions.front()->text().startsWith(QStringLiteral("Kept to save time: ")))
            << actions.front()->text().toStdString();
    }
    QSettings().remove(QStringLiteral("memory/bytes"));
}

TEST_F(Keys, OneToSixChooseTheMethod)
{
    const std::pair<Qt::Key, const char*> keys[]{{Qt::Key_2, "percentile:99.99"},
                                                 {Qt::Key_3, "entropy"},
                                                 {Qt::Key_4, "l2"},
                                                 {Qt::Key_5, "l1"},
                                                 {Qt::Key_1, "minmax"}};
    for (const auto& [key, method] : keys) {
        press(key);
        ASSERT_TRUE(settings().activation.method) << method;
        EXPECT_EQ(core::toString(*settings().activation.method), method);
    }
    press(Qt::Key_6);
    EXPECT_TRUE(settings().activation.range) << "manual starts from the range in use";
    const auto edited = *window.workspace()->plan();
    press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_NE(*window.workspace()->plan(), edited);
    press(Qt::Key_Y, Qt::ControlModifier);
    EXPECT_EQ(*window.workspace()->plan(), edited);
    waitUntilIdle();
}

TEST_F(Keys, BaselineAndComparison)
{
    EXPECT_FALSE(window.workspace()->baseline());
    press(Qt::Key_B);
    EXPECT_EQ(window.workspace()->baseline(), window.workspace()->results());
    press(Qt::Key_D);
    EXPECT_FALSE(window.findChild<QDockWidget*>(QStringLiteral("runsDock"))->visibleRegion().isEmpty());
}

TEST_F(Keys, FilterAndClear)
{
    auto* const field = window.findChild<QLineEdit*>(QStringLiteral("operatorsFilter"));
    press(Qt::Key_F, Qt::ControlModifier);
    EXPECT_TRUE(field->hasFocus() || window.focusWidget() == field);
    QTest::keyClicks(field, QStringLiteral("type:Gemm"));
    const auto* const table = window.findChild<QTableView*>(QStringLiteral("operatorsTable"));
    EXPECT_EQ(table->model()->rowCount(), 1);
    QTest::keyClick(field, Qt::Key_Escape);
    EXPECT_TRUE(field->text().isEmpty());
    EXPECT_GT(table->model()->rowCount(), 10);
}

TEST_F(Keys, SpaceFitsTheGraph)
{
    auto* const graph = window.findChild<views::GraphView*>();
    graph->fit();
    const QTransform fitted = graph->transform();
    graph->scale(3.0, 3.0);
    press(Qt::Key_Space);
    EXPECT_EQ(graph->transform(), fitted);
}

} // namespace
