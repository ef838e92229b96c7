#include "app/common/project.h"
#include "core/base/error.h"

#include <gtest/gtest.h>

namespace {

using Shapes = std::map<std::string, core::Shape>;

TEST(ShapeOption, TakesShapesByInputAndNumbersByDimension)
{
    EXPECT_EQ(app::parseShapes("x=1,3,320,320"), (Shapes{{"x", {1, 3, 320, 320}}}));
    EXPECT_EQ(app::parseShapes("batch=1,sequence=128"), (Shapes{{"batch", {1}}, {"sequence", {128}}}));
    EXPECT_EQ(app::parseShapes("past=1,4,0,64,batch=2"), (Shapes{{"past", {1, 4, 0, 64}}, {"batch", {2}}}));
    EXPECT_EQ(app::parseShapes("a,b=c=2,3"), (Shapes{{"a,b=c", {2, 3}}}));
    for (const char* bad : {"", "x", "x=", "=1", "x=1,", "x=-1", "x=1,y", "x=1.5", "x=y", "1,2"}) {
        EXPECT_THROW(static_cast<void>(app::parseShapes(bad)), core::Error) << bad;
    }
}

} // namespace
