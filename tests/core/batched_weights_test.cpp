// A MatMul by constant matrices, one for each item of its batch: a scale for each, as DNNLOWP's
// Int8BatchMatMul.
#include "core/quantization/weight_quantization.h"
#include "tests/core/integer_form_cases.h"

#include <gtest/gtest.h>

namespace {

using namespace core;
using forms::Case;
using forms::floats;

/// Matrices of very different size: 3, 0.03 and 0 at most.
Tensor matrices(const Shape& shape)
{
    TensorBuilder builder(DataType::Float32, shape);
    const auto size = static_cast<std::size_t>(shape[shape.size() - 2] * shape.back());
    const auto values = builder.as<float>();
    std::mt19937 random(4);
    std::uniform_real_distribution<float> any(-1.0f, 1.0f);
    constexpr float kMost[] = {3.0f, 0.03f, 0.0f, 1.0f};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float most = kMost[i / size % 4];
        values[i] = i % size == 0 ? most : most * any(random);
    }
    return std::move(builder).finish();
}

struct Result
{
    ResolvedOperator op;
    std::vector<std::int64_t> codes;
    QuantizationParams src;
    QuantizationParams dst;
    Tensor x; ///< codes
};

Result run(const Case& c, Backend backend, Granularity::Kind granularity = Granularity::Kind::PerChannel)
{
    const auto graph = forms::graphOf(c);
    const Pipeline pipeline(graph);
    std::mt19937 random(9);
    std::uniform_real_distribution<float> any(-2.0f, 3.0f);
    TensorBuilder builder(DataType::Float32, c.inputs[0]);
    std::ranges::generate(builder.as<float>(), [&] { return any(random); });
    Sample sample;
    sample.inputs.push_back(std::move(builder).finish());
    QuantizationPlan plan = QuantizationPlan::makeDefault();
    plan.defaults.backend = backend;
    plan.defaults.weight.granularity = Granularity{granularity, 0};
    WeightCache weights;
    const ResolvedPlan resolved =
        resolvePlan(*graph, plan, forms::statisticsOf(pipeline.runFloat(sample)), weights);
    const OperatorId id = *graph->find("op");
    SampleValues values(graph->graph->values().size());
    for (std::size_t i = 0; i < graph->operators.size(); ++i) {
        const OperatorId each{static_cast<std::uint32_t>(i)};
        pipeline.runQuantized(each, resolved, *pipeline.quantizedForm(each, resolved), sample, values);
    }
    const Operator& op = graph->at(id);
    return {resolved.operators[indexOf(id)],
            integersOf(toLayout(values[indexOf(op.outputs[0])], Layout::RowMajor)),
            resolved.values[indexOf(op.inputs[0])]->params, resolved.values[indexOf(op.outputs[0])]->params,
            toLayout(values[indexOf(op.inputs[0])], Layout::RowMajor)};
}

class BatchedWeights : public testing::TestWithParam<Case>
{
};

// Σ of integers, times s_x·s_w[matrix], over s_y: to the last code.
TEST_P(BatchedWeights, EqualThePlainSumsWithAScalePerMatrix)
{
    const Case& c = GetParam();
    const Shape& b = c.constants[0].second.shape();
    const auto m = static_cast<std::size_t>(c.inputs[0][c.inputs[0].size() - 2]);
    const auto k = static_cast<std::size_t>(b[b.size() - 2]);
    const auto n = static_cast<std::size_t>(b.back());
    const auto perMatrix = run(c, Backend::Real);
    ASSERT_EQ(perMatrix.op.kind, QuantizedKind::OwnRange) << perMatrix.op.reason;
    const QuantizedWeights& w = *perMatrix.op.weights;
    const std::size_t count = w.codeCount() / (k * n);
    ASSERT_EQ(w.params.scale.size(), count);
    const auto reals = c.constants[0].second.as<float>();
    for (std::size_t i = 0; i < count; ++i) {
        float most = 0.0f;
        for (std::size_t j = 0; j < k * n; ++j) {
            most = std::max(most, std::fabs(reals[i * k * n + j]));
        }
        if (most > 0.0f) {
            EXPECT_FLOAT_EQ(w.params.scale[i], most / 127.0f) << i;
        }
    }
    const auto x = integersOf(perMatrix.x);
    const std::size_t items = perMatrix.codes.size() / (m * n);
    const std::size_t sources =
        x.size() / (m * k); // of one item, of as many as the result, or of its outer axis
    std::size_t off = 0;
    for (std::size_t i = 0; i < perMatrix.codes.size(); ++i) {
        const std::size_t item = i / (m * n);
        const std::size_t matrix = item % count;
        const std::size_t source = sources == items ? item : sources == 1 ? 0 : item / (items / sources);
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < k; ++j) {
            sum += (x[(source * m + i / n % m) * k + j] - perMatrix.src.zeroPoint[0])
                * w.codeAt(matrix * k * n + j * n + i % n);
        }
        const double real = static_cast<double>(sum) * perMatrix.src.scale[0] * w.params.scale[matrix];
        const double code = std::clamp(
            std::nearbyint(real / perMatrix.dst.scale[0]) + perMatrix.dst.zeroPoint[0], 0.0, 255.0);
        const double distance = std::abs(static_cast<double>(perMatrix.codes[i]) - code);
        ASSERT_LE(distance, 1.0) << i; // FP32 against double, next to a tie
        off += distance > 0.0 ? 1 : 0;
    }
    EXPECT_LE(off, perMatrix.codes.size() / 200);
    EXPECT_EQ(run(c, Backend::Emulated).codes, perMatrix.codes);
    EXPECT_EQ(run(c, Backend::Reference).codes, perMatrix.codes);
    const auto whole = run(c, Backend::Real, Granularity::Kind::PerTensor);
    EXPECT_EQ(whole.op.weights->params.scale.size(), 1u);
    EXPECT_GT(whole.op.weights->error.relativeL2.value(), 0.9 * w.error.relativeL2.value());
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, BatchedWeights,
    testing::Values(Case{"OnePerItem", "MatMul", {{3, 4, 5}}, {{1, matrices({3, 5, 6})}}},
                    Case{"OneRowForAll", "MatMul", {{1, 4, 5}}, {{1, matrices({4, 5, 6})}}},
                    Case{"BelowABatch", "MatMul", {{2, 3, 4, 5}}, {{1, matrices({3, 5, 6})}}},
                    Case{"PlainRows", "MatMul", {{4, 5}}, {{1, matrices({2, 5, 3})}}},
                    Case{"TwoAxes", "MatMul", {{2, 2, 4, 5}}, {{1, matrices({2, 2, 5, 3})}}}),
    [](const auto& c) { return c.param.name; });

// The small matrix keeps its own steps: per tensor it has two of them.
TEST(BatchedWeights, ASmallMatrixKeepsItsSteps)
{
    const Case c{"OnePerItem", "MatMul", {{3, 4, 5}}, {{1, matrices({3, 5, 6})}}};
    const auto reals = c.constants[0].second.as<float>();
    const auto worst = [&](const QuantizedWeights& w) {
        double most = 0.0;
        for (std::size_t i = 30; i < 60; ++i) { // the second matrix
            const std::size_t slot = w.params.scale.size() > 1 ? 1 : 0;
            most = std::max(most, std::abs(double(w.params.scale[slot]) * w.codeAt(i) - double(reals[i])));
        }
        return most;
    };
    EXPECT_LE(worst(*run(c, Backend::Real).op.weights), 0.03 / 127.0 / 2.0 * 1.001);
    EXPECT_GT(worst(*run(c, Backend::Real, Granularity::Kind::PerTensor).op.weights), 0.005);
}

} // namespace
