#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>

// An operand of a lower rank lies beside the last axes of the other, whatever layout kernels give the larger
// one. The right value is plain arithmetic over indices.

namespace {

using core::Shape;
using core::Tensor;

struct Binary
{
    const char* type;
    std::function<float(float, float)> apply;
};

const std::vector<Binary>& binaries()
{
    static const std::vector<Binary> all{{"Add", [](float a, float b) { return a + b; }},
                                         {"Sub", [](float a, float b) { return a - b; }},
                                         {"Mul", [](float a, float b) { return a * b; }},
                                         {"Div", [](float a, float b) { return a / b; }},
                                         {"Max", [](float a, float b) { return std::max(a, b); }},
                                         {"Min", [](float a, float b) { return std::min(a, b); }},
                                         {"Pow", [](float a, float b) { return std::pow(a, b); }}};
    return all;
}

/// Positive, so that Pow and Div have an answer everywhere.
Tensor random(const Shape& shape, unsigned seed)
{
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> uniform(0.5f, 2.0f);
    std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
    std::ranges::generate(values, [&] { return uniform(engine); });
    return core::makeTensor<float>(shape, std::span<const float>(values));
}

/// The element of an operand that stands beside element i of a result of that shape.
float beside(const Tensor& operand, const Shape& result, std::size_t i)
{
    std::size_t index = 0;
    std::size_t stride = 1;
    for (std::size_t k = 0; k < operand.rank(); ++k) {
        const auto extent = static_cast<std::size_t>(result[result.size() - 1 - k]);
        const auto own = static_cast<std::size_t>(operand.shape()[operand.rank() - 1 - k]);
        index += own == 1 ? 0 : i % extent * stride;
        stride *= own;
        i /= extent;
    }
    return operand.as<float>()[index];
}

enum class Operand
{
    Computed,
    Constant
};

/// a ∘ b in the FP32 pipeline, b constant or computed.
Tensor run(const std::string& type, const Tensor& a, const Tensor& b, Operand left, Operand right)
{
    core::GraphBuilder builder;
    core::Sample sample;
    std::vector<Shape> shapes;
    const auto operand = [&](const std::string& name, const Tensor& tensor, Operand kind) {
        if (kind == Operand::Constant) {
            return builder.constant(name, tensor);
        }
        sample.inputs.push_back(tensor);
        shapes.push_back(tensor.shape());
        return builder.input(name, core::DataType::Float32, tensor.shape());
    };
    core::Node node;
    node.name = "op";
    node.type = type;
    node.version = 13;
    node.inputs = {operand("a", a, left), operand("b", b, right)};
    node.outputs = {builder.value("y")};
    builder.output(node.outputs[0]);
    builder.node(node);
    const auto graph = core::bindShapes(std::move(builder).finish(), shapes);
    const core::Pipeline pipeline(core::fuseOperators(graph, {}));
    const auto values = pipeline.runFloat(sample);
    return core::toLayout(values[core::indexOf(graph->outputs()[0])], core::Layout::RowMajor);
}

std::vector<Shape> operandsBeside(const Shape& whole)
{
    std::vector<Shape> all;
    for (std::size_t rank = 0; rank <= whole.size(); ++rank) {
        const Shape last(whole.end() - static_cast<std::ptrdiff_t>(rank), whole.end());
        for (unsigned ones = 0; ones < (1U << rank); ++ones) {
            Shape shape = last;
            for (std::size_t k = 0; k < rank; ++k) {
                shape[k] = (ones >> k & 1U) != 0 ? 1 : shape[k];
            }
            all.push_back(shape);
        }
    }
    return all;
}

class Broadcasting : public testing::TestWithParam<Shape>
{
};

TEST_P(Broadcasting, AlignsTrailingAxesInBothPositions)
{
    const Shape whole = GetParam();
    const Tensor large = random(whole, 1);
    for (const Shape& shape : operandsBeside(whole)) {
        const Tensor small = random(shape, 2);
        for (const Binary& binary : binaries()) {
            for (const bool isFirst : {false, true}) {
                for (const Operand kind : {Operand::Constant, Operand::Computed}) {
                    const Tensor y = isFirst ? run(binary.type, small, large, kind, Operand::Computed)
                                             : run(binary.type, large, small, Operand::Computed, kind);
                    ASSERT_EQ(y.shape(), whole);
                    for (std::size_t i = 0; i < y.as<float>().size(); ++i) {
                        const float l = large.as<float>()[i];
                        const float s = beside(small, whole, i);
                        const float expected = isFirst ? binary.apply(s, l) : binary.apply(l, s);
                        ASSERT_NEAR(y.as<float>()[i], expected, 1e-5f * std::abs(expected))
                            << binary.type << " " << core::toString(whole) << " " << core::toString(shape)
                            << (isFirst ? " first" : " second") << " at " << i;
                    }
                }
            }
        }
    }
}

// Square ones hide nothing: [C,H,W] with C = H = W fits in any order.
INSTANTIATE_TEST_SUITE_P(Ranks, Broadcasting,
                         testing::Values(Shape{}, Shape{3}, Shape{2, 3}, Shape{2, 3, 4}, Shape{2, 3, 3},
                                         Shape{2, 3, 4, 5}, Shape{2, 3, 3, 3}, Shape{1, 3, 3, 3},
                                         Shape{2, 3, 2, 3, 2}));

// Both sides give axes: neither has the shape of the result.
TEST(BroadcastingOfBoth, GivesEachItsOwnAxes)
{
    const Tensor a = random({2, 1, 4}, 3);
    const Tensor b = random({3, 1}, 4);
    const Tensor y = run("Sub", a, b, Operand::Computed, Operand::Constant);
    ASSERT_EQ(y.shape(), (Shape{2, 3, 4}));
    for (std::size_t i = 0; i < 24; ++i) {
        EXPECT_FLOAT_EQ(y.as<float>()[i], beside(a, y.shape(), i) - beside(b, y.shape(), i)) << i;
    }
}

} // namespace
