#include "core/base/error.h"
#include "io/data/input_entries.h"
#include "io/data/named_dimensions.h"
#include "io/onnx/onnx_reader.h"
#include "io/onnx/onnx_writer.h"

#include <gmock/gmock.h>

// Open dimensions that a model calls by name: read, shown, and given numbers together.
namespace {

using core::kDynamic;
using core::Shape;
using testing::ElementsAre;
using testing::HasSubstr;
using Shapes = std::map<std::string, Shape>;

core::Graph decoder()
{
    io::OnnxWriter writer;
    writer.input("ids", core::DataType::Int64, {kDynamic, kDynamic}, {"batch", "sequence"});
    writer.input("mask", core::DataType::Int64, {kDynamic, kDynamic}, {"batch", "past + sequence"});
    writer.input("key", core::DataType::Float32, {kDynamic, 4, kDynamic, 8}, {"batch", "", "past"});
    writer.output("y", core::DataType::Float32, {kDynamic, 4, kDynamic, 8});
    writer.node("Relu", "relu", {"key"}, {"y"});
    return io::readOnnxBytes(writer.finish("graph", 17), "decoder.onnx").graph;
}

std::vector<Shape> shapesOf(const Shapes& given)
{
    std::vector<Shape> shapes;
    for (const io::InputSpec& spec : io::inputSpecs(decoder(), given)) {
        shapes.push_back(spec.shape);
    }
    return shapes;
}

std::string refusalOf(const Shapes& given)
{
    try {
        static_cast<void>(io::inputSpecs(decoder(), given));
    } catch (const core::Error& error) {
        return error.what();
    }
    return "taken";
}

TEST(NamedDimensions, AreReadAndShown)
{
    const auto specs = io::inputSpecs(decoder(), {});
    EXPECT_EQ(specs[0].shapeText(), "[batch, sequence]");
    EXPECT_EQ(specs[2].shapeText(), "[batch, 4, past, 8]");
    EXPECT_EQ(core::toString(Shape{1, kDynamic}, std::vector<std::string>{"", ""}), "1x?");
}

TEST(NamedDimensions, OneNumberHoldsForAllOfItsName)
{
    EXPECT_THAT(shapesOf({{"batch", {2}}, {"sequence", {16}}, {"past", {0}}}),
                ElementsAre(Shape{2, 16}, Shape{2, 16}, Shape{2, 4, 0, 8})); // a cache without a past
    EXPECT_THAT(shapesOf({{"past", {5}}}),
                ElementsAre(Shape{kDynamic, kDynamic}, Shape{kDynamic, kDynamic}, Shape{kDynamic, 4, 5, 8}));
}

TEST(NamedDimensions, AnInputsShapeGivesItsNames)
{
    EXPECT_THAT(shapesOf({{"ids", {1, 3}}, {"key", {1, 4, 6, 8}}}),
                ElementsAre(Shape{1, 3}, Shape{1, 9}, Shape{1, 4, 6, 8}));
}

TEST(NamedDimensions, SumsOfKnownTermsAreKnown)
{
    const std::map<std::string, std::int64_t> known{{"past", 7}, {"a+b", 3}};
    EXPECT_EQ(io::dimensionSize("past", known), 7);
    EXPECT_EQ(io::dimensionSize("past + 1", known), 8);
    EXPECT_EQ(io::dimensionSize("a+b", known), 3);
    EXPECT_EQ(io::dimensionSize("past + more", known), std::nullopt);
    EXPECT_EQ(io::dimensionSize("", known), std::nullopt);
    EXPECT_EQ(io::dimensionSize(std::string(1 << 20, '+'), known), std::nullopt);
    EXPECT_THROW(static_cast<void>(io::dimensionSize("past+9223372036854775807", known)), core::Error);
}

TEST(NamedDimensions, ContradictionsAndUnknownNamesAreRefused)
{
    EXPECT_THAT(refusalOf({{"ids", {1, 3}}, {"batch", {2}}}), HasSubstr("dimension 'batch' is"));
    EXPECT_THAT(refusalOf({{"ids", {1, 3}}, {"key", {2, 4, 6, 8}}}),
                HasSubstr("'batch' is 1 in ids and 2 in key"));
    EXPECT_THAT(refusalOf({{"sequenc", {3}}}), HasSubstr("did you mean"));
    EXPECT_THAT(refusalOf({{"batch", {1, 2}}}), HasSubstr("one dimension takes one number"));
    EXPECT_THAT(refusalOf({{"key", {1, 5, 6, 8}}}), HasSubstr("[batch, 4, past, 8]"));
}

TEST(NamedDimensions, UnequalOnesOfOneNameAreSaid)
{
    const core::Graph graph = decoder();
    EXPECT_THAT(io::unequalDimensions(graph, {{1, 3}, {1, 9}, {1, 4, 6, 8}}), ElementsAre());
    EXPECT_THAT(io::unequalDimensions(graph, {{1, 3}, {2, 9}, {1, 4, 6, 8}}),
                ElementsAre("the model calls both 'batch', but it is 1 in input 'ids' and 2 in 'mask'"));
}

} // namespace
