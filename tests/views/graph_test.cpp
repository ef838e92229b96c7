#include "tests/support/large_graph.h"
#include "tests/support/report_fixture.h"
#include "tests/support/thread_time.h"
#include "views/base/selection.h"
#include "views/graph/graph_view.h"
#include "views/graph/graphviz_layout.h"

#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>

namespace {

using core::OperatorId;
using support::makeLargeResults;
using support::Names;

class Graph : public ::testing::Test
{
protected:
    views::Selection selection;
    views::GraphView view{&selection};

    void show(const std::shared_ptr<const core::Results>& results, QSize size = {420, 600})
    {
        view.resize(size);
        view.show();
        view.setResults(results);
        QApplication::processEvents();
    }

    /// Where a box is seen; scrolled there first.
    QPoint pointOf(std::uint32_t box)
    {
        view.ensureVisible(view.boxRect(box), 60, 60);
        return view.mapFromScene(view.boxRect(box).topLeft() + QPointF(20, 12));
    }

    void click(std::uint32_t box, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mouseClick(view.viewport(), Qt::LeftButton, modifiers, pointOf(box));
    }

    void doubleClick(std::uint32_t box)
    {
        QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, pointOf(box));
    }
};

TEST_F(Graph, PlacesEveryOperatorOfADepthApart)
{
    const auto results = support::makeResults();
    const views::GraphPlacement placement = views::placeBoxes(views::boxesOf(*results, {}));
    ASSERT_EQ(placement.boxes.size(), results->report->layers.size());
    for (std::size_t i = 1; i < placement.boxes.size(); ++i) {
        EXPECT_GT(placement.boxes[i].top(), placement.boxes[i - 1].bottom());
    }
}

TEST_F(Graph, EdgesLeadDownwardsAndNoBoxesOverlap)
{
    const views::GraphBoxes picture = views::boxesOf(*makeLargeResults(80, Names::ByBlock), {});
    const views::GraphPlacement placement = views::placeBoxes(picture);
    EXPECT_EQ(picture.edges.size(), 79U + 9U) << "a chain and a shortcut for every block but the first";
    for (const views::GraphEdge& edge : picture.edges) {
        EXPECT_LT(placement.boxes[edge.from].bottom(), placement.boxes[edge.to].top());
    }
}

TEST_F(Graph, ClickSelectsAndControlAdds)
{
    show(support::makeResults());
    click(4);
    EXPECT_EQ(selection.current(), OperatorId{4});
    click(2, Qt::ControlModifier);
    EXPECT_EQ(selection.operators(), (std::vector{OperatorId{4}, OperatorId{2}}));
}

TEST_F(Graph, SelectionIsFramedAndTheFilterDims)
{
    show(support::makeResults());
    const QImage plain = view.grab().toImage();
    view.setQuery(views::OperatorsQuery::parse(QStringLiteral("type:Add")));
    EXPECT_NE(view.grab().toImage(), plain) << "what does not match is dimmed";
    view.setQuery({});
    EXPECT_EQ(view.grab().toImage(), plain);
    selection.select(OperatorId{4});
    EXPECT_NE(view.grab().toImage(), plain) << "the selected box has a frame";
}

TEST_F(Graph, SearchDimsAndEnterGoesFromMatchToMatch)
{
    show(support::makeResults());
    const QImage plain = view.grab().toImage();
    view.find();
    auto* const field = view.findChild<QLineEdit*>(QStringLiteral("graphFind"));
    QTest::keyClicks(field, QStringLiteral("type:Add"));
    EXPECT_NE(view.grab().toImage(), plain);
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_EQ(selection.current(), OperatorId{6});
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_EQ(selection.current(), OperatorId{9});
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_EQ(selection.current(), OperatorId{6}) << "around";
}

TEST_F(Graph, EveryMetricCanColourIt)
{
    show(support::makeResults());
    auto* const box = view.findChild<QComboBox*>(QStringLiteral("graphMetric"));
    ASSERT_EQ(box->count(), static_cast<int>(views::kGraphMetrics.size()));
    QImage before;
    for (int i = 0; i < box->count(); ++i) {
        box->setFocus();
        QTest::keyClick(box, i == 0 ? Qt::Key_Home : Qt::Key_Down);
        const QImage now = view.viewport()->grab().toImage();
        EXPECT_NE(now, before) << qPrintable(box->currentText());
        before = now;
    }
}

TEST(GraphMetric, ScaleIsFixedAndLogarithmic)
{
    const views::GraphScale scale = views::scaleOf(views::GraphMetric::Isolated);
    EXPECT_DOUBLE_EQ(scale.heat(0.0), 0.0);
    EXPECT_DOUBLE_EQ(scale.heat(0.001), 0.0);
    EXPECT_NEAR(scale.heat(0.1), 2.0 / 3.0, 1e-9);
    EXPECT_DOUBLE_EQ(scale.heat(7.0), 1.0);
}

TEST_F(Graph, DoubleClickShowsTheNodesOfAFusedOperatorAndHidesThemAgain)
{
    show(makeLargeResults(16, Names::Flat));
    const double height = view.boxRect(3).height();
    doubleClick(3);
    EXPECT_EQ(view.picture().boxes[3].inner, (std::vector<std::string>{"Conv_3", "Conv_3/bn"}));
    EXPECT_GT(view.boxRect(3).height(), height);
    EXPECT_GE(view.boxRect(4).top(), view.boxRect(3).bottom()) << "the others make room";
    doubleClick(3);
    EXPECT_EQ(view.boxRect(3).height(), height);
    doubleClick(6);
    EXPECT_TRUE(view.picture().boxes[6].inner.empty()) << "a single node has nothing inside";
}

TEST_F(Graph, ManyOperatorsCollapseByNameAndADoubleClickOpensABlock)
{
    show(makeLargeResults(5000, Names::ByBlock));
    ASSERT_EQ(view.picture().boxes.size(), 625U) << "eight operators a box";
    EXPECT_EQ(view.picture().boxes[3].title, "stage0/block3");
    click(3);
    EXPECT_EQ(selection.operators().size(), 8U);
    doubleClick(3);
    EXPECT_EQ(view.picture().boxes.size(), 632U);
    EXPECT_EQ(view.picture().boxes[3].title, "stage0/block3/Conv0");
    EXPECT_FALSE(view.picture().boxes[3].isBlock());
}

TEST_F(Graph, ManyOperatorsWithoutPrefixesCollapseByRepeatedTypes)
{
    show(makeLargeResults(2000, Names::Flat));
    EXPECT_LT(view.picture().boxes.size(), 1500U);
    EXPECT_TRUE(view.picture().boxes[5].isBlock());
    EXPECT_EQ(view.picture().boxes[5].count % 8, 0U) << view.picture().boxes[5].title;
    auto* const button = view.findChild<QToolButton*>(QStringLiteral("graphBlocks"));
    EXPECT_TRUE(button->isChecked());
    QTest::mouseClick(button, Qt::LeftButton);
    EXPECT_EQ(view.picture().boxes.size(), 2000U) << "every operator on demand";
}

TEST(GraphBlocks, AreRunsThatShareAPrefix)
{
    const std::vector<std::string> names{"in",  "a/x/1", "a/x/2", "a/x/3", "a/y/1", "b/1",
                                         "b/2", "b/3",   "a/x/4", "a/x/5", "a/x/6"};
    const std::vector<std::string> types(names.size(), "Conv");
    EXPECT_TRUE(views::findBlocks(names, types, 7)
                == (std::vector<views::GraphBlock>{{"a/x", 1, 3}, {"a/x #2", 8, 3}}));
    EXPECT_TRUE(views::findBlocks(names, types, 6)
                == (std::vector<views::GraphBlock>{{"a", 1, 4}, {"b", 5, 3}, {"a #2", 8, 3}}))
        << "fewer boxes are wanted: a level up";
}

TEST(GraphBlocks, SlicesWhenNothingRepeats)
{
    std::vector<std::string> names;
    std::vector<std::string> types;
    for (int i = 0; i < 100; ++i) {
        names.push_back("n" + std::to_string(i));
        types.push_back("T" + std::to_string(i * i));
    }
    const auto blocks = views::findBlocks(names, types, 20);
    ASSERT_EQ(blocks.size(), 20U);
    EXPECT_EQ(blocks[1], (views::GraphBlock{"operators 5–9", 5, 5}));
}

TEST_F(Graph, GraphvizReplacesTheCoordinates)
{
    if (QStandardPaths::findExecutable(QStringLiteral("dot")).isEmpty()) {
        GTEST_SKIP() << "Graphviz is not installed";
    }
    QSignalSpy arranged(&view, &views::GraphView::arranged);
    show(makeLargeResults(24, Names::Flat));
    EXPECT_TRUE(view.isArranging());
    const QRectF before = view.boxRect(9);
    ASSERT_TRUE(arranged.wait(30000));
    EXPECT_FALSE(view.isArranging());
    EXPECT_NE(view.boxRect(9), before);
    EXPECT_EQ(view.boxRect(9).size(), before.size());
    EXPECT_LT(view.boxRect(8).bottom(), view.boxRect(9).top());
    click(9);
    EXPECT_EQ(selection.current(), OperatorId{9}) << "clicks follow the new places";
}

TEST_F(Graph, AnotherModelCancelsTheLayoutUnderWay)
{
    if (QStandardPaths::findExecutable(QStringLiteral("dot")).isEmpty()) {
        GTEST_SKIP() << "Graphviz is not installed";
    }
    show(makeLargeResults(1400, Names::Flat));
    EXPECT_TRUE(view.isArranging());
    QSignalSpy arranged(&view, &views::GraphView::arranged);
    view.setResults(nullptr);
    EXPECT_FALSE(view.isArranging());
    view.setResults(makeLargeResults(24, Names::Flat));
    ASSERT_TRUE(arranged.wait(30000));
    EXPECT_EQ(view.picture().boxes.size(), 24U);
    EXPECT_EQ(arranged.count(), 1);
}

TEST(GraphvizLayout, AnOutputCutOffIsNoLayout)
{
    const views::GraphBoxes picture = views::boxesOf(*makeLargeResults(2, Names::Flat), {});
    const QByteArray whole =
        "graph 1 2 3\nnode n0 1 2.5 1 1 \"\" solid box black lightgrey\nnode n1 1 0.5 1 1 \"\" solid box "
        "black lightgrey\nedge n0 n1 4 1 2 1 1.6 1 1.3 1 1 solid black\nstop\n";
    ASSERT_TRUE(views::readPlain(whole, picture));
    EXPECT_LT(views::readPlain(whole, picture)->boxes[0].bottom(),
              views::readPlain(whole, picture)->boxes[1].top());
    EXPECT_FALSE(views::readPlain(whole.left(whole.indexOf("edge")), picture));
    EXPECT_FALSE(views::readPlain({}, picture));
}

/// Milliseconds of this thread for each of `frames` frames.
std::vector<double> frameTimes(views::GraphView& view, int frames, const std::function<void(int)>& move)
{
    std::vector<double> times;
    for (int i = 0; i < frames; ++i) {
        const double start = support::threadMilliseconds();
        move(i);
        view.viewport()->repaint();
        times.push_back(support::threadMilliseconds() - start);
    }
    std::ranges::sort(times);
    return times;
}

TEST_F(Graph, PansAndZoomsFiveThousandOperatorsFluently)
{
    constexpr int kFrames = 60;
    show(makeLargeResults(5000, Names::ByBlock), {1280, 800});
    view.setCollapsed(false);
    ASSERT_EQ(view.picture().boxes.size(), 5000U);
    QWidget* const port = view.viewport();
    const auto wheel = [&](int notches) {
        const QPointF at = port->rect().center();
        QWheelEvent event(at, port->mapToGlobal(at), {}, {0, 120 * notches}, Qt::NoButton, {},
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(port, &event);
    };
    const auto zoom = frameTimes(view, kFrames, [&](int i) { wheel(i < kFrames / 2 ? -1 : 1); });
    for (int i = 0; i < 30 && view.transform().m11() > 0.012; ++i) {
        wheel(-1); // all of it in view
    }
    const QPoint from = port->rect().center() + QPoint(3, 0);
    QTest::mousePress(port, Qt::LeftButton, {}, from);
    const auto pan = frameTimes(
        view, kFrames, [&](int i) { QTest::mouseMove(port, from + QPoint(2 * (i % 9), 4 * (i % 17))); });
    QTest::mouseRelease(port, Qt::LeftButton, {}, from);
    std::printf("5000 operators, ms of processor time per frame: zoom median %.1f, worst %.1f; pan median "
                "%.1f, worst %.1f\n",
                zoom[kFrames / 2], zoom.back(), pan[kFrames / 2], pan.back());
    EXPECT_LT(zoom[kFrames / 2], 50.0);
    EXPECT_LT(pan[kFrames / 2], 50.0);
}

TEST_F(Graph, FiveThousandOperatorsAppearAtOnce)
{
    const auto results = makeLargeResults(5000, Names::ByBlock);
    view.resize(1280, 800);
    view.show();
    const double start = support::threadMilliseconds();
    view.setResults(results);
    const double folded = support::threadMilliseconds();
    view.setCollapsed(false);
    const double whole = support::threadMilliseconds();
    std::printf("5000 operators, ms of processor time: collapsed %.1f, every operator %.1f\n", folded - start,
                whole - folded);
    EXPECT_LT(folded - start, 250.0);
    EXPECT_LT(whole - folded, 500.0);
}

} // namespace
