#include "core/network/gemm_form.h"

#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/quantization/quantized_kind.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

// y = alpha · A' · B' + beta · C as ONNX has it; the right value is that sum, spelled out.

namespace {

using core::Shape;
using core::Tensor;

struct Form
{
    std::int64_t m;
    std::int64_t n;
    std::optional<Shape> bias;
    float alpha = 1.0f;
    float beta = 1.0f;
    bool transA = false;
    bool transB = false;
};

constexpr std::int64_t kInner = 5;

Tensor random(const Shape& shape, unsigned seed)
{
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    std::vector<float> values(static_cast<std::size_t>(core::elementCount(shape)));
    std::ranges::generate(values, [&] { return uniform(engine); });
    return core::makeTensor<float>(shape, std::span<const float>(values));
}

struct Built
{
    std::shared_ptr<const core::OperatorGraph> graph;
    Tensor a;
    Tensor b;
    Tensor c;
};

Built built(const Form& form)
{
    Built result;
    result.a = random(form.transA ? Shape{kInner, form.m} : Shape{form.m, kInner}, 1);
    result.b = random(form.transB ? Shape{form.n, kInner} : Shape{kInner, form.n}, 2);
    core::GraphBuilder builder;
    core::Node node;
    node.name = "gemm";
    node.type = "Gemm";
    node.version = 13;
    node.inputs = {builder.input("a", core::DataType::Float32, result.a.shape()),
                   builder.constant("b", result.b)};
    if (form.bias) {
        result.c = random(*form.bias, 3);
        node.inputs.push_back(builder.constant("c", result.c));
    }
    node.attributes = {{"alpha", form.alpha},
                       {"beta", form.beta},
                       {"transA", std::int64_t{form.transA}},
                       {"transB", std::int64_t{form.transB}}};
    node.outputs = {builder.value("y")};
    builder.output(node.outputs[0]);
    builder.node(node);
    const auto graph = core::bindShapes(std::move(builder).finish(), {result.a.shape()});
    result.graph = core::fuseOperators(graph, {});
    return result;
}

double expected(const Form& form, const Built& built, std::int64_t i, std::int64_t j)
{
    const auto at = [](const Tensor& t, std::int64_t row, std::int64_t column) {
        return static_cast<double>(t.as<float>()[static_cast<std::size_t>(row * t.shape()[1] + column)]);
    };
    double sum = 0.0;
    for (std::int64_t k = 0; k < kInner; ++k) {
        sum += (form.transA ? at(built.a, k, i) : at(built.a, i, k))
            * (form.transB ? at(built.b, j, k) : at(built.b, k, j));
    }
    double bias = 0.0;
    if (form.bias) {
        Shape shape(2 - form.bias->size(), 1);
        shape.insert(shape.end(), form.bias->begin(), form.bias->end());
        const Tensor c = built.c.reshaped(shape);
        bias = at(c, shape[0] == 1 ? 0 : i, shape[1] == 1 ? 0 : j);
    }
    return static_cast<double>(form.alpha) * sum + static_cast<double>(form.beta) * bias;
}

void expectRight(const Form& form)
{
    const Built b = built(form);
    const core::Pipeline pipeline(b.graph);
    core::Sample sample;
    sample.inputs = {b.a};
    const auto values = pipeline.runFloat(sample);
    const Tensor& y = values[core::indexOf(b.graph->graph->outputs()[0])];
    ASSERT_EQ(y.shape(), (Shape{form.m, form.n}));
    for (std::int64_t i = 0; i < form.m; ++i) {
        for (std::int64_t j = 0; j < form.n; ++j) {
            ASSERT_NEAR(y.as<float>()[static_cast<std::size_t>(i * form.n + j)], expected(form, b, i, j),
                        1e-5)
                << "C " << (form.bias ? core::toString(*form.bias) : "none") << " at " << i << ", " << j;
        }
    }
}

std::vector<Form> everyForm()
{
    std::vector<Form> all;
    for (const auto& [m, n] : {std::pair<std::int64_t, std::int64_t>{3, 4}, {4, 4}, {1, 4}, {3, 1}}) {
        const std::vector<std::optional<Shape>> biases{std::nullopt, Shape{},     Shape{1},    Shape{n},
                                                       Shape{1, 1},  Shape{1, n}, Shape{m, 1}, Shape{m, n}};
        for (const auto& bias : biases) {
            for (const bool scaled : {false, true}) {
                for (int trans = 0; trans < 4; ++trans) {
                    all.push_back({m, n, bias, scaled ? 2.5f : 1.0f, scaled ? -0.5f : 1.0f, (trans & 1) != 0,
                                   (trans & 2) != 0});
                }
            }
        }
    }
    return all;
}

TEST(GemmForm, EveryFormIsComputedAsOnnxSays)
{
    for (const Form& form : everyForm()) {
        expectRight(form);
    }
}

TEST(GemmForm, FactorsFoldIntoWeightsAndBias)
{
    const Built b = built({.m = 3, .n = 4, .bias = Shape{4}, .alpha = 2.0f, .beta = -3.0f});
    const core::Operator& op = b.graph->operators[1];
    EXPECT_FLOAT_EQ(op.constants[1]->as<float>()[6], 2.0f * b.b.as<float>()[6]);
    EXPECT_FLOAT_EQ(op.constants[2]->as<float>()[2], -3.0f * b.c.as<float>()[2]);
    EXPECT_EQ(op.node.find("alpha"), nullptr);
    EXPECT_EQ(op.node.find("beta"), nullptr);
    EXPECT_EQ(core::quantizedFormOf(*b.graph, op).kind, core::QuantizedKind::Linear);
}

// As many values as columns, yet one per row: only the shape tells.
TEST(GemmForm, OneValuePerRowIsNoBias)
{
    for (const Shape& bias : {Shape{4, 1}, Shape{4, 4}}) {
        const Built b = built({.m = 4, .n = 4, .bias = bias});
        const core::QuantizedForm form = core::quantizedFormOf(*b.graph, b.graph->operators[1]);
        EXPECT_EQ(form.kind, core::QuantizedKind::None);
        EXPECT_NE(form.reason.find(core::toString(bias)), std::string::npos) << form.reason;
    }
}

} // namespace
