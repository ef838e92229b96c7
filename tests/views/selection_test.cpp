#include "views/base/selection.h"

#include <QSignalSpy>

#include <gtest/gtest.h>

namespace {

using core::OperatorId;
using views::Selection;

TEST(Selection, TellsOncePerChange)
{
    Selection selection;
    const QSignalSpy changed(&selection, &Selection::changed);
    selection.select(OperatorId{1});
    selection.select(OperatorId{1});
    EXPECT_EQ(changed.count(), 1);
}

TEST(Selection, GoesBackThroughOperators)
{
    Selection selection;
    selection.select(OperatorId{1});
    selection.select(OperatorId{2});
    selection.setChannel(5);
    selection.select(OperatorId{3});
    EXPECT_FALSE(selection.channel()) << "a channel belongs to its operator";
    selection.back();
    EXPECT_EQ(selection.current(), OperatorId{2});
    EXPECT_EQ(selection.channel(), 5);
    selection.back();
    EXPECT_EQ(selection.current(), OperatorId{1});
    EXPECT_FALSE(selection.canGoBack());
}

TEST(Selection, LeadingOperatorComesLast)
{
    Selection selection;
    selection.selectMany({OperatorId{1}, OperatorId{2}, OperatorId{3}}, OperatorId{1});
    EXPECT_EQ(selection.current(), OperatorId{1});
    EXPECT_EQ(selection.operators().size(), 3U);
}

} // namespace
