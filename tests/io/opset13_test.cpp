#include "io/onnx/opset13.h"

#include <gmock/gmock.h>

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

} // namespace
