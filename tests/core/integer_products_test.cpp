#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"

#include <gmock/gmock.h>
#include <random>

// ConvInteger and MatMulInteger on integer kernels against the readable evaluation: int32, bit for bit.
namespace {

using core::DataType;
using core::Shape;
using core::Tensor;

Tensor drawn(DataType type, const Shape& shape, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<std::int32_t> codes(static_cast<std::size_t>(core::elementCount(shape)));
    for (std::int32_t& code : codes) {
        code = static_cast<std::int32_t>(random() % 256) - (type == DataType::Int8 ? 128 : 0);
    }
    return core::castTo(core::makeTensor<std::int32_t>(shape, codes), type);
}

/// One operand of the node: constant, or an input of the graph.
struct Operand
{
    Tensor tensor;
    bool isConstant = true;
};

struct Products
{
    std::vector<std::int64_t> real;
    std::vector<std::int64_t> reference;
    std::string implementation;
};

Products run(const std::string& type, std::vector<Operand> operands, core::Node node)
{
    core::GraphBuilder builder;
    std::vector<Tensor> inputs;
    std::vector<Shape> shapes;
    node.name = node.type = type;
    node.version = 10;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const std::string name = "v" + std::to_string(i);
        if (!operands[i].tensor.isDefined()) {
            node.inputs.push_back(core::kNoValue);
        } else if (operands[i].isConstant) {
            node.inputs.push_back(builder.constant(name, operands[i].tensor));
        } else {
            inputs.push_back(operands[i].tensor);
            shapes.push_back(inputs.back().shape());
            node.inputs.push_back(builder.input(name, inputs.back().type(), shapes.back()));
        }
    }
    const auto y = builder.value("y");
    node.outputs = {y};
    builder.node(std::move(node));
    builder.output(y);
    const auto bound = core::bindShapes(std::move(builder).finish(), shapes);
    const auto reference = core::integersOf(core::evaluateReference(*bound, inputs).at(0));
    const auto graph = core::fuseOperators(bound, {});
    const core::Pipeline pipeline(graph);
    const auto values = pipeline.runFloat({inputs, {}, 1});
    const auto real =
        core::integersOf(core::toLayout(values[core::indexOf(bound->outputs()[0])], core::Layout::RowMajor));
    const auto last = core::OperatorId(graph->operators.size() - 1);
    return {real, reference, pipeline.floatForm(last).implementation};
}

TEST(IntegerProducts, AConvolutionWithZeroPointsOfEveryKindEqualsItsTwin)
{
    for (const DataType x : {DataType::UInt8, DataType::Int8}) {
        for (const DataType w : {DataType::UInt8, DataType::Int8}) {
            for (const bool isConstant : {true, false}) {
                for (const std::int64_t groups : {1, 2}) {
                    core::Node node;
                    node.attributes["pads"] = std::vector<std::int64_t>{1, 0, 1, 2};
                    node.attributes["strides"] = std::vector<std::int64_t>{1, 2};
                    node.attributes["group"] = groups;
                    const Products y = run("ConvInteger",
                                           {{drawn(x, {2, 4, 5, 6}, 1), false},
                                            {drawn(w, {6, 4 / groups, 3, 2}, 2)},
                                            {drawn(x, {}, 3), isConstant},
                                            {drawn(w, isConstant ? Shape{6} : Shape{}, 4)}},
                                           node);
                    EXPECT_EQ(y.real, y.reference);
                    EXPECT_THAT(y.implementation, testing::Not(testing::StartsWith("reference")));
                }
            }
        }
    }
}

TEST(IntegerProducts, AConvolutionWithoutZeroPointsInOneAndThreeDimensions)
{
    const Products one =
        run("ConvInteger",
            {{drawn(DataType::UInt8, {1, 3, 9}, 5), false}, {drawn(DataType::Int8, {4, 3, 3}, 6)}}, {});
    EXPECT_EQ(one.real, one.reference);
    const Products three = run("ConvInteger",
                               {{drawn(DataType::UInt8, {1, 2, 3, 4, 5}, 7), false},
                                {drawn(DataType::Int8, {3, 2, 2, 2, 2}, 8)},
                                {drawn(DataType::UInt8, {1}, 9), false}},
                               {});
    EXPECT_EQ(three.real, three.reference);
}

TEST(IntegerProducts, AMatrixProductWithZeroPointsOfEveryKindEqualsItsTwin)
{
    for (const DataType a : {DataType::UInt8, DataType::Int8}) {
        for (const DataType b : {DataType::UInt8, DataType::Int8}) {
            for (const bool isConstant : {true, false}) {
                for (const bool isBatched : {true, false}) {
                    const Products y =
                        run("MatMulInteger",
                            {{drawn(a, {2, 3, 7}, 1), false},
                             {drawn(b, isBatched ? Shape{2, 7, 5} : Shape{7, 5}, 2), isConstant},
                             {drawn(a, {}, 3), !isConstant},
                             {drawn(b, isBatched ? Shape{} : Shape{5}, 4), isConstant}},
                            {});
                    EXPECT_EQ(y.real, y.reference);
                    EXPECT_THAT(y.implementation, testing::Not(testing::StartsWith("reference")));
                }
            }
        }
    }
}

/// Sums far beyond 2²⁴, which FP32 does not resolve.
TEST(IntegerProducts, SumsOfManyProductsAreExact)
{
    for (const DataType x : {DataType::UInt8, DataType::Int8}) {
        for (const DataType w : {DataType::UInt8, DataType::Int8}) {
            const Products product = run("MatMulInteger",
                                         {{drawn(x, {2, 20000}, 1), false},
                                          {drawn(w, {20000, 3}, 2)},
                                          {drawn(x, {}, 3), false},
                                          {drawn(w, {}, 4)}},
                                         {});
            EXPECT_EQ(product.real, product.reference);
            const Products convolution = run("ConvInteger",
                                             {{drawn(x, {1, 20000, 1, 2}, 1), false},
                                              {drawn(w, {3, 20000, 1, 1}, 2)},
                                              {drawn(x, {}, 3)},
                                              {drawn(w, {}, 4)}},
                                             {});
            EXPECT_EQ(convolution.real, convolution.reference);
        }
    }
}

} // namespace
