#include "core/base/error.h"
#include "io/onnx/opset13.h"

#include <gmock/gmock.h>
#include <limits>

namespace {

using testing::ElementsAre;

core::Node oldNode(const std::string& type, int version)
{
    core::Node node;
    node.name = "n";
    node.type = type;
    node.version = version;
    return node;
}

TEST(Opset13, ScatterIsCalledScatterElements)
{
    EXPECT_EQ(io::opset13Form(oldNode("Scatter", 9), {"x", "i", "u"}, {3}).type, "ScatterElements");
}

TEST(Opset13, TheNumberOfTopKIsAnInput)
{
    core::Node node = oldNode("TopK", 9);
    node.attributes["k"] = std::int64_t{2};
    const io::NodeForm form = io::opset13Form(node, {"x"}, {3});
    EXPECT_THAT(form.inputs, ElementsAre("x", "n_k"));
    EXPECT_FALSE(form.attributes.contains("k"));
    EXPECT_EQ(form.constants.at("n_k").as<std::int64_t>()[0], 2);
}

TEST(Opset13, UpsampleIsAResizeOfAsymmetricCoordinates)
{
    core::Node node = oldNode("Upsample", 7);
    node.attributes["scales"] = std::vector<float>{1.0f, 1.0f, 2.0f, 2.0f};
    const io::NodeForm form = io::opset13Form(node, {"x"}, {1, 1, 2, 2});
    EXPECT_EQ(form.type, "Resize");
    EXPECT_THAT(form.inputs, ElementsAre("x", "", "n_scales"));
    EXPECT_EQ(std::get<std::string>(form.attributes.at("coordinate_transformation_mode")), "asymmetric");
    EXPECT_EQ(std::get<std::string>(form.attributes.at("nearest_mode")), "floor");
    EXPECT_THAT(io::opset13Form(oldNode("Upsample", 9), {"x", "s"}, {1, 1, 2, 2}).inputs,
                ElementsAre("x", "", "s"));
}

TEST(Opset13, BoundsOfClipHaveTheTypeOfWhatTheyBound)
{
    core::Node node = oldNode("Clip", 6);
    node.attributes["max"] = 2.0f;
    const io::NodeForm form = io::opset13Form(node, {"x"}, {2}, {2}, core::DataType::Float16);
    EXPECT_EQ(form.constants.at("n_max").type(), core::DataType::Float16);
    EXPECT_EQ(core::doublesOf(form.constants.at("n_max"))[0], 2.0);
    EXPECT_EQ(core::doublesOf(form.constants.at("n_min"))[0], -std::numeric_limits<double>::infinity());
}

TEST(Opset13, APoolOfNoDilationHasNoneToSay)
{
    core::Node node = oldNode("AveragePool", 19);
    node.attributes["dilations"] = std::vector<std::int64_t>{1, 1};
    EXPECT_FALSE(io::opset13Form(node, {"x"}, {1, 1, 2, 2}).attributes.contains("dilations"));
    node.attributes["dilations"] = std::vector<std::int64_t>{2, 1};
    EXPECT_TRUE(io::opset13Form(node, {"x"}, {1, 1, 4, 2}).attributes.contains("dilations"));
}

TEST(Opset13, ResizeOfOpset10RoundsByItsDirection)
{
    const core::Node node = oldNode("Resize", 10);
    const auto nearest = [&](const core::Shape& dst) {
        return std::get<std::string>(
            io::opset13Form(node, {"x", "s"}, {1, 1, 4, 4}, dst).attributes.at("nearest_mode"));
    };
    EXPECT_EQ(nearest({1, 1, 8, 8}), "floor");
    EXPECT_EQ(nearest({1, 1, 2, 4}), "ceil");
    EXPECT_THROW((void)nearest({1, 1, 2, 8}), core::Error);
    EXPECT_THAT(io::opset13Form(node, {"x", "s"}, {1, 1, 4, 4}, {1, 1, 8, 8}).inputs,
                ElementsAre("x", "", "s"));
}

TEST(Opset21, TheAxisOfADftIsAnInputAndKeepsItsOldDefault)
{
    const core::Node node = oldNode("DFT", 17);
    const io::NodeForm form = io::opset21Form(io::opset13Form(node, {"x"}, {1, 4, 1}), node, 1);
    EXPECT_THAT(form.inputs, ElementsAre("x", "", "n_axis"));
    EXPECT_EQ(form.constants.at("n_axis").as<std::int64_t>()[0], 1); // −2 is the default of opset 20
    EXPECT_FALSE(form.attributes.contains("axis"));
}

TEST(Opset21, ModesOfGridSampleHaveTheirNewNames)
{
    for (const auto& [old, now] :
         {std::pair{"", "linear"}, {"bilinear", "linear"}, {"bicubic", "cubic"}, {"nearest", "nearest"}}) {
        core::Node node = oldNode("GridSample", 16);
        if (*old != '\0') {
            node.attributes["mode"] = std::string(old);
        }
        const io::NodeForm form = io::opset21Form(io::opset13Form(node, {"x", "g"}, {1, 1, 2, 2}), node, 1);
        EXPECT_EQ(std::get<std::string>(form.attributes.at("mode")), now);
    }
}

TEST(Opset21, GroupsThatScaleByGroupAreRefused)
{
    const core::Node node = oldNode("GroupNormalization", 18);
    EXPECT_THROW((void)io::opset21Form(io::opset13Form(node, {"x", "s", "b"}, {1, 4, 2, 2}), node, 1),
                 core::Error);
}

} // namespace
